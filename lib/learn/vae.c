#include "hmm/learn/vae.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/kernel/loss.h"
#include "hmm/learn/experts.h"

/* ---- life ---- */

static size_t
inputs_of(const struct hmm_vae_shape *shape, size_t modality)
{
	return shape->channels[modality] * shape->positions;
}

/* One perceptron a modality, whose layer `end` is as wide as its blocks; `opened` counts those to
 * be closed. */
static int
open_each(struct hmm_mlp **list, size_t *opened, const char *what,
    const struct hmm_vae_shape *shape, size_t *width, size_t end)
{
	const size_t layers = shape->hidden_count + 1;
	*list = hmm_alloc(shape->modalities, sizeof(**list));
	for (*opened = 0; *list && *opened < shape->modalities;) {
		char prefix[32];
		snprintf(prefix, sizeof(prefix), "%s.%zu", what, *opened);
		width[end] = inputs_of(shape, *opened);
		if (hmm_mlp_open(&(*list)[(*opened)++], prefix, width, layers))
			return -1;
	}
	return *list ? 0 : -1;
}

static int
reserve_perceptrons(struct hmm_vae *vae, size_t batch)
{
	for (size_t m = 0; m < vae->shape.modalities; m++)
		if (hmm_mlp_reserve(&vae->encoder[m], batch) ||
		    hmm_mlp_reserve(&vae->decoder[m], 2 * batch))
			return -1;
	return hmm_mlp_reserve(&vae->head, batch);
}

static void
take_items(void *self, size_t batch)
{
	struct hmm_vae *vae = self;
	const size_t L = vae->shape.latents, modalities = vae->shape.modalities;
	const size_t elbos = batch * (1 + modalities), rows = 2 * batch;
	const size_t outputs = vae->shape.objective->outputs;
	struct hmm_arena *arena = &vae->arena;
	vae->code = hmm_arena_take(arena, batch * modalities, sizeof(*vae->code));
	vae->dcode = hmm_arena_take(arena, batch * modalities, 2 * L * sizeof(float));
	vae->mu = hmm_arena_take(arena, elbos, L * sizeof(double));
	vae->var = hmm_arena_take(arena, elbos, L * sizeof(double));
	vae->noise = hmm_arena_take(arena, elbos, L * sizeof(double));
	vae->z = hmm_arena_take(arena, elbos, L * sizeof(float));
	vae->dz = hmm_arena_take(arena, elbos, L * sizeof(float));
	vae->in = hmm_arena_take(arena, rows, sizeof(*vae->in));
	vae->image = hmm_arena_take(arena, rows, sizeof(*vae->image));
	vae->elbo = hmm_arena_take(arena, rows, sizeof(*vae->elbo));
	vae->row_dz = hmm_arena_take(arena, rows, L * sizeof(float));
	vae->drebuilt = hmm_arena_take(arena, rows, vae->widest * sizeof(float));
	vae->doutput = hmm_arena_take(arena, batch, outputs * sizeof(float));
	vae->output = hmm_arena_take(arena, batch, outputs * sizeof(double));
	vae->slope = hmm_arena_take(arena, batch, outputs * sizeof(double));
	vae->loss = hmm_arena_take(arena, batch, sizeof(double));
	vae->expert = hmm_arena_take(arena, modalities, sizeof(*vae->expert));
	vae->dexpert = hmm_arena_take(arena, modalities, sizeof(*vae->dexpert));
	vae->dmu = hmm_arena_take(arena, L, sizeof(*vae->dmu));
	vae->dvar = hmm_arena_take(arena, L, sizeof(*vae->dvar));
}

/* Room for that many items; 1 from the start. 0, or -1 reported. */
static int
reserve(struct hmm_vae *vae, size_t batch)
{
	if (batch <= vae->batch)
		return 0;
	vae->batch = 0;
	if (hmm_arena_remake(&vae->arena, take_items, vae, batch) || reserve_perceptrons(vae, batch))
		return -1;
	vae->batch = batch;
	return 0;
}

