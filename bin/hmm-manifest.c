/* hmm-manifest --bids adni --label diagnosis --positive AD | hmm-split --ratio 6:1:3 >manifest.tsv
 */
#include <stdlib.h>
#include <string.h>

#include "hmm/error.h"
#include "hmm/memory.h"
#include "hmm/option.h"
#include "hmm/output.h"
#include "hmm/source.h"

static const char *bids, *breakhis, *folder, *pattern, *labels_path, *suffixes;
static const char *entities = "ce,trc", *group = "accession";
static struct hmm_labelling labelling;

static const struct hmm_option options[] = {
    {0, "bids", HMM_STRING, &bids, "DIR", "a BIDS tree", 0},
    {0, "breakhis", HMM_STRING, &breakhis, "DIR", "a BreakHis tree", 0},
    {0, "folder", HMM_STRING, &folder, "DIR", "any tree, read by --pattern", 0},
    {0, "pattern", HMM_STRING, &pattern, "PATTERN", "such as {group}/{subject}_{modality}.png", 0},
    {0, "labels", HMM_STRING, &labels_path, "FILE", "TSV or CSV with subject (or group) and label",
        0},
    {0, "label", HMM_STRING, &labelling.column, "COLUMN", "the column that holds the label", 0},
    {0, "positive", HMM_STRING, &labelling.positive, "VALUE", "the label's value that means 1", 0},
    {0, "suffix", HMM_STRING, &suffixes, "LIST", "BIDS suffixes to take, such as T1w,pet", 0},
    {0, "entities", HMM_STRING, &entities, "LIST", "BIDS entities that tell modalities apart", 0},
    {0, "group", HMM_CHOICE, &group, "accession|slide", "what BreakHis images belong to", 0},
};
static const struct hmm_usage usage = {
    "--bids DIR --label COLUMN [OPTION]...\n       hmm-manifest --breakhis DIR\n"
    "       hmm-manifest --folder DIR --pattern PATTERN [--labels FILE]",
    "List the images of a data set, a line each: the manifest of an experiment.", options,
    HMM_COUNT_OF(options)};

enum { SUBJECT, MODALITY, LABEL, GROUP, SPLIT, PATH };

static int
by_subject(const void *left, const void *right)
{
	char *const *a = left, *const *b = right;
	int order = strcmp(a[SUBJECT], b[SUBJECT]);
	order = order ? order : strcmp(a[MODALITY], b[MODALITY]);
	return order ? order : strcmp(a[PATH], b[PATH]);
}

/* No two labels for a subject; a count of what has none. */
static int
check(const struct hmm_table *manifest)
{
	size_t unlabelled = 0;
	for (size_t row = 0; row < manifest->rows; row++) {
		char *const *cells = manifest->cells + row * manifest->columns;
		char *const *before = row ? cells - manifest->columns : cells;
		const char *label = cells[LABEL] ? cells[LABEL] : "n/a";
		const char *other = before[LABEL] ? before[LABEL] : "n/a";
		unlabelled += !cells[LABEL];
		if (!strcmp(cells[SUBJECT], before[SUBJECT]) && strcmp(label, other))
			return hmm_error("subject %s has conflicting labels: %s (%s) and %s (%s)",
			    cells[SUBJECT], other, before[PATH], label, cells[PATH]);
	}
	if (unlabelled)
		hmm_warn("%zu of %zu images have no label", unlabelled, manifest->rows);
	return 0;
}

static struct hmm_table *
read_source(void)
{
	struct hmm_table *labels = NULL, *manifest = NULL;
	if (bids)
		return hmm_source_bids(bids, suffixes, entities, &labelling);
	if (breakhis)
		return hmm_source_breakhis(breakhis, group[0] == 'a');
	if (labels_path) {
		const char *dot = strrchr(labels_path, '.');
		labels = hmm_table_read(labels_path, dot && !strcmp(dot, ".csv") ? ',' : '\t');
		if (!labels)
			return NULL;
		labelling.column = labelling.column ? labelling.column : "label";
	}
	manifest = hmm_source_folder(folder, pattern, labels, &labelling);
	hmm_table_free(labels);
	return manifest;
}

int
main(int argc, char **argv)
{
	const int operand = hmm_option_parse(argc, argv, &usage);
	if (operand != argc || !!bids + !!breakhis + !!folder != 1 || (folder && !pattern))
		hmm_option_misuse("want one of --bids, --breakhis, or --folder with --pattern");

	struct hmm_table *manifest = read_source();
	if (!manifest)
		return 1;
	int bad = 0;
	if (manifest->rows == 0)
		bad = hmm_error("%s: no images found", manifest->name);

	const size_t width = manifest->columns * sizeof(char *);
	if (!bad) {
		qsort(manifest->cells, manifest->rows, width, by_subject);
		bad = check(manifest);
	}

	struct hmm_output output;
	if (!bad && !(bad = hmm_output_open(&output, NULL))) {
		hmm_table_print(output.file, manifest, NULL);
		bad = hmm_output_finish(&output);
	}
	hmm_table_free(manifest);
	return bad ? 1 : 0;
}
