#include "hmm/data/overlap.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/number.h"
#include "hmm/data/names.h"

/* That a group stands in a split of a run. */
struct place {
	size_t run, group;
	int inside; /* 1: in the split that is asked for */
	const char *split;
};

static int
by_group(const void *left, const void *right)
{
	const struct place *a = left, *b = right;
	const int order = hmm_size_order(a->run, b->run);
	return order ? order : hmm_size_order(a->group, b->group);
}

/* Where every prediction stands. 0, or -1 reported. */
static int
find_places(struct place *place, const struct hmm_predictions *predictions, const char *split)
{
	struct hmm_names runs = {0};
	long run = 0;
	for (size_t i = 0; i < predictions->count && run >= 0; i++) {
		const struct hmm_prediction *row = &predictions->prediction[i];
		if (i == 0 || strcmp(row->run, row[-1].run)) /* mostly it is the same again */
			run = hmm_names_add(&runs, row->run);
		place[i] = (struct place){(size_t)run, row->group, !strcmp(row->split, split), row->split};
	}
	hmm_names_close(&runs);
	return run < 0 ? -1 : 0;
}

int
hmm_overlap_warn(const struct hmm_predictions *predictions, const char *split)
{
	const size_t count = predictions->count;
	struct place *place = hmm_alloc(count, sizeof(*place));
	const char *other = NULL;
	size_t shared = 0;
	const int bad = !place || find_places(place, predictions, split);
	if (!bad)
		qsort(place, count, sizeof(*place), by_group);
	for (size_t i = 0, end; i < count && !bad; i = end) {
		size_t inside = 0, outside = 0;
		for (end = i; end < count && !by_group(&place[i], &place[end]); end++) {
			inside += (size_t)place[end].inside;
			outside += !place[end].inside;
			if (inside && outside && !other)
				other = place[place[end].inside ? i : end].split;
		}
		shared += inside && outside;
	}
	if (shared)
		hmm_warn("%s: %zu %s of split %s %s in another split too, such as %s: what is chosen on "
		         "them looks better there than it is",
		    predictions->table->name, shared, shared == 1 ? "patient" : "patients", split,
		    shared == 1 ? "stands" : "stand", other);
	free(place);
	return bad ? -1 : 0;
}
