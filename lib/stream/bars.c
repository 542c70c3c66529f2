#include "hmm/stream/bars.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/table.h"

enum { STRIP = 8, GAP = 2 }; /* pixels below a slice, and of them those above the bar */

struct bar {
	const char *subject, *modality, *source; /* of the table; the last "" where it does not say */
	long index;
	double value;
	int met; /* 1: its slice is in the stream */
};

struct hmm_bars {
	struct hmm_table *table;
	struct bar *bar; /* [count], in the order of compare() */
	size_t count;
	int has_source;
};

static int
compare(const void *left, const void *right)
{
	const struct bar *a = left, *b = right;
	int order = strcmp(a->subject, b->subject);
	order = order ? order : strcmp(a->modality, b->modality);
	order = order ? order : strcmp(a->source, b->source);
	return order ? order : (a->index > b->index) - (a->index < b->index);
}

/* A cell of a row that must have one. */
static const char *
want_cell(const struct hmm_table *table, size_t row, int column)
{
	const char *cell = hmm_table_cell(table, row, column);
	if (!cell)
		hmm_error("%s: row %zu: no %s", table->name, row + 1, table->header[column]);
	return cell;
}

static int
read_bar(struct bar *bar, const struct hmm_table *table, size_t row, const int column[5])
{
	char *index_end, *value_end;
	const char *index = want_cell(table, row, column[2]), *value, *source;
	if (!index || !(value = want_cell(table, row, column[3])) ||
	    !(bar->subject = want_cell(table, row, column[0])) ||
	    !(bar->modality = want_cell(table, row, column[1])))
		return -1;
	source = hmm_table_cell(table, row, column[4]);
	bar->source = source ? source : "";
	bar->index = strtol(index, &index_end, 10);
	bar->value = strtod(value, &value_end);
	if (index_end == index || *index_end || bar->index < 0)
		return hmm_error(
		    "%s: row %zu: index '%s', want a slice's number", table->name, row + 1, index);
	if (value_end == value || *value_end || !isfinite(bar->value))
		return hmm_error(
		    "%s: row %zu: value '%s', want a finite number", table->name, row + 1, value);
	return 0;
}

static int
read_bars(struct hmm_bars *bars, const char *path)
{
	static const char *const name[] = {"subject", "modality", "index", "value"};
	int column[5];
	if (!(bars->table = hmm_table_read(path, '\t')))
		return -1;
	for (int i = 0; i < 4; i++)
		if ((column[i] = hmm_table_want(bars->table, name[i])) < 0)
			return -1;
	column[4] = hmm_table_find(bars->table, "source");
	bars->has_source = column[4] >= 0;
	bars->count = bars->table->rows;
	if (!(bars->bar = hmm_alloc(bars->count, sizeof(*bars->bar))))
		return -1;
	for (size_t row = 0; row < bars->count; row++)
		if (read_bar(&bars->bar[row], bars->table, row, column))
			return -1;
	qsort(bars->bar, bars->count, sizeof(*bars->bar), compare);
	for (size_t i = 1; i < bars->count; i++)
		if (!compare(&bars->bar[i - 1], &bars->bar[i]))
			return hmm_error("%s: subject %s: slice %ld of %s stands there twice", path,
			    bars->bar[i].subject, bars->bar[i].index, bars->bar[i].modality);
	return 0;
}

struct hmm_bars *
hmm_bars_open(const char *path)
{
	struct hmm_bars *bars = hmm_alloc(1, sizeof(*bars));
	if (!bars || !read_bars(bars, path))
		return bars;
	hmm_bars_close(bars);
	return NULL;
}

void
hmm_bars_close(struct hmm_bars *bars)
{
	if (!bars)
		return;
	hmm_table_free(bars->table);
	free(bars->bar);
	free(bars);
}

/* A slice's bar; NULL: it has none. */
static struct bar *
find(const struct hmm_bars *bars, const struct hmm_record *record)
{
	const struct bar wanted = {.subject = record->subject,
	    .modality = record->modality,
	    .source = bars->has_source ? record->source : "",
	    .index = record->index};
	return bsearch(&wanted, bars->bar, bars->count, sizeof(*bars->bar), compare);
}

void
hmm_bars_meet(struct hmm_bars *bars, const struct hmm_record *record)
{
	struct bar *found = find(bars, record);
	if (found)
		found->met = 1;
}

int
hmm_bars_check(const struct hmm_bars *bars, const char *name)
{
	size_t left = 0;
	for (size_t i = 0; i < bars->count; i++)
		left += !bars->bar[i].met;
	if (left == bars->count)
		return hmm_error("%s: not one of its %zu rows is of a slice of %s: want subject, modality, "
		                 "index and source as there",
		    bars->table->name, left, name);
	if (left)
		hmm_warn("%s: %zu of %zu rows are of no slice of %s", bars->table->name, left, bars->count,
		    name);
	return 0;
}

/* How long the bar of a slice is, -1 to 1; NaN: it has none. */
static double
length_of(const struct hmm_bars *bars, const struct hmm_record *record)
{
	const struct bar *found = find(bars, record);
	double most = 0;
	if (!found)
		return (double)NAN;
	for (const struct bar *bar = found; bar >= bars->bar && !strcmp(bar->subject, found->subject);
	     bar--)
		most = fmax(most, fabs(bar->value));
	for (const struct bar *bar = found;
	     bar < bars->bar + bars->count && !strcmp(bar->subject, found->subject); bar++)
		most = fmax(most, fabs(bar->value));
	return most > 0 ? found->value / most : 0;
}

int
hmm_bars_draw(struct hmm_image *image, const struct hmm_bars *bars, const struct hmm_record *record)
{
	const size_t *shape = record->x.shape, channels = shape[0], width = shape[2];
	const size_t size = shape[1] * width, below = (shape[1] + STRIP) * width;
	const double length = length_of(bars, record);
	const size_t middle = (width - 1) / 2;
	const size_t bar = isnan(length) ? 0 : (size_t)(fabs(length) * (double)middle + .5);
	*image = (struct hmm_image){channels, shape[1] + STRIP, width, NULL};
	image->pixels = hmm_alloc_raw(channels, below);
	if (!image->pixels)
		return -1;
	memset(image->pixels, 255, channels * below);
	for (size_t c = 0; c < channels; c++) {
		unsigned char *plane = image->pixels + c * below;
		memcpy(plane, (const unsigned char *)record->x.data + c * size, size);
		for (size_t y = shape[1] + GAP; y < shape[1] + STRIP && !isnan(length); y++)
			memset(plane + y * width + (length < 0 ? middle - bar : middle), 0, bar + 1);
	}
	return 0;
}
