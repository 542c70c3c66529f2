#include "hmm/data/groups.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/hash.h"
#include "hmm/base/memory.h"

enum { GROUPS, SUBJECTS, VALIDATION, LISTS };
static char tensor[LISTS][20] = {"groups", "groups.subjects", "groups.validation"};

void
hmm_groups_close(struct hmm_groups *groups)
{
	for (int i = 0; i < LISTS; i++)
		free(groups->list[i].hash);
	*groups = (struct hmm_groups){0};
}

/* ---- names ---- */

static int
hash_name(unsigned char hash[HMM_GROUP_HASH], const char *name)
{
	unsigned char digest[HMM_HASH_BYTES];
	if (hmm_hash_raw(digest, name, strlen(name)))
		return -1;
	memcpy(hash, digest, HMM_GROUP_HASH);
	return 0;
}

/* Room for so many more, behind the last. 0, or -1 reported. */
static int
make_room(struct hmm_group_list *list, size_t more)
{
	void *block = list->hash;
	size_t need;
	if (more > SIZE_MAX - list->count ||
	    hmm_multiply(&need, list->count + more, sizeof(*list->hash)))
		return hmm_error("too many groups: %zu and %zu", list->count, more);
	if (hmm_grow(&block, &list->capacity, need))
		return -1;
	list->hash = block;
	return 0;
}

/* A patient's images come one after another: what was added last is not added again. */
static int
add_name(struct hmm_group_list *list, const char *name)
{
	unsigned char hash[HMM_GROUP_HASH];
	if (hash_name(hash, name))
		return -1;
	if (list->count && !memcmp(list->hash[list->count - 1], hash, sizeof(hash)))
		return 0;
	if (make_room(list, 1))
		return -1;
	memcpy(list->hash[list->count++], hash, sizeof(hash));
	list->sorted = 0;
	return 0;
}

int
hmm_groups_add(
    struct hmm_groups *groups, enum hmm_seen seen, const char *group, const char *subject)
{
	const int training = seen == HMM_SEEN_TRAINING;
	const int own = !group || !*group || !strcmp(group, subject);
	struct hmm_group_list *by_group = &groups->list[training ? GROUPS : VALIDATION];
	struct hmm_group_list *by_subject = &groups->list[training ? SUBJECTS : VALIDATION];
	if (add_name(by_group, own ? subject : group))
		return -1;
	return own ? 0 : add_name(by_subject, subject);
}

/* ---- lists ---- */

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, HMM_GROUP_HASH);
}

/* Ascending, each once. */
static void
sort(struct hmm_group_list *list)
{
	size_t kept = 0;
	if (list->sorted || !list->count)
		return;
	qsort(list->hash, list->count, sizeof(*list->hash), compare);
	for (size_t i = 0; i < list->count; i++)
		if (!kept || compare(list->hash[kept - 1], list->hash[i]))
			memmove(list->hash[kept++], list->hash[i], HMM_GROUP_HASH);
	list->count = kept;
	list->sorted = 1;
}

int
hmm_groups_find(struct hmm_groups *groups, const char *name)
{
	unsigned char hash[HMM_GROUP_HASH];
	int seen = 0;
	if (hash_name(hash, name))
		return -1;
	for (int i = 0; i < LISTS; i++) {
		struct hmm_group_list *list = &groups->list[i];
		sort(list);
		if (list->count && bsearch(hash, list->hash, list->count, sizeof(*list->hash), compare))
			seen |= i == VALIDATION ? HMM_SEEN_VALIDATION : HMM_SEEN_TRAINING;
	}
	return seen;
}

/* ---- tensors ---- */

size_t
hmm_groups_weights(struct hmm_weight weight[HMM_GROUPS_TENSORS], struct hmm_groups *groups)
{
	size_t count = 0;
	for (int i = 0; i < LISTS && !groups->unknown; i++) {
		struct hmm_group_list *list = &groups->list[i];
		sort(list);
		if (i != GROUPS && !list->count)
			continue;
		weight[count++] = (struct hmm_weight){.name = tensor[i],
		    .x = {.dtype = HMM_U8,
		        .dimensions = 2,
		        .shape = {list->count, HMM_GROUP_HASH},
		        .data = list->hash}};
	}
	return count;
}

int
hmm_groups_stand(const struct hmm_weights *weights)
{
	return hmm_weight_find(weights->weight, weights->count, tensor[GROUPS]) != NULL;
}

static int
read_list(struct hmm_group_list *list, const struct hmm_weight *found, const char *path)
{
	char shape[64];
	const struct hmm_tensor *x = &found->x;
	const unsigned char(*hash)[HMM_GROUP_HASH] = x->data;
	if (found->foreign || x->dtype != HMM_U8 || x->dimensions != 2 || x->shape[1] != HMM_GROUP_HASH)
		return hmm_error("%s: %s: %s %s, want U8 (n,%d)", path, found->name,
		    found->foreign ? found->foreign : hmm_dtype_name(x->dtype),
		    hmm_shape_text(shape, sizeof(shape), x->shape, x->dimensions), HMM_GROUP_HASH);
	for (size_t i = 1; i < x->shape[0]; i++)
		if (compare(hash[i - 1], hash[i]) >= 0)
			return hmm_error(
			    "%s: %s: row %zu does not follow that before, want them ascending, each once", path,
			    found->name, i + 1);
	if (!x->shape[0])
		return 0;
	if (make_room(list, x->shape[0]))
		return -1;
	memcpy(list->hash[list->count], hash, x->shape[0] * sizeof(*hash));
	list->count += x->shape[0];
	list->sorted = 0;
	return 0;
}

int
hmm_groups_read(struct hmm_groups *groups, const struct hmm_weights *weights)
{
	if (!hmm_groups_stand(weights))
		return hmm_error("%s: does not say whom it was trained on, as models of before: train it "
		                 "again",
		    weights->path);
	for (int i = 0; i < LISTS; i++) {
		const struct hmm_weight *found =
		    hmm_weight_find(weights->weight, weights->count, tensor[i]);
		if (found && read_list(&groups->list[i], found, weights->path))
			return -1;
	}
	return 0;
}

int
hmm_groups_drop(struct hmm_output *output, const char *path)
{
	static const char prefix[] = "groups";
	struct hmm_weights *model = hmm_weights_open(path);
	struct hmm_weight *kept = model ? hmm_alloc(model->count, sizeof(*kept)) : NULL;
	size_t count = 0;
	int bad = !kept;
	if (!bad && !hmm_weights_metadata(model, "program"))
		bad = hmm_error("%s: no model that was trained here", path);
	for (size_t i = 0; !bad && i < model->count; i++)
		if (strncmp(model->weight[i].name, prefix, strlen(prefix)) != 0)
			kept[count++] = model->weight[i];
	bad = bad || hmm_weights_write(output, kept, count, model->pair, model->pairs);
	free(kept);
	hmm_weights_close(model);
	return bad ? -1 : 0;
}
