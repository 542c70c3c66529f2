#include "hmm/learn/vae.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/kernel/loss.h"

static const double least_variance = 1e-8; /* added to an expert's */

/* ---- life ---- */

/* One perceptron a modality; `opened` counts those to be closed. */
static int
open_each(struct hmm_mlp **list, size_t *opened, const char *what, size_t modalities,
    const size_t *width, size_t layers)
{
	*list = hmm_alloc(modalities, sizeof(**list));
	for (*opened = 0; *list && *opened < modalities;) {
		char prefix[32];
		snprintf(prefix, sizeof(prefix), "%s.%zu", what, *opened);
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
take_samples(void *self, size_t batch)
{
	struct hmm_vae *vae = self;
	const size_t L = vae->shape.latents, modalities = vae->shape.modalities;
	const size_t elbos = batch * (1 + modalities), rows = 2 * batch;
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
	vae->drebuilt = hmm_arena_take(arena, rows, vae->shape.inputs * sizeof(float));
	vae->dlogit = hmm_arena_take(arena, batch, sizeof(float));
}

int
hmm_vae_reserve(struct hmm_vae *vae, size_t batch)
{
	if (batch <= vae->batch)
		return 0;
	vae->batch = 0;
	if (hmm_arena_remake(&vae->arena, take_samples, vae, batch) || reserve_perceptrons(vae, batch))
		return -1;
	vae->batch = batch;
	return 0;
}

int
hmm_vae_open(struct hmm_vae *vae, const struct hmm_vae_shape *shape, struct hmm_pool *pool)
{
	const size_t layers = shape->hidden_count + 1;
	const size_t head[2] = {shape->latents, 1};
	size_t encoder[HMM_MLP_LAYERS + 1], decoder[HMM_MLP_LAYERS + 1];
	*vae = (struct hmm_vae){.shape = *shape, .pool = pool, .lambda = 1};
	encoder[0] = decoder[layers] = shape->inputs;
	encoder[layers] = 2 * shape->latents;
	decoder[0] = shape->latents;
	for (size_t i = 1; i < layers; i++)
		encoder[i] = decoder[layers - i] = shape->hidden[i - 1];
	return open_each(
	           &vae->encoder, &vae->encoders, "encoder", shape->modalities, encoder, layers) ||
	               open_each(&vae->decoder, &vae->decoders, "decoder", shape->modalities, decoder,
	                   layers) ||
	               hmm_mlp_open(&vae->head, "head", head, 1) || hmm_vae_reserve(vae, 1)
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
elbo_of(const struct hmm_vae *vae, size_t set, size_t which)
{
	return set * (1 + vae->shape.modalities) + which;
}

/* Room in `code` for the codes of a modality. */
static const float **
code_of(const struct hmm_vae *vae, size_t set, size_t modality)
{
	return &vae->code[set * vae->shape.modalities + modality];
}

/* The set's image of a modality, or NULL. */
static const struct hmm_sample *
image_of(const struct hmm_set *set, size_t modality)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->image[i].modality == modality)
			return &set->image[i];
	return NULL;
}

/* The code of every image; NULL where a set has none. */
static void
encode(struct hmm_vae *vae, const struct hmm_set *const *set, size_t sets)
{
	const size_t L = vae->shape.latents;
	for (size_t m = 0; m < vae->shape.modalities; m++) {
		size_t rows = 0;
		for (size_t s = 0; s < sets; s++) {
			const struct hmm_sample *image = image_of(set[s], m);
			if (image)
				vae->in[rows++] = image->x;
		}
		const float *code = hmm_mlp_forward_batch(&vae->encoder[m], vae->pool, vae->in, NULL, rows);
		for (size_t s = 0; s < sets; s++) {
			const int has = image_of(set[s], m) != NULL;
			*code_of(vae, s, m) = has ? code : NULL;
			code += has ? 2 * L : 0;
		}
	}
}

/* mu and var of the product of the prior and these images' experts; z = mu + sqrt(var) noise. */
static void
multiply(struct hmm_vae *vae, size_t set, size_t which, const struct hmm_sample *image,
    size_t count, const struct hmm_place *place)
{
	const size_t L = vae->shape.latents, at = elbo_of(vae, set, which) * L;
	for (size_t j = 0; j < L; j++) {
		double precision = 1 / (1 + least_variance), sum = 0; /* the prior's: mu 0, logvar 0 */
		for (size_t i = 0; i < count; i++) {
			const float *code = *code_of(vae, set, image[i].modality);
			const double T = 1 / (exp((double)code[L + j]) + least_variance);
			precision += T;
			sum += T * (double)code[j];
		}
		const double mu = sum / precision, var = 1 / precision;
		struct hmm_place here = place ? *place : (struct hmm_place){0};
		here.stream = (uint32_t)which;
		const double noise = place ? hmm_random_normal(here, (uint32_t)j) : 0;
		vae->mu[at + j] = mu;
		vae->var[at + j] = var;
		vae->noise[at + j] = noise;
		vae->z[at + j] = (float)(mu + sqrt(var) * noise);
	}
}

/* Add to dcode what d loss / d (mu, var) of such a product come from; *loss: beta times the
 * divergence from the prior, whose gradients are added to those of z. */
static void
multiply_backward(struct hmm_vae *vae, size_t set, size_t which, const struct hmm_sample *image,
    size_t count, double beta, double scale, double *loss)
{
	const size_t L = vae->shape.latents, at = elbo_of(vae, set, which) * L;
	for (size_t j = 0; j < L; j++) {
		const double mu = vae->mu[at + j], var = vae->var[at + j], dz = (double)vae->dz[at + j];
		const double dmu = dz + beta * scale * mu;
		const double dvar =
		    dz * vae->noise[at + j] / (2 * sqrt(var)) + beta * scale * (1 - 1 / var) / 2;
		*loss += beta * (mu * mu + var - log(var) - 1) / 2;
		for (size_t i = 0; i < count; i++) {
			const float *code = *code_of(vae, set, image[i].modality);
			float *dcode = vae->dcode + (image[i].modality * vae->batch + set) * 2 * L;
			const double variance = exp((double)code[L + j]);
			const double T = 1 / (variance + least_variance);
			const double dT = dmu * ((double)code[j] - mu) * var - dvar * var * var;
			dcode[j] += (float)(dmu * T * var);
			dcode[L + j] -= (float)(dT * T * T * variance);
		}
	}
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

/* Decode modality m's images from the joint z of their sets and from their own; *loss: lambda
 * |x - rebuilt|^2 / 2. */
static int
rebuild(struct hmm_vae *vae, const struct hmm_set *const *set, size_t sets, size_t m, double scale,
    double *loss)
{
	const size_t L = vae->shape.latents, inputs = vae->shape.inputs;
	const double half = (double)inputs / 2 * vae->lambda; /* from a mean to half a sum */
	size_t rows = 0;
	for (size_t s = 0; s < sets; s++) {
		const struct hmm_sample *image = image_of(set[s], m);
		if (image)
			want_rebuilt(vae, rows++, elbo_of(vae, s, 0), image->x);
		if (image && set[s]->count > 1)
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

/* The head's logits at the joint z. */
static const float *
score(struct hmm_vae *vae, size_t sets)
{
	for (size_t s = 0; s < sets; s++)
		vae->in[s] = vae->z + elbo_of(vae, s, 0) * vae->shape.latents;
	return hmm_mlp_forward_batch(&vae->head, vae->pool, vae->in, NULL, sets);
}

static int
classify(
    struct hmm_vae *vae, const struct hmm_set *const *set, size_t sets, double scale, double *loss)
{
	const size_t L = vae->shape.latents;
	const float *logit = score(vae, sets);
	for (size_t s = 0; s < sets; s++) {
		const double here = (double)logit[s];
		*loss += hmm_loss_bce(here, set[s]->label) * set[s]->weight;
		vae->dlogit[s] =
		    (float)(hmm_loss_bce_gradient(here, set[s]->label) * set[s]->weight * scale);
	}
	if (hmm_mlp_backward_batch(&vae->head, vae->pool, vae->dlogit, vae->row_dz, sets, NULL))
		return -1;
	for (size_t s = 0; s < sets; s++)
		for (size_t j = 0; j < L; j++)
			vae->dz[elbo_of(vae, s, 0) * L + j] += vae->row_dz[s * L + j];
	return 0;
}

/* ---- a batch ---- */

/* One backward pass an encoder; dcode is closed up where a set lacks the modality. */
static int
encode_backward(struct hmm_vae *vae, const struct hmm_set *const *set, size_t sets)
{
	const size_t width = 2 * vae->shape.latents;
	for (size_t m = 0; m < vae->shape.modalities; m++) {
		float *dcode = vae->dcode + m * vae->batch * width;
		size_t rows = 0;
		for (size_t s = 0; s < sets; s++)
			if (image_of(set[s], m))
				memmove(dcode + rows++ * width, dcode + s * width, width * sizeof(float));
		if (rows && hmm_mlp_backward_batch(&vae->encoder[m], vae->pool, dcode, NULL, rows, NULL))
			return -1;
	}
	return 0;
}

int
hmm_vae_learn_batch(struct hmm_vae *vae, const struct hmm_set *const *set, size_t sets,
    double scale, const struct hmm_place *place, double *loss)
{
	const size_t L = vae->shape.latents, modalities = vae->shape.modalities;
	const int annealed = !place || (long)place->epoch >= vae->anneal;
	const double beta = annealed ? 1 : (double)place->epoch / (double)vae->anneal;
	*loss = 0;
	if (hmm_vae_reserve(vae, sets))
		return -1;
	memset(vae->dcode, 0, modalities * vae->batch * 2 * L * sizeof(float));
	memset(vae->dz, 0, elbo_of(vae, sets, 0) * L * sizeof(float));
	encode(vae, set, sets);
	for (size_t s = 0; s < sets; s++) {
		const struct hmm_sample *image = set[s]->image;
		const struct hmm_place *here = place ? place + s : NULL;
		multiply(vae, s, 0, image, set[s]->count, here);
		for (size_t i = 0; set[s]->count > 1 && i < set[s]->count; i++)
			multiply(vae, s, 1 + image[i].modality, &image[i], 1, here);
	}
	for (size_t m = 0; m < modalities; m++)
		if (rebuild(vae, set, sets, m, scale, loss))
			return -1;
	if (classify(vae, set, sets, scale, loss))
		return -1;
	for (size_t s = 0; s < sets; s++) {
		const struct hmm_sample *image = set[s]->image;
		multiply_backward(vae, s, 0, image, set[s]->count, beta, scale, loss);
		for (size_t i = 0; set[s]->count > 1 && i < set[s]->count; i++)
			multiply_backward(vae, s, 1 + image[i].modality, &image[i], 1, beta, scale, loss);
	}
	return encode_backward(vae, set, sets);
}

int
hmm_vae_learn(struct hmm_vae *vae, const struct hmm_set *set, double scale,
    const struct hmm_place *place, double *loss)
{
	return hmm_vae_learn_batch(vae, &set, 1, scale, place, loss);
}

void
hmm_vae_logit_batch(
    struct hmm_vae *vae, const struct hmm_set *const *set, size_t sets, double *logit)
{
	encode(vae, set, sets);
	for (size_t s = 0; s < sets; s++)
		multiply(vae, s, 0, set[s]->image, set[s]->count, NULL);
	const float *scores = score(vae, sets);
	for (size_t s = 0; s < sets; s++)
		logit[s] = (double)scores[s];
}

double
hmm_vae_logit(struct hmm_vae *vae, const struct hmm_set *set)
{
	double logit;
	hmm_vae_logit_batch(vae, &set, 1, &logit);
	return logit;
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

/* ---- training ---- */

static int
learn(void *self, const struct hmm_set *const *set, size_t sets, const struct hmm_place *place,
    const struct hmm_adam *adam, double *loss)
{
	(void)adam;
	return hmm_vae_learn_batch(self, set, sets, 1 / (double)sets, place, loss);
}

static int
predict(void *self, const struct hmm_set *const *set, size_t sets, double *logit)
{
	if (hmm_vae_reserve(self, sets))
		return -1;
	hmm_vae_logit_batch(self, set, sets, logit);
	return 0;
}

int
hmm_vae_train(struct hmm_vae *vae, const struct hmm_set *train, size_t train_count,
    const struct hmm_set *validation, size_t validation_count,
    const struct hmm_train_options *options,
    void (*report)(void *context, const struct hmm_epoch *epoch), void *report_context)
{
	const struct hmm_set_learner learner = {vae, vae->pool, learn, predict, hmm_vae_each};
	return hmm_sets_train(&learner, train, train_count, validation, validation_count, options,
	    report, report_context);
}
