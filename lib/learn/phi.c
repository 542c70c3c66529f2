#include "hmm/learn/phi.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/kernel/linear.h"
#include "hmm/base/memory.h"

/* The paper's code has 20 rows of embeddings, however few modalities there are. */
enum { LEAST_EMBEDDINGS = 20, MAX_CHANNELS = 16384 };

int
hmm_phi_open(struct hmm_phi *phi, size_t latent, const size_t *channels, size_t modalities)
{
	*phi = (struct hmm_phi){.latent = latent, .modalities = modalities};
	for (size_t m = 0; m < modalities; m++)
		phi->channels = channels[m] > phi->channels ? channels[m] : phi->channels;
	if (phi->channels > MAX_CHANNELS || latent > MAX_CHANNELS)
		return hmm_error(
		    "%zu channels to %zu, want at most %d", phi->channels, latent, MAX_CHANNELS);
	const size_t outputs = latent * phi->channels + latent;
	const size_t rows = modalities > LEAST_EMBEDDINGS ? modalities : LEAST_EMBEDDINGS;
	size_t every;
	if (hmm_multiply(&every, outputs, modalities))
		every = SIZE_MAX;
	phi->every = hmm_alloc(every, sizeof(float));
	phi->spread = hmm_alloc(outputs, sizeof(float));
	phi->own = hmm_alloc(modalities, sizeof(*phi->own));
	phi->made = hmm_alloc(modalities, sizeof(*phi->made));
	if (!phi->every || !phi->spread || !phi->own || !phi->made)
		return -1;
	memcpy(phi->own, channels, modalities * sizeof(*channels));
	const struct {
		struct hmm_parameter *parameter;
		const char *name;
		size_t rows, columns;
		enum hmm_gradient kind;
	} parameters[] = {
	    {&phi->embedding, "embedding.weight", rows, HMM_EMBEDDING, HMM_DENSE},
	    {&phi->hidden_weight, "hidden.weight", HMM_HIDDEN, HMM_EMBEDDING, HMM_DENSE},
	    {&phi->hidden_bias, "hidden.bias", HMM_HIDDEN, 0, HMM_DENSE},
	    {&phi->output_weight, "output.weight", outputs, HMM_HIDDEN, HMM_OUTER},
	    {&phi->output_bias, "output.bias", outputs, 0, HMM_DENSE},
	};
	for (size_t i = 0; i < 5; i++)
		if (hmm_parameter_open(parameters[i].parameter, parameters[i].name, parameters[i].rows,
		        parameters[i].columns, parameters[i].kind))
			return -1;
	return 0;
}

void
hmm_phi_close(struct hmm_phi *phi)
{
	free(phi->dhidden);
	free(phi->every);
	free(phi->spread);
	free(phi->own);
	free(phi->made);
	hmm_parameter_close(&phi->embedding);
	hmm_parameter_close(&phi->hidden_weight);
	hmm_parameter_close(&phi->hidden_bias);
	hmm_parameter_close(&phi->output_weight);
	hmm_parameter_close(&phi->output_bias);
	*phi = (struct hmm_phi){0};
}

static void
init_pytorch(struct hmm_phi *phi, uint64_t seed)
{
	hmm_parameter_normal(&phi->embedding, 1, seed);
	hmm_parameter_uniform(&phi->hidden_weight, 1 / sqrt((double)HMM_EMBEDDING), seed);
	hmm_parameter_uniform(&phi->hidden_bias, 1 / sqrt((double)HMM_EMBEDDING), seed);
	hmm_parameter_uniform(&phi->output_weight, 1 / sqrt((double)HMM_HIDDEN), seed);
	hmm_parameter_uniform(&phi->output_bias, 1 / sqrt((double)HMM_HIDDEN), seed);
}

/* The hidden layer of a modality: relu(L1 e + b1). */
static void
hide(float hidden[HMM_HIDDEN], const struct hmm_phi *phi, size_t modality)
{
	const float *embedding = phi->embedding.w + modality * HMM_EMBEDDING;
	hmm_linear_forward(hidden, HMM_HIDDEN, phi->hidden_weight.w, &embedding, phi->hidden_bias.w,
	    HMM_HIDDEN, HMM_EMBEDDING, 1);
	for (size_t i = 0; i < HMM_HIDDEN; i++)
		hidden[i] = hidden[i] <= 0 ? 0 : hidden[i];
}

static void
init_hyperfan(struct hmm_phi *phi, uint64_t seed)
{
	init_pytorch(phi, seed);
	double power = 0; /* the mean square of the hidden units over the modalities */
	for (size_t m = 0; m < phi->modalities; m++) {
		float hidden[HMM_HIDDEN];
		hide(hidden, phi, m);
		for (size_t i = 0; i < HMM_HIDDEN; i++)
			power += (double)hidden[i] * (double)hidden[i];
	}
	power /= (double)(HMM_HIDDEN * phi->modalities);
	/* W = H a with Var H = 1 / (2 C k E[a^2]); the factor 2 shares the output's
	 * variance between W z and b, which is why b's rows lack the fan-in C. */
	const double weight = sqrt(1 / (2 * (double)(phi->channels * HMM_HIDDEN) * power));
	const double bias = sqrt(1 / (2 * (double)HMM_HIDDEN * power));
	const size_t split = phi->latent * phi->channels * HMM_HIDDEN;
	hmm_parameter_normal(&phi->output_weight, weight, seed);
	for (size_t i = split; i < split + phi->latent * HMM_HIDDEN; i++)
		phi->output_weight.w[i] *= (float)(bias / weight);
	memset(phi->output_bias.w, 0, phi->output_bias.rows * sizeof(float));
}

