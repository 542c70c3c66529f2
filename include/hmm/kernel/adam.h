/* Adam with coupled L2 weight decay, in the arithmetic of torch.optim.Adam
 * (PyTorch 1.13; Kingma and Ba, arXiv 1412.6980), fused with what else has to
 * pass over the same memory: training with a small batch is bound by reading and
 * writing w, m and v, so each is touched once a step.
 *
 * Every element's arithmetic has one fixed order: no cut of the work into blocks
 * and no processor changes a bit. */
#ifndef HMM_ADAM_H
#define HMM_ADAM_H

#include <stddef.h>

struct hmm_adam {
	long step;          /* t, from 1 */
	float rate;         /* lr / (1 - beta1^t) */
	float root;         /* sqrt(1 - beta2^t) */
	float weight_decay; /* added to the gradient times w */
	float keep, take;   /* beta1, 1 - beta1 */
};

/* The constants of step t (from 1) at this learning rate; beta .9 and .999, eps 1e-8. */
struct hmm_adam hmm_adam_at(long step, double learning_rate, double weight_decay);
/* The same with another beta1. */
struct hmm_adam hmm_adam_of(long step, double learning_rate, double weight_decay, double beta1);

/* A matrix whose gradient is a sum of outer products,
 *     g[r, c] = sum over terms b of dy[b, r] x[b, c],
 * which is never written to memory, and what its layer hands down to the one
 * below for each of the last `samples` terms,
 *     dx[b, c] = sum over rows r of dy[b, r] w[r, c]. */
struct hmm_outer {
	float *w, *m, *v;    /* [rows][columns]; m and v may be NULL where no step is taken */
	const float *dy, *x; /* [terms][rows], [terms][columns] with x_stride floats a term */
	float *dx;           /* [samples][columns], x_stride floats a sample */
	size_t rows, columns, terms, samples, x_stride;
};

/* w, first moment m and second moment v after a gradient g. */
void hmm_adam_dense(
    float *w, float *m, float *v, const float *g, size_t count, const struct hmm_adam *adam);

/* A block of rows x columns of such a matrix: first, where samples is not 0, add
 * the block's share to dx, which takes the rows in ascending order; then step,
 * unless adam is NULL. */
void hmm_adam_outer(const struct hmm_outer *outer, size_t first_row, size_t rows,
    size_t first_column, size_t columns, const struct hmm_adam *adam);

/* The hypernetwork's output layer: many rows of 20 columns, too short for the
 * loops above. */
enum { HMM_NARROW = 20, HMM_NARROW_LANES = 16 * HMM_NARROW };

/* y[r] = bias[r] + sum_k w[r, k] x[k], for rows 0..rows-1. */
void hmm_narrow_forward(float *y, const float *w, const float *x, const float *bias, size_t rows);

/* As hmm_adam_outer() for rows first..first+rows-1 of such a matrix, except that these
 * rows' dx[b, k] is left as 16 partial sums, added to lanes[b][16][20]. */
void hmm_narrow_outer(const struct hmm_outer *outer, float *lanes, size_t first, size_t rows,
    const struct hmm_adam *adam);

#endif
