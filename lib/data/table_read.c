#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cell.h"
#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/names.h"
#include "hmm/data/table.h"
#include "hmm/file/regular.h"

/* A table while it is read. */
struct reading {
	struct hmm_table *table;
	char *at; /* what comes next */
	char separator;
	size_t line; /* from 1 */
	int foreign; /* 1: others wrote it, and blanks count in no column */
	int unended; /* 1: the last line has no end */
	char *rules; /* [columns]: of TRIMMED and SPELLED; NULL in the header, which is trimmed */
};

/* Blanks around a cell do not count; all spellings of a missing value are one. */
enum { TRIMMED = 1, SPELLED = 2 };

/* ---- the text ---- */

/* Whether the bytes from `checked` on are text. 0, or -1 reported. */
static int
check_text(const char *name, const char *text, size_t checked, size_t size)
{
	if (size >= 2 && (!memcmp(text, "\xff\xfe", 2) || !memcmp(text, "\xfe\xff", 2)))
		return hmm_error("%s: is UTF-16, want UTF-8 (iconv -f UTF-16 -t UTF-8)", name);
	return memchr(text + checked, '\0', size - checked)
	           ? hmm_error("%s: holds a zero byte, want text", name)
	           : 0;
}

/* The whole file as a string, to free(); NULL, reported. */
static char *
read_text(const char *path)
{
	const int standard = !strcmp(path, "-");
	const char *name = standard ? "standard input" : path;
	FILE *file = standard ? stdin : fopen(path, "rb");
	void *text = NULL;
	size_t capacity = 0, used = 0, got = 0;
	if (!file) {
		hmm_error("%s: cannot open: %s", path, strerror(errno));
		return NULL;
	}
	int bad;
	do {
		bad = hmm_grow(&text, &capacity, used + 65536);
		got = bad ? 0 : fread((char *)text + used, 1, 65535, file);
		used += got;
		if (!bad && ferror(file))
			bad = hmm_error("%s: cannot read: %s", name, strerror(errno));
		bad = bad || check_text(name, text, used - got, used);
	} while (got && !bad);
	if (!standard)
		fclose(file);
	if (bad) {
		free(text);
		return NULL;
	}
	((char *)text)[used] = '\0';
	return text;
}

/* ---- cells ---- */

static int
hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *digit = c ? strchr(digits, c) : NULL;
	return digit ? (int)(digit - digits) : -1;
}

/* The byte of an escape \xHH; 0 where none begins at `at`. */
static int
escaped_byte(const char *at)
{
	if (at[0] != '\\' || at[1] != 'x' || hex_digit(at[2]) < 0 || hex_digit(at[3]) < 0)
		return 0;
	return 16 * hex_digit(at[2]) + hex_digit(at[3]);
}

/* Whether hmm_table_write() would have written these bytes so: a control character. What else
 * looks so is left, as it may be anyone's own. */
static int
is_control(int first, int second)
{
	return (first > 0 && first < 0x20) || first == 0x7f ||
	       (first == 0xc2 && second >= 0x80 && second < 0xa0);
}

/* Undo the escapes of a cell in place. */
static void
unescape(char *cell)
{
	char *to = strchr(cell, '\\');
	for (const char *from = to; from && *from; from++) {
		const char *codes = "t\tn\nr\r\\\\", *code = NULL;
		const int byte = escaped_byte(from), next = byte ? escaped_byte(from + 4) : 0;
		if (is_control(byte, next)) {
			*to++ = (char)byte;
			if (byte == 0xc2)
				*to++ = (char)next;
			from += byte == 0xc2 ? 7 : 3;
			continue;
		}
		if (*from == '\\' && from[1])
			for (const char *c = codes; *c && !code; c += 2)
				if (*c == from[1])
					code = c + 1;
		*to++ = code ? *code : *from;
		from += code != NULL;
	}
	if (to)
		*to = '\0';
}

static int
ends_cell(const struct reading *reading, char c)
{
	return c == '\0' || c == '\n' || c == '\r' || c == reading->separator;
}

/* The cell of RFC 4180 whose opening quote is at *from, moved there without its quotes. Moves
 * *from behind it and the blanks that follow. The cell's end; NULL, reported. */
