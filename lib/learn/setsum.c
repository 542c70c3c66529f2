#include "hmm/learn/setsum.h"

#include <string.h>

void
hmm_setsum(
    float *out, const float *const *elements, size_t count, size_t size, enum hmm_reduce reduce)
{
	memcpy(out, elements[0], size * sizeof(float));
	for (size_t e = 1; e < count; e++)
		for (size_t i = 0; i < size; i++) {
			const float x = elements[e][i];
			out[i] = reduce != HMM_MAX ? out[i] + x : x > out[i] ? x : out[i];
		}
	for (size_t i = 0; reduce == HMM_MEAN && i < size; i++)
		out[i] /= (float)count;
}

void
hmm_setsum_backward(float *delement, float *dout, const float *element, const float *out,
    size_t count, size_t size, enum hmm_reduce reduce)
{
	for (size_t i = 0; i < size; i++) {
		if (reduce != HMM_MAX) {
			delement[i] = reduce == HMM_MEAN ? dout[i] / (float)count : dout[i];
		} else {
			const int attains = element[i] >= out[i];
			delement[i] = attains ? dout[i] : 0;
			dout[i] = attains ? 0 : dout[i];
		}
	}
}
