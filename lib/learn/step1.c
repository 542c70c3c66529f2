#include "hmm/learn/step1.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/kernel/loss.h"
#include "hmm/kernel/transpose.h"

static void
take_items(void *self, size_t batch)
{
	struct hmm_step1 *step1 = self;
	const size_t channel = step1->positions * sizeof(float), outputs = step1->objective->outputs;
	struct hmm_arena *arena = &step1->arena;
	step1->y = hmm_arena_take(arena, batch, step1->phi->latent * channel);
	step1->dy = hmm_arena_take(arena, batch, step1->phi->latent * channel);
	step1->rebuilt = hmm_arena_take(arena, batch, step1->phi->channels * channel);
	step1->in = hmm_arena_take(arena, batch, sizeof(*step1->in));
	step1->out = hmm_arena_take(arena, batch, sizeof(*step1->out));
	step1->dout = hmm_arena_take(arena, batch, sizeof(*step1->dout));
	step1->doutput = hmm_arena_take(arena, batch, outputs * sizeof(*step1->doutput));
	step1->output = hmm_arena_take(arena, batch, outputs * sizeof(*step1->output));
	step1->slope = hmm_arena_take(arena, batch, outputs * sizeof(*step1->slope));
	step1->loss = hmm_arena_take(arena, batch, sizeof(*step1->loss));
	step1->squared = hmm_arena_take(arena, batch, sizeof(*step1->squared));
	step1->modality = hmm_arena_take(arena, batch, sizeof(*step1->modality));
}

/* Room for that many items. 0, or -1 reported. */
static int
reserve(struct hmm_step1 *step1, size_t batch)
{
	if (batch <= step1->batch)
		return 0;
	step1->batch = 0;
	if (hmm_arena_remake(&step1->arena, take_items, step1, batch) ||
	    hmm_mlp_reserve(&step1->classifier, batch))
		return -1;
	step1->batch = batch;
	return 0;
}

int
hmm_step1_open(struct hmm_step1 *step1, struct hmm_phi *phi, const struct hmm_objective *objective,
    size_t positions, const size_t *hidden, size_t layers, struct hmm_pool *pool)
{
	const size_t L = phi->latent, C = phi->channels;
	size_t widths[HMM_MLP_LAYERS + 1] = {L * positions};
	memcpy(widths + 1, hidden, layers * sizeof(*hidden));
	widths[layers + 1] = objective->outputs;
	*step1 = (struct hmm_step1){
	    .phi = phi, .objective = objective, .positions = positions, .pool = pool};
	if (hmm_conv1x1_open(&step1->conv, L > C ? L : C, positions, pool) ||
	    hmm_conv1x1_layer_open(&step1->decoder, "decoder", C, L) ||
	    hmm_mlp_open(&step1->classifier, "classifier", widths, layers + 1))
		return -1;
	return reserve(step1, 1);
}

void
hmm_step1_close(struct hmm_step1 *step1)
{
	hmm_conv1x1_close(&step1->conv);
	hmm_conv1x1_layer_close(&step1->decoder);
	hmm_mlp_close(&step1->classifier);
	hmm_arena_free(&step1->arena);
	free(step1->dgenerated);
	*step1 = (struct hmm_step1){0};
}

int
hmm_step1_init(struct hmm_step1 *step1, uint64_t seed)
{
	struct hmm_parameter *weight = &step1->decoder.weight;
	const size_t C = weight->rows, L = weight->columns;
	float *drawn = hmm_alloc_raw(C * L, sizeof(*drawn));
	if (!drawn)
		return -1;
	hmm_conv1x1_layer_init(&step1->decoder, seed);
	memcpy(drawn, weight->w, C * L * sizeof(*drawn));
	hmm_transpose(weight->w, L, drawn, C, L, C); /* drawn as ConvTranspose2d has them, [in][out] */
	free(drawn);
	hmm_mlp_init(&step1->classifier, seed);
	return 0;
}

/* step1->modality becomes the modalities of the items, each once, in the order they are
 * met; returns how many. */
static size_t
list_modalities(struct hmm_step1 *step1, const struct hmm_item *const *item, size_t items)
{
	size_t count = 0;
	for (size_t b = 0; b < items; b++) {
		size_t i = 0;
		while (i < count && step1->modality[i] != item[b]->image->modality)
			i++;
		step1->modality[i] = item[b]->image->modality;
		count += i == count;
	}
	return count;
}