int
hmm_vae_open(struct hmm_vae *vae, const struct hmm_vae_shape *shape, struct hmm_pool *pool)
{
	const size_t layers = shape->hidden_count + 1;
	const size_t head[2] = {shape->latents, shape->objective->outputs};
	size_t encoder[HMM_MLP_LAYERS + 1], decoder[HMM_MLP_LAYERS + 1];
	*vae = (struct hmm_vae){.shape = *shape, .pool = pool, .lambda = 1};
	for (size_t m = 0; m < shape->modalities; m++)
		vae->widest = inputs_of(shape, m) > vae->widest ? inputs_of(shape, m) : vae->widest;
	encoder[layers] = 2 * shape->latents;
	decoder[0] = shape->latents;
	for (size_t i = 1; i < layers; i++)
		encoder[i] = decoder[layers - i] = shape->hidden[i - 1];
	return open_each(&vae->encoder, &vae->encoders, "encoder", shape, encoder, 0) ||
	               open_each(&vae->decoder, &vae->decoders, "decoder", shape, decoder, layers) ||
	               hmm_mlp_open(&vae->head, "head", head, 1) || reserve(vae, 1)
	           ? -1
	           : 0;
}

void
hmm_vae_close(struct hmm_vae *vae)
{
	for (size_t m = 0; m < vae->encoders; m++)
		hmm_mlp_close(&vae->encoder[m]);
	for (size_t m = 0; m < vae->decoders; m++)
		hmm_mlp_close(&vae->decoder[m]);
	hmm_mlp_close(&vae->head);
	free(vae->encoder);
	free(vae->decoder);
	hmm_arena_free(&vae->arena);
	*vae = (struct hmm_vae){0};
}

void
hmm_vae_init(struct hmm_vae *vae, uint64_t seed)
{
	for (size_t m = 0; m < vae->shape.modalities; m++) {
		hmm_mlp_init(&vae->encoder[m], seed);
		hmm_mlp_init(&vae->decoder[m], seed);
	}
	hmm_mlp_init(&vae->head, seed);
}

/* ---- the posteriors ---- */

static size_t
elbo_of(const struct hmm_vae *vae, size_t item, size_t which)
{
	return item * (1 + vae->shape.modalities) + which;
}

/* Room in `code` for the codes of a modality. */
static const float **
code_of(const struct hmm_vae *vae, size_t item, size_t modality)
{
	return &vae->code[item * vae->shape.modalities + modality];
}

/* The item's image of a modality, or NULL. */
static const struct hmm_item_image *
image_of(const struct hmm_item *item, size_t modality)
{
	for (size_t i = 0; i < item->count; i++)
		if (item->image[i].modality == modality)
			return &item->image[i];
	return NULL;
}

/* The code of every image; NULL where an item has none. */
static void
encode(struct hmm_vae *vae, const struct hmm_item *const *item, size_t items)
{
	const size_t L = vae->shape.latents;
	for (size_t m = 0; m < vae->shape.modalities; m++) {
		size_t rows = 0;
		for (size_t s = 0; s < items; s++) {
			const struct hmm_item_image *image = image_of(item[s], m);
			if (image)
				vae->in[rows++] = image->x;
		}
		const float *code = hmm_mlp_forward_batch(&vae->encoder[m], vae->pool, vae->in, NULL, rows);
		for (size_t s = 0; s < items; s++) {
			const int has = image_of(item[s], m) != NULL;
			*code_of(vae, s, m) = has ? code : NULL;
			code += has ? 2 * L : 0;
		}
	}
}

/* The experts of some of an item's images. */
static void
list_experts(struct hmm_vae *vae, size_t item, const struct hmm_item_image *image, size_t count)
{
	const size_t width = 2 * vae->shape.latents;
	for (size_t i = 0; i < count; i++) {
		vae->expert[i] = *code_of(vae, item, image[i].modality);
		vae->dexpert[i] = vae->dcode + (image[i].modality * vae->batch + item) * width;
	}
}

/* mu and var of the product of the prior and these images' experts; z = mu + sqrt(var) noise. */
static void
multiply(struct hmm_vae *vae, size_t item, size_t which, const struct hmm_item_image *image,
    size_t count, const struct hmm_place *place)
{
	const size_t L = vae->shape.latents, at = elbo_of(vae, item, which) * L;
	list_experts(vae, item, image, count);
	hmm_experts_multiply(vae->mu + at, vae->var + at, vae->expert, count, L);
	for (size_t j = 0; j < L; j++) {
		struct hmm_place here = place ? *place : (struct hmm_place){0};
		here.stream = which ? image->stream : here.stream;
		const double noise = place ? hmm_random_normal(here, (uint32_t)j) : 0;
		vae->noise[at + j] = noise;
		vae->z[at + j] = (float)(vae->mu[at + j] + sqrt(vae->var[at + j]) * noise);
	}
}

