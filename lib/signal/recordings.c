#include "hmm/signal/recordings.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/option.h"
#include "hmm/base/progress.h"
#include "hmm/data/element.h"
#include "hmm/data/order.h"
#include "hmm/file/ts.h"

struct walk {
	struct hmm_stamp stamp;
	size_t *row;                               /* in order */
	struct hmm_element *element;               /* [count]: of their paths */
	const char **name;                         /* [count]: of their channels; NULL: the only one */
	const struct hmm_signal_channel **channel; /* [count] */
	size_t count;
	struct hmm_ts *last; /* of which more cases may be wanted */
	hmm_recording_take *take;
	void *self;
};

const char *
hmm_recording_modality(const struct hmm_recording *recording, size_t i)
{
	const struct hmm_stamp *stamp = recording->stamp;
	return hmm_table_cell(stamp->table, recording->row[i], stamp->modality);
}

/* Leave the rows of other splits out, if there are any splits. */
static int
choose_split(struct walk *walk, const char *split)
{
	const struct hmm_table *table = walk->stamp.table;
	size_t some = 0, kept = 0;
	for (size_t row = 0; split && row < table->rows; row++)
		some += hmm_table_cell(table, row, walk->stamp.split) != NULL;
	for (size_t i = 0; i < table->rows; i++) {
		const char *cell = hmm_table_cell(table, walk->row[i], walk->stamp.split);
		if (!some || (cell && !strcmp(cell, split)))
			walk->row[kept++] = walk->row[i];
	}
	walk->count = kept;
	return some && !kept ? hmm_error("%s: no rows of split '%s': hmm-split assigns train, val, cal "
	                                 "and test",
	                           table->name, split)
	                     : 0;
}

/* Whether a path ends in the number of a case, FILE.ts[CHANNEL]#12. */
static int
has_case(const char *path)
{
	const char *mark = strrchr(path, '#');
	return mark && mark[1] && !mark[1 + strspn(mark + 1, "0123456789")];
}

static int
open_elements(struct walk *walk)
{
	const struct hmm_stamp *stamp = &walk->stamp;
	walk->element = hmm_alloc(walk->count, sizeof(*walk->element));
	walk->name = hmm_alloc(walk->count, sizeof(*walk->name));
	walk->channel = hmm_alloc(walk->count, sizeof(*walk->channel));
	if (!walk->element || !walk->name || !walk->channel)
		return -1;
	for (size_t i = 0; i < walk->count; i++) {
		const char *path = hmm_table_cell(stamp->table, walk->row[i], stamp->path);
		if (!hmm_table_cell(stamp->table, walk->row[i], stamp->modality))
			return hmm_error("%s: row %zu: no modality", stamp->table->name, walk->row[i] + 1);
		if (hmm_element_open(&walk->element[i], path, has_case(path)))
			return -1;
		walk->name[i] = walk->element[i].columns;
	}
	return 0;
}

/* Whether two rows are of one recording; one that names no channel stands alone. */
static int
same(const struct hmm_element *a, const struct hmm_element *b)
{
	return a->columns && b->columns && !strcmp(a->file, b->file) && !a->key == !b->key &&
	       (!a->key || !strcmp(a->key, b->key));
}

/* Read the channels of rows first to end - 1, and give them on. */
static int
take_recording(struct walk *walk, size_t first, size_t end)
{
	const struct hmm_element *element = &walk->element[first];
	const char *const *name = element->columns ? walk->name + first : NULL;
	const struct hmm_signal_want want = {name, end - first, 0, HMM_UNSET};
	const struct hmm_recording recording = {
	    &walk->stamp, end - first, walk->row + first, walk->channel + first};
	struct hmm_signal signal = {0};
	int bad = hmm_signal_read(&signal, &walk->last, element->file, element->key, &want);
	if (!bad && !name && signal.channels != 1)
		bad = hmm_error("%s: %zu channels, want one of them: FILE[CHANNEL], as hmm-manifest "
		                "--signals prints",
		    element->file, signal.channels);
	for (size_t i = first; i < end && !bad; i++) {
		walk->channel[i] = name ? hmm_signal_find(&signal, walk->name[i]) : signal.channel;
		if (!walk->channel[i])
			bad = hmm_error("%s: no channel '%s' in it", element->file, walk->name[i]);
	}
	bad = bad || walk->take(walk->self, &recording);
	hmm_signal_free(&signal);
	return bad ? -1 : 0;
}

static int
take_rows(struct walk *walk)
{
	struct hmm_progress progress;
	int bad = 0;
	hmm_progress_start(&progress, "channels", (long)walk->count);
	for (size_t first = 0, end; first < walk->count && !bad; first = end) {
		for (end = first + 1; end < walk->count; end++)
			if (!same(&walk->element[first], &walk->element[end]))
				break;
		bad = take_recording(walk, first, end);
		hmm_progress_step(&progress, (long)end);
	}
	hmm_progress_end(&progress);
	return bad;
}

int
hmm_recordings_each(
    const struct hmm_table *table, const char *split, hmm_recording_take *take, void *self)
{
	struct walk walk = {.take = take, .self = self};
	struct hmm_record record = {.event = -1};
	int bad =
	    hmm_stamp_open(&walk.stamp, table) || hmm_stamp_check(&walk.stamp, &record, table, NULL, 1);
	const int columns[] = {walk.stamp.subject, walk.stamp.path};
	bad = bad || !(walk.row = hmm_order_rows(table, columns, 2)) || choose_split(&walk, split) ||
	      open_elements(&walk) || take_rows(&walk);
	hmm_ts_close(walk.last);
	for (size_t i = 0; walk.element && i < walk.count; i++)
		hmm_element_close(&walk.element[i]);
	free(walk.element);
	free(walk.name);
	free(walk.channel);
	free(walk.row);
	hmm_record_free(&record);
	return bad ? -1 : 0;
}
