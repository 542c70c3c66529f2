#include <stdlib.h>

#include "hmm/base/memory.h"
#include "hmm/learn/items.h"
#include "objective.h"

int
objective_rows_open(struct objective_rows *rows, const struct hmm_item *const *item, size_t items)
{
	*rows = (struct objective_rows){.time = hmm_alloc(items, sizeof(*rows->time)),
	    .scratch = hmm_alloc(hmm_cox_scratch(items), sizeof(*rows->scratch)),
	    .event = hmm_alloc(items, sizeof(*rows->event))};
	if (!rows->time || !rows->scratch || !rows->event) {
		objective_rows_close(rows);
		return -1;
	}
	for (size_t i = 0; i < items; i++) {
		rows->time[i] = item[i]->truth;
		rows->event[i] = item[i]->label;
	}
	rows->events = hmm_cox_open(&rows->cox, rows->time, rows->event, NULL, items, rows->scratch);
	return 0;
}

void
objective_rows_close(struct objective_rows *rows)
{
	free(rows->time);
	free(rows->scratch);
	free(rows->event);
}
