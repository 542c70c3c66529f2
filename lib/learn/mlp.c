#include "hmm/learn/mlp.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/memory.h"

int
hmm_mlp_open(struct hmm_mlp *mlp, const char *prefix, const size_t *width, size_t layers)
{
	*mlp = (struct hmm_mlp){0};
	for (size_t i = 0; i <= layers; i++)
		mlp->width[i] = width[i];
	for (; mlp->layers < layers; mlp->layers++) {
		const size_t i = mlp->layers;
		char name[64];
		snprintf(name, sizeof(name), "%s.%zu.weight", prefix, i);
		int bad = hmm_parameter_open(&mlp->weight[i], name, width[i + 1], width[i], HMM_OUTER);
		snprintf(name, sizeof(name), "%s.%zu.bias", prefix, i);
		bad |= hmm_parameter_open(&mlp->bias[i], name, width[i + 1], 0, HMM_DENSE);
		if (bad)
			return -1;
	}
	return hmm_mlp_reserve(mlp, 1);
}

static void
free_samples(struct hmm_mlp *mlp)
{
	for (size_t i = 0; i < HMM_MLP_LAYERS; i++) {
		free(mlp->out[i]);
		free(mlp->slope[i]);
		mlp->out[i] = mlp->slope[i] = NULL;
	}
	free(mlp->in);
	free(mlp->from);
	free(mlp->dy);
	free(mlp->dx);
	mlp->in = mlp->from = NULL;
	mlp->dy = mlp->dx = NULL;
	mlp->batch = 0;
}

int
hmm_mlp_reserve(struct hmm_mlp *mlp, size_t batch)
{
	if (batch <= mlp->batch)
		return 0;
	free_samples(mlp);
	size_t widest = 1, values = 0;
	for (size_t i = 1; i <= mlp->layers; i++)
		widest = mlp->width[i] > widest ? mlp->width[i] : widest;
	if (hmm_multiply(&values, batch, widest))
		values = SIZE_MAX;
	mlp->in = hmm_alloc(batch, sizeof(*mlp->in));
	mlp->from = hmm_alloc(batch, sizeof(*mlp->from));
	mlp->dy = hmm_alloc(values, sizeof(float));
	mlp->dx = hmm_alloc(values, sizeof(float));
	if (!mlp->in || !mlp->from || !mlp->dy || !mlp->dx)
		return -1;
	for (size_t i = 0; i < mlp->layers; i++) {
		mlp->out[i] = hmm_alloc(batch * mlp->width[i + 1], sizeof(float));
		mlp->slope[i] = hmm_alloc(batch * mlp->width[i + 1], sizeof(float));
		if (!mlp->out[i] || !mlp->slope[i])
			return -1;
	}
	mlp->batch = batch;
	return 0;
}

void
hmm_mlp_close(struct hmm_mlp *mlp)
{
	for (size_t i = 0; i < HMM_MLP_LAYERS; i++) {
		hmm_parameter_close(&mlp->weight[i]);
		hmm_parameter_close(&mlp->bias[i]);
	}
	free_samples(mlp);
	*mlp = (struct hmm_mlp){0};
}

void
hmm_mlp_init(struct hmm_mlp *mlp, uint64_t seed)
{
	for (size_t i = 0; i < mlp->layers; i++) {
		const double bound = 1 / sqrt((double)mlp->width[i]);
		hmm_parameter_uniform(&mlp->weight[i], bound, seed);
		hmm_parameter_uniform(&mlp->bias[i], bound, seed);
	}
}

/* ReLU and dropout of a hidden layer of one sample, and their slope. */
static void
activate(float *out, float *slope, size_t width, double dropout, const struct hmm_place *place)
{
	for (size_t j = 0; j < width; j++) {
		const int lost = isnan(out[j]); /* it goes on, dropped out or not */
		slope[j] = out[j] > 0;
		if (place && dropout > 0) {
			const int kept = hmm_random_uniform(*place, (uint32_t)j) >= dropout;
			slope[j] *= kept ? (float)(1 / (1 - dropout)) : 0;
		}
		out[j] = slope[j] > 0 || lost ? out[j] * slope[j] : 0;
	}
}

const float *
hmm_mlp_forward_batch(struct hmm_mlp *mlp, struct hmm_pool *pool, const float *const *x,
    const struct hmm_place *place, size_t samples)
{
	for (size_t b = 0; b < samples; b++)
		mlp->in[b] = x[b];
	for (size_t i = 0; i < mlp->layers; i++) {
		const size_t width = mlp->width[i + 1];
		hmm_parameter_forward(
		    &mlp->weight[i], pool, mlp->out[i], i ? mlp->from : mlp->in, &mlp->bias[i], samples);
		for (size_t b = 0; b < samples; b++) {
			struct hmm_place here = place ? place[b] : (struct hmm_place){0};
			float *out = mlp->out[i] + b * width;
			here.stream += (uint32_t)i;
			if (i + 1 < mlp->layers)
				activate(out, mlp->slope[i] + b * width, width, mlp->dropout, place ? &here : NULL);
			mlp->from[b] = out;
		}
	}
	return mlp->out[mlp->layers - 1];
}

float
hmm_mlp_forward(
    struct hmm_mlp *mlp, struct hmm_pool *pool, const float *x, const struct hmm_place *place)
{
	return hmm_mlp_forward_batch(mlp, pool, &x, place, 1)[0];
}

/* The gradients of layer i for mlp->dy, [samples][width[i + 1]]. */
static int
add_terms(struct hmm_mlp *mlp, size_t i, size_t samples)
{
	const size_t width = mlp->width[i + 1];
	for (size_t b = 0; b < samples; b++) {
		const float *dy = mlp->dy + b * width;
		const float *in = i ? mlp->out[i - 1] + b * mlp->width[i] : mlp->in[b];
		for (size_t j = 0; j < width; j++)
			mlp->bias[i].gradient[j] += dy[j];
		if (hmm_parameter_add(&mlp->weight[i], dy, in))
			return -1;
	}
	return 0;
}

int
hmm_mlp_backward_batch(struct hmm_mlp *mlp, struct hmm_pool *pool, const float *doutput, float *dx,
    size_t samples, const struct hmm_adam *adam)
{
	memcpy(mlp->dy, doutput, samples * mlp->width[mlp->layers] * sizeof(float));
	for (size_t i = mlp->layers; i-- > 0;) {
		float *down = i ? mlp->dx : dx;
		if (add_terms(mlp, i, samples) ||
		    (down && hmm_parameter_back(&mlp->weight[i], pool, down, samples, adam)))
			return -1;
		if (adam && !down)
			hmm_parameter_step(&mlp->weight[i], pool, adam);
		if (adam)
			hmm_parameter_step(&mlp->bias[i], pool, adam);
		for (size_t j = 0; i && j < samples * mlp->width[i]; j++)
			mlp->dy[j] = mlp->dx[j] * mlp->slope[i - 1][j];
	}
	return 0;
}

void
hmm_mlp_each(struct hmm_mlp *mlp, hmm_parameter_visit *visit, void *context)
{
	for (size_t i = 0; i < mlp->layers; i++) {
		visit(&mlp->weight[i], context);
		visit(&mlp->bias[i], context);
	}
}
