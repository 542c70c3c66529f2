#include "cuts.h"

#include <math.h>
#include <stdlib.h>

#include "hmm/base/memory.h"

enum { REDRAWN = 20 };
static const size_t none = (size_t)-1;
static const double undefined = (double)NAN;

/* Number the patterns that occur. 0, or -1 reported. */
static int
number_patterns(struct hmm_cuts *patterns)
{
	const struct hmm_patients *cohort = patterns->cohort;
	const size_t all = (size_t)1 << cohort->modalities.count;
	size_t *number = hmm_alloc(all, sizeof(*number));
	patterns->pattern = hmm_alloc(cohort->count, sizeof(*patterns->pattern));
	patterns->of = hmm_alloc(cohort->count, sizeof(*patterns->of));
	const int bad = !number || !patterns->pattern || !patterns->of;
	for (size_t i = 0; i < cohort->count && !bad; i++)
		number[cohort->subject[i].own] = 1;
	for (size_t set = 0; set < all && !bad; set++)
		if (number[set]) {
			patterns->pattern[patterns->patterns] = (unsigned)set;
			number[set] = patterns->patterns++;
		}
	for (size_t i = 0; i < cohort->count && !bad; i++)
		patterns->of[i] = number[cohort->subject[i].own];
	free(number);
	return bad ? -1 : 0;
}

/* The place of a subject's own cut to a pattern, a new one where it has none. */
static size_t
add_cut(struct hmm_cuts *patterns, size_t subject, size_t pattern)
{
	const struct hmm_patients_subject *of = &patterns->cohort->subject[subject];
	const size_t *cut = patterns->cut + subject * patterns->patterns;
	const unsigned set = of->own & patterns->pattern[pattern];
	if (!set || (set != of->own && !of->subsets))
		return none;
	for (size_t q = 0; q < pattern; q++)
		if ((of->own & patterns->pattern[q]) == set)
			return cut[q];
	return hmm_spread_add(&patterns->all, of->label, hmm_patients_logit(of, set));
}

static int
make_cuts(struct hmm_cuts *patterns)
{
	const size_t count = patterns->cohort->count, all = patterns->patterns;
	size_t places = 0;
	patterns->first = hmm_alloc(count + 1, sizeof(*patterns->first));
	if (hmm_multiply(&places, count, all) ||
	    !(patterns->cut = hmm_alloc(places, sizeof(*patterns->cut))) || !patterns->first ||
	    hmm_spread_open(&patterns->all, places))
		return -1;
	for (size_t i = 0; i < count; i++) {
		patterns->first[i] = patterns->all.count;
		for (size_t q = 0; q < all; q++)
			patterns->cut[i * all + q] = add_cut(patterns, i, q);
	}
	patterns->first[count] = patterns->all.count;
	return 0;
}

static int
make_same(struct hmm_cuts *patterns)
{
	const struct hmm_patients *cohort = patterns->cohort;
	size_t *sizes = hmm_alloc(patterns->patterns, sizeof(*sizes));
	patterns->same = hmm_alloc(patterns->patterns, sizeof(*patterns->same));
	patterns->place = hmm_alloc(cohort->count, sizeof(*patterns->place));
	patterns->counts = hmm_alloc(patterns->patterns, 4 * sizeof(*patterns->counts));
	int bad = !sizes || !patterns->same || !patterns->place || !patterns->counts;
	if (!bad)
		patterns->balance = patterns->counts + 2 * patterns->patterns;
	for (size_t i = 0; i < cohort->count && !bad; i++)
		sizes[patterns->of[i]]++;
	for (size_t q = 0; q < patterns->patterns && !bad; q++)
		bad = hmm_spread_open(&patterns->same[q], sizes[q]);
	for (size_t i = 0; i < cohort->count && !bad; i++)
		patterns->place[i] = hmm_spread_add(
		    &patterns->same[patterns->of[i]], cohort->subject[i].label, cohort->subject[i].logit);
	free(sizes);
	return bad ? -1 : 0;
}

int
hmm_cuts_open(struct hmm_cuts *patterns, const struct hmm_patients *cohort)
{
	*patterns = (struct hmm_cuts){.cohort = cohort};
	return number_patterns(patterns) || make_cuts(patterns) || make_same(patterns) ? -1 : 0;
}

void
hmm_cuts_close(struct hmm_cuts *patterns)
{
	for (size_t q = 0; q < patterns->patterns && patterns->same; q++)
		hmm_spread_close(&patterns->same[q]);
	hmm_spread_close(&patterns->all);
	free(patterns->pattern);
	free(patterns->of);
	free(patterns->cut);
	free(patterns->first);
	free(patterns->same);
	free(patterns->place);
	free(patterns->counts);
	*patterns = (struct hmm_cuts){0};
}

static void
count_patterns(struct hmm_cuts *patterns, const double *weight)
{
	for (size_t q = 0; q < 2 * patterns->patterns; q++)
		patterns->counts[q] = 0;
	for (size_t i = 0; i < patterns->cohort->count; i++)
		patterns->counts[(size_t)patterns->cohort->subject[i].label * patterns->patterns +
		                 patterns->of[i]] += weight[i];
}

