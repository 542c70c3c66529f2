#include "hmm/adam.h"

#include <math.h>

#include "hmm/clones.h"

static const double beta1 = .9, beta2 = .999;

/* Columns whose gradient is gathered at a time: stays in the L1 cache. */
enum { BLOCK = 512 };

struct hmm_adam
hmm_adam_at(long step, double learning_rate, double weight_decay)
{
	return (struct hmm_adam){.rate = (float)(learning_rate / (1 - pow(beta1, (double)step))),
	    .root = (float)sqrt(1 - pow(beta2, (double)step)),
	    .weight_decay = (float)weight_decay};
}

static inline __attribute__((always_inline)) void
update(float *restrict w, float *restrict m, float *restrict v, const float *restrict g,
    size_t count, const struct hmm_adam adam)
{
	const float keep1 = (float)beta1, take1 = (float)(1 - beta1);
	const float keep2 = (float)beta2, take2 = (float)(1 - beta2);
	for (size_t i = 0; i < count; i++) {
		const float gradient = fmaf(adam.weight_decay, w[i], g[i]);
		m[i] = fmaf(take1, gradient, m[i] * keep1);
		v[i] = fmaf(take2 * gradient, gradient, v[i] * keep2);
		const float scale = __builtin_sqrtf(v[i]) / adam.root + 1e-8f;
		w[i] = w[i] - adam.rate * (m[i] / scale);
	}
}

HMM_CLONES void
hmm_adam_dense(
    float *w, float *m, float *v, const float *g, size_t count, const struct hmm_adam *adam)
{
	update(w, m, v, g, count, *adam);
}

HMM_CLONES void
hmm_adam_outer(float *w, float *m, float *v, const float *dy, const float *x, size_t terms,
    size_t all_rows, size_t first, size_t rows, size_t columns, const struct hmm_adam *adam)
{
	float g[BLOCK];
	for (size_t r = first; r < first + rows; r++)
		for (size_t c = 0; c < columns; c += BLOCK) {
			const size_t width = columns - c < BLOCK ? columns - c : BLOCK;
			const size_t at = r * columns + c;
			for (size_t i = 0; i < width; i++)
				g[i] = terms ? dy[r] * x[c + i] : 0;
			for (size_t b = 1; b < terms; b++)
				for (size_t i = 0; i < width; i++)
					g[i] = fmaf(dy[b * all_rows + r], x[b * columns + c + i], g[i]);
			update(w + at, m + at, v + at, g, width, *adam);
		}
}
