/* Known answers where a split, a drop or a decision could as well be another one. */
#include <stdio.h>
#include <string.h>

#include "hmm/data/drop.h"
#include "hmm/data/split.h"
#include "hmm/kernel/metrics.h"
#include "scored.h"
#include "test.h"

enum { MOST = 16 };

static char names[MOST][8];

/* Split sizes[0] and sizes[1] units of two strata; have[stratum][part]. */
static void
split(size_t have[2][HMM_PARTS], const size_t sizes[2], const long ratio[HMM_PARTS])
{
	struct hmm_split_unit units[MOST];
	size_t count = 0;
	memset(units, 0, sizeof(units));
	memset(have, 0, 2 * sizeof(*have));
	for (int s = 0; s < 2; s++)
		for (size_t i = 0; i < sizes[s]; i++, count++) {
			snprintf(names[count], sizeof(names[count]), "s%zu", count);
			units[count].name = names[count];
			units[count].stratum = (enum hmm_stratum)s;
		}
	CHECK(!hmm_split_ratio(units, count, ratio, 1, 0));
	for (size_t i = 0; i < count; i++)
		have[units[i].stratum][units[i].part]++;
}

/* Which of MOST subjects lose this modality: a bit each. */
static unsigned
drop(const char *modality, uint32_t repeat)
{
	struct hmm_drop_subject subjects[MOST];
	unsigned lost = 0;
	const struct hmm_drop_options options = {
	    .modality = modality, .rate = .5, .seed = 3, .repeat = repeat};
	for (size_t i = 0; i < MOST; i++)
		subjects[i] = (struct hmm_drop_subject){
		    .name = names[i], .split = "train", .has = 1, .other = 1, .index = i};
	CHECK(!hmm_drop_choose(subjects, MOST, &options));
	for (size_t i = 0; i < MOST; i++)
		lost |= (unsigned)subjects[i].drop << subjects[i].index;
	return lost;
}

/* With one seed other subjects lose another modality, or the same one in another repeat. */
static void
check_drops(void)
{
	for (size_t i = 0; i < MOST; i++)
		snprintf(names[i], sizeof(names[i]), "s%zu", i);
	CHECK(drop("PET", 0) == drop("PET", 0));
	CHECK(drop("PET", 0) != drop("T1w", 0));
	CHECK(drop("PET", 0) != drop("PET", 1));
}

/* A score that is the threshold is not above it. */
static void
check_threshold(void)
{
	struct hmm_scored rows[] = {ROW(.25, 0, 0), ROW(.5, 0, 1), ROW(.5, 1, 2), ROW(.75, 1, 3)};
	double values[HMM_COMPARED];
	scored_measure(values, rows, 4, .5);
	CHECK(fabs(values[HMM_ACC] - .75) < 1e-15 && fabs(values[HMM_RECALL] - .5) < 1e-15);
	CHECK(fabs(values[HMM_PRECISION] - 1) < 1e-15);
	CHECK(fabs(values[HMM_AUC] - .875) < 1e-15);
}

int
main(void)
{
	check_drops();
	check_threshold();
	size_t have[2][HMM_PARTS];
	/* equal remainders: the earlier part has one more */
	split(have, (size_t[2]){3, 0}, (long[HMM_PARTS]){1, 0, 0, 1});
	CHECK(have[0][HMM_TRAIN] == 2 && have[0][HMM_TEST] == 1);
	split(have, (size_t[2]){5, 0}, (long[HMM_PARTS]){1, 1, 0, 1});
	CHECK(have[0][HMM_TRAIN] == 2 && have[0][HMM_VAL] == 2 && have[0][HMM_TEST] == 1);
	/* of 2.67 and 3.33 in train, six in all, the first is rounded up */
	split(have, (size_t[2]){4, 5}, (long[HMM_PARTS]){2, 0, 0, 1});
	CHECK(have[0][HMM_TRAIN] == 3 && have[0][HMM_TEST] == 1);
	CHECK(have[1][HMM_TRAIN] == 3 && have[1][HMM_TEST] == 2);
	split(have, (size_t[2]){5, 4}, (long[HMM_PARTS]){2, 0, 0, 1});
	CHECK(have[0][HMM_TRAIN] == 3 && have[0][HMM_TEST] == 2);
	CHECK(have[1][HMM_TRAIN] == 3 && have[1][HMM_TEST] == 1);
	return test_end();
}
