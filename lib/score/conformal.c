#include "hmm/score/conformal.h"

#include <math.h>
#include <stdlib.h>
#include "hmm/base/number.h"

/* what is whole but for rounding, such as 150 * .82, is not counted one up */
static const double rounding = 1e-9;

size_t
hmm_conformal_rank(size_t n, double alpha)
{
	const double rank = ceil(((double)n + 1) * (1 - alpha) - rounding);
	return rank < 1 ? 1 : (size_t)rank;
}

size_t
hmm_conformal_least(double alpha)
{
	return (size_t)ceil(1 / alpha - rounding) - 1;
}

static double
quantile(double *score, size_t n, double alpha)
{
	const size_t rank = hmm_conformal_rank(n, alpha);
	hmm_numbers_sort(score, n);
	return rank > n ? HUGE_VAL : score[rank - 1];
}

/* The score of a row as one of that label. Of 0 it is the probability itself, since 1 - (1 - p) is
 * not always p. */
static double
score(double probability, int label)
{
	return label ? 1 - probability : probability;
}

void
hmm_conformal_fit(struct hmm_conformal *conformal, const double *probability, const int *label,
    size_t count, double alpha, int together, double *scratch)
{
	for (int of = 0; of < 2; of++) {
		size_t used = 0;
		conformal->count[of] = 0;
		for (size_t i = 0; i < count; i++) {
			conformal->count[of] += label[i] == of;
			if (together || label[i] == of)
				scratch[used++] = score(probability[i], label[i]);
		}
		conformal->quantile[of] = quantile(scratch, used, alpha);
	}
}

int
hmm_conformal_enough(const struct hmm_conformal *conformal)
{
	return isfinite(conformal->quantile[0]) && isfinite(conformal->quantile[1]);
}

int
hmm_conformal_set(const struct hmm_conformal *conformal, double probability)
{
	static const double close = 1e-12;
	if (!hmm_conformal_enough(conformal))
		return HMM_CONFORMAL_BOTH;
	return (score(probability, 0) <= conformal->quantile[0] + close ? HMM_CONFORMAL_0 : 0) |
	       (score(probability, 1) <= conformal->quantile[1] + close ? HMM_CONFORMAL_1 : 0);
}