/* The items of a modality: step1->in becomes their blocks, step1->out what of each is in `rows`, L
 * channels of it. Returns how many. */
static size_t
pick(struct hmm_step1 *step1, float *rows, const struct hmm_item *const *item, size_t modality,
    size_t items)
{
	const size_t values = step1->phi->latent * step1->positions;
	size_t count = 0;
	for (size_t b = 0; b < items; b++)
		if (item[b]->image->modality == modality) {
			step1->in[count] = item[b]->image->x;
			step1->out[count++] = rows + b * values;
		}
	return count;
}

/* The decoder of a modality: of its own channels. */
static struct hmm_matrix
decoder_of(const struct hmm_step1 *step1, size_t modality)
{
	struct hmm_matrix decoder = hmm_conv1x1_layer_matrix(&step1->decoder);
	decoder.out = step1->phi->own[modality];
	return decoder;
}

static float *
rebuilt_of(const struct hmm_step1 *step1, size_t item)
{
	return step1->rebuilt + item * step1->phi->channels * step1->positions;
}

/* step1->in becomes the latents of the items of a modality, step1->out their reconstructions. */
static size_t
pick_rebuilt(
    struct hmm_step1 *step1, const struct hmm_item *const *item, size_t modality, size_t items)
{
	const size_t values = step1->phi->latent * step1->positions;
	size_t count = 0;
	for (size_t b = 0; b < items; b++)
		if (item[b]->image->modality == modality) {
			step1->in[count] = step1->y + b * values;
			step1->out[count++] = rebuilt_of(step1, b);
		}
	return count;
}

/* The squared error of every item; with a scale d loss / d rebuilt in its place. */
struct squares {
	struct hmm_step1 *step1;
	const struct hmm_item *const *item;
	double scale;
};

static void
square_part(void *job, size_t part, size_t thread)
{
	(void)thread;
	const struct squares *of = job;
	const struct hmm_item_image *image = of->item[part]->image;
	const size_t values = of->step1->phi->own[image->modality] * of->step1->positions;
	float *rebuilt = rebuilt_of(of->step1, part);
	const double squared =
	    hmm_loss_mse(of->scale > 0 ? rebuilt : NULL, rebuilt, image->x, values, of->scale);
	if (!(of->scale > 0))
		of->step1->squared[part] = squared;
}

int
hmm_step1_forward(struct hmm_step1 *step1, const struct hmm_item *const *item, size_t items)
{
	const size_t values = step1->phi->latent * step1->positions;
	if (reserve(step1, items))
		return -1;
	const size_t modalities = list_modalities(step1, item, items);
	for (size_t i = 0; i < modalities; i++) {
		const size_t modality = step1->modality[i];
		const struct hmm_matrix phi = hmm_phi_generate(step1->phi, step1->pool, modality);
		const struct hmm_matrix decoder = decoder_of(step1, modality);
		size_t count = pick(step1, step1->y, item, modality, items);
		hmm_conv1x1_forward(&step1->conv, step1->out, step1->in, &phi, count);
		count = pick_rebuilt(step1, item, modality, items);
		hmm_conv1x1_forward(&step1->conv, step1->out, step1->in, &decoder, count);
	}
	for (size_t b = 0; b < items; b++)
		step1->in[b] = step1->y + b * values;
	const float *output =
	    hmm_mlp_forward_batch(&step1->classifier, step1->pool, step1->in, NULL, items);
	for (size_t i = 0; i < items * step1->objective->outputs; i++)
		step1->output[i] = (double)output[i];
	struct squares squares = {step1, item, 0};
	hmm_pool_run(step1->pool, square_part, &squares, items);
	return 0;
}

/* The decoder's gradients, and its share of dy. */
static void
backward_decoder(
    struct hmm_step1 *step1, const struct hmm_item *const *item, double scale, size_t items)
{
	const size_t values = step1->phi->latent * step1->positions;
	struct hmm_conv1x1_layer *layer = &step1->decoder;
	struct squares squares = {step1, item, scale};
	hmm_pool_run(step1->pool, square_part, &squares, items);
	for (size_t b = 0, end; b < items; b = end) {
		const size_t modality = item[b]->image->modality;
		const struct hmm_matrix decoder = decoder_of(step1, modality);
		for (end = b; end < items && item[end]->image->modality == modality; end++) {
			step1->dout[end - b] = rebuilt_of(step1, end); /* d loss / d rebuilt by now */
			step1->in[end - b] = step1->y + end * values;
			step1->out[end - b] = step1->dy + end * values;
		}
		hmm_conv1x1_backward(&step1->conv, step1->out, layer->weight.gradient, layer->bias.gradient,
		    step1->dout, step1->in, &decoder, end - b);
	}
}

