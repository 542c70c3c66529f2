#include "hmm/gan/examples.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/random.h"

/* Where a subject's slices of a modality lie in a data set, which is sorted by both and then by
 * image and index. */
struct range {
	const struct hmm_sample *first;
	size_t count;
};

static struct range
find_range(const struct hmm_sample *record, size_t count, const char *modality)
{
	struct range range = {record, 0};
	for (size_t i = 0; i < count; i++) {
		if (strcmp(record[i].modality, modality))
			continue;
		if (!range.count++)
			range.first = &record[i];
	}
	return range;
}

static int
add(struct hmm_examples *examples, int side, const struct hmm_sample *slice)
{
	void *grown = (void *)examples->slice[side];
	const size_t need = (examples->count[side] + 1) * sizeof(*examples->slice[side]);
	if (hmm_grow(&grown, &examples->capacity[side], need))
		return -1;
	examples->slice[side] = grown;
	examples->slice[side][examples->count[side]++] = slice;
	return 0;
}

/* An image's slices are in the order of their index, and this range is one image's. */
static int
is_one_image(struct range range)
{
	for (size_t i = 1; i < range.count; i++)
		if (range.first[i].index <= range.first[i - 1].index ||
		    strcmp(range.first[i].source, range.first[i - 1].source))
			return hmm_error(
			    "subject %s has more than one image of %s, want one to pair its slices",
			    range.first->subject, range.first->modality);
	return 1;
}

static int
add_pairs(struct hmm_examples *examples, const struct hmm_dataset *data, struct range from,
    struct range to)
{
	size_t i = 0, k = 0, left = 0;
	char place[600];
	if (is_one_image(from) < 0 || is_one_image(to) < 0)
		return -1;
	snprintf(place, sizeof(place), "subject %.500s", to.first->subject);
	if (hmm_model_pairs(to.first->modality, &data->past.history[to.first->history],
	        from.first->modality, &data->past.history[from.first->history], place))
		return -1;
	while (i < from.count && k < to.count) {
		const long difference = from.first[i].index - to.first[k].index;
		if (difference == 0 && (add(examples, 0, &from.first[i]) || add(examples, 1, &to.first[k])))
			return -1;
		left += difference != 0;
		i += difference <= 0;
		k += difference >= 0;
	}
	left += from.count - i + to.count - k;
	if (left)
		hmm_warn_counted("subject %s: %zu slices of %s and %s have no partner of their index",
		    from.first->subject, left, from.first->modality, to.first->modality);
	return 0;
}

static int
add_all(struct hmm_examples *examples, int side, struct range range)
{
	for (size_t i = 0; i < range.count; i++)
		if (add(examples, side, &range.first[i]))
			return -1;
	return 0;
}

static int
note(struct hmm_learned *learned, const struct hmm_dataset *data, struct range range)
{
	const struct hmm_sample *first = range.first;
	struct hmm_record record;
	for (size_t i = 0; i < range.count; i++) {
		if (first[i].imputed[0])
			return hmm_error("subject %s: its %s is imputed, want real images to learn from",
			    first->subject, first->modality);
		if (i && first[i].history == first[i - 1].history)
			continue;
		hmm_sample_fields(&record, &first[i]);
		if (hmm_model_note(&learned->history, &data->past.history[first[i].history], &record))
			return -1;
	}
	return hmm_groups_add(&learned->groups, HMM_SEEN_TRAINING, first->group, first->subject);
}

/* Records of one subject. */
static int
add_subject(struct hmm_examples *examples, const struct hmm_dataset *data, size_t at, size_t count,
    const char *const modality[HMM_EXAMPLE_SIDES], int paired, struct hmm_learned *learned)
{
	const struct hmm_sample *record = data->sample + at;
	const struct range from = find_range(record, count, modality[0]);
	const struct range to = find_range(record, count, modality[1]);
	if (strcmp(record->split, "train") || !from.count || !to.count)
		return 0;
	examples->subjects++;
	if (note(learned, data, from) || note(learned, data, to))
		return -1;
	if (paired)
		return add_pairs(examples, data, from, to);
	return add_all(examples, 0, from) || add_all(examples, 1, to) ? -1 : 0;
}

int
hmm_examples_open(struct hmm_examples *examples, const struct hmm_dataset *data, const char *from,
    const char *to, int paired, struct hmm_learned *learned)
{
	const char *const modality[HMM_EXAMPLE_SIDES] = {from, to};
	size_t count;
	*examples = (struct hmm_examples){.data = data};
	for (size_t at = 0; at < data->count; at += count) {
		count = 1;
		while (at + count < data->count &&
		       !strcmp(data->sample[at + count].subject, data->sample[at].subject))
			count++;
		if (add_subject(examples, data, at, count, modality, paired, learned))
			return -1;
	}
	if (!examples->count[0] && examples->subjects)
		return hmm_error(
		    "no slices to learn from: of the %zu subjects of the split train who have both "
		    "%s and %s none has slices of both with one index",
		    examples->subjects, from, to);
	if (!examples->count[0])
		return hmm_error("no slices to learn from: want subjects of the split train who have both "
		                 "%s and %s",
		    from, to);
	hmm_model_warn(&learned->history);
	return 0;
}

void
hmm_examples_close(struct hmm_examples *examples)
{
	for (int side = 0; side < HMM_EXAMPLE_SIDES; side++)
		free((void *)examples->slice[side]);
	*examples = (struct hmm_examples){0};
}

int
hmm_examples_read(struct hmm_tensor *x, const struct hmm_examples *examples,
    const struct hmm_sample *slice, void *buffer)
{
	*x = examples->data->x;
	x->data = hmm_dataset_block(examples->data, slice, buffer);
	return x->data ? 0 : -1;
}

static int
digest_slice(unsigned char digest[2 * HMM_HASH_BYTES], const struct hmm_examples *examples,
    const struct hmm_sample *slice, void *buffer)
{
	char name[sizeof(struct hmm_record)];
	struct hmm_tensor x;
	const int length = snprintf(name, sizeof(name), "%s\n%s\n%s\n%ld", slice->subject,
	    slice->modality, slice->source, slice->index);
	return hmm_examples_read(&x, examples, slice, buffer) ||
	               hmm_hash_raw(digest, name, (size_t)length) ||
	               hmm_hash_raw(digest + HMM_HASH_BYTES, x.data, examples->data->bytes)
	           ? -1
	           : 0;
}

int
hmm_examples_digest(const struct hmm_examples *examples, char hex[HMM_HASH_SIZE])
{
	const size_t count = examples->count[0] + examples->count[1];
	unsigned char(*digest)[2 * HMM_HASH_BYTES] = hmm_alloc(count, sizeof(*digest));
	void *buffer = hmm_alloc_raw(1, examples->data->bytes);
	int bad = !digest || !buffer;
	for (size_t i = 0; !bad && i < count; i++) {
		const int side = i >= examples->count[0];
		bad = digest_slice(
		    digest[i], examples, examples->slice[side][side ? i - examples->count[0] : i], buffer);
	}
	bad = bad || hmm_hash_bytes(hex, digest, count * sizeof(*digest));
	free(digest);
	free(buffer);
	return bad ? -1 : 0;
}

uint32_t
hmm_examples_key(const char *subject, long index)
{
	char name[HMM_RECORD_NAMES];
	snprintf(name, sizeof(name), "%s\n%ld", subject, index);
	return hmm_random_name(name);
}
