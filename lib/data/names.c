#include "hmm/data/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/memory.h"
#include "hmm/base/random.h"
#include "hmm/data/order.h"

enum { LEAST_PLACES = 16 };

/* Where the search for a name with that hash begins, or goes on; the hash stands here, so that to
 * pass over another name costs no look at it. */
struct hmm_names_place {
	size_t hash, number; /* number + 1; 0: no name */
};

void
hmm_names_close(struct hmm_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->name[i]);
	free(names->name);
	free(names->place);
	*names = (struct hmm_names){0};
}

/* The place of a name, or the empty one where it would stand. At least half of the
 * places, a power of two, are empty. */
static struct hmm_names_place *
find_place(const struct hmm_names *names, const char *name, size_t hash)
{
	size_t at = hash & (names->places - 1);
	for (; names->place[at].number; at = (at + 1) & (names->places - 1)) {
		const struct hmm_names_place *place = &names->place[at];
		if (place->hash == hash && !strcmp(names->name[place->number - 1], name))
			break;
	}
	return &names->place[at];
}

/* Put what stands at a place, a name that is at none, to its own. */
static void
put_place(struct hmm_names *names, struct hmm_names_place place)
{
	size_t at = place.hash & (names->places - 1);
	while (names->place[at].number)
		at = (at + 1) & (names->places - 1);
	names->place[at] = place;
}

/* Twice as many places. 0, or -1 reported. */
static int
add_places(struct hmm_names *names)
{
	const struct hmm_names before = *names;
	const size_t places = names->places ? 2 * names->places : LEAST_PLACES;
	struct hmm_names_place *place = hmm_alloc(places, sizeof(*place));
	if (!place)
		return -1;
	names->place = place;
	names->places = places;
	for (size_t i = 0; i < before.places; i++)
		if (before.place[i].number)
			put_place(names, before.place[i]);
	free(before.place);
	return 0;
}

/* Make room for one more name. */
static int
make_room(struct hmm_names *names)
{
	void *list = names->name;
	if (hmm_grow(&list, &names->capacity, (names->count + 1) * sizeof(*names->name)))
		return -1;
	names->name = list;
	return 2 * (names->count + 1) > names->places ? add_places(names) : 0;
}

long
hmm_names_add(struct hmm_names *names, const char *name)
{
	const long found = hmm_names_find(names, name);
	if (found >= 0)
		return found;
	if (make_room(names) || !(names->name[names->count] = hmm_strdup(name)))
		return -1;
	put_place(names, (struct hmm_names_place){hmm_random_name(name), names->count + 1});
	return (long)names->count++;
}

long
hmm_names_find(const struct hmm_names *names, const char *name)
{
	return names->places ? (long)find_place(names, name, hmm_random_name(name))->number - 1 : -1;
}

int
hmm_names_sort(struct hmm_names *names, size_t *now)
{
	const size_t count = names->count;
	size_t *order = hmm_order_texts((const char *const *)names->name, count, 1, NULL);
	size_t *number = hmm_alloc_raw(count, sizeof(*number));
	char **name = hmm_alloc_raw(count, sizeof(*name));
	const int bad = !order || !number || !name;
	for (size_t i = 0; i < count && !bad; i++) {
		name[i] = names->name[order[i]];
		number[order[i]] = i;
	}
	for (size_t i = 0; i < names->places && !bad; i++)
		if (names->place[i].number)
			names->place[i].number = number[names->place[i].number - 1] + 1;
	if (!bad && count) {
		memcpy(names->name, name, count * sizeof(*name));
		if (now)
			memcpy(now, number, count * sizeof(*number));
	}
	free(order);
	free(number);
	free(name);
	return bad ? -1 : 0;
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
