#include "hmm/mlp.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "hmm/linear.h"
#include "hmm/memory.h"

/* Rows or columns of a matrix that one part of a parallel product takes. */
enum { ROWS = 16, COLUMNS = 1024 };

int
hmm_mlp_open(struct hmm_mlp *mlp, const char *prefix, const size_t *width, size_t layers)
{
	*mlp = (struct hmm_mlp){0};
	size_t widest = 0;
	for (size_t i = 0; i <= layers; i++) {
		mlp->width[i] = width[i];
		widest = width[i] > widest ? width[i] : widest;
	}
	for (; mlp->layers < layers; mlp->layers++) {
		const size_t i = mlp->layers;
		char name[64];
		snprintf(name, sizeof(name), "%s.%zu.weight", prefix, i);
		int bad = hmm_parameter_open(&mlp->weight[i], name, width[i + 1], width[i], HMM_OUTER);
		snprintf(name, sizeof(name), "%s.%zu.bias", prefix, i);
		bad |= hmm_parameter_open(&mlp->bias[i], name, width[i + 1], 0, HMM_DENSE);
		mlp->out[i] = hmm_alloc(width[i + 1], sizeof(float));
		mlp->slope[i] = hmm_alloc(width[i + 1], sizeof(float));
		if (bad || !mlp->out[i] || !mlp->slope[i])
			return -1;
	}
	mlp->dy = hmm_alloc(widest, sizeof(float));
	mlp->dx = hmm_alloc(widest, sizeof(float));
	return mlp->dy && mlp->dx ? 0 : -1;
}

void
hmm_mlp_close(struct hmm_mlp *mlp)
{
	for (size_t i = 0; i < HMM_MLP_LAYERS; i++) {
		hmm_parameter_close(&mlp->weight[i]);
		hmm_parameter_close(&mlp->bias[i]);
		free(mlp->out[i]);
		free(mlp->slope[i]);
	}
	free(mlp->dy);
	free(mlp->dx);
	*mlp = (struct hmm_mlp){0};
}

int
hmm_mlp_train(struct hmm_mlp *mlp)
{
	for (size_t i = 0; i < mlp->layers; i++)
		if (hmm_parameter_train(&mlp->weight[i]) || hmm_parameter_train(&mlp->bias[i]))
			return -1;
	return 0;
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

struct product {
	float *out;
	const float *in;
	const struct hmm_parameter *weight, *bias;
};

static void
forward_part(void *job, size_t part, size_t thread)
{
	(void)thread;
	const struct product *p = job;
	const size_t first = part * ROWS, left = p->weight->rows - first;
	hmm_linear_forward(p->out + first, p->weight->w + first * p->weight->columns, p->in,
	    p->bias->w + first, left < ROWS ? left : ROWS, p->weight->columns);
}

static void
backward_part(void *job, size_t part, size_t thread)
{
	(void)thread;
	const struct product *p = job;
	const size_t first = part * COLUMNS, left = p->weight->columns - first;
	hmm_linear_backward(p->out + first, p->weight->w + first, p->in, p->weight->rows,
	    left < COLUMNS ? left : COLUMNS, p->weight->columns);
}

float
hmm_mlp_forward(
    struct hmm_mlp *mlp, struct hmm_pool *pool, const float *x, const struct hmm_place *place)
{
	mlp->in = x;
	for (size_t i = 0; i < mlp->layers; i++) {
		struct product product = {mlp->out[i], x, &mlp->weight[i], &mlp->bias[i]};
		hmm_pool_run(pool, forward_part, &product, (mlp->width[i + 1] + ROWS - 1) / ROWS);
		x = mlp->out[i];
		for (size_t j = 0; i + 1 < mlp->layers && j < mlp->width[i + 1]; j++) {
			float slope = mlp->out[i][j] > 0;
			if (place && mlp->dropout > 0) {
				struct hmm_place here = *place;
				here.stream = (uint32_t)i;
				const int kept = hmm_random_uniform(here, (uint32_t)j) >= mlp->dropout;
				slope *= kept ? (float)(1 / (1 - mlp->dropout)) : 0;
			}
			mlp->slope[i][j] = slope;
			mlp->out[i][j] = slope > 0 ? mlp->out[i][j] * slope : 0;
		}
	}
	return mlp->out[mlp->layers - 1][0];
}

int
hmm_mlp_backward(struct hmm_mlp *mlp, struct hmm_pool *pool, float dlogit, float *dx)
{
	mlp->dy[0] = dlogit;
	for (size_t i = mlp->layers; i-- > 0;) {
		for (size_t j = 0; j < mlp->width[i + 1]; j++)
			mlp->bias[i].gradient[j] += mlp->dy[j];
		if (hmm_parameter_add(&mlp->weight[i], mlp->dy, i ? mlp->out[i - 1] : mlp->in))
			return -1;
		float *to = i ? mlp->dx : dx;
		if (!to)
			return 0;
		struct product product = {to, mlp->dy, &mlp->weight[i], NULL};
		hmm_pool_run(pool, backward_part, &product, (mlp->width[i] + COLUMNS - 1) / COLUMNS);
		for (size_t j = 0; i && j < mlp->width[i]; j++)
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