/* Add to dcode what d loss / d (mu, var) of such a product come from; *loss: beta times the
 * divergence from the prior, whose gradients are added to those of z. */
static void
multiply_backward(struct hmm_vae *vae, size_t item, size_t which,
    const struct hmm_item_image *image, size_t count, double beta, double scale, double *loss)
{
	const size_t L = vae->shape.latents, at = elbo_of(vae, item, which) * L;
	for (size_t j = 0; j < L; j++) {
		const double mu = vae->mu[at + j], var = vae->var[at + j], dz = (double)vae->dz[at + j];
		vae->dmu[j] = dz + beta * scale * mu;
		vae->dvar[j] = dz * vae->noise[at + j] / (2 * sqrt(var)) + beta * scale * (1 - 1 / var) / 2;
		*loss += beta * (mu * mu + var - log(var) - 1) / 2;
	}
	list_experts(vae, item, image, count);
	hmm_experts_backward(
	    vae->dexpert, vae->dmu, vae->dvar, vae->mu + at, vae->var + at, vae->expert, count, L);
}

/* ---- the losses at z ---- */

/* One row of the decoder in hand. */
static void
want_rebuilt(struct hmm_vae *vae, size_t row, size_t elbo, const float *image)
{
	vae->elbo[row] = elbo;
	vae->in[row] = vae->z + elbo * vae->shape.latents;
	vae->image[row] = image;
}

/* Decode modality m's images from the joint z of their items and from their own; *loss: lambda
 * |x - rebuilt|^2 / 2. */
static int
rebuild(struct hmm_vae *vae, const struct hmm_item *const *item, size_t items, size_t m,
    double scale, double *loss)
{
	const size_t L = vae->shape.latents;
	const size_t inputs = inputs_of(&vae->shape, m);
	const double half = (double)inputs / 2 * vae->lambda; /* from a mean to half a sum */
	size_t rows = 0;
	for (size_t s = 0; s < items; s++) {
		const struct hmm_item_image *image = image_of(item[s], m);
		if (image)
			want_rebuilt(vae, rows++, elbo_of(vae, s, 0), image->x);
		if (image && item[s]->count > 1)
			want_rebuilt(vae, rows++, elbo_of(vae, s, 1 + m), image->x);
	}
	const float *rebuilt = hmm_mlp_forward_batch(&vae->decoder[m], vae->pool, vae->in, NULL, rows);
	for (size_t r = 0; r < rows; r++)
		*loss += half * hmm_loss_mse(vae->drebuilt + r * inputs, rebuilt + r * inputs,
		                    vae->image[r], inputs, half * scale);
	if (rows &&
	    hmm_mlp_backward_batch(&vae->decoder[m], vae->pool, vae->drebuilt, vae->row_dz, rows, NULL))
		return -1;
	for (size_t r = 0; r < rows; r++)
		for (size_t j = 0; j < L; j++)
			vae->dz[vae->elbo[r] * L + j] += vae->row_dz[r * L + j];
	return 0;
}

/* The head's outputs at the joint z. */
static void
score(struct hmm_vae *vae, size_t items, double *output)
{
	for (size_t s = 0; s < items; s++)
		vae->in[s] = vae->z + elbo_of(vae, s, 0) * vae->shape.latents;
	const float *scores = hmm_mlp_forward_batch(&vae->head, vae->pool, vae->in, NULL, items);
	for (size_t i = 0; i < items * vae->shape.objective->outputs; i++)
		output[i] = (double)scores[i];
}

static int
classify(struct hmm_vae *vae, const struct hmm_item *const *item, size_t items, double scale,
    double *loss)
{
	const size_t L = vae->shape.latents;
	const struct hmm_objective *objective = vae->shape.objective;
	score(vae, items, vae->output);
	if (hmm_objective_losses(objective, item, items, vae->output, vae->loss, vae->slope))
		return -1;
	for (size_t s = 0; s < items; s++)
		*loss += vae->loss[s];
	for (size_t i = 0; i < items * objective->outputs; i++)
		vae->doutput[i] = (float)(vae->slope[i] * scale);
	if (hmm_mlp_backward_batch(&vae->head, vae->pool, vae->doutput, vae->row_dz, items, NULL))
		return -1;
	for (size_t s = 0; s < items; s++)
		for (size_t j = 0; j < L; j++)
			vae->dz[elbo_of(vae, s, 0) * L + j] += vae->row_dz[s * L + j];
	return 0;
}

