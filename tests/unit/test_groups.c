/* Whom a model has seen: the digests against sha256sum's, any order and number of images, what is
 * found under which name, and hostile tensors. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hmm/data/groups.h"
#include "refuse.h"
#include "test.h"

static char scratch[] = "/tmp/test_groups.XXXXXX";

struct patient {
	enum hmm_seen seen;
	const char *group, *subject;
};

static void
add_all(struct hmm_groups *groups, const struct patient *patient, size_t count)
{
	for (size_t i = 0; i < count; i++)
		CHECK(!hmm_groups_add(groups, patient[i].seen, patient[i].group, patient[i].subject));
}

/* printf sub-01 | sha256sum | cut -c 1-32 */
static void
check_digest(void)
{
	static const unsigned char want[HMM_GROUP_HASH] = {0x41, 0xc1, 0xca, 0x2f, 0x53, 0xf4, 0xdd,
	    0x0b, 0xcd, 0x13, 0x66, 0xe7, 0xad, 0x6a, 0x0b, 0xb7};
	struct hmm_groups groups = {0};
	struct hmm_weight weight[HMM_GROUPS_TENSORS];
	CHECK(!hmm_groups_add(&groups, HMM_SEEN_TRAINING, NULL, "sub-01"));
	CHECK(hmm_groups_weights(weight, &groups) == 1 && !strcmp(weight[0].name, "groups"));
	CHECK(weight[0].x.dtype == HMM_U8 && weight[0].x.dimensions == 2);
	CHECK(weight[0].x.shape[0] == 1 && weight[0].x.shape[1] == HMM_GROUP_HASH);
	CHECK(!memcmp(weight[0].x.data, want, HMM_GROUP_HASH));
	hmm_groups_close(&groups);
	CHECK(hmm_groups_weights(weight, &groups) == 1 && weight[0].x.shape[0] == 0);
	groups.unknown = 1;
	CHECK(hmm_groups_weights(weight, &groups) == 0);
}

static int
same(struct hmm_groups *a, struct hmm_groups *b)
{
	struct hmm_weight left[HMM_GROUPS_TENSORS], right[HMM_GROUPS_TENSORS];
	const size_t count = hmm_groups_weights(left, a);
	int equal = count == hmm_groups_weights(right, b);
	for (size_t i = 0; i < count && equal; i++)
		equal = !strcmp(left[i].name, right[i].name) && left[i].x.shape[0] == right[i].x.shape[0] &&
		        !memcmp(left[i].x.data, right[i].x.data, left[i].x.shape[0] * HMM_GROUP_HASH);
	return equal;
}

static void
check_order(void)
{
	static const struct patient some[] = {{HMM_SEEN_TRAINING, "p1", "p1_a"},
	    {HMM_SEEN_TRAINING, "p1", "p1_b"}, {HMM_SEEN_TRAINING, "p1", "p1_a"},
	    {HMM_SEEN_TRAINING, "", "p2"}, {HMM_SEEN_TRAINING, "p3", "p3"},
	    {HMM_SEEN_VALIDATION, "p4", "p4_a"}, {HMM_SEEN_VALIDATION, NULL, "p5"}};
	static const struct patient same_some[] = {{HMM_SEEN_VALIDATION, "p5", "p5"},
	    {HMM_SEEN_TRAINING, NULL, "p3"}, {HMM_SEEN_TRAINING, "p1", "p1_b"},
	    {HMM_SEEN_VALIDATION, "p4", "p4_a"}, {HMM_SEEN_TRAINING, "p2", "p2"},
	    {HMM_SEEN_TRAINING, "p1", "p1_a"}, {HMM_SEEN_TRAINING, "p2", "p2"}};
	struct hmm_groups a = {0}, b = {0};
	struct hmm_weight weight[HMM_GROUPS_TENSORS];
	add_all(&a, some, sizeof(some) / sizeof(*some));
	add_all(&b, same_some, sizeof(same_some) / sizeof(*same_some));
	CHECK(same(&a, &b));
	CHECK(hmm_groups_weights(weight, &a) == 3);
	CHECK(
	    !strcmp(weight[1].name, "groups.subjects") && !strcmp(weight[2].name, "groups.validation"));
	for (int i = 0; i < 3; i++) /* p1 p2 p3; p1_a p1_b; p4 p4_a p5 */
		CHECK(weight[i].x.shape[0] == (i == 1 ? 2 : 3));
	const unsigned char(*hash)[HMM_GROUP_HASH] = weight[0].x.data;
	CHECK(memcmp(hash[0], hash[1], HMM_GROUP_HASH) < 0);
	CHECK(memcmp(hash[1], hash[2], HMM_GROUP_HASH) < 0);
	CHECK(hmm_groups_find(&a, "p1") == HMM_SEEN_TRAINING);
	CHECK(hmm_groups_find(&a, "p1_b") == HMM_SEEN_TRAINING);
	CHECK(hmm_groups_find(&a, "p2") == HMM_SEEN_TRAINING);
	CHECK(hmm_groups_find(&a, "p4_a") == HMM_SEEN_VALIDATION);
	CHECK(hmm_groups_find(&a, "p5") == HMM_SEEN_VALIDATION);
	CHECK(hmm_groups_find(&a, "p6") == 0 && hmm_groups_find(&a, "") == 0);
	CHECK(!hmm_groups_add(&a, HMM_SEEN_TRAINING, "", "p5")); /* after it was sorted */
	CHECK(hmm_groups_find(&a, "p5") == (HMM_SEEN_TRAINING | HMM_SEEN_VALIDATION));
	hmm_groups_close(&a);
	hmm_groups_close(&b);
}

