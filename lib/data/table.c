#include "hmm/data/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

/* The whole file as a string, to free(); NULL, reported. */
static char *
read_text(const char *path)
{
	const int standard = !strcmp(path, "-");
	FILE *file = standard ? stdin : fopen(path, "rb");
	if (!file) {
		hmm_error("%s: cannot open: %s", path, strerror(errno));
		return NULL;
	}
	void *text = NULL;
	size_t capacity = 0, used = 0;
	for (;;) {
		if (hmm_grow(&text, &capacity, used + 65536))
			break;
		const size_t got = fread((char *)text + used, 1, 65535, file);
		used += got;
		if (got)
			continue;
		if (ferror(file)) {
			hmm_error("%s: cannot read: %s", path, strerror(errno));
			break;
		}
		if (memchr(text, '\0', used)) {
			hmm_error("%s: holds a zero byte, want text", path);
			break;
		}
		((char *)text)[used] = '\0';
		if (!standard)
			fclose(file);
		return text;
	}
	free(text);
	if (!standard)
		fclose(file);
	return NULL;
}

/* Undo the escapes of a cell in place. */
static void
unescape(char *cell)
{
	char *to = cell;
	for (const char *from = cell; *from; from++) {
		const char *codes = "t\tn\nr\r\\\\", *code = NULL;
		if (*from == '\\' && from[1])
			for (const char *c = codes; *c && !code; c += 2)
				if (*c == from[1])
					code = c + 1;
		*to++ = code ? *code : *from;
		from += code != NULL;
	}
	*to = '\0';
}

/* Take one cell at *at, end it with NUL, and move *at behind its separator;
 * returns that separator ('\n' at a line's and the text's end). */
static char
take_cell(char **at, char **cell, char separator)
{
	char *from = *at, *to = *at;
	*cell = to;
	if (separator == ',' && *from == '"') {
		for (from++; *from && !(*from == '"' && from[1] != '"'); from++) {
			from += *from == '"';
			*to++ = *from;
		}
		from += *from == '"';
	}
	while (*from && *from != separator && *from != '\n')
		*to++ = *from++;
	const char end = *from ? *from : '\n';
	*at = *from ? from + 1 : from;
	if (end == '\n' && to > *cell && to[-1] == '\r')
		to--;
	*to = '\0';
	return end;
}

static size_t
count_cells(const char *line, char separator)
{
	size_t count = 1;
	for (int quoted = 0; *line && (quoted || *line != '\n'); line++) {
		quoted ^= separator == ',' && *line == '"';
		count += !quoted && *line == separator;
	}
	return count;
}

static int
read_rows(struct hmm_table *table, char *at, char separator, size_t line)
{
	size_t capacity = 0;
	void *cells = NULL;
	for (; *at; line++) {
		if (*at == '\n' || (*at == '\r' && at[1] == '\n')) {
			at += 1 + (*at == '\r');
			continue;
		}
		const size_t used = table->rows * table->columns;
		if (hmm_grow(&cells, &capacity, (used + table->columns) * sizeof(char *)))
			return -1;
		table->cells = cells;
		size_t count = 0;
		char *cell, end;
		do {
			end = take_cell(&at, &cell, separator);
			if (count < table->columns) {
				if (separator == '\t')
					unescape(cell);
				table->cells[used + count] = strcmp(cell, "n/a") ? cell : NULL;
			}
			count++;
		} while (end != '\n');
		if (count != table->columns)
			return hmm_error("%s: line %zu: %zu columns, want %zu as in the header", table->name,
			    line, count, table->columns);
		table->rows++;
	}
	return 0;
}

static int
read_header(struct hmm_table *table, char **at, char separator, size_t *line)
{
	if (!strncmp(*at, "\xef\xbb\xbf", 3)) /* the mark that spreadsheets put before UTF-8 */
		*at += 3;
	while (**at == '#') {
		*at += strcspn(*at, "\n");
		*at += **at == '\n';
		(*line)++;
	}
	if (!**at)
		return hmm_error("%s: empty, want a header line", table->name);
	table->columns = count_cells(*at, separator);
	table->header = hmm_alloc(table->columns, sizeof(char *));
	if (!table->header)
		return -1;
	for (size_t i = 0; i < table->columns; i++) {
		take_cell(at, &table->header[i], separator);
		if (separator == '\t')
			unescape(table->header[i]);
	}
	(*line)++;
	return 0;
}

struct hmm_table *
hmm_table_read(const char *path, char separator)
{
	struct hmm_table *table = hmm_alloc(1, sizeof(*table));
	if (!table)
		return NULL;
	size_t line = 1;
	table->name = hmm_strdup(strcmp(path, "-") ? path : "standard input");
	table->text = table->name ? read_text(path) : NULL;
	char *at = table->text;
	if (!at || read_header(table, &at, separator, &line) || read_rows(table, at, separator, line)) {
		hmm_table_free(table);
		return NULL;
	}
	return table;
}

