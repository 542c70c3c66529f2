#include "hmm/stream/record.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/hash.h"

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
	static const struct hmm_record absent = {.event = -1, .index = -1, .count = -1};
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
	snprintf(text, size, "record %ld%s%.255s%s%.300s%s", number,
	    record->subject[0] || what[0] ? " (" : "", record->subject, both ? " " : "", what,
	    record->subject[0] || what[0] ? ")" : "");
	return text;
}

int
hmm_record_finite(const struct hmm_record *record, const char *name, long number)
{
	const struct hmm_tensor *x = &record->x;
	char place[sizeof(record->subject) + sizeof(record->source) + 64], text[256];
	size_t count, at[HMM_MAX_DIMENSIONS];
	if (hmm_tensor_count(x, &count) || hmm_all_finite(x->data, count))
		return 0;
	const size_t first = hmm_first_not_finite(x->data, count);
	for (size_t i = (size_t)x->dimensions, rest = first; i-- > 0; rest /= x->shape[i])
		at[i] = rest % x->shape[i];
	hmm_record_place(place, sizeof(place), record, number);
	const float value = ((const float *)x->data)[first];
	return hmm_error("%s: %s: x is %s at %s, not finite", name, place,
	    isnan(value) ? "NaN"
	    : value > 0  ? "infinite"
	                 : "minus infinite",
	    hmm_shape_text(text, sizeof(text), at, x->dimensions));
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

/* A cell as it stands, but 0 and 1 where pandas made fractions of them. */
static const char *
whole(const char *cell)
{
	return !cell ? "" : !strcmp(cell, "0.0") ? "0" : !strcmp(cell, "1.0") ? "1" : cell;
}

int
hmm_record_label(struct hmm_record *record, const char *cell)
{
	return hmm_record_set(record->label, sizeof(record->label), "label", whole(cell));
}

void
hmm_record_event(struct hmm_record *record, const char *cell)
{
	cell = whole(cell);
	record->event = !strcmp(cell, "0") ? 0 : !strcmp(cell, "1") ? 1 : -1;
}

int
hmm_record_join(char *field, size_t size, const char *subject, const char *modality)
{
	const size_t used = strlen(field), length = strlen(modality);
	if (strchr(modality, '+'))
		return hmm_error("subject %s: modality '%s' has a '+', which joins the modalities of a set",
		    subject, modality);
	if (used + length + 2 > size)
		return hmm_error(
		    "subject %s: the names of its modalities need more than %zu bytes", subject, size - 1);
	snprintf(field + used, size - used, "%s%s", used ? "+" : "", modality);
	return 0;
}

const char *
hmm_record_part(char name[HMM_RECORD_NAMES], const char *at)
{
	const size_t length = strcspn(at, "+");
	if (!*at)
		return NULL;
	memcpy(name, at, length);
	name[length] = '\0';
	return at + length + (at[length] == '+');
}

/* Whether each of the imputed modalities is in the set. */
static int
has_parts(const struct hmm_record *set)
{
	char want[HMM_RECORD_NAMES], have[HMM_RECORD_NAMES];
	for (const char *at = set->imputed; (at = hmm_record_part(want, at));) {
		const char *in = set->modality;
		while ((in = hmm_record_part(have, in)) && strcmp(have, want))
			;
		if (!in)
			return 0;
	}
	return 1;
}

/* What is imputed says so in the one way in which all can see it. */
static int
check_imputed(const struct hmm_record *record, enum hmm_kind kind, const char *name, long number)
{
	const int sets = kind == HMM_SETS;
	char place[600];
	if (!record->imputed[0] || (sets ? has_parts(record) : hmm_hash_is_digest(record->imputed)))
		return 0;
	return hmm_error("%s: %s: imputed '%.80s', want %s", name,
	    hmm_record_place(place, sizeof(place), record, number), record->imputed,
	    sets ? "some of its modalities" : "the 64 hexadecimal digits of a generator's weights");
}

int
hmm_record_check(
    const struct hmm_record *record, enum hmm_kind kind, int trusted, const char *name, long number)
{
	const struct hmm_tensor *x = &record->x;
	const int slices = kind == HMM_SLICES;
	char place[600], shape[128];
	size_t count = 0;
	hmm_tensor_count(x, &count);
	const int shaped =
	    x->dimensions == 3 && count && (!slices || x->shape[0] == 1 || x->shape[0] == 3);
	const int typed = x->dtype == (slices ? HMM_U8 : HMM_F32);
	if (kind != HMM_SETS && strchr(record->modality, '+'))
		return hmm_error("%s: %s: modality '%s' has a '+', which joins the modalities of a set",
		    name, hmm_record_place(place, sizeof(place), record, number), record->modality);
	if (shaped && typed) {
		const int bad = check_imputed(record, kind, name, number);
		return bad || slices || trusted ? bad : hmm_record_finite(record, name, number);
	}
	hmm_record_place(place, sizeof(place), record, number);
	if (!shaped)
		return hmm_error("%s: %s: shape %s, want (%s,height,width)", name, place,
		    hmm_shape_text(shape, sizeof(shape), x->shape, x->dimensions),
		    slices ? "1|3" : "channels");
	return hmm_error(
	    "%s: %s: dtype %s, want %s", name, place, hmm_dtype_name(x->dtype), slices ? "U8" : "F32");
}

int
hmm_rank_compare(const struct hmm_rank *a, const struct hmm_rank *b)
{
	int order = strcmp(a->subject, b->subject);
	order = order ? order : strcmp(a->modality, b->modality);
	order = order ? order : strcmp(a->source, b->source);
	order = order ? order : strcmp(a->imputed, b->imputed);
	order = order ? order : (a->index > b->index) - (a->index < b->index);
	return order;
}

int
hmm_record_compare(const void *left, const void *right)
{
	const struct hmm_record *a = left, *b = right;
	const int order = hmm_rank_compare(
	    &(struct hmm_rank){a->subject, a->modality, a->source, a->imputed, a->index},
	    &(struct hmm_rank){b->subject, b->modality, b->source, b->imputed, b->index});
	size_t count = 0;
	if (order || hmm_tensor_count(&a->x, &count))
		return order;
	return memcmp(a->x.data, b->x.data, count * hmm_dtype_size(a->x.dtype));
}

int
hmm_record_agree(const struct hmm_record *a, const struct hmm_record *b, const char *name)
{
	static const char *const events[] = {"none", "0", "1"};
	if (strcmp(a->label, b->label))
		return hmm_error("%s: subject %s has conflicting labels: found %s, want %s as before", name,
		    b->subject, b->label[0] ? b->label : "none", a->label[0] ? a->label : "none");
	if (a->event != b->event)
		return hmm_error("%s: subject %s has conflicting events: found %s, want %s as before", name,
		    b->subject, events[b->event + 1], events[a->event + 1]);
	if (strcmp(a->group, b->group))
		return hmm_error("%s: subject %s is in group '%s', want '%s' as before", name, b->subject,
		    b->group, a->group);
	if (strcmp(a->split, b->split))
		return hmm_error("%s: subject %s is in split '%s', want '%s' as before", name, b->subject,
		    b->split, a->split);
	return 0;
}

int
hmm_record_mix(const struct hmm_record *a, const struct hmm_record *b)
{
	const char *generators = a->imputed[0] && b->imputed[0] ? "by two generators" : "real";
	return !strcmp(a->imputed, b->imputed)
	           ? 0
	           : hmm_error("subject %s: %s is imputed and also there %s, want one of them in a set",
	                 b->subject, b->modality, generators);
}
