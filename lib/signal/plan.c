#include "hmm/signal/plan.h"

#include <math.h>

#include "hmm/base/error.h"

/* The i-th of m dilations from 1 to (length - 1) / 8, in equal ratios, lifted over what rounding
 * may have taken from a whole number. */
static size_t
dilation_of(size_t i, size_t m, size_t length)
{
	const double ratio = m > 1 ? (double)i / (double)(m - 1) : 0;
	const double lift = 1 + 1e-12;
	return (size_t)floor(pow((double)(length - 1) / 8, ratio) * lift);
}

int
hmm_plan_make(struct hmm_plan *plan, size_t length, size_t features, const char *name)
{
	const size_t each = features / HMM_ROCKET_KERNELS;
	if (length < HMM_PLAN_LEAST_LENGTH || length > HMM_PLAN_MOST_LENGTH)
		return hmm_error("%s: a reference of %zu samples, want %d to %d", name, length,
		    HMM_PLAN_LEAST_LENGTH, HMM_PLAN_MOST_LENGTH);
	if (features % HMM_ROCKET_KERNELS || each < 1 || each > HMM_PLAN_MOST_EACH)
		return hmm_error("%s: %zu features, want a multiple of %d up to %d", name, features,
		    HMM_ROCKET_KERNELS, HMM_ROCKET_KERNELS * HMM_PLAN_MOST_EACH);
	const size_t m = each < HMM_PLAN_DILATIONS ? each : HMM_PLAN_DILATIONS;
	size_t given = 0;
	*plan = (struct hmm_plan){.length = length, .features = features};
	for (size_t i = 0; i < m; i++) {
		const size_t dilation = dilation_of(i, m, length);
		if (!plan->dilations || plan->dilation[plan->dilations - 1] != dilation)
			plan->dilation[plan->dilations++] = dilation;
		plan->each[plan->dilations - 1]++;
	}
	for (size_t i = 0; i < plan->dilations; i++)
		given += plan->each[i] = plan->each[i] * each / m;
	for (size_t i = 0; given < each; i = (i + 1) % plan->dilations, given++)
		plan->each[i]++;
	return 0;
}

size_t
hmm_plan_widest(const struct hmm_plan *plan)
{
	return plan->dilation[plan->dilations - 1];
}
