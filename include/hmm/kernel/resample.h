/* Separable resampling of one axis, with the filters of Pillow's Image.resize:
 * the filter is widened by the reduction (antialiasing) and renormalised at the
 * edges. Keys, IEEE Trans. ASSP 29 (1981), for the cubic one with a = -1/2. */
#ifndef HMM_RESAMPLE_H
#define HMM_RESAMPLE_H

#include <stddef.h>

enum hmm_resample_filter {
	HMM_TRIANGLE, /* Pillow's BILINEAR */
	HMM_CUBIC,    /* Pillow's BICUBIC */
};

/* Output first + i is the sum of weights[i][t] * input[from[i] + t]. */
struct hmm_resample_axis {
	size_t in, out;      /* length of the whole axis before and after */
	size_t first, count; /* the outputs wanted */
	size_t taps;         /* hmm_resample_taps() */
	size_t *from;        /* [count], rising; from[i] + taps <= in */
	double *weights;     /* [count][taps], each row adding up to 1 */
};

/* Inputs an output may need; at most `in`. */
size_t hmm_resample_taps(size_t in, size_t out, enum hmm_resample_filter filter);

/* Fill in from and weights, which the caller made, from all the rest. */
void hmm_resample_plan(struct hmm_resample_axis *axis, enum hmm_resample_filter filter);

/* out[outer][count][inner] from in[outer][axis->in][inner], summed in double,
 * in ascending order. */
void hmm_resample_run(
    float *out, const float *in, size_t outer, size_t inner, const struct hmm_resample_axis *axis);

#endif
