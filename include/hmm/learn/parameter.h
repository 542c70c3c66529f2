/* A trainable matrix: its values, what Adam remembers, and its gradient, which
 * is either written out (dense) or kept as the terms of a sum of outer products
 * dy x^T, one a sample, that the update multiplies out as it goes. */
#ifndef HMM_PARAMETER_H
#define HMM_PARAMETER_H

#include <stddef.h>
#include <stdint.h>

#include "hmm/kernel/adam.h"
#include "hmm/base/parallel.h"
#include "hmm/base/tensor.h"

enum hmm_gradient { HMM_DENSE, HMM_OUTER };

struct hmm_parameter {
	char name[64];
	size_t rows, columns; /* a vector has one column */
	int flat;             /* 1: saved with shape (rows) */
	enum hmm_gradient kind;
	float *w;
	float *m, *v, *best; /* NULL until hmm_parameter_train() */
	float *gradient;     /* dense [rows][columns] */
	size_t terms;        /* outer: how many there are now */
	void *dy, *x;        /* outer: [terms][rows], [terms][columns] */
	void *lanes;         /* partial sums of a narrow matrix's backward pass */
	size_t dy_capacity, x_capacity, lanes_capacity;
	long steps;        /* the step of Adam that was taken last */
	long changes;      /* of w, so far: what was computed from it before is out of date */
	const float *next; /* the next input, where it is known: see hmm_parameter_expect() */
	float *ahead;      /* [rows]: w next, after `ahead_at` changes */
	long ahead_at;
};

/* Do something with one of a model's parameters. */
typedef void hmm_parameter_visit(struct hmm_parameter *parameter, void *context);

/* All values 0; rows x columns, or a vector when columns is 0. 0, or -1 reported. */
int hmm_parameter_open(struct hmm_parameter *parameter, const char *name, size_t rows,
    size_t columns, enum hmm_gradient kind);
void hmm_parameter_close(struct hmm_parameter *parameter);

/* Get ready to be trained. 0, or -1 reported. */
int hmm_parameter_train(struct hmm_parameter *parameter);

/* Seeded values, keyed by the parameter's name: uniform in (-bound, bound), or
 * normal with this standard deviation. */
void hmm_parameter_uniform(struct hmm_parameter *parameter, double bound, uint64_t seed);
void hmm_parameter_normal(struct hmm_parameter *parameter, double deviation, uint64_t seed);

/* Forget the gradient. */
void hmm_parameter_zero(struct hmm_parameter *parameter);

/* Add dy x^T to an outer gradient (copied). 0, or -1 reported. */
int hmm_parameter_add(struct hmm_parameter *parameter, const float *dy, const float *x);

/* ---- passes over the matrix, parameter_pass.c ---- */

/* A step of Adam; nothing if this very step (its number tells) was taken before, by
 * hmm_parameter_back(). The gradient stays until hmm_parameter_zero(). */
void hmm_parameter_step(
    struct hmm_parameter *parameter, struct hmm_pool *pool, const struct hmm_adam *adam);

/* dx[b] = w^T dy[b] for the last `samples` terms of an outer gradient, [samples][columns],
 * and, unless adam is NULL, the step in the same pass over w. 0, or -1 reported. */
int hmm_parameter_back(struct hmm_parameter *parameter, struct hmm_pool *pool, float *dx,
    size_t samples, const struct hmm_adam *adam);

/* y[b] = w x[b] + bias, [samples][rows]; the same bits whatever the number of samples. */
void hmm_parameter_forward(struct hmm_parameter *parameter, struct hmm_pool *pool, float *y,
    const float *const *x, const struct hmm_parameter *bias, size_t samples);

/* Say that x (columns floats, which stay as they are) is the next forward pass's only input:
 * the next step then multiplies it while w is in the cache. 0, or -1 reported. */
int hmm_parameter_expect(struct hmm_parameter *parameter, const float *x);

/* ---- values kept, saved, loaded ---- */

void hmm_parameter_keep(struct hmm_parameter *parameter);    /* best = w */
void hmm_parameter_restore(struct hmm_parameter *parameter); /* w = best */

/* A view for writing; its name and data belong to the parameter. */
struct hmm_weight hmm_parameter_view(struct hmm_parameter *parameter);

/* Take the values from a model's tensors. 0, or -1 reported. */
int hmm_parameter_load(
    struct hmm_parameter *parameter, const struct hmm_weight *weight, size_t count);

#endif