static char *
take_quoted(struct reading *reading, char **from)
{
	const size_t line = reading->line;
	char *at = *from + 1, *to = *from;
	for (; *at && (*at != '"' || at[1] == '"'); at++) {
		at += *at == '"';
		reading->line += *at == '\n' || (*at == '\r' && at[1] != '\n');
		*to++ = *at;
	}
	if (!*at) {
		hmm_error("%s: line %zu: a cell's opening quote (\") has no closing one",
		    reading->table->name, line);
		return NULL;
	}
	for (at++; hmm_cell_blank(at);)
		at += hmm_cell_blank(at);
	if (!ends_cell(reading, *at)) {
		hmm_error("%s: line %zu: found '%c' behind a quoted cell, want a %s or the line's end",
		    reading->table->name, reading->line, *at, reading->separator == ',' ? "comma" : "tab");
		return NULL;
	}
	*from = at;
	return to;
}

/* Take the cell at reading->at without its quotes and, if `trimmed`, the blanks around it, and pass
 * over what ends it: the separator, '\n' for whatever ends a line, '\0' at the text's end. 0, or
 * -1 reported. */
static int
take_cell(struct reading *reading, char **cell, char *end, int trimmed)
{
	char *from = reading->at, *to;
	while (trimmed && hmm_cell_blank(from))
		from += hmm_cell_blank(from);
	*cell = from;
	if (*from == '"') {
		to = take_quoted(reading, &from);
		if (!to)
			return -1;
	} else {
		while (!ends_cell(reading, *from))
			from++;
		for (to = from; trimmed && hmm_cell_blank_before(*cell, to);)
			to -= hmm_cell_blank_before(*cell, to);
	}
	*end = *from == '\r' ? '\n' : *from;
	reading->line += *end == '\n';
	from += *from == '\r' && from[1] == '\n';
	reading->at = from + (*end != '\0');
	*to = '\0';
	if (reading->separator == '\t')
		unescape(*cell);
	return 0;
}

/* Take a line's cells into (*cells)[used..], `most` at most, and count all of them; a line of
 * empty ones has 0. 0, or -1 reported. */
static int
take_line(struct reading *reading, void **cells, size_t *capacity, size_t used, size_t most,
    size_t *count)
{
	int empty = 1;
	char *cell, end;
	*count = 0;
	do {
		const int known = reading->rules && *count < reading->table->columns;
		if (take_cell(reading, &cell, &end, !known || reading->rules[*count] & TRIMMED))
			return -1;
		empty = empty && !cell[strspn(cell, " ")];
		if (*count < most) {
			if (hmm_grow(cells, capacity, (used + *count + 1) * sizeof(char *)))
				return -1;
			((char **)*cells)[used + *count] = cell;
		}
		++*count;
	} while (end == reading->separator);
	if (empty)
		*count = 0;
	reading->unended = end == '\0' && !empty;
	return 0;
}

/* ---- the table ---- */

/* How a column is read. A subject may be called NA; the name of a file, or of what a table is
 * about, may begin with a blank. */
static int
rules_of(const char *column, int foreign)
{
	static const struct {
		const char *column;
		int rules;
	} known[] = {{"subject", TRIMMED}, {"modality", TRIMMED}, {"label", TRIMMED | SPELLED},
	    {"group", TRIMMED | SPELLED}, {"event", TRIMMED | SPELLED}, {"split", TRIMMED | SPELLED},
	    {"mask", SPELLED}, {"imputed", TRIMMED | SPELLED}};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(column, known[i].column))
			return known[i].rules | (foreign ? TRIMMED : 0);
	return foreign ? TRIMMED : 0;
}

/* No name twice; columns without a name are not asked for by any. */
static int
check_header(const struct hmm_table *table)
{
	struct hmm_names names = {0};
	int bad = 0;
	for (size_t i = 0, named = 0; i < table->columns && !bad; i++) {
		if (!*table->header[i])
			continue;
		const long number = hmm_names_add(&names, table->header[i]);
		bad = number < 0;
		if (!bad && (size_t)number < named++)
			bad = hmm_error(
			    "%s: column '%s' stands twice in its header", table->name, table->header[i]);
	}
	hmm_names_close(&names);
	return bad;
}

