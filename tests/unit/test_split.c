/* Splits keep their promises for every small table of strata and many ratios. */
#include <stdlib.h>
#include <string.h>

#include "hmm/base/random.h"
#include "hmm/data/drop.h"
#include "hmm/data/split.h"
#include "test.h"

enum { MOST = 64 };

static char names[MOST][8];

static size_t
make(struct hmm_split_unit *units, const size_t sizes[HMM_STRATA])
{
	size_t count = 0;
	memset(units, 0, MOST * sizeof(*units));
	for (int s = 0; s < HMM_STRATA; s++)
		for (size_t i = 0; i < sizes[s]; i++, count++) {
			units[count].name = names[count];
			units[count].stratum = (enum hmm_stratum)s;
			units[count].index = count;
		}
	return count;
}

/* Within one of the exact share, in all and in every stratum. */
static int
is_fair(const struct hmm_split_unit *units, size_t count, const size_t sizes[HMM_STRATA],
    const long ratio[HMM_PARTS])
{
	double have[HMM_STRATA][HMM_PARTS] = {{0}}, sum = 0;
	int fair = 1;
	for (int p = 0; p < HMM_PARTS; p++)
		sum += (double)ratio[p];
	for (size_t i = 0; i < count; i++)
		have[units[i].stratum][units[i].part]++;
	for (int p = 0; p < HMM_PARTS; p++) {
		double all = 0;
		for (int s = 0; s < HMM_STRATA; s++) {
			fair = fair && fabs(have[s][p] - (double)sizes[s] * (double)ratio[p] / sum) < 1;
			all += have[s][p];
		}
		fair = fair && fabs(all - (double)count * (double)ratio[p] / sum) < 1;
		fair = fair && (ratio[p] == 0) == (all < 1);
	}
	return fair;
}

static int
is(const long ratio[HMM_PARTS], long train, long val, long cal, long test)
{
	return ratio[HMM_TRAIN] == train && ratio[HMM_VAL] == val && ratio[HMM_CAL] == cal &&
	       ratio[HMM_TEST] == test;
}

static void
check_ratios(void)
{
	static const long ratios[][HMM_PARTS] = {
	    {6, 1, 0, 3}, {8, 0, 0, 2}, {1, 1, 0, 1}, {7, 1, 0, 2}, {70, 15, 0, 15}, {6, 1, 1, 2}};
	struct hmm_split_unit units[MOST];
	size_t sizes[HMM_STRATA], tried = 0;
	for (size_t code = 0; code < 12 * 12 * 5 * 5; code++) {
		sizes[0] = code % 12;
		sizes[1] = code / 12 % 12;
		sizes[2] = code / 144 % 5;
		sizes[3] = code / 720;
		const size_t count = make(units, sizes);
		for (size_t r = 0; r < sizeof(ratios) / sizeof(ratios[0]); r++) {
			if (count < 16)
				continue;
			CHECK(!hmm_split_ratio(units, count, ratios[r], code, 0));
			CHECK(is_fair(units, count, sizes, ratios[r]));
			tried++;
		}
	}
	CHECK(tried > 5000);
	long ratio[HMM_PARTS] = {0};
	CHECK(!hmm_split_parse(ratio, "8:2") && is(ratio, 8, 0, 0, 2));
	CHECK(!hmm_split_parse(ratio, "6:1:3") && is(ratio, 6, 1, 0, 3));
	CHECK(!hmm_split_parse(ratio, "6:1:2:3") && is(ratio, 6, 1, 2, 3));
	CHECK(!hmm_split_parse(ratio, "6:1:0:3") && is(ratio, 6, 1, 0, 3));
	CHECK(
	    hmm_split_parse(ratio, "6") && hmm_split_parse(ratio, "6:") && hmm_split_parse(ratio, ""));
	CHECK(hmm_split_parse(ratio, "1:2:3:4:5") && hmm_split_parse(ratio, "1:99999999999999999999"));
	CHECK(!hmm_split_parse_rest(ratio, "6") && is(ratio, 6, 0, 0, 0));
	CHECK(!hmm_split_parse_rest(ratio, "6:1") && is(ratio, 6, 1, 0, 0));
	CHECK(!hmm_split_parse_rest(ratio, "6:1:2") && is(ratio, 6, 1, 2, 0));
	CHECK(hmm_split_parse_rest(ratio, "6:1:2:3") && hmm_split_parse_rest(ratio, "0:1"));
	CHECK(hmm_split_ratio(units, 2, ratios[0], 0, 0) == -1);
	CHECK(hmm_split_ratio(units, 0, ratios[0], 0, 0) == -1);
}

/* ---- more strata than labels 0 and 1 have ---- */

enum { STRATA = 7 };

/* The largest sum of what rounding up gives, of the strata from s on, where the parts still want so
 * many; -1: there is no way. */
static long
best_from(size_t s, size_t strata, const size_t sizes[STRATA], const long ratio[HMM_PARTS],
    long sum, const long want[HMM_PARTS])
{
	long best = -1, left = 0;
	if (s == strata)
		return !want[0] && !want[1] && !want[2] && !want[3] ? 0 : -1;
	for (int p = 0; p < HMM_PARTS; p++)
		left += (long)sizes[s] * ratio[p] % sum;
	for (unsigned up = 0; up < 16; up++) {
		long rest[HMM_PARTS], gain = 0, units = 0, fits = 1;
		for (int p = 0; p < HMM_PARTS; p++) {
			const long bit = up >> p & 1, here = (long)sizes[s] * ratio[p] % sum;
			rest[p] = want[p] - bit;
			fits = fits && rest[p] >= 0 && (!bit || here);
			gain += bit * here;
			units += bit;
		}
		const long more =
		    fits && units == left / sum ? best_from(s + 1, strata, sizes, ratio, sum, rest) : -1;
		best = more >= 0 && more + gain > best ? more + gain : best;
	}
	return best;
}

