/* Adam with coupled L2 weight decay, in the arithmetic of torch.optim.Adam
 * (PyTorch 1.13; Kingma and Ba, arXiv 1412.6980). */
#ifndef HMM_ADAM_H
#define HMM_ADAM_H

#include <stddef.h>

struct hmm_adam {
	float rate;         /* lr / (1 - beta1^t) */
	float root;         /* sqrt(1 - beta2^t) */
	float weight_decay; /* added to the gradient times w */
};

/* The constants of step t (from 1) at this learning rate; beta .9 and .999, eps 1e-8. */
struct hmm_adam hmm_adam_at(long step, double learning_rate, double weight_decay);

/* w, first moment m and second moment v after a gradient g. */
void hmm_adam_dense(
    float *w, float *m, float *v, const float *g, size_t count, const struct hmm_adam *adam);

/* The same for rows first..first+rows-1 of a matrix whose gradient is a sum of
 * outer products, g[r, c] = sum over terms b of dy[b, r] x[b, c], which is never
 * written to memory. dy is [terms][all_rows], x is [terms][columns]. */
void hmm_adam_outer(float *w, float *m, float *v, const float *dy, const float *x, size_t terms,
    size_t all_rows, size_t first, size_t rows, size_t columns, const struct hmm_adam *adam);

#endif
