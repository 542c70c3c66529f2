#include "ref.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/kernel/activation.h"
#include "hmm/kernel/conv.h"
#include "hmm/base/memory.h"
#include "hmm/base/random.h"

double
ref_distance(const float *a, const float *b, size_t count)
{
	double error = 0, norm = 0;
	for (size_t i = 0; i < count; i++) {
		const double difference = (double)a[i] - (double)b[i];
		error += difference * difference;
		norm += (double)b[i] * (double)b[i];
	}
	return norm > 0 ? sqrt(error / norm) : sqrt(error);
}

void
ref_random(float *values, size_t count, unsigned seed)
{
	for (size_t i = 0; i < count; i++)
		values[i] =
		    (float)(2 * hmm_random_uniform((struct hmm_place){.seed = seed}, (uint32_t)i) - 1);
}

void
ref_conv(float *out, const float *in, const float *weights, const float *bias, size_t in_count,
    size_t out_count, size_t height, size_t width)
{
	for (size_t o = 0; o < out_count; o++)
		for (size_t y = 0; y < height; y++)
			for (size_t x = 0; x < width; x++) {
				float total = bias[o];
				/* hmm/conv.h says how far one sum goes */
				const int one = in_count == 1 || in_count == 3;
				const size_t block = hmm_activation_block(in_count);
				for (size_t tap = 0; tap < 9; tap++) {
					float sum = one ? total : 0;
					for (size_t c = 0; c < in_count; c++) {
						const size_t py = y + tap / 3, px = x + tap % 3; /* padded by 1 */
						const int inside = py >= 1 && py <= height && px >= 1 && px <= width;
						const float pixel = inside ? in[(c * height + py - 1) * width + px - 1] : 0;
						sum = fmaf(pixel, weights[(o * in_count + c) * 9 + tap], sum);
						if (one || (c + 1) % block)
							continue;
						total += sum;
						sum = 0;
					}
					total = one ? sum : total;
				}
				out[(o * height + y) * width + x] = total < 0 ? 0 : total;
			}
}

void
ref_pool(float *out, const float *in, size_t channels, size_t height, size_t width)
{
	for (size_t c = 0; c < channels; c++)
		for (size_t y = 0; y < height / 2; y++)
			for (size_t x = 0; x < width / 2; x++) {
				const float *at = in + (c * height + 2 * y) * width + 2 * x;
				const float four[] = {at[0], at[1], at[width], at[width + 1]};
				float most = four[0];
				for (int i = 1; i < 4; i++)
					most = isnan(most) || most > four[i] ? most : four[i];
				*out++ = most;
			}
}

void
ref_conv1x1(float *y, const float *z, const float *weight, const float *bias, size_t out, size_t in,
    size_t positions)
{
	for (size_t o = 0; o < out; o++)
		for (size_t s = 0; s < positions; s++) {
			float sum = 0;
			for (size_t i = 0; i < in; i++)
				sum = fmaf(z[i * positions + s], weight[o * in + i], sum);
			y[o * positions + s] = bias[o] + sum;
		}
}

void
ref_conv1x1_dweight(float *dweight, const float *const *dy, const float *const *z, size_t out,
    size_t in, size_t positions, size_t blocks)
{
	for (size_t i = 0; i < out * in; i++) {
		float sum = 0;
		for (size_t b = 0; b < blocks; b++)
			for (size_t s = 0; s < positions; s++)
				sum = fmaf(dy[b][i / in * positions + s], z[b][i % in * positions + s], sum);
		dweight[i] += sum;
	}
}

void
ref_conv1x1_backward(float *dz, float *dbias, const float *dy, const float *weight, size_t out,
    size_t in, size_t positions)
{
	const size_t S = positions;
	for (size_t i = 0; i < out * S; i++)
		dbias[i / S] += dy[i];
	for (size_t i = 0; i < in * S; i++) {
		float sum = 0;
		for (size_t o = 0; o < out; o++)
			sum = fmaf(dy[o * S + i % S], weight[o * in + i / S], sum);
		dz[i] += sum;
	}
}

float *
ref_gradient(const struct hmm_parameter *p)
{
	float *gradient = hmm_alloc(p->rows * p->columns, sizeof(float));
	const float *dy = p->dy, *x = p->x;
	if (p->kind == HMM_DENSE)
		memcpy(gradient, p->gradient, p->rows * p->columns * sizeof(float));
	else
		for (size_t b = 0; b < p->terms; b++)
			for (size_t i = 0; i < p->rows * p->columns; i++)
				gradient[i] +=
				    dy[b * p->rows + i / p->columns] * x[b * p->columns + i % p->columns];
	return gradient;
}

float *
ref_golden(const struct hmm_weights *golden, const char *name, size_t *count)
{
	const struct hmm_weight *found =
	    golden ? hmm_weight_find(golden->weight, golden->count, name) : NULL;
	if (!found) {
		printf("golden tensor '%s' is missing\n", name);
		exit(1);
	}
	size_t elements;
	hmm_tensor_count(&found->x, &elements);
	float *values = hmm_alloc(elements, sizeof(float));
	hmm_tensor_floats(values, &found->x, 0, elements);
	if (count)
		*count = elements;
	return values;
}