/* Add the weights of the subjects from..end, of one group, to the counts, or take them away. */
static void
count_group(struct hmm_cuts *patterns, const double *weight, size_t from, size_t end, double sign)
{
	for (size_t i = from; i < end; i++)
		patterns->counts[(size_t)patterns->cohort->subject[i].label * patterns->patterns +
		                 patterns->of[i]] += sign * weight[i];
}

/* Share one subject's weight out among what is left of it, by what others have. */
static void
share_out(struct hmm_cuts *patterns, size_t i, double weight, int same_label)
{
	const size_t all = patterns->patterns, *cut = patterns->cut + i * all;
	const double *zero = patterns->counts, *one = patterns->counts + all;
	const int label = patterns->cohort->subject[i].label;
	double kept = 0, empty = 0, *to = patterns->all.weight;
	for (size_t p = patterns->first[i]; p < patterns->first[i + 1]; p++)
		to[p] = 0;
	for (size_t q = 0; q < all; q++) {
		const double others = same_label ? (label ? one : zero)[q] : zero[q] + one[q];
		*(cut[q] == none ? &empty : &to[cut[q]]) += others;
		kept += cut[q] == none ? 0 : others;
	}
	const double stays = kept > 0 ? pow(empty / (kept + empty), REDRAWN + 1) : 1;
	for (size_t p = patterns->first[i]; p < patterns->first[i + 1]; p++)
		to[p] = kept > 0 ? weight * (1 - stays) * to[p] / kept : 0;
	to[cut[patterns->of[i]]] += weight * stays;
}

/* The AUC on average over all draws, which are independent of each other. */
static double
cut_auc(struct hmm_cuts *patterns, const double *weight, int same_label)
{
	const struct hmm_patients *cohort = patterns->cohort;
	for (size_t i = 0, end; i < cohort->count; i = end) {
		for (end = i + 1;
		     end < cohort->count && cohort->subject[end].group == cohort->subject[i].group;)
			end++;
		count_group(patterns, weight, i, end, -1);
		for (size_t k = i; k < end; k++)
			share_out(patterns, k, weight[k], same_label);
		count_group(patterns, weight, i, end, 1);
	}
	return hmm_spread_auc(&patterns->all);
}

/* Of the subjects as they are, each weighing its weight times that of its pattern and label. */
static double
own_auc(struct hmm_cuts *patterns, const double *weight, const double *of)
{
	const struct hmm_patients *cohort = patterns->cohort;
	for (size_t p = 0; p < patterns->all.count; p++)
		patterns->all.weight[p] = 0;
	for (size_t i = 0; i < cohort->count; i++) {
		const size_t q = patterns->of[i];
		patterns->all.weight[patterns->cut[i * patterns->patterns + q]] =
		    weight[i] * (of ? of[(size_t)cohort->subject[i].label * patterns->patterns + q] : 1);
	}
	return hmm_spread_auc(&patterns->all);
}

/* The same over the pairs of one pattern. */
static double
same_auc(struct hmm_cuts *patterns, const double *weight, const double *of)
{
	const struct hmm_patients *cohort = patterns->cohort;
	double wins = 0, pairs = 0;
	for (size_t i = 0; i < cohort->count; i++)
		patterns->same[patterns->of[i]].weight[patterns->place[i]] = weight[i];
	for (size_t q = 0; q < patterns->patterns; q++) {
		const double *counts = patterns->counts;
		const size_t one = patterns->patterns + q;
		const double here = counts[q] * counts[one] * (of ? of[q] * of[one] : 1);
		wins += here > 0 ? here * hmm_spread_auc(&patterns->same[q]) : 0;
		pairs += here;
	}
	return pairs > 0 ? wins / pairs : undefined;
}

struct hmm_excess
hmm_cuts_permute(struct hmm_cuts *patterns, const double *weight)
{
	if (!patterns->cohort->subsets)
		return (struct hmm_excess){undefined, undefined, undefined};
	count_patterns(patterns, weight);
	const double own = own_auc(patterns, weight, NULL);
	const double other = cut_auc(patterns, weight, 0), same = cut_auc(patterns, weight, 1);
	return (struct hmm_excess){other - own, same - own, same - other};
}

struct hmm_excess
hmm_cuts_compare(struct hmm_cuts *patterns, const double *weight)
{
	count_patterns(patterns, weight);
	const size_t all = patterns->patterns;
	double *counts = patterns->counts, total[2] = {0, 0};
	double *of = patterns->balance;
	for (size_t k = 0; k < 2 * all; k++)
		total[k / all] += counts[k];
	for (size_t k = 0; k < 2 * all; k++) {
		const double has = counts[k % all] + counts[all + k % all];
		of[k] = counts[k] > 0 ? has / (total[0] + total[1]) * total[k / all] / counts[k] : 0;
	}
	const double value = own_auc(patterns, weight, NULL) - same_auc(patterns, weight, NULL);
	const double reference = own_auc(patterns, weight, of) - same_auc(patterns, weight, of);
	return (struct hmm_excess){value, reference, value - reference};
}
