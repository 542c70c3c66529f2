#include "hmm/data/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/memory.h"
#include "hmm/base/random.h"

enum { LEAST_PLACES = 16 };

void
hmm_names_close(struct hmm_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->name[i]);
	free(names->name);
	free(names->number_at);
	*names = (struct hmm_names){0};
}

/* The place of a name, or the empty one where it would stand. At least half of the
 * places, a power of two, are empty. */
static size_t
place_of(const struct hmm_names *names, const char *name)
{
	size_t place = hmm_random_name(name) & (names->places - 1);
	while (names->number_at[place] && strcmp(names->name[names->number_at[place] - 1], name))
		place = (place + 1) & (names->places - 1);
	return place;
}

/* Find a place for every name anew. */
static void
place_all(struct hmm_names *names)
{
	memset(names->number_at, 0, names->places * sizeof(*names->number_at));
	for (size_t i = 0; i < names->count; i++)
		names->number_at[place_of(names, names->name[i])] = i + 1;
}

/* Make room for one more name. */
static int
make_room(struct hmm_names *names)
{
	void *list = names->name;
	if (hmm_grow(&list, &names->capacity, (names->count + 1) * sizeof(*names->name)))
		return -1;
	names->name = list;
	if (2 * (names->count + 1) <= names->places)
		return 0;
	const size_t places = names->places ? 2 * names->places : LEAST_PLACES;
	size_t *number_at = hmm_alloc(places, sizeof(*number_at));
	if (!number_at)
		return -1;
	free(names->number_at);
	names->number_at = number_at;
	names->places = places;
	place_all(names);
	return 0;
}

long
hmm_names_add(struct hmm_names *names, const char *name)
{
	const long found = hmm_names_find(names, name);
	if (found >= 0)
		return found;
	if (make_room(names) || !(names->name[names->count] = hmm_strdup(name)))
		return -1;
	names->number_at[place_of(names, name)] = names->count + 1;
	return (long)names->count++;
}

long
hmm_names_find(const struct hmm_names *names, const char *name)
{
	return names->places ? (long)names->number_at[place_of(names, name)] - 1 : -1;
}

struct named {
	char *name;
	size_t before;
};

static int
by_name(const void *left, const void *right)
{
	const struct named *a = left, *b = right;
	return strcmp(a->name, b->name);
}

int
hmm_names_sort(struct hmm_names *names, size_t *now)
{
	struct named *named = hmm_alloc(names->count, sizeof(*named));
	if (!named)
		return -1;
	for (size_t i = 0; i < names->count; i++)
		named[i] = (struct named){names->name[i], i};
	qsort(named, names->count, sizeof(*named), by_name);
	for (size_t i = 0; i < names->count; i++) {
		names->name[i] = named[i].name;
		if (now)
			now[named[i].before] = i;
	}
	free(named);
	if (names->count)
		place_all(names);
	return 0;
}

const char *
hmm_names_list(char *text, size_t size, const struct hmm_names *names)
{
	size_t used = 0;
	text[0] = '\0';
	for (size_t i = 0; i < names->count && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "", names->name[i]);
	return text;
}
