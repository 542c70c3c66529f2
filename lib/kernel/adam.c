#include "hmm/kernel/adam.h"

#include <math.h>

#include "hmm/kernel/kernels.h"

struct hmm_adam
hmm_adam_of(long step, double learning_rate, double weight_decay, double beta1)
{
	return (struct hmm_adam){.step = step,
	    .rate = (float)(learning_rate / (1 - pow(beta1, (double)step))),
	    .root = (float)sqrt(1 - pow(.999, (double)step)),
	    .weight_decay = (float)weight_decay,
	    .keep = (float)beta1,
	    .take = (float)(1 - beta1)};
}

struct hmm_adam
hmm_adam_at(long step, double learning_rate, double weight_decay)
{
	return hmm_adam_of(step, learning_rate, weight_decay, .9);
}

void
hmm_adam_dense(
    float *w, float *m, float *v, const float *g, size_t count, const struct hmm_adam *adam)
{
	hmm_kernels()->adam_dense(w, m, v, g, count, adam);
}

void
hmm_adam_outer(const struct hmm_outer *outer, size_t first_row, size_t rows, size_t first_column,
    size_t columns, const struct hmm_adam *adam)
{
	hmm_kernels()->adam_outer(outer, first_row, rows, first_column, columns, adam);
}

void
hmm_narrow_forward(float *y, const float *w, const float *x, const float *bias, size_t rows)
{
	hmm_kernels()->narrow_forward(y, w, x, bias, rows);
}

void
hmm_narrow_outer(const struct hmm_outer *outer, float *lanes, size_t first, size_t rows,
    const struct hmm_adam *adam)
{
	hmm_kernels()->narrow_outer(outer, lanes, first, rows, adam);
}
