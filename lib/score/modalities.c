#include "modalities.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/memory.h"
#include "hmm/base/number.h"

int
hmm_modalities_compare(const void *left, const void *right)
{
	const struct hmm_modality_set *a = left, *b = right;
	const uint64_t either = a->mask ^ b->mask;
	const int order = (int)hmm_bits_count(a->mask) - (int)hmm_bits_count(b->mask);
	if (order)
		return order;
	if (either) /* the first name that one of them alone has */
		return a->mask & either & (~either + 1) ? -1 : 1;
	return (a->subject > b->subject) - (a->subject < b->subject);
}

/* Give every name of "A+B" to `take`. 0, or -1 reported. */
static int
take_apart(const char *modalities, int (*take)(void *context, const char *name), void *context)
{
	char *copy = hmm_strdup(modalities ? modalities : "n/a");
	int bad = !copy;
	for (char *name = copy; name && !bad;) {
		char *end = strchr(name, '+');
		if (end)
			*end++ = '\0';
		bad = take(context, name);
		name = end;
	}
	free(copy);
	return bad ? -1 : 0;
}

static int
add(void *context, const char *name)
{
	return hmm_names_add(context, name) < 0;
}

int
hmm_modalities_add(struct hmm_names *names, const char *modalities)
{
	return take_apart(modalities, add, names);
}

struct reading {
	const struct hmm_names *names;
	uint64_t mask;
};

static int
find(void *context, const char *name)
{
	struct reading *reading = context;
	const long number = hmm_names_find(reading->names, name);
	if (number >= 0 && number < HMM_MODALITIES_MOST)
		reading->mask |= UINT64_C(1) << number;
	return 0;
}

int
hmm_modalities_read(uint64_t *mask, const struct hmm_names *names, const char *modalities)
{
	struct reading reading = {names, 0};
	const int bad = take_apart(modalities, find, &reading);
	*mask = reading.mask;
	return bad;
}

char *
hmm_modalities_name(const struct hmm_names *names, uint64_t mask)
{
	size_t length = 1;
	for (size_t m = 0; m < names->count; m++)
		length += mask >> m & 1 ? strlen(names->name[m]) + 1 : 0;
	char *text = hmm_alloc(length, 1);
	for (size_t m = 0; m < names->count && text; m++)
		if (mask >> m & 1) {
			if (*text)
				strcat(text, "+");
			strcat(text, names->name[m]);
		}
	return text;
}
