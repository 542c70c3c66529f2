/* hmm-slice T1w=t1.nii.gz --subject sub-01 | hmm-show */
#include <errno.h>
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/file/npy.h"
#include "hmm/base/option.h"
#include "hmm/stream/stream.h"
#include "hmm/data/table.h"
#include "hmm/base/utf8.h"

static int as_json;
static const char *npy_folder;
static int from_npy = HMM_UNSET; /* enum hmm_kind */

static const struct hmm_option options[] = {
    HMM_OPTION_FLAG(0, "json", &as_json, "an object a line, the history first", HMM_UNNOTED),
    HMM_OPTION_TEXT(
        0, "npy", &npy_folder, "DIR", "also write each tensor to DIR/000000.npy, ...", HMM_UNNOTED),
    HMM_OPTION_CHOICE(0, "from-npy", &from_npy, "slices|features|latents|sets",
        "the way back: make a stream of the table that --npy printed", HMM_UNNOTED),
};
static const struct hmm_usage usage = {
    "[OPTION]... [STREAM]\n       hmm-show --from-npy KIND [TABLE] >stream",
    "Print a stream of tensor records, a line a record.", options, HMM_COUNT_OF(options)};

/* The columns of the table, in both directions. */
static const char *const columns[] = {"subject", "group", "modality", "observed", "split", "source",
    "label", "index", "count", "shape", "dtype", "mean", "min", "max", "npy"};
enum { TEXTS = 6, COLUMNS = sizeof(columns) / sizeof(columns[0]) };

struct summary {
	double mean, least, most;
};

static struct summary
summarise(const struct hmm_tensor *x)
{
	struct summary summary = {0};
	size_t count = 0;
	hmm_tensor_count(x, &count);
	for (size_t i = 0; i < count; i++) {
		float element;
		hmm_tensor_floats(&element, x, i, 1);
		const double value = (double)element;
		summary.mean += value / (double)count;
		summary.least = i == 0 || value < summary.least ? value : summary.least;
		summary.most = i == 0 || value > summary.most ? value : summary.most;
	}
	return summary;
}

/* The text of a field, NULL when it is absent. */
static const char *
text_field(const struct hmm_record *record, int column)
{
	const char *const texts[TEXTS] = {record->subject, record->group, record->modality,
	    record->observed, record->split, record->source};
	return texts[column][0] ? texts[column] : NULL;
}

static long
number_field(const struct hmm_record *record, int column)
{
	const long numbers[] = {record->label, record->index, record->count};
	return numbers[column - TEXTS];
}

static void
print_line(const struct hmm_record *record, const char *npy)
{
	const struct summary summary = summarise(&record->x);
	char text[128];
	for (int i = 0; i < TEXTS; i++)
		hmm_table_write(stdout, text_field(record, i), i == 0);
	for (int i = TEXTS; i < TEXTS + 3; i++) {
		const long number = number_field(record, i);
		snprintf(text, sizeof(text), "%ld", number);
		hmm_table_write(stdout, number < 0 ? NULL : text, 0);
	}
	hmm_table_write(
	    stdout, hmm_shape_text(text, sizeof(text), record->x.shape, record->x.dimensions), 0);
	hmm_table_write(stdout, hmm_dtype_name(record->x.dtype), 0);
	printf("\t%.6g\t%.6g\t%.6g", summary.mean, summary.least, summary.most);
	hmm_table_write(stdout, npy, 0);
	putchar('\n');
}

/* JSON is UTF-8: U+FFFD stands for each byte that is not. */
static json_t *
json_text(const char *text)
{
	static const char replacement[] = "\xef\xbf\xbd";
	char *valid = hmm_alloc(3 * strlen(text) + 1, 1), *to = valid;
	while (valid && *text) {
		const size_t length = hmm_utf8_character(text);
		memcpy(to, length ? text : replacement, length ? length : 3);
		to += length ? length : 3;
		text += length ? length : 1;
	}
	json_t *string = valid ? json_string(valid) : NULL;
	free(valid);
	return string;
}

static void
print_json(const struct hmm_record *record, const char *npy)
{
	const struct summary summary = summarise(&record->x);
	json_t *object = json_object(), *shape = json_array();
	for (int i = 0; i < TEXTS; i++)
		if (text_field(record, i))
			json_object_set_new(object, columns[i], json_text(text_field(record, i)));
	for (int i = TEXTS; i < TEXTS + 3; i++)
		if (number_field(record, i) >= 0)
			json_object_set_new(object, columns[i], json_integer(number_field(record, i)));
	for (int i = 0; i < record->x.dimensions; i++)
		json_array_append_new(shape, json_integer((json_int_t)record->x.shape[i]));
	json_object_set_new(object, "shape", shape);
	json_object_set_new(object, "dtype", json_string(hmm_dtype_name(record->x.dtype)));
	json_object_set_new(object, "mean", json_real(summary.mean));
	json_object_set_new(object, "min", json_real(summary.least));
	json_object_set_new(object, "max", json_real(summary.most));
	if (npy)
		json_object_set_new(object, "npy", json_text(npy));
	json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(object);
}

