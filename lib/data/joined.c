#include "hmm/data/joined.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/memory.h"

static int
by_text(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* 1 if the names ascend; 0: they do not; -1: one is empty. */
static int
is_sorted(const char *text)
{
	const char *last = NULL;
	size_t last_length = 0;
	int sorted = 1;
	for (;;) {
		const size_t length = strcspn(text, "+");
		const size_t common = length < last_length ? length : last_length;
		const int order = last ? memcmp(last, text, common) : -1;
		if (!length)
			return -1;
		sorted &= order < 0 || (order == 0 && last_length < length);
		if (!text[length])
			return sorted;
		last = text;
		last_length = length;
		text += length + 1;
	}
}

int
hmm_joined_sort(char *text)
{
	const int sorted = is_sorted(text);
	size_t count = 0, most = 1;
	if (sorted)
		return sorted < 0;
	for (const char *c = text; *c; c++)
		most += *c == '+';
	char *copy = hmm_strdup(text), *end = text;
	char **name = hmm_alloc(most, sizeof(*name));
	for (char *at = copy; at && name;) {
		name[count++] = at;
		at = strchr(at, '+');
		if (at)
			*at++ = '\0';
	}
	if (copy && name)
		qsort(name, count, sizeof(*name), by_text);
	for (size_t i = 0; i < count; i++) {
		if (i && !strcmp(name[i], name[i - 1]))
			continue;
		if (i)
			*end++ = '+';
		end = stpcpy(end, name[i]);
	}
	const int bad = !copy || !name;
	free(copy);
	free(name);
	return bad ? -1 : 0;
}