/* A file of these tensors, to close. */
static struct hmm_weights *
file_of(const struct hmm_weight *weight, size_t count)
{
	struct hmm_output output;
	CHECK(!hmm_output_open(&output, scratch));
	CHECK(!hmm_weights_write(&output, weight, count, NULL, 0) && !hmm_output_finish(&output));
	struct hmm_weights *weights = hmm_weights_open(scratch);
	CHECK(weights != NULL);
	return weights;
}

static void
check_file(void)
{
	static const struct patient some[] = {{HMM_SEEN_TRAINING, "p1", "p1_a"},
	    {HMM_SEEN_TRAINING, "p2", "p2_a"}, {HMM_SEEN_VALIDATION, "p4", "p4"}};
	struct hmm_groups written = {0}, read = {0};
	struct hmm_weight weight[HMM_GROUPS_TENSORS];
	add_all(&written, some, 3);
	struct hmm_weights *weights = file_of(weight, hmm_groups_weights(weight, &written));
	CHECK(hmm_groups_stand(weights) && !hmm_groups_read(&read, weights) && same(&read, &written));
	CHECK(!hmm_groups_read(&read, weights) && same(&read, &written)); /* nobody is there twice */
	CHECK(!hmm_groups_add(&read, HMM_SEEN_TRAINING, "", "p7"));
	CHECK(hmm_groups_find(&read, "p7") == HMM_SEEN_TRAINING && !same(&read, &written));
	hmm_weights_close(weights);
	hmm_groups_close(&written);
	hmm_groups_close(&read);
}

static void
check_refused(const struct hmm_weight *weight, const char *part)
{
	struct hmm_groups groups = {0};
	struct hmm_weights *weights = file_of(weight, 1);
	refuse_begin();
	CHECK(hmm_groups_read(&groups, weights) == -1);
	CHECK(refuse_end(part));
	hmm_weights_close(weights);
	hmm_groups_close(&groups);
}

static void
check_hostile(void)
{
	unsigned char bytes[64] = {2};
	char name[] = "groups", other[] = "phi";
	struct hmm_weight weight = {.name = name, .x = {HMM_U8, 2, {2, 16}, .data = bytes}};
	check_refused(&weight, ": groups: row 2 does not follow that before, want them ascending");
	bytes[16] = 2;
	check_refused(&weight, ": groups: row 2 does not follow that before"); /* one twice */
	weight.x.shape[1] = 8;
	check_refused(&weight, ": groups: U8 (2,8), want U8 (n,16)");
	weight.x.dimensions = 1;
	check_refused(&weight, ": groups: U8 (2), want U8 (n,16)");
	weight.x = (struct hmm_tensor){HMM_F32, 2, {1, 16}, .data = bytes};
	check_refused(&weight, ": groups: F32 (1,16), want U8 (n,16)");
	weight.x = (struct hmm_tensor){HMM_U8, 0, {0}, .data = bytes};
	check_refused(&weight, ": groups: U8 (), want U8 (n,16)");
	weight.name = other;
	check_refused(&weight, ": does not say whom it was trained on");
}

int
main(void)
{
	close(mkstemp(scratch));
	check_digest();
	check_order();
	check_file();
	check_hostile();
	unlink(scratch);
	return test_end();
}