static void
print_history(const struct hmm_reader *reader)
{
	const struct hmm_past *past;
	const size_t count = hmm_reader_history(reader, &past);
	json_t *history = json_array();
	for (size_t i = 0; i < count; i++) {
		if (!as_json)
			printf("# %s\t%s\t%s\t%s\n", past[i].program, past[i].version, past[i].options,
			    past[i].weights);
		json_array_append_new(
		    history, json_pack("{so so so so}", "program", json_text(past[i].program), "version",
		                 json_text(past[i].version), "options", json_text(past[i].options),
		                 "weights", json_text(past[i].weights)));
	}
	json_t *header =
	    json_pack("{ss so}", "kind", hmm_kind_name(hmm_reader_kind(reader)), "history", history);
	if (as_json) {
		json_dumpf(header, stdout, JSON_COMPACT);
		putchar('\n');
	}
	json_decref(header);
	for (int i = 0; i < COLUMNS && !as_json; i++)
		printf(i + 1 < COLUMNS ? "%s\t" : "%s\n", columns[i]);
}

static int
show(FILE *file, const char *name)
{
	struct hmm_record record = {0};
	struct hmm_reader *reader = hmm_reader_open_any(file, name);
	int more = reader ? 1 : -1;
	if (reader)
		print_history(reader);
	while (more == 1 && (more = hmm_reader_next(reader, &record)) == 1) {
		char path[4200];
		snprintf(path, sizeof(path), "%s/%06ld.npy", npy_folder ? npy_folder : "",
		    hmm_reader_number(reader) - 1);
		if (npy_folder && hmm_npy_write(path, &record.x))
			more = -1;
		else
			(as_json ? print_json : print_line)(&record, npy_folder ? path : NULL);
	}
	hmm_reader_close(reader);
	hmm_record_free(&record);
	return more < 0 ? 1 : 0;
}

/* ---- the way back ---- */

/* A number of a row, from 0; -1 where there is none, -2 reported. */
static long
read_number(const struct hmm_table *table, size_t row, const char *column)
{
	const char *cell = hmm_table_cell(table, row, hmm_table_find(table, column));
	char *end;
	const long number = cell ? strtol(cell, &end, 10) : -1;
	if (!cell || (end != cell && !*end && number >= 0 && number <= INT32_MAX))
		return number;
	hmm_error("%s: row %zu: %s '%s', want a small number", table->name, row + 1, column, cell);
	return -2;
}

static int
read_row(struct hmm_record *record, const struct hmm_table *table, size_t row)
{
	char *const texts[TEXTS] = {record->subject, record->group, record->modality, record->observed,
	    record->split, record->source};
	const size_t sizes[TEXTS] = {sizeof(record->subject), sizeof(record->group),
	    sizeof(record->modality), sizeof(record->observed), sizeof(record->split),
	    sizeof(record->source)};
	hmm_record_clear(record);
	for (int i = 0; i < TEXTS; i++) {
		const char *cell = hmm_table_cell(table, row, hmm_table_find(table, columns[i]));
		if (cell && hmm_record_set(texts[i], sizes[i], columns[i], cell))
			return -1;
	}
	record->label = hmm_table_label(table, row, hmm_table_find(table, "label"));
	record->index = read_number(table, row, "index");
	record->count = record->index < -1 ? -1 : read_number(table, row, "count");
	if (record->index < -1 || record->count < -1)
		return -1;
	const char *npy = hmm_table_cell(table, row, hmm_table_find(table, "npy"));
	if (!npy)
		return hmm_error("%s: row %zu: no file in column 'npy'", table->name, row + 1);
	return record->label < -1 || hmm_npy_read(&record->x, npy) ? -1 : 0;
}

static int
make_stream(const char *path)
{
	struct hmm_filter filter = {0};
	struct hmm_table *table = hmm_table_read(path, '\t');
	const struct hmm_step step = {"", NULL};
	if (!table)
		return 1;
	filter.writer = hmm_writer_open(stdout, "standard output", (enum hmm_kind)from_npy, &step);
	int bad = !filter.writer;
	for (size_t row = 0; row < table->rows && !bad; row++)
		bad = read_row(&filter.record, table, row) || hmm_writer_put(filter.writer, &filter.record);
	hmm_table_free(table);
	return hmm_filter_close(&filter, bad);
}

int
main(int argc, char **argv)
{
	const int operand = hmm_option_parse(argc, argv, &usage);
	const char *name = operand < argc ? argv[operand] : "-";
	if (argc - operand > 1)
		hmm_option_misuse("want at most one operand");
	if (from_npy != HMM_UNSET)
		return make_stream(name);

	const int standard = !strcmp(name, "-");
	FILE *file = standard ? stdin : fopen(name, "rb");
	if (!file)
		return hmm_error("%s: cannot open: %s", name, strerror(errno)), 1;

	int status = show(file, standard ? "standard input" : name);

	if (!standard)
		fclose(file);
	if (fclose(stdout) && !status)
		status = hmm_error("standard output: cannot write: %s", strerror(errno));
	return status ? 1 : 0;
}
