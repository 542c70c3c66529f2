/* The training kernels for each kind of processor. The fastest is chosen at run
 * time behind adam.h and linear.h; tests compare them all, to the bit. */
#ifndef HMM_VARIANT_H
#define HMM_VARIANT_H

#include "hmm/kernel/adam.h"

/* Partial sums of a dot product; rows and samples whose sums stay in registers. */
enum { HMM_LANES = 64, HMM_DOT_ROWS = 2, HMM_DOT_SAMPLES = 3 };

struct hmm_variant {
	/* Add to sum[r][b][64], r < rows <= 2, b < samples <= 3, the products of `count` columns,
	 * a multiple of 64, of row r of w (`stride` floats apart) and of x[b]; lane l takes the
	 * columns l, l + 64, ... in ascending order. sum's rows are `sum_stride` floats apart. */
	void (*dot)(float *sum, size_t sum_stride, const float *w, size_t stride, const float *const *x,
	    size_t rows, size_t samples, size_t count);
	void (*dense)(float *, float *, float *, const float *, size_t, const struct hmm_adam *);
	void (*outer)(
	    const struct hmm_outer *, size_t, size_t, size_t, size_t, const struct hmm_adam *);
	void (*narrow_forward)(float *, const float *, const float *, const float *, size_t);
	void (*narrow_outer)(
	    const struct hmm_outer *, float *, size_t, size_t, const struct hmm_adam *);
};

/* The first runs anywhere. */
extern const struct hmm_variant hmm_variant_plain;
extern const struct hmm_variant hmm_variant_avx2;   /* AVX2 and FMA */
extern const struct hmm_variant hmm_variant_avx512; /* AVX-512F */

/* The fastest that this processor has. */
const struct hmm_variant *hmm_variant_best(void);

#endif