void
hmm_table_free(struct hmm_table *table)
{
	if (!table)
		return;
	for (size_t i = 0; table->built && i < table->columns; i++)
		free(table->header[i]);
	for (size_t i = 0; table->built && i < table->rows * table->columns; i++)
		free(table->cells[i]);
	free(table->name);
	free(table->header);
	free(table->cells);
	free(table->text);
	free(table);
}

struct hmm_table *
hmm_table_new(const char *name, const char *const *header, size_t columns)
{
	struct hmm_table *table = hmm_alloc(1, sizeof(*table));
	if (!table)
		return NULL;
	*table = (struct hmm_table){.name = hmm_strdup(name), .columns = columns, .built = 1};
	table->header = hmm_alloc(columns, sizeof(char *));
	int bad = !table->name || !table->header;
	for (size_t i = 0; i < columns && !bad; i++)
		bad = !(table->header[i] = hmm_strdup(header[i]));
	if (!bad)
		return table;
	hmm_table_free(table);
	return NULL;
}

int
hmm_table_append(struct hmm_table *table, const char *const *cells)
{
	void *block = table->cells;
	const size_t used = table->rows * table->columns;
	if (hmm_grow(&block, &table->room, (used + table->columns) * sizeof(char *)))
		return -1;
	table->cells = block;
	memset(table->cells + used, 0, table->columns * sizeof(char *));
	table->rows++;
	for (size_t i = 0; i < table->columns; i++)
		if (cells[i] && !(table->cells[used + i] = hmm_strdup(cells[i])))
			return -1;
	return 0;
}

int
hmm_table_set_column(struct hmm_table *table, const char *column, char *const *cells)
{
	const int found = hmm_table_find(table, column);
	const size_t old = table->columns, columns = found < 0 ? old + 1 : old;
	const size_t at = found < 0 ? old : (size_t)found;
	char **header = hmm_alloc(columns, sizeof(char *));
	char **block = hmm_alloc(table->rows, columns * sizeof(char *));
	if (!header || !block) {
		free(header);
		free(block);
		return -1;
	}
	memcpy(header, table->header, old * sizeof(char *));
	header[at] = (char *)column;
	for (size_t row = 0; row < table->rows; row++) {
		memcpy(block + row * columns, table->cells + row * old, old * sizeof(char *));
		block[row * columns + at] = cells[row];
	}
	free(table->header);
	free(table->cells);
	table->header = header;
	table->cells = block;
	table->columns = columns;
	return 0;
}

void
hmm_table_print(FILE *file, const struct hmm_table *table, const char *keep)
{
	hmm_table_write_line(file, table->header, table->columns);
	for (size_t row = 0; row < table->rows; row++)
		if (!keep || keep[row])
			hmm_table_write_line(file, table->cells + row * table->columns, table->columns);
}

int
hmm_table_find(const struct hmm_table *table, const char *column)
{
	for (size_t i = 0; i < table->columns; i++)
		if (!strcmp(table->header[i], column))
			return (int)i;
	return -1;
}

int
hmm_table_want(const struct hmm_table *table, const char *column)
{
	const int found = hmm_table_find(table, column);
	if (found < 0)
		hmm_error("%s: no column '%s' in its header", table->name, column);
	return found;
}

const char *
hmm_table_cell(const struct hmm_table *table, size_t row, int column)
{
	return column < 0 ? NULL : table->cells[row * table->columns + (size_t)column];
}

void
hmm_table_write(FILE *file, const char *cell, int first)
{
	if (!first)
		putc('\t', file);
	for (const char *c = cell ? cell : "n/a"; *c; c++) {
		const char *codes = "\tt\nn\rr\\\\", *code = NULL;
		for (const char *k = codes; *k && !code; k += 2)
			if (*k == *c)
				code = k + 1;
		if (code)
			putc('\\', file);
		putc(code ? *code : *c, file);
	}
}

void
hmm_table_write_line(FILE *file, char *const *cells, size_t count)
{
	for (size_t i = 0; i < count; i++)
		hmm_table_write(file, cells[i], i == 0);
	putc('\n', file);
}

int
hmm_table_label(const struct hmm_table *table, size_t row, int column)
{
	const char *cell = hmm_table_cell(table, row, column);
	if (!cell)
		return -1;
	if (!strcmp(cell, "0") || !strcmp(cell, "1"))
		return cell[0] - '0';
	hmm_error("%s: row %zu: label '%s', want 0, 1 or n/a", table->name, row + 1, cell);
	return -2;
}
