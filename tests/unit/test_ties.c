/* Known answers where a split or a drop could as well be another one. */
#include <stdio.h>
#include <string.h>

#include "hmm/data/split.h"
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

int
main(void)
{
	size_t have[2][HMM_PARTS];
	/* equal remainders: the earlier part has one more */
	split(have, (size_t[2]){3, 0}, (long[HMM_PARTS]){1, 0, 1});
	CHECK(have[0][HMM_TRAIN] == 2 && have[0][HMM_TEST] == 1);
	split(have, (size_t[2]){5, 0}, (long[HMM_PARTS]){1, 1, 1});
	CHECK(have[0][HMM_TRAIN] == 2 && have[0][HMM_VAL] == 2 && have[0][HMM_TEST] == 1);
	/* of 2.67 and 3.33 in train, six in all, the first is rounded up */
	split(have, (size_t[2]){4, 5}, (long[HMM_PARTS]){2, 0, 1});
	CHECK(have[0][HMM_TRAIN] == 3 && have[0][HMM_TEST] == 1);
	CHECK(have[1][HMM_TRAIN] == 3 && have[1][HMM_TEST] == 2);
	split(have, (size_t[2]){5, 4}, (long[HMM_PARTS]){2, 0, 1});
	CHECK(have[0][HMM_TRAIN] == 3 && have[0][HMM_TEST] == 2);
	CHECK(have[1][HMM_TRAIN] == 3 && have[1][HMM_TEST] == 1);
	return test_end();
}