void
hmm_phi_init(struct hmm_phi *phi, enum hmm_phi_start start, uint64_t seed)
{
	(start == HMM_HYPERFAN ? init_hyperfan : init_pytorch)(phi, seed);
}

/* Which h this is: 1 more than its changes so far. */
static long
age(const struct hmm_phi *phi)
{
	return 1 + phi->embedding.changes + phi->hidden_weight.changes + phi->hidden_bias.changes +
	       phi->output_weight.changes + phi->output_bias.changes;
}

static float
scale_of(const struct hmm_phi *phi, size_t modality)
{
	return (float)sqrt((double)phi->channels / (double)phi->own[modality]);
}

/* Have W(m) lie in [L][c], and b(m) behind it, of all that was generated for a modality. */
static void
narrow(const struct hmm_phi *phi, float *generated, size_t modality)
{
	const size_t L = phi->latent, C = phi->channels, own = phi->own[modality];
	const float scale = scale_of(phi, modality);
	for (size_t o = 0; o < L; o++)
		for (size_t i = 0; i < own; i++)
			generated[o * own + i] = generated[o * C + i] * scale;
	memmove(generated + L * own, generated + L * C, L * sizeof(*generated));
}

struct hmm_matrix
hmm_phi_generate(struct hmm_phi *phi, struct hmm_pool *pool, size_t modality)
{
	const size_t own = phi->own[modality];
	float *generated = phi->every + modality * phi->output_weight.rows;
	const struct hmm_matrix matrix = {generated, generated + phi->latent * own, phi->latent, own};
	if (phi->made[modality] == age(phi))
		return matrix;
	float hidden[HMM_HIDDEN];
	const float *input = hidden;
	hide(hidden, phi, modality);
	hmm_parameter_forward(&phi->output_weight, pool, generated, &input, &phi->output_bias, 1);
	if (own < phi->channels)
		narrow(phi, generated, modality);
	phi->made[modality] = age(phi);
	return matrix;
}

/* The gradients of all that was generated for a modality: where it has fewer channels, those of the
 * others are 0. */
static const float *
widen(struct hmm_phi *phi, const float *dgenerated, size_t modality)
{
	const size_t L = phi->latent, C = phi->channels, own = phi->own[modality];
	const float scale = scale_of(phi, modality);
	if (own == C)
		return dgenerated;
	memset(phi->spread, 0, L * C * sizeof(*phi->spread));
	for (size_t o = 0; o < L; o++)
		for (size_t i = 0; i < own; i++)
			phi->spread[o * C + i] = dgenerated[o * own + i] * scale;
	memcpy(phi->spread + L * C, dgenerated + L * own, L * sizeof(*phi->spread));
	return phi->spread;
}

/* The gradients of h's small layers for d loss / d (hidden layer of a modality). */
static void
backward_small(struct hmm_phi *phi, size_t modality, float *dhidden)
{
	float dembedding[HMM_EMBEDDING], hidden[HMM_HIDDEN];
	const float *embedding = phi->embedding.w + modality * HMM_EMBEDDING;
	hide(hidden, phi, modality);
	for (size_t i = 0; i < HMM_HIDDEN; i++) {
		dhidden[i] = hidden[i] <= 0 ? 0 : dhidden[i];
		phi->hidden_bias.gradient[i] += dhidden[i];
		for (size_t j = 0; j < HMM_EMBEDDING; j++)
			phi->hidden_weight.gradient[i * HMM_EMBEDDING + j] += dhidden[i] * embedding[j];
	}
	hmm_linear_backward(
	    dembedding, phi->hidden_weight.w, dhidden, HMM_HIDDEN, HMM_EMBEDDING, HMM_EMBEDDING);
	for (size_t j = 0; j < HMM_EMBEDDING; j++)
		phi->embedding.gradient[modality * HMM_EMBEDDING + j] += dembedding[j];
}

int
hmm_phi_backward(struct hmm_phi *phi, struct hmm_pool *pool, const size_t *modality,
    float *dgenerated, size_t count, const struct hmm_adam *adam)
{
	const size_t outputs = phi->output_bias.rows;
	float *restrict dbias = phi->output_bias.gradient;
	if (hmm_grow(&phi->dhidden, &phi->dhidden_capacity, count * HMM_HIDDEN * sizeof(float)))
		return -1;
	float *dhidden = phi->dhidden;
	for (size_t b = 0; b < count; b++) {
		float hidden[HMM_HIDDEN];
		const float *all = widen(phi, hmm_phi_dweight(phi, dgenerated, b), modality[b]);
		hide(hidden, phi, modality[b]);
		if (hmm_parameter_add(&phi->output_weight, all, hidden))
			return -1;
		for (size_t i = 0; i < outputs; i++)
			dbias[i] += all[i];
	}
	if (hmm_parameter_back(&phi->output_weight, pool, dhidden, count, adam))
		return -1;
	for (size_t b = 0; b < count; b++)
		backward_small(phi, modality[b], dhidden + b * HMM_HIDDEN);
	if (adam) {
		hmm_parameter_step(&phi->embedding, pool, adam);
		hmm_parameter_step(&phi->hidden_weight, pool, adam);
		hmm_parameter_step(&phi->hidden_bias, pool, adam);
		hmm_parameter_step(&phi->output_bias, pool, adam);
	}
	return 0;
}

void
hmm_phi_each(void *self, hmm_parameter_visit *visit, void *context)
{
	struct hmm_phi *phi = self;
	visit(&phi->embedding, context);
	visit(&phi->hidden_weight, context);
	visit(&phi->hidden_bias, context);
	visit(&phi->output_weight, context);
	visit(&phi->output_bias, context);
}
