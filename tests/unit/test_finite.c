/* What is not finite stays visible: where it is found. */
#include <math.h>
#include <stdlib.h>

#include "hmm/base/tensor.h"
#include "hmm/stream/record.h"
#include "refuse.h"
#include "seeded.h"
#include "test.h"

static const float strange[] = {NAN, -NAN, HUGE_VALF, -HUGE_VALF};

/* At every place of arrays of every length round the lanes, each of the strange alone. */
static void
check_search(void)
{
	float values[100];
	int found = 1, none = 1;
	for (size_t count = 0; count <= 100; count++) {
		ref_random(values, count, 1);
		none &= hmm_all_finite(values, count) && hmm_first_not_finite(values, count) == count;
		for (size_t at = 0; at < count; at++) {
			const float was = values[at];
			values[at] = strange[(at + count) % 4];
			found &= !hmm_all_finite(values, count) && hmm_first_not_finite(values, count) == at;
			values[at] = was;
		}
	}
	CHECK(found);
	CHECK(none);
	const float pair[] = {HUGE_VALF, -HUGE_VALF}, large[] = {3.4e38f, -3.4e38f, 1e-45f};
	CHECK(!hmm_all_finite(pair, 2) && hmm_all_finite(large, 3));
}

static void
check_record(void)
{
	float values[2 * 3 * 4] = {0};
	struct hmm_record record = {.subject = "sub-01", .modality = "PET"};
	record.x = (struct hmm_tensor){HMM_F32, 3, {2, 3, 4}, values, 0, 0};
	CHECK(hmm_record_finite(&record, "it", 7) == 0);
	values[12 + 8 + 3] = -HUGE_VALF;
	refuse_begin();
	CHECK(hmm_record_finite(&record, "it", 7) == -1);
	CHECK(refuse_end("it: record 7 (sub-01 PET): x is minus infinite at (1,2,3), not finite"));
	values[4] = NAN;
	refuse_begin();
	CHECK(hmm_record_finite(&record, "it", 7) == -1 && refuse_end("x is NaN at (0,1,0), not"));
}

int
main(void)
{
	check_search();
	check_record();
	return test_end();
}