/* d loss / d (W, b) of a modality, see hmm_phi_dweight(), over its items. */
static void
backward_generated(struct hmm_step1 *step1, float *dweight, size_t modality,
    const struct hmm_item *const *item, size_t items)
{
	const size_t L = step1->phi->latent, own = step1->phi->own[modality];
	const struct hmm_matrix phi = {NULL, NULL, L, own};
	const size_t count = pick(step1, step1->dy, item, modality, items);
	memset(dweight, 0, (L * own + L) * sizeof(*dweight));
	for (size_t i = 0; i < count; i++)
		step1->dout[i] = step1->out[i];
	hmm_conv1x1_backward(
	    &step1->conv, NULL, dweight, dweight + L * own, step1->dout, step1->in, &phi, count);
}

/* Add the gradients of the mean loss, of the objective those of step1->slope; the two big matrices
 * take the step in the passes that bring them down, unless adam is NULL. 0, or -1 reported. */
static int
backward(struct hmm_step1 *step1, const struct hmm_item *const *item, size_t items,
    const struct hmm_adam *adam)
{
	const size_t generated = step1->phi->output_bias.rows;
	const size_t modalities = list_modalities(step1, item, items);
	const double scale = 1 / (double)items;
	if (hmm_grow(&step1->dgenerated, &step1->dgenerated_capacity,
	        modalities * generated * sizeof(float)))
		return -1;
	for (size_t i = 0; i < items * step1->objective->outputs; i++)
		step1->doutput[i] = (float)(step1->slope[i] * scale);
	if (hmm_mlp_backward_batch(
	        &step1->classifier, step1->pool, step1->doutput, step1->dy, items, adam))
		return -1;
	backward_decoder(step1, item, scale, items);
	for (size_t i = 0; i < modalities; i++)
		backward_generated(step1, hmm_phi_dweight(step1->phi, step1->dgenerated, i),
		    step1->modality[i], item, items);
	return hmm_phi_backward(
	    step1->phi, step1->pool, step1->modality, step1->dgenerated, modalities, adam);
}

int
hmm_step1_learn(void *self, const struct hmm_item *const *item, size_t items,
    const struct hmm_place *place, const struct hmm_learner_step *step, double *loss)
{
	struct hmm_step1 *step1 = self;
	(void)place;
	if (step && step->zero)
		hmm_learner_zero(hmm_step1_each, step1);
	if (hmm_step1_forward(step1, item, items) ||
	    hmm_objective_losses(
	        step1->objective, item, items, step1->output, step1->loss, step1->slope) ||
	    backward(step1, item, items, step ? &step->adam : NULL))
		return -1;
	for (size_t b = 0; b < items; b++) {
		*loss += step1->squared[b] + step1->loss[b];
		step1->mse += step1->squared[b];
	}
	if (step)
		hmm_learner_take(hmm_step1_each, step1, step1->pool, &step->adam);
	return 0;
}

int
hmm_step1_predict(
    void *self, const struct hmm_item *const *item, size_t items, double *output, double *rest)
{
	struct hmm_step1 *step1 = self;
	if (hmm_step1_forward(step1, item, items))
		return -1;
	memcpy(output, step1->output, items * step1->objective->outputs * sizeof(*output));
	for (size_t b = 0; b < items; b++) {
		rest[b] = step1->squared[b];
		step1->mse += step1->squared[b];
	}
	return 0;
}

void
hmm_step1_each(void *self, hmm_parameter_visit *visit, void *context)
{
	struct hmm_step1 *step1 = self;
	hmm_phi_each(step1->phi, visit, context);
	hmm_conv1x1_layer_each(&step1->decoder, visit, context);
	hmm_mlp_each(&step1->classifier, visit, context);
}

struct hmm_learner
hmm_step1_learner(struct hmm_step1 *step1)
{
	return (struct hmm_learner){
	    step1, step1->objective, hmm_step1_learn, hmm_step1_predict, hmm_step1_each, &step1->mse};
}
