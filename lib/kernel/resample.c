#include "hmm/kernel/resample.h"

#include <math.h>

#include "hmm/kernel/kernels.h"

static double
triangle(double x)
{
	x = fabs(x);
	return x < 1 ? 1 - x : 0;
}

static double
cubic(double x)
{
	const double a = -0.5;
	x = fabs(x);
	if (x < 1)
		return ((a + 2) * x - (a + 3)) * x * x + 1;
	return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

/* Half the filter's width, in inputs. */
static double
support_of(size_t in, size_t out, enum hmm_resample_filter filter)
{
	const double scale = (double)in / (double)out;
	return (filter == HMM_CUBIC ? 2.0 : 1.0) * (scale < 1 ? 1 : scale);
}

size_t
hmm_resample_taps(size_t in, size_t out, enum hmm_resample_filter filter)
{
	const size_t taps = (size_t)ceil(support_of(in, out, filter)) * 2 + 1;
	return taps < in ? taps : in;
}

static void
plan_output(struct hmm_resample_axis *axis, size_t i, enum hmm_resample_filter filter)
{
	double (*const shape)(double) = filter == HMM_CUBIC ? cubic : triangle;
	const double support = support_of(axis->in, axis->out, filter);
	const double scale = (double)axis->in / (double)axis->out, shrink = 1 / (scale < 1 ? 1 : scale);
	const double centre = ((double)(axis->first + i) + 0.5) * scale;
	const double low = centre - support + 0.5, high = centre + support + 0.5;
	const size_t begin = low > 0 ? (size_t)low : 0;
	const size_t end = high < (double)axis->in ? (size_t)high : axis->in;
	/* As many inputs for every output: what is too many weighs nothing. */
	const size_t last = axis->in - axis->taps, from = begin < last ? begin : last;
	double *weights = axis->weights + i * axis->taps, sum = 0;
	for (size_t x = begin; x < end; x++)
		sum += shape(((double)x - centre + 0.5) * shrink);
	for (size_t x = from; x < from + axis->taps; x++)
		weights[x - from] =
		    x < begin || x >= end ? 0 : shape(((double)x - centre + 0.5) * shrink) / sum;
	axis->from[i] = from;
}

void
hmm_resample_plan(struct hmm_resample_axis *axis, enum hmm_resample_filter filter)
{
	for (size_t i = 0; i < axis->count; i++)
		plan_output(axis, i, filter);
}

void
hmm_resample_run(
    float *out, const float *in, size_t outer, size_t inner, const struct hmm_resample_axis *axis)
{
	hmm_kernels()->resample(out, in, outer, inner, axis);
}
