#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/names.h"
#include "hmm/data/table.h"
#include "hmm/file/json_text.h"
#include "hmm/file/regular.h"

enum { MOST_COLUMNS = 1 << 16, NUMBER = 32 };

/* A table while its lines are read: each column's place in a row is its name's number. */
struct lines {
	const char *path;
	struct hmm_names columns, arrays; /* the names of its members that are arrays, */
	void *lengths;                    /* size_t [arrays.count], each as long in all lines */
	size_t lengths_capacity;
	char **cells; /* [used]: of all rows, each as long as its last column wants */
	size_t used;
	size_t *start; /* [rows]: where each begins; the row in hand is behind them */
	size_t rows, first;
	size_t cells_capacity, start_capacity; /* bytes */
};

static int
refuse(const struct lines *lines, const char *what)
{
	return hmm_error("%s: line %zu: %s", lines->path, lines->rows + 1, what);
}

/* Put a cell, which is given away, into the row in hand. 0, or -1 reported. */
static int
put(struct lines *lines, const char *column, char *cell)
{
	const long number = hmm_names_add(&lines->columns, column);
	void *cells = lines->cells;
	if (number < 0 || lines->columns.count > MOST_COLUMNS) {
		free(cell);
		return number < 0 ? -1 : refuse(lines, "too many columns");
	}
	const size_t at = lines->first + (size_t)number;
	if (at >= lines->used) {
		if (hmm_grow(&cells, &lines->cells_capacity, (at + 1) * sizeof(*lines->cells))) {
			free(cell);
			return -1;
		}
		lines->cells = cells;
		memset(lines->cells + lines->used, 0, (at + 1 - lines->used) * sizeof(*lines->cells));
		lines->used = at + 1;
	}
	if (lines->cells[at]) {
		free(cell);
		return hmm_error("%s: line %zu: '%s' stands there twice, as a member and of an array",
		    lines->path, lines->rows + 1, column);
	}
	lines->cells[at] = cell;
	return 0;
}

/* A value's text, to free(); NULL: it is null, which *bad does not say. */
static char *
text_of(const json_t *value, int *bad)
{
	char number[NUMBER];
	if (json_is_null(value))
		return NULL;
	if (json_is_integer(value))
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(value));
	else if (json_is_real(value))
		snprintf(number, sizeof(number), "%.17g", json_real_value(value));
	else if (json_is_boolean(value))
		snprintf(number, sizeof(number), "%s", json_is_true(value) ? "true" : "false");
	char *text = hmm_strdup(json_is_string(value) ? json_string_value(value) : number);
	*bad = !text;
	return text;
}

/* Whether an array is as long as those of its name before it. 0, or -1 reported. */
static int
check_length(struct lines *lines, const char *name, size_t count)
{
	const size_t before = lines->arrays.count;
	const long at = hmm_names_add(&lines->arrays, name);
	if (at < 0 ||
	    hmm_grow(&lines->lengths, &lines->lengths_capacity, lines->arrays.count * sizeof(size_t)))
		return -1;
	size_t *length = (size_t *)lines->lengths + at;
	if (lines->arrays.count > before)
		*length = count;
	return *length == count ? 0
	                        : hmm_error("%s: line %zu: '%s': an array of %zu, want %zu as before",
	                              lines->path, lines->rows + 1, name, count, *length);
}

/* A member: a value, or an array of them, of which NAME.0, NAME.1, ... are columns. */
static int
add_member(struct lines *lines, const char *name, const json_t *value)
{
	const size_t count = json_is_array(value) ? json_array_size(value) : 1;
	char *column = hmm_alloc(strlen(name) + NUMBER, 1);
	int bad = !column || (json_is_array(value) && check_length(lines, name, count));
	for (size_t i = 0; i < count && !bad; i++) {
		const json_t *one = json_is_array(value) ? json_array_get(value, i) : value;
		snprintf(column, strlen(name) + NUMBER, "%s", name);
		if (json_is_array(value))
			snprintf(column + strlen(name), NUMBER, ".%zu", i);
		if (json_is_object(one) || json_is_array(one)) {
			bad = hmm_error("%s: line %zu: '%s': want a text, a number, true, false, null or an "
			                "array of them",
			    lines->path, lines->rows + 1, column);
			break;
		}
		char *cell = text_of(one, &bad);
		bad = bad || put(lines, column, cell);
	}
	free(column);
	return bad ? -1 : 0;
}

static int
add_line(struct lines *lines, const char *text, size_t size)
{
	json_t *object = NULL, *value;
	json_error_t error;
	const char *name;
	void *start = lines->start;
	int bad = 0;
	if (hmm_grow(&start, &lines->start_capacity, (lines->rows + 1) * sizeof(*lines->start)))
		return -1;
	lines->start = start;
	lines->start[lines->rows] = lines->first = lines->used;
	if (hmm_json_read(&object, text, size, &error))
		return -1;
	if (!json_is_object(object)) {
		json_decref(object);
		return refuse(lines, "want a JSON object");
	}
	json_object_foreach(object, name, value) if (!bad) bad = add_member(lines, name, value);
	json_decref(object);
	lines->rows += !bad;
	return bad ? -1 : 0;
}

static int
read_lines(struct lines *lines)
{
	size_t bytes, capacity = 0;
	ssize_t size;
	char *line = NULL;
	int bad = 0;
	FILE *file = hmm_regular_stream(lines->path, &bytes);
	if (!file)
		return -1;
	while (!bad && (size = getline(&line, &capacity, file)) >= 0)
		if (line[strspn(line, " \t\r\n")])
			bad = add_line(lines, line, (size_t)size);
	if (!bad && ferror(file))
		bad = hmm_error("%s: cannot read: %s", lines->path, strerror(errno));
	free(line);
	fclose(file);
	return bad ? -1 : 0;
}

/* The rows with all columns; the cells are copied. NULL, reported. */
static struct hmm_table *
make_table(const struct lines *lines)
{
	const size_t columns = lines->columns.count;
	struct hmm_table *table =
	    hmm_table_new(lines->path, (const char *const *)lines->columns.name, columns);
	const char **row = hmm_alloc(columns, sizeof(*row));
	int bad = !table || !row;
	for (size_t r = 0; r < lines->rows && !bad; r++) {
		const size_t first = lines->start[r];
		const size_t count = (r + 1 < lines->rows ? lines->start[r + 1] : lines->used) - first;
		for (size_t c = 0; c < columns; c++)
			row[c] = c < count ? lines->cells[first + c] : NULL;
		bad = hmm_table_append(table, row);
	}
	free(row);
	if (!bad)
		return table;
	hmm_table_free(table);
	return NULL;
}

struct hmm_table *
hmm_table_read_json(const char *path)
{
	struct lines lines = {.path = path};
	struct hmm_table *table = NULL;
	int bad = read_lines(&lines);
	if (!bad && !lines.columns.count)
		bad = hmm_error("%s: no line with a JSON object", path);
	if (!bad)
		table = make_table(&lines);
	for (size_t i = 0; i < lines.used; i++)
		free(lines.cells[i]);
	free(lines.cells);
	free(lines.start);
	free(lines.lengths);
	hmm_names_close(&lines.arrays);
	hmm_names_close(&lines.columns);
	return table;
}
