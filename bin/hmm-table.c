/* hmm-table --format markdown index.tsv >table.md */
#include <stdio.h>
#include <string.h>

#include "hmm/base/option.h"
#include "hmm/file/output.h"
#include "hmm/score/report.h"

static enum { TSV, MARKDOWN, LATEX } format = TSV;
static const char *published, *of, *note = "Data: not said.", *reference = "HyperMM";
static const char *split = "test";
static int plain;

static const struct hmm_option options[] = {
    HMM_OPTION_CHOICE(
        0, "format", &format, "tsv|markdown|latex", "of the table (default: tsv)", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "published", &published, "FILE",
        "numbers to stand beside: scenario system metric mean sd", HMM_UNNOTED),
    HMM_OPTION_TEXT(
        0, "of", &of, "NAME", "only those whose column table has this name", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "note", &note, "TEXT", "stands above the table", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "reference", &reference, "SYSTEM",
        "what the tests compare with (default: HyperMM)", HMM_UNNOTED),
    HMM_OPTION_TEXT(
        0, "split", &split, "NAME", "the split of the scores (default: test)", HMM_UNNOTED),
    HMM_OPTION_FLAG(0, "plain", &plain,
        "print any table for scripts: no cell is quoted, no line is blank", HMM_UNNOTED),
};
static const struct hmm_usage usage = {"[OPTION]... [INDEX] >table\n"
                                       "       hmm-table --plain [TABLE] >table",
    "One table of what hmm-score says of several systems: TSV, Markdown or LaTeX.", options,
    HMM_COUNT_OF(options)};

/* Cells for scripts: tabs, ends of lines and backslashes are escaped, no cell is quoted. */
static void
write_plain(FILE *file, char *const *cells, size_t count)
{
	static const char signs[] = "\t\n\r\\", letters[] = "tnr\\";
	for (size_t i = 0; i < count; i++) {
		for (const char *c = cells[i] ? cells[i] : "n/a"; *c; c++) {
			const char *sign = strchr(signs, *c);
			if (sign)
				putc('\\', file);
			putc(sign ? letters[sign - signs] : *c, file);
		}
		putc(i + 1 < count ? '\t' : '\n', file);
	}
}

static int
print_plain(FILE *file, const char *path)
{
	struct hmm_table *table = hmm_table_read(path, '\t');
	if (!table)
		return -1;
	write_plain(file, table->header, table->columns);
	for (size_t row = 0; row < table->rows; row++)
		write_plain(file, table->cells + row * table->columns, table->columns);
	hmm_table_free(table);
	return 0;
}

/* The table of the systems of an index. */
static int
print_results(FILE *file, const char *index)
{
	struct hmm_results results;
	int bad = hmm_results_open(&results, index, split, reference, published, of);
	if (!bad && format == TSV)
		hmm_report_write(file, &results);
	else if (!bad)
		hmm_report_write_markup(file, format == LATEX ? HMM_LATEX : HMM_MARKDOWN, &results,
		    &(struct hmm_report){note, reference, split, published != NULL});
	hmm_results_close(&results);
	return bad;
}

int
main(int argc, char **argv)
{
	const int first = hmm_option_parse(argc, argv, &usage);
	if (argc - first > 1)
		hmm_option_misuse("one %s wanted, found %d", plain ? "table" : "index", argc - first);
	if (of && !published)
		hmm_option_misuse("--of goes with --published");

	const char *path = first < argc ? argv[first] : "-";
	struct hmm_output output = {0};
	int bad = hmm_output_open(&output, NULL);
	bad = bad || (plain ? print_plain : print_results)(output.file, path);
	bad = bad || hmm_output_finish(&output);
	hmm_output_abandon(&output);
	return bad ? 1 : 0;
}
