#include "hmm/kernel/transpose.h"

#ifdef __SSE__
#include <xmmintrin.h>

/* Whole squares of 4 x 4. */
static void
transpose_squares(
    float *out, size_t out_stride, const float *in, size_t in_stride, size_t rows, size_t columns)
{
	for (size_t r = 0; r < rows; r += 4)
		for (size_t c = 0; c < columns; c += 4) {
			const float *from = in + r * in_stride + c;
			float *to = out + c * out_stride + r;
			__m128 a = _mm_loadu_ps(from), b = _mm_loadu_ps(from + in_stride);
			__m128 d = _mm_loadu_ps(from + 2 * in_stride), e = _mm_loadu_ps(from + 3 * in_stride);
			_MM_TRANSPOSE4_PS(a, b, d, e);
			_mm_storeu_ps(to, a);
			_mm_storeu_ps(to + out_stride, b);
			_mm_storeu_ps(to + 2 * out_stride, d);
			_mm_storeu_ps(to + 3 * out_stride, e);
		}
}
#else
static void
transpose_squares(
    float *out, size_t out_stride, const float *in, size_t in_stride, size_t rows, size_t columns)
{
	for (size_t r = 0; r < rows; r++)
		for (size_t c = 0; c < columns; c++)
			out[c * out_stride + r] = in[r * in_stride + c];
}
#endif

void
hmm_transpose(
    float *out, size_t out_stride, const float *in, size_t in_stride, size_t rows, size_t columns)
{
	const size_t whole_rows = rows - rows % 4, whole_columns = columns - columns % 4;
	transpose_squares(out, out_stride, in, in_stride, whole_rows, whole_columns);
	for (size_t r = 0; r < rows; r++)
		for (size_t c = r < whole_rows ? whole_columns : 0; c < columns; c++)
			out[c * out_stride + r] = in[r * in_stride + c];
}