/* ---- a batch ---- */

/* One backward pass an encoder; dcode is closed up where an item lacks the modality. */
static int
encode_backward(struct hmm_vae *vae, const struct hmm_item *const *item, size_t items)
{
	const size_t width = 2 * vae->shape.latents;
	for (size_t m = 0; m < vae->shape.modalities; m++) {
		float *dcode = vae->dcode + m * vae->batch * width;
		size_t rows = 0;
		for (size_t s = 0; s < items; s++)
			if (image_of(item[s], m))
				memmove(dcode + rows++ * width, dcode + s * width, width * sizeof(float));
		if (rows && hmm_mlp_backward_batch(&vae->encoder[m], vae->pool, dcode, NULL, rows, NULL))
			return -1;
	}
	return 0;
}

/* The gradients of the items' summed loss times `scale`; *loss: the sum. */
static int
add_gradients(struct hmm_vae *vae, const struct hmm_item *const *item, size_t items, double scale,
    const struct hmm_place *place, double *loss)
{
	const size_t L = vae->shape.latents, modalities = vae->shape.modalities;
	const int annealed = !place || (long)place->epoch >= vae->anneal;
	const double beta = annealed ? 1 : (double)place->epoch / (double)vae->anneal;
	*loss = 0;
	if (reserve(vae, items))
		return -1;
	memset(vae->dcode, 0, modalities * vae->batch * 2 * L * sizeof(float));
	memset(vae->dz, 0, elbo_of(vae, items, 0) * L * sizeof(float));
	encode(vae, item, items);
	for (size_t s = 0; s < items; s++) {
		const struct hmm_item_image *image = item[s]->image;
		const struct hmm_place *here = place ? place + s : NULL;
		multiply(vae, s, 0, image, item[s]->count, here);
		for (size_t i = 0; item[s]->count > 1 && i < item[s]->count; i++)
			multiply(vae, s, 1 + image[i].modality, &image[i], 1, here);
	}
	for (size_t m = 0; m < modalities; m++)
		if (rebuild(vae, item, items, m, scale, loss))
			return -1;
	if (classify(vae, item, items, scale, loss))
		return -1;
	for (size_t s = 0; s < items; s++) {
		const struct hmm_item_image *image = item[s]->image;
		multiply_backward(vae, s, 0, image, item[s]->count, beta, scale, loss);
		for (size_t i = 0; item[s]->count > 1 && i < item[s]->count; i++)
			multiply_backward(vae, s, 1 + image[i].modality, &image[i], 1, beta, scale, loss);
	}
	return encode_backward(vae, item, items);
}

void
hmm_vae_each(void *self, hmm_parameter_visit *visit, void *context)
{
	struct hmm_vae *vae = self;
	for (size_t m = 0; m < vae->shape.modalities; m++)
		hmm_mlp_each(&vae->encoder[m], visit, context);
	for (size_t m = 0; m < vae->shape.modalities; m++)
		hmm_mlp_each(&vae->decoder[m], visit, context);
	hmm_mlp_each(&vae->head, visit, context);
}

int
hmm_vae_learn(void *self, const struct hmm_item *const *item, size_t items,
    const struct hmm_place *place, const struct hmm_learner_step *step, double *loss)
{
	struct hmm_vae *vae = self;
	double sum = 0;
	if (step && step->zero)
		hmm_learner_zero(hmm_vae_each, vae);
	if (add_gradients(vae, item, items, 1 / (double)items, place, &sum))
		return -1;
	*loss += sum;
	if (step)
		hmm_learner_take(hmm_vae_each, vae, vae->pool, &step->adam);
	return 0;
}

int
hmm_vae_outputs(
    struct hmm_vae *vae, const struct hmm_item *const *item, size_t items, double *output)
{
	if (reserve(vae, items))
		return -1;
	encode(vae, item, items);
	for (size_t s = 0; s < items; s++)
		multiply(vae, s, 0, item[s]->image, item[s]->count, NULL);
	score(vae, items, output);
	return 0;
}

int
hmm_vae_predict(
    void *self, const struct hmm_item *const *item, size_t items, double *output, double *rest)
{
	memset(rest, 0, items * sizeof(*rest));
	return hmm_vae_outputs(self, item, items, output);
}
