#include "hmm/stream/record.h"

#include <stdio.h>
#include <string.h>

#include "hmm/base/error.h"

static const char *const kinds[HMM_KINDS] = {"slices", "features", "latents", "sets"};

const char *
hmm_kind_name(enum hmm_kind kind)
{
	return kinds[kind];
}

int
hmm_kind_parse(const char *name)
{
	for (int i = 0; i < HMM_KINDS; i++)
		if (!strcmp(kinds[i], name))
			return i;
	return -1;
}

void
hmm_record_copy_fields(struct hmm_record *to, const struct hmm_record *from)
{
	const struct hmm_tensor kept = to->x;
	*to = *from;
	to->x = kept;
}

void
hmm_record_swap(struct hmm_record *a, struct hmm_record *b)
{
	const struct hmm_record kept = *a;
	*a = *b;
	*b = kept;
}

void
hmm_record_clear(struct hmm_record *record)
{
	static const struct hmm_record absent = {.label = -1, .index = -1, .count = -1};
	hmm_record_copy_fields(record, &absent);
}

void
hmm_record_free(struct hmm_record *record)
{
	hmm_tensor_free(&record->x);
}

const char *
hmm_record_place(char *text, size_t size, const struct hmm_record *record, long number)
{
	const char *what = record->modality[0] ? record->modality : record->source;
	const int both = record->subject[0] && what[0];
	snprintf(text, size, "record %ld%s%s%s%s%s", number, record->subject[0] || what[0] ? " (" : "",
	    record->subject, both ? " " : "", what, record->subject[0] || what[0] ? ")" : "");
	return text;
}

int
hmm_record_set(char *field, size_t size, const char *what, const char *value)
{
	const size_t length = strlen(value);
	if (length >= size)
		return hmm_error(
		    "%s '%.40s...': %zu bytes, want at most %zu", what, value, length, size - 1);
	memcpy(field, value, length + 1);
	return 0;
}

int
hmm_record_join(char *field, size_t size, const char *subject, const char *modality)
{
	const size_t used = strlen(field), length = strlen(modality);
	if (used + length + 2 > size)
		return hmm_error(
		    "subject %s: the names of its modalities need more than %zu bytes", subject, size - 1);
	snprintf(field + used, size - used, "%s%s", used ? "+" : "", modality);
	return 0;
}

int
hmm_record_compare(const void *left, const void *right)
{
	const struct hmm_record *a = left, *b = right;
	int order = strcmp(a->subject, b->subject);
	order = order ? order : strcmp(a->modality, b->modality);
	order = order ? order : strcmp(a->source, b->source);
	order = order ? order : (a->index > b->index) - (a->index < b->index);
	size_t count = 0;
	if (order || hmm_tensor_count(&a->x, &count))
		return order;
	return memcmp(a->x.data, b->x.data, count * hmm_dtype_size(a->x.dtype));
}

int
hmm_record_agree(const struct hmm_record *a, const struct hmm_record *b, const char *name)
{
	if (a->label != b->label)
		return hmm_error("%s: subject %s has conflicting labels: found %d, want %d as before", name,
		    b->subject, b->label, a->label);
	if (strcmp(a->group, b->group) || strcmp(a->split, b->split))
		return hmm_error("%s: subject %s is in group '%s' and split '%s', want '%s' and '%s' as "
		                 "before",
		    name, b->subject, b->group, b->split, a->group, a->split);
	return 0;
}