/* Every part has its share, rounded, of every stratum and of all, and the rests that are rounded up
 * are the largest. */
static void
check_many(unsigned seed)
{
	static const long ratios[][HMM_PARTS] = {
	    {6, 1, 0, 3}, {6, 1, 1, 2}, {7, 0, 0, 3}, {5, 2, 2, 2}};
	const struct hmm_place place = {.seed = seed, .stream = 3};
	const long *ratio = ratios[seed % 4];
	struct hmm_split_unit units[MOST];
	size_t sizes[STRATA] = {0}, have[STRATA][HMM_PARTS] = {{0}}, count = 0;
	const size_t strata = 5 + seed % 3;
	long sum = 0, gained = 0, want[HMM_PARTS], all[HMM_PARTS] = {0};
	memset(units, 0, sizeof(units));
	for (uint32_t s = 0; s < strata; s++)
		for (sizes[s] = 3 + hmm_random_bits(place, s) % 6; count < MOST; count++) {
			size_t here = 0;
			for (size_t i = 0; i < count; i++)
				here += units[i].stratum == s;
			if (here == sizes[s])
				break;
			units[count] =
			    (struct hmm_split_unit){.name = names[count], .index = count, .stratum = s};
		}
	CHECK(!hmm_split_ratio(units, count, ratio, seed, 0));
	for (int p = 0; p < HMM_PARTS; p++)
		sum += ratio[p];
	for (size_t i = 0; i < count; i++) {
		have[units[i].stratum][units[i].part]++;
		all[units[i].part]++;
	}
	for (int p = 0; p < HMM_PARTS; p++) {
		want[p] = all[p];
		CHECK(labs(all[p] * sum - (long)count * ratio[p]) < sum);
		for (size_t s = 0; s < strata; s++) {
			const long share = (long)sizes[s] * ratio[p];
			CHECK(labs((long)have[s][p] * sum - share) < sum);
			gained += (long)have[s][p] > share / sum ? share % sum : 0;
			want[p] -= share / sum;
		}
	}
	CHECK(gained == best_from(0, strata, sizes, ratio, sum, want));
}

static void
check_folds(void)
{
	struct hmm_split_unit units[MOST];
	static const size_t sizes[HMM_STRATA] = {13, 9, 2, 7};
	const size_t count = make(units, sizes);
	int tested[MOST] = {0}, validated[MOST] = {0}, calibrated[MOST] = {0};
	for (long fold = 1; fold <= 5; fold++) {
		size_t test[HMM_STRATA] = {0}, all = 0;
		CHECK(!hmm_split_fold(units, count, 5, fold, 1, 3, 1));
		for (size_t i = 0; i < count; i++) {
			tested[units[i].index] += units[i].part == HMM_TEST;
			validated[units[i].index] += units[i].part == HMM_VAL;
			calibrated[units[i].index] += units[i].part == HMM_CAL;
			test[units[i].stratum] += units[i].part == HMM_TEST;
			all += units[i].part == HMM_TEST;
		}
		CHECK(all == 6 || all == 7);
		for (int s = 0; s < HMM_STRATA; s++)
			CHECK(test[s] == sizes[s] / 5 || test[s] == sizes[s] / 5 + 1);
	}
	for (size_t i = 0; i < count; i++)
		CHECK(tested[i] == 1 && validated[i] == 1 && calibrated[i] == 1);
	CHECK(hmm_split_fold(units, 4, 5, 1, 0, 0, 0) == -1);
}

static void
check_drops(void)
{
	struct hmm_drop_subject subjects[MOST];
	char before[MOST] = {0};
	for (int percent = 0; percent <= 100; percent += 5) {
		const struct hmm_drop_options options = {.modality = "pet",
		    .splits = "b",
		    .rate = percent / 100.,
		    .seed = 5,
		    .repeat = 2,
		    .label = -1};
		const size_t want = (size_t)(percent * 30 + 50) / 100;
		size_t dropped = 0;
		for (size_t i = 0; i < 50; i++)
			subjects[i] = (struct hmm_drop_subject){.name = names[i],
			    .split = i < 40 ? "b" : "a",
			    .has = i < 30 || i > 40,
			    .other = i % 3 != 0,
			    .index = i};
		CHECK(!hmm_drop_choose(subjects, 50, &options));
		for (size_t i = 0; i < 50; i++) {
			const struct hmm_drop_subject *subject = &subjects[i];
			dropped += (size_t)subject->drop;
			CHECK(!subject->drop || (subject->has && subject->other && subject->index < 40));
			CHECK(subject->drop || !before[subject->index]); /* a higher rate drops more */
			before[subject->index] = (char)subject->drop;
		}
		CHECK(dropped == (want < 20 ? want : 20));
	}
	const struct hmm_drop_options none = {.modality = "pet", .splits = "b,c", .label = -1};
	CHECK(hmm_drop_choose(subjects, 50, &none) == -1);
	subjects[0].has = 0;
	const struct hmm_drop_options has_none = {.modality = "pet", .rate = 1, .label = -1};
	CHECK(hmm_drop_choose(subjects, 1, &has_none) == -1);
}

int
main(void)
{
	for (int i = 0; i < MOST; i++)
		snprintf(names[i], sizeof(names[i]), "s%02d", i);
	if (!freopen("/dev/null", "w", stderr)) /* the refusals' messages */
		return 1;
	check_ratios();
	for (unsigned seed = 0; seed < 60; seed++)
		check_many(seed);
	check_folds();
	check_drops();
	return test_end();
}
