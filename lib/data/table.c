#include "hmm/data/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "hmm/base/error.h"
#include "hmm/base/memory.h"

void
hmm_table_free(struct hmm_table *table)
{
	if (!table)
		return;
	for (size_t i = 0; table->built && table->header && i < table->columns; i++)
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

/* Whether a reader would take something off a cell's ends. */
static int
needs_quotes(const char *cell)
{
	return *cell == '"' || hmm_cell_blank(cell) || hmm_cell_blank_before(cell, cell + strlen(cell));
}

/* The length of a character that moves a terminal's cursor or worse, 0 of any other: ASCII's own,
 * and those of ISO 6429 in UTF-8, of which one begins a sequence as ESC does. */
static size_t
control_length(const char *at)
{
	const unsigned char first = (unsigned char)at[0], second = (unsigned char)at[1];
	if (first == 0xc2)
		return second >= 0x80 && second < 0xa0 ? 2 : 0;
	return first < 0x20 || first == 0x7f;
}

/* A character of a cell, escaped where it has to be: how many bytes it has. */
static size_t
write_character(FILE *file, const char *at, int quoted)
{
	const char *codes = "\tt\nn\rr\\\\";
	for (const char *k = codes; *k; k += 2)
		if (*k == *at) {
			fprintf(file, "\\%c", k[1]);
			return 1;
		}
	const size_t control = control_length(at);
	for (size_t i = 0; i < control; i++)
		fprintf(file, "\\x%02x", (unsigned char)at[i]);
	if (control)
		return control;
	if (quoted && *at == '"')
		putc('"', file);
	putc(*at, file);
	return 1;
}

static void
write_cell(FILE *file, const char *cell, int quoted)
{
	/* what may have to be escaped: control characters, the first byte of those of ISO 6429, and
	 * ours
	 */
	static const char special[] =
	    "\x01\x02\x03\x04\x05\x06\x07\x08\t\n\x0b\x0c\r\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17"
	    "\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x7f\xc2\\\"";
	if (quoted)
		putc('"', file);
	for (const char *c = cell; *c;) {
		const size_t plain = strcspn(c, special);
		if (plain)
			fwrite(c, 1, plain, file);
		c += plain ? plain : write_character(file, c, quoted);
	}
	if (quoted)
		putc('"', file);
}

void
hmm_table_write(FILE *file, const char *cell, int first)
{
	if (!first)
		putc('\t', file);
	write_cell(file, cell ? cell : "n/a", cell && needs_quotes(cell));
}

/* A header that begins with '#' would be a comment, and a byte order mark be lost. */
static void
write_header(FILE *file, const struct hmm_table *table)
{
	const char *cell = table->header[0];
	const int quoted = *cell == '#' || !strncmp(cell, "\xef\xbb\xbf", 3) || needs_quotes(cell);
	write_cell(file, cell, quoted);
	for (size_t i = 1; i < table->columns; i++)
		hmm_table_write(file, table->header[i], 0);
	putc('\n', file);
}

void
hmm_table_print(FILE *file, const struct hmm_table *table, const char *keep)
{
	write_header(file, table);
	for (size_t row = 0; row < table->rows; row++)
		if (!keep || keep[row])
			hmm_table_write_line(file, table->cells + row * table->columns, table->columns);
}

void
hmm_table_write_number(FILE *file, double value)
{
	if (isnan(value))
		fputs("\tn/a", file);
	else
		fprintf(file, "\t%.12g", value);
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
	double value;
	if (!cell)
		return -1;
	if (!hmm_cell_number(&value, cell) && (value == 0 || value == 1)) /* pandas writes 1.0 */
		return (int)value;
	hmm_error("%s: row %zu: label '%s', want 0, 1 or n/a", table->name, row + 1, cell);
	return -2;
}
