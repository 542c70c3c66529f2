#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/file/signal.h"

/* A table of a column a channel while it is read. */
struct csv {
	const char *path;
	char *text, *at;
	size_t size, columns, rows;
	char ends[3]; /* what ends a cell */
	char **name;  /* [columns], in the text */
	float **x;    /* [columns]: [rows]; NULL: not wanted */
	size_t capacity;
};

/* The bytes of the empty lines that it begins with, and of those of blanks alone, which in a single
 * column are a sample that is missing. */
static size_t
blank(const char *at, size_t columns)
{
	size_t bytes = 0, more;
	while ((more = strspn(at + bytes, columns == 1 ? "\r" : " \r")), at[bytes + more] == '\n')
		bytes += more + 1;
	return at[bytes + more] ? bytes : bytes + more;
}

/* A comma; where the header has none a semicolon, as spreadsheets of many countries write it, or a
 * tab. */
static void
find_separator(struct csv *csv)
{
	const size_t header = strcspn(csv->at, "\r\n");
	const char signs[] = ",;\t";
	size_t i = 0;
	while (signs[i] && !memchr(csv->at, signs[i], header))
		i++;
	csv->ends[0] = signs[i] ? signs[i] : ',';
	csv->ends[1] = '\n';
}

/* A cell of the header without the blanks and quotes around it, cut out of the text. */
static char *
cut_name(char *name, char *end)
{
	name += strspn(name, " ");
	while (end > name && strchr(" \r", end[-1]))
		end--;
	if (end > name + 1 && *name == '"' && end[-1] == '"') {
		name++;
		end--;
	}
	*end = '\0';
	return name;
}

static int
read_header(struct csv *csv)
{
	char end;
	float number;
	const char *behind;
	if (!strncmp(csv->at, "\xef\xbb\xbf", 3)) /* the mark that spreadsheets put before UTF-8 */
		csv->at += 3;
	csv->at += blank(csv->at, 0);
	find_separator(csv);
	if (!*csv->at)
		return hmm_error("%s: empty, want a header of channels' names", csv->path);
	const char *line = csv->at + strcspn(csv->at, "\r\n");
	if (*line == '\r' && line[strspn(line, "\r")] != '\n')
		return hmm_error(
		    "%s: its first line ends in a lone CR, want lines that end in LF or CR LF", csv->path);
	if (!hmm_signal_number(&number, csv->at, &behind, csv->ends) && !isnan(number))
		return hmm_error(
		    "%s: its first line begins with a number, want a header of channels' names", csv->path);
	do {
		void *list = csv->name;
		char *last = csv->at + strcspn(csv->at, csv->ends);
		if (hmm_grow(&list, &csv->capacity, (csv->columns + 1) * sizeof(*csv->name)))
			return -1;
		csv->name = list;
		end = *last;
		csv->name[csv->columns++] = cut_name(csv->at, last);
		csv->at = last + (end != '\0');
	} while (end == csv->ends[0]);
	return 0;
}

/* Lines with something in them. */
static size_t
count_rows(const char *at, size_t columns)
{
	size_t rows = 0;
	for (at += blank(at, columns); *at; rows++) {
		at += strcspn(at, "\n");
		at += blank(at, columns);
	}
	return rows;
}

/* A row has a byte a column at least: one that is not so long is told before there is memory for
 * it. */
static int
add_channels(struct csv *csv, struct hmm_signal *signal, const struct hmm_signal_want *want)
{
	csv->rows = want->names ? 0 : count_rows(csv->at, csv->columns);
	if (csv->rows && csv->columns > csv->size / csv->rows)
		return hmm_error("%s: %zu columns in its header are more than its %zu rows can have",
		    csv->path, csv->columns, csv->rows);
	csv->x = hmm_alloc(csv->columns, sizeof(*csv->x));
	for (size_t i = 0; csv->x && i < csv->columns; i++)
		if (hmm_signal_wanted(want, csv->name[i]) &&
		    !(csv->x[i] = hmm_signal_add(signal, csv->name[i], csv->rows, csv->path)))
			return -1;
	return csv->x ? 0 : -1;
}

static int
read_row(struct csv *csv, size_t row)
{
	const char *at = csv->at, *end;
	size_t column = 0;
	float number;
	do {
		const int wanted = column < csv->columns && csv->x[column];
		end = at + strcspn(at, csv->ends);
		if (wanted && hmm_signal_number(&number, at, &end, csv->ends))
			return hmm_error("%s: row %zu, column '%s': '%.*s', want a number", csv->path, row + 1,
			    csv->name[column], (int)(end - at < 40 ? end - at : 40), at);
		if (wanted)
			csv->x[column][row] = number;
		column++;
		at = end + 1;
	} while (*end == csv->ends[0]);
	csv->at += end - csv->at;
	if (column != csv->columns)
		return hmm_error("%s: row %zu: %zu columns, want %zu as in the header", csv->path, row + 1,
		    column, csv->columns);
	return 0;
}

int
hmm_signal_read_csv(struct hmm_signal *signal, const char *path, const struct hmm_signal_want *want)
{
	struct csv csv = {.path = path};
	csv.text = csv.at = hmm_signal_text(path, &csv.size);
	int bad = !csv.text || read_header(&csv) || add_channels(&csv, signal, want);
	for (size_t row = 0; row < csv.rows && !bad; row++) {
		csv.at += blank(csv.at, csv.columns);
		bad = read_row(&csv, row);
	}
	free(csv.text);
	free(csv.name);
	free(csv.x);
	return bad ? -1 : 0;
}
