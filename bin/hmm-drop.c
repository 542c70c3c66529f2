/* hmm-split --ratio 6:1:3 all.tsv | hmm-drop --modality '*pet' --rate 0.5 -s 1 >manifest.tsv */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>

#include "hmm/data/drop.h"
#include "hmm/base/error.h"
#include "hmm/data/column.h"
#include "hmm/data/manifest.h"
#include "hmm/base/memory.h"
#include "hmm/base/option.h"
#include "hmm/file/output.h"

static const char *modality, *splits;
static long seed, repeat;
static double rate = -1;

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT(
        0, "modality", &modality, "GLOB", "the modalities that go, such as '*_pet'", HMM_UNNOTED),
    HMM_OPTION_NUMBER(
        0, "rate", &rate, "P", "from which part of those that have it, 0 to 1", HMM_UNNOTED),
    HMM_OPTION_TEXT(
        0, "split", &splits, "NAME,...", "only here (default: in every split)", HMM_UNNOTED),
    HMM_OPTION_COUNT('s', "seed", &seed, "N", "of the random choice (default: 0)", HMM_UNNOTED),
    HMM_OPTION_COUNT(
        0, "repeat", &repeat, "N", "another choice with the same seed (default: 0)", HMM_UNNOTED),
};
static const struct hmm_usage usage = {"--modality GLOB --rate P [OPTION]... [MANIFEST] >manifest",
    "Take a modality away from some subjects, never their last one.", options,
    HMM_COUNT_OF(options)};

struct manifest {
	struct hmm_table *table;
	struct hmm_column subjects;
	char *matches; /* [rows]: 1: the modality is one of --modality */
	char *keep;    /* [rows] */
};

static int
open_manifest(struct manifest *manifest, const char *path)
{
	static const char *const agree[] = {"label", "group", "split"};
	struct hmm_table *table = manifest->table = hmm_table_read(path, '\t');
	if (!table || hmm_manifest_check(table, agree, HMM_COUNT_OF(agree)))
		return -1;
	const int column = hmm_table_want(table, "modality");
	if (column < 0 || (splits && hmm_table_want(table, "split") < 0) ||
	    hmm_column_open(&manifest->subjects, table, hmm_table_find(table, "subject"), -1))
		return -1;
	manifest->matches = hmm_alloc(table->rows, 1);
	manifest->keep = hmm_alloc(table->rows, 1);
	if (!manifest->matches || !manifest->keep)
		return -1;
	for (size_t row = 0; row < table->rows; row++) {
		const char *cell = hmm_table_cell(table, row, column);
		manifest->matches[row] = cell && !fnmatch(modality, cell, 0);
	}
	return 0;
}

static void
close_manifest(struct manifest *manifest)
{
	hmm_column_close(&manifest->subjects);
	hmm_table_free(manifest->table);
	free(manifest->matches);
	free(manifest->keep);
}

/* The subjects, to free(); NULL, reported. */
static struct hmm_drop_subject *
make_subjects(const struct manifest *manifest)
{
	const struct hmm_column *by_subject = &manifest->subjects;
	const int column = hmm_table_find(manifest->table, "split");
	struct hmm_drop_subject *subjects = hmm_alloc(by_subject->names.count, sizeof(*subjects));
	for (size_t i = 0; subjects && i < by_subject->names.count; i++) {
		const size_t first = hmm_column_first(by_subject, i);
		const char *split = hmm_table_cell(manifest->table, first, column);
		subjects[i].name = by_subject->names.name[i];
		subjects[i].split = split ? split : "n/a";
		subjects[i].index = i;
	}
	for (size_t row = 0; subjects && row < manifest->table->rows; row++) {
		subjects[by_subject->of[row]].has |= manifest->matches[row];
		subjects[by_subject->of[row]].other |= !manifest->matches[row];
	}
	return subjects;
}

/* Which rows stay. 0, or -1 reported. */
static int
drop(struct manifest *manifest)
{
	const struct hmm_drop_options how = {modality, splits, rate, (uint64_t)seed, (uint32_t)repeat};
	const size_t count = manifest->subjects.names.count;
	struct hmm_drop_subject *subjects = make_subjects(manifest);
	char *lost = hmm_alloc(count, 1); /* 1: the subject loses the modality */
	const int bad = !subjects || !lost || hmm_drop_choose(subjects, count, &how);
	for (size_t i = 0; i < count && !bad; i++)
		lost[subjects[i].index] = (char)subjects[i].drop;
	for (size_t row = 0; row < manifest->table->rows && !bad; row++)
		manifest->keep[row] = !(manifest->matches[row] && lost[manifest->subjects.of[row]]);
	free(subjects);
	free(lost);
	return bad;
}

int
main(int argc, char **argv)
{
	const int first = hmm_option_parse(argc, argv, &usage);
	if (argc - first > 1)
		hmm_option_misuse("one manifest wanted, found %d", argc - first);
	if (!modality || rate < 0)
		hmm_option_misuse("want --modality GLOB and --rate P");
	if (rate > 1)
		hmm_option_misuse("--rate: found %g, want 0 to 1", rate);
	if (repeat > (long)UINT32_MAX)
		hmm_option_misuse("--repeat: found %ld, want at most %u", repeat, UINT32_MAX);

	struct hmm_output output;
	struct manifest manifest = {0};
	int bad = open_manifest(&manifest, first < argc ? argv[first] : "-") || drop(&manifest) ||
	          hmm_output_open(&output, NULL);
	if (!bad) {
		hmm_table_print(output.file, manifest.table, manifest.keep);
		bad = hmm_output_finish(&output);
	}

	close_manifest(&manifest);
	return bad ? 1 : 0;
}