/* A table of one column whose name has other separators is of another kind. */
static int
check_separator(const struct reading *reading)
{
	static const struct {
		char sign;
		const char *name;
	} kinds[] = {{',', "commas"}, {';', "semicolons"}, {'\t', "tabs"}};
	const struct hmm_table *table = reading->table;
	const char *want = reading->separator == ',' ? "commas between the columns of a .csv"
	                   : reading->foreign        ? "tabs between the columns, or a name in .csv"
	                                             : "tabs between the columns";
	for (size_t i = 0; table->columns == 1 && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strchr(table->header[0], kinds[i].sign))
			return hmm_error(
			    "%s: found %s in its header, want %s", table->name, kinds[i].name, want);
	return 0;
}

static int
read_header(struct reading *reading)
{
	struct hmm_table *table = reading->table;
	void *header = NULL;
	size_t capacity = 0;
	if (!strncmp(reading->at, "\xef\xbb\xbf", 3)) /* the mark that spreadsheets put before UTF-8 */
		reading->at += 3;
	while (*reading->at == '#') {
		reading->at += strcspn(reading->at, "\r\n");
		reading->at += reading->at[0] == '\r' && reading->at[1] == '\n';
		reading->at += *reading->at != '\0';
		reading->line++;
	}
	while (*reading->at && !table->columns) {
		const int bad = take_line(reading, &header, &capacity, 0, SIZE_MAX, &table->columns);
		table->header = header;
		if (bad)
			return -1;
	}
	if (!table->columns)
		return hmm_error("%s: empty, want a header line", table->name);
	reading->rules = hmm_alloc(table->columns, 1);
	for (size_t i = 0; reading->rules && i < table->columns; i++)
		reading->rules[i] = (char)rules_of(table->header[i], reading->foreign);
	return !reading->rules || check_separator(reading) || check_header(table) ? -1 : 0;
}

static int
read_rows(struct reading *reading)
{
	struct hmm_table *table = reading->table;
	void *cells = NULL;
	while (*reading->at) {
		const size_t line = reading->line, used = table->rows * table->columns;
		size_t count = 0;
		const int bad = take_line(reading, &cells, &table->room, used, table->columns, &count);
		table->cells = cells;
		if (bad)
			return -1;
		if (count && count != table->columns)
			return hmm_error("%s: line %zu: %zu columns, want %zu as in the header", table->name,
			    line, count, table->columns);
		for (size_t i = 0; i < count; i++) {
			char **cell = &table->cells[used + i];
			if (!**cell || !strcmp(*cell, "n/a") ||
			    (reading->rules[i] & SPELLED && hmm_cell_missing(*cell)))
				*cell = NULL;
		}
		table->rows += count != 0;
	}
	return 0;
}

/* *unended: 1: the last line has no end. */
static struct hmm_table *
read_table(const char *path, char separator, int foreign, int *unended)
{
	struct hmm_table *table = hmm_alloc(1, sizeof(*table));
	if (!table)
		return NULL;
	table->name = hmm_strdup(strcmp(path, "-") ? path : "standard input");
	table->text = table->name ? read_text(path) : NULL;
	struct reading reading = {
	    .table = table, .at = table->text, .separator = separator, .line = 1, .foreign = foreign};
	const int bad = !table->text || read_header(&reading) || read_rows(&reading);
	free(reading.rules);
	*unended = reading.unended;
	if (!bad)
		return table;
	hmm_table_free(table);
	return NULL;
}

struct hmm_table *
hmm_table_read(const char *path, char separator)
{
	int unended;
	struct hmm_table *table = read_table(path, separator, 0, &unended);
	if (!table || !unended)
		return table;
	hmm_error(
	    "%s: its last line has no end, so it may have been cut; if it is whole, add a newline",
	    table->name);
	hmm_table_free(table);
	return NULL;
}

struct hmm_table *
hmm_table_read_named(const char *path, char separator)
{
	return hmm_regular_check(path) ? NULL : hmm_table_read(path, separator);
}

struct hmm_table *
hmm_table_read_foreign(const char *path)
{
	const size_t length = strlen(path);
	const int commas = length >= 4 && !strcasecmp(path + length - 4, ".csv");
	int unended;
	struct hmm_table *table = read_table(path, commas ? ',' : '\t', 1, &unended);
	if (table && unended)
		hmm_warn("%s: its last line has no end; taken as whole", table->name);
	return table;
}
