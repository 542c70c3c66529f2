#include "hmm/data/split.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/random.h"
#include "rounding.h"

const char *const hmm_part_names[HMM_PARTS] = {"train", "val", "cal", "test"};

static int
by_key(const void *left, const void *right)
{
	const struct hmm_split_unit *a = left, *b = right;
	if (a->stratum != b->stratum)
		return a->stratum < b->stratum ? -1 : 1;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return strcmp(a->name, b->name);
}

static void
shuffle(struct hmm_split_unit *units, size_t count, uint64_t seed, uint32_t repeat)
{
	for (size_t i = 0; i < count; i++) {
		const struct hmm_place place = {
		    .seed = seed, .epoch = repeat, .subject = hmm_random_name(units[i].name)};
		units[i].key = hmm_random_bits(place, 0);
	}
	qsort(units, count, sizeof(*units), by_key);
}

/* ---- by ratio ---- */

/* Read the numbers, of which one is not 0; how many, or -1. */
static int
parse(long value[HMM_PARTS], const char *text)
{
	enum { MOST = 1000000 };
	int count = 0, some = 0;
	for (const char *at = text; at;) {
		char *end = NULL;
		const long number = *at >= '0' && *at <= '9' ? strtol(at, &end, 10) : -1;
		if (number < 0 || number > MOST || count == HMM_PARTS || (*end && *end != ':'))
			return -1;
		value[count++] = number;
		some |= number > 0;
		at = *end ? end + 1 : NULL;
	}
	return some ? count : -1;
}

int
hmm_split_parse(long ratio[HMM_PARTS], const char *text)
{
	long value[HMM_PARTS];
	const int count = parse(value, text);
	if (count < 2)
		return -1;
	for (int p = 0; p < HMM_PARTS; p++)
		ratio[p] = p < count - 1 ? value[p] : 0;
	ratio[HMM_TEST] = value[count - 1];
	return 0;
}

int
hmm_split_parse_rest(long ratio[HMM_PARTS], const char *text)
{
	long value[HMM_PARTS];
	const int count = parse(value, text);
	if (count < 1 || count > HMM_TEST || !value[0])
		return -1;
	for (int p = 0; p < HMM_PARTS; p++)
		ratio[p] = p < count ? value[p] : 0;
	return 0;
}

/* "6:1:3" into text, with what there is of cal and test; returns text. */
static const char *
ratio_text(char text[96], const long ratio[HMM_PARTS])
{
	int used = snprintf(text, 96, "%ld:%ld", ratio[HMM_TRAIN], ratio[HMM_VAL]);
	for (int p = HMM_CAL; p < HMM_PARTS; p++)
		if (ratio[p])
			used += snprintf(text + used, 96 - (size_t)used, ":%ld", ratio[p]);
	return text;
}

/* The parts' totals by largest remainder, ties to the earlier part. */
static void
apportion(size_t totals[HMM_PARTS], size_t count, const long ratio[HMM_PARTS], size_t sum)
{
	size_t rest[HMM_PARTS], left = count;
	for (int p = 0; p < HMM_PARTS; p++) {
		totals[p] = count * (size_t)ratio[p] / sum;
		rest[p] = count * (size_t)ratio[p] % sum;
		left -= totals[p];
	}
	for (; left; left--) {
		int most = 0;
		for (int p = 1; p < HMM_PARTS; p++)
			most = rest[p] > rest[most] ? p : most;
		totals[most]++;
		rest[most] = 0;
	}
}

/* The shares of every stratum rounded down, and what is left. 0, or -1 reported. */
static int
divide(struct hmm_rounding *r, const struct hmm_split_unit *units, size_t count,
    const long ratio[HMM_PARTS])
{
	char text[96];
	size_t sum = 0;
	for (int p = 0; p < HMM_PARTS; p++)
		sum += (size_t)ratio[p];
	for (size_t i = 0; i < count; i++)
		r->left[units[i].stratum]++;
	apportion(r->want, count, ratio, sum);
	for (int p = 0; p < HMM_PARTS; p++)
		if (ratio[p] && !r->want[p])
			return hmm_error("%zu groups are too few for %s: none is left for %s", count,
			    ratio_text(text, ratio), hmm_part_names[p]);
	for (size_t s = 0; s < r->strata; s++) {
		const size_t size = r->left[s];
		for (int p = 0; p < HMM_PARTS; p++) {
			r->share[s][p] = size * (size_t)ratio[p] / sum;
			r->rest[s][p] = size * (size_t)ratio[p] % sum;
			r->left[s] -= r->share[s][p];
			r->want[p] -= r->share[s][p];
		}
	}
	return 0;
}

int
hmm_split_ratio(struct hmm_split_unit *units, size_t count, const long ratio[HMM_PARTS],
    uint64_t seed, uint32_t repeat)
{
	struct hmm_rounding r;
	char text[96];
	size_t strata = HMM_STRATA;
	for (size_t i = 0; i < count; i++)
		strata = units[i].stratum < strata ? strata : (size_t)units[i].stratum + 1;
	int bad = hmm_rounding_open(&r, strata) || divide(&r, units, count, ratio);
	if (!bad && hmm_rounding_find(&r))
		bad = hmm_error(
		    "no split of %zu groups is near %s in every stratum", count, ratio_text(text, ratio));
	if (!bad)
		shuffle(units, count, seed, repeat);
	for (size_t s = 0; s < strata && !bad; s++)
		for (int p = 0; p < HMM_PARTS; p++)
			for (size_t i = r.share[s][p]; i; i--)
				(units++)->part = (enum hmm_part)p;
	hmm_rounding_close(&r);
	return bad ? -1 : 0;
}

/* ---- by folds ---- */

int
hmm_split_fold(struct hmm_split_unit *units, size_t count, long folds, long fold, int cal,
    uint64_t seed, uint32_t repeat)
{
	if (count < (size_t)folds)
		return hmm_error("%zu groups are too few for %ld folds", count, folds);
	shuffle(units, count, seed, repeat);
	for (size_t i = 0; i < count; i++) {
		const long dealt = 1 + (long)(i % (size_t)folds);
		units[i].part = dealt == fold                            ? HMM_TEST
		                : dealt == fold % folds + 1              ? HMM_VAL
		                : cal && dealt == (fold + 1) % folds + 1 ? HMM_CAL
		                                                         : HMM_TRAIN;
	}
	return 0;
}

int
hmm_split_folds(size_t *fold, struct hmm_split_unit *units, size_t count, long folds, uint64_t seed)
{
	for (long f = 1; f <= folds; f++) {
		if (hmm_split_fold(units, count, folds, f, 0, seed, 0))
			return -1;
		for (size_t i = 0; i < count; i++)
			if (units[i].part == HMM_TEST)
				fold[units[i].index] = (size_t)f - 1;
	}
	return 0;
}
