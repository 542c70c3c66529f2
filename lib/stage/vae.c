#include "hmm/vae.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/loss.h"
#include "hmm/memory.h"

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
open_scratch(struct hmm_vae *vae)
{
	const size_t L = vae->shape.latents;
	vae->dcode = hmm_alloc(vae->shape.modalities, 2 * L * sizeof(float));
	vae->mu = hmm_alloc(L, sizeof(double));
	vae->var = hmm_alloc(L, sizeof(double));
	vae->noise = hmm_alloc(L, sizeof(double));
	vae->z = hmm_alloc(L, sizeof(float));
	vae->dz = hmm_alloc(L, sizeof(float));
	vae->one_dz = hmm_alloc(L, sizeof(float));
	vae->drebuilt = hmm_alloc(vae->shape.inputs, sizeof(float));
	const int whole = vae->dcode && vae->mu && vae->var && vae->noise && vae->z && vae->dz &&
	                  vae->one_dz && vae->drebuilt;
	return whole ? 0 : -1;
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
	               hmm_mlp_open(&vae->head, "head", head, 1) || open_scratch(vae)
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
	free(vae->dcode);
	free(vae->mu);
	free(vae->var);
	free(vae->noise);
	free(vae->z);
	free(vae->dz);
	free(vae->one_dz);
	free(vae->drebuilt);
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

/* ---- the posterior ---- */

/* mu_m [L], logvar_m [L] of the last image that the encoder saw. */
static const float *
code_of(const struct hmm_vae *vae, size_t modality)
{
	const struct hmm_mlp *encoder = &vae->encoder[modality];
	return encoder->out[encoder->layers - 1];
}

static void
encode(struct hmm_vae *vae, const struct hmm_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		hmm_mlp_forward(&vae->encoder[set->image[i].modality], vae->pool, set->image[i].x, NULL);
}

/* mu and var of the product of the prior and these images' experts. */
static void
multiply(struct hmm_vae *vae, const struct hmm_sample *image, size_t count)
{
	const size_t L = vae->shape.latents;
	for (size_t j = 0; j < L; j++) {
		double precision = 1 / (1 + least_variance), sum = 0; /* the prior's: mu 0, logvar 0 */
		for (size_t i = 0; i < count; i++) {
			const float *code = code_of(vae, image[i].modality);
			const double T = 1 / (exp((double)code[L + j]) + least_variance);
			precision += T;
			sum += T * (double)code[j];
		}
		vae->var[j] = 1 / precision;
		vae->mu[j] = sum / precision;
	}
}

/* Add to dcode what d loss / d (mu, var) of such a product come from. */
static void
multiply_backward(struct hmm_vae *vae, const struct hmm_sample *image, size_t count, size_t j,
    double dmu, double dvar)
{
	const size_t L = vae->shape.latents;
	const double var = vae->var[j];
	for (size_t i = 0; i < count; i++) {
		const float *code = code_of(vae, image[i].modality);
		float *dcode = vae->dcode + image[i].modality * 2 * L;
		const double variance = exp((double)code[L + j]);
		const double T = 1 / (variance + least_variance);
		const double dT = dmu * ((double)code[j] - vae->mu[j]) * var - dvar * var * var;
		dcode[j] += (float)(dmu * T * var);
		dcode[L + j] -= (float)(dT * T * T * variance);
	}
}

/* ---- one ELBO ---- */

/* z = mu + sqrt(var) noise. */
static void
draw(struct hmm_vae *vae, const struct hmm_place *place, size_t stream)
{
	for (size_t j = 0; j < vae->shape.latents; j++) {
		vae->noise[j] = 0;
		if (place) {
			struct hmm_place here = *place;
			here.stream = (uint32_t)stream;
			vae->noise[j] = hmm_random_normal(here, (uint32_t)j);
		}
		vae->z[j] = (float)(vae->mu[j] + sqrt(vae->var[j]) * vae->noise[j]);
	}
}

/* Add a perceptron's gradient at z to dz. */
static void
add_dz(struct hmm_vae *vae)
{
	for (size_t j = 0; j < vae->shape.latents; j++)
		vae->dz[j] += vae->one_dz[j];
}

/* Decode z for each image; *loss: lambda |x - rebuilt|^2 / 2. */
static int
rebuild(
    struct hmm_vae *vae, const struct hmm_sample *image, size_t count, double scale, double *loss)
{
	const size_t inputs = vae->shape.inputs;
	const double half = (double)inputs / 2 * vae->lambda; /* from a mean to half a sum */
	for (size_t i = 0; i < count; i++) {
		struct hmm_mlp *decoder = &vae->decoder[image[i].modality];
		hmm_mlp_forward(decoder, vae->pool, vae->z, NULL);
		*loss += half * hmm_loss_mse(vae->drebuilt, decoder->out[decoder->layers - 1], image[i].x,
		                    inputs, half * scale);
		if (hmm_mlp_backward_batch(decoder, vae->pool, vae->drebuilt, vae->one_dz, 1, NULL))
			return -1;
		add_dz(vae);
	}
	return 0;
}

/* The head's loss at z. */
static int
classify(struct hmm_vae *vae, const struct hmm_set *set, double scale, double *loss)
{
	const double logit = (double)hmm_mlp_forward(&vae->head, vae->pool, vae->z, NULL);
	const double slope = hmm_loss_bce_gradient(logit, set->label) * set->weight * scale;
	*loss += hmm_loss_bce(logit, set->label) * set->weight;
	if (hmm_mlp_backward(&vae->head, vae->pool, (float)slope, vae->one_dz))
		return -1;
	add_dz(vae);
	return 0;
}

/* One ELBO of encoded images; with `set`, the head's loss too. */
static int
learn_elbo(struct hmm_vae *vae, const struct hmm_sample *image, size_t count,
    const struct hmm_set *set, double beta, double scale, const struct hmm_place *place,
    double *loss)
{
	const size_t L = vae->shape.latents;
	multiply(vae, image, count);
	draw(vae, place, set ? 0 : 1 + image->modality);
	memset(vae->dz, 0, L * sizeof(float));
	if (rebuild(vae, image, count, scale, loss) || (set && classify(vae, set, scale, loss)))
		return -1;
	for (size_t j = 0; j < L; j++) {
		const double mu = vae->mu[j], var = vae->var[j], dz = (double)vae->dz[j];
		*loss += beta * (mu * mu + var - log(var) - 1) / 2;
		multiply_backward(vae, image, count, j, dz + beta * scale * mu,
		    dz * vae->noise[j] / (2 * sqrt(var)) + beta * scale * (1 - 1 / var) / 2);
	}
	return 0;
}

int
hmm_vae_learn(struct hmm_vae *vae, const struct hmm_set *set, double scale,
    const struct hmm_place *place, double *loss)
{
	const size_t code = 2 * vae->shape.latents;
	const int annealed = !place || (long)place->epoch >= vae->anneal;
	const double beta = annealed ? 1 : (double)place->epoch / (double)vae->anneal;
	*loss = 0;
	memset(vae->dcode, 0, vae->shape.modalities * code * sizeof(float));
	encode(vae, set);
	if (learn_elbo(vae, set->image, set->count, set, beta, scale, place, loss))
		return -1;
	for (size_t i = 0; set->count > 1 && i < set->count; i++)
		if (learn_elbo(vae, &set->image[i], 1, NULL, beta, scale, place, loss))
			return -1;
	for (size_t i = 0; i < set->count; i++) {
		const size_t m = set->image[i].modality;
		if (hmm_mlp_backward_batch(
		        &vae->encoder[m], vae->pool, vae->dcode + m * code, NULL, 1, NULL))
			return -1;
	}
	return 0;
}

double
hmm_vae_logit(struct hmm_vae *vae, const struct hmm_set *set)
{
	encode(vae, set);
	multiply(vae, set->image, set->count);
	draw(vae, NULL, 0);
	return (double)hmm_mlp_forward(&vae->head, vae->pool, vae->z, NULL);
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
learn(void *self, const struct hmm_set *set, double scale, const struct hmm_place *place,
    double *loss)
{
	return hmm_vae_learn(self, set, scale, place, loss);
}

static int
predict(void *self, const struct hmm_set *set, double *logit)
{
	*logit = hmm_vae_logit(self, set);
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
