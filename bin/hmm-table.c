/* hmm-table --format markdown index.tsv >table.md */
#include <stdio.h>

#include "hmm/base/option.h"
#include "hmm/file/output.h"
#include "hmm/score/report.h"

static enum { TSV, MARKDOWN, LATEX } format = TSV;
static const char *published, *of, *note = "Data: not said.", *reference = "HyperMM";
static const char *split = "test";

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
};
static const struct hmm_usage usage = {"[OPTION]... [INDEX] >table",
    "One table of what hmm-score says of several systems: TSV, Markdown or LaTeX.", options,
    HMM_COUNT_OF(options)};

int
main(int argc, char **argv)
{
	const int first = hmm_option_parse(argc, argv, &usage);
	if (argc - first > 1)
		hmm_option_misuse("one index wanted, found %d", argc - first);
	if (of && !published)
		hmm_option_misuse("--of goes with --published");

	struct hmm_results results;
	struct hmm_output output = {0};
	int bad = hmm_results_open(&results, first < argc ? argv[first] : "-", split, published, of) ||
	          hmm_output_open(&output, NULL);

	if (!bad && format == TSV)
		hmm_report_write(output.file, &results);
	else if (!bad)
		hmm_report_write_markup(output.file, format == LATEX ? HMM_LATEX : HMM_MARKDOWN, &results,
		    &(struct hmm_report){note, reference, split, published != NULL});

	bad = bad || hmm_output_finish(&output);
	hmm_output_abandon(&output);
	hmm_results_close(&results);
	return bad ? 1 : 0;
}
