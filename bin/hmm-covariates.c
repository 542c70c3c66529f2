/* hmm-covariates --columns age,sex,site manifest.tsv | hmm-score
 * hmm-covariates --columns age,sex,site --predictions predictions.tsv manifest.tsv | hmm-score */
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/option.h"
#include "hmm/file/output.h"
#include "hmm/score/covariates.h"

static struct hmm_covariates_options how = {.folds = 5};
static const char *output_path;
static long seed;

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT(
        0, "columns", &how.columns, "NAME,...", "of the manifest, such as age,sex", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "predictions", &how.predictions, "FILE",
        "of a system, whose logit is one more column", HMM_UNNOTED),
    HMM_OPTION_TEXT('o', "output", &output_path, "FILE", "where predictions go", HMM_UNNOTED),
    HMM_OPTION_COUNT(0, "folds", &how.folds, "N",
        "inner folds of patients that choose the L2 penalty (default: 5)", HMM_UNNOTED),
    HMM_OPTION_COUNT('s', "seed", &seed, "N", "of the inner folds (default: 0)", HMM_UNNOTED),
};
static const struct hmm_usage usage = {"--columns NAME,... [OPTION]... [MANIFEST] >predictions.tsv",
    "What age, sex and site tell, alone or beside a system's logit.", options,
    HMM_COUNT_OF(options)};

/* What says who it is, what is asked or what is learned can be no column. */
static void
check_columns(void)
{
	static const char *const no_column[] = {"label", "subject", "group", "split"};
	struct hmm_list list;
	if (hmm_list_open(&list, "columns", how.columns))
		exit(2);
	for (size_t i = 0; i < list.count; i++)
		for (size_t k = 0; k < HMM_COUNT_OF(no_column); k++)
			if (!strcmp(list.item[i], no_column[k]))
				hmm_option_misuse("--columns: found '%s', want what is known of a subject before "
				                  "its label, such as age",
				    list.item[i]);
	hmm_list_close(&list);
}

int
main(int argc, char **argv)
{
	const int first = hmm_option_parse(argc, argv, &usage);
	if (argc - first > 1)
		hmm_option_misuse("one manifest wanted, found %d", argc - first);
	if (!how.columns)
		hmm_option_misuse("want --columns NAME,...");
	check_columns();
	if (how.folds < 2 || how.folds > 1000)
		hmm_option_misuse("--folds: found %ld, want 2 to 1000", how.folds);
	how.seed = (uint64_t)seed;

	struct hmm_output output = {0};
	struct hmm_table *table = NULL;
	int bad = hmm_output_open(&output, output_path) ||
	          hmm_output_spares(&output, how.predictions) ||
	          (first < argc && hmm_output_spares(&output, argv[first])) ||
	          !(table = hmm_table_read(first < argc ? argv[first] : "-", '\t')) ||
	          hmm_table_want(table, "subject") < 0 || hmm_table_want(table, "label") < 0 ||
	          hmm_table_want(table, "split") < 0;

	bad = bad || hmm_covariates_run(output.file, table, &how) || hmm_output_finish(&output);

	hmm_output_abandon(&output);
	hmm_table_free(table);
	return bad ? 1 : 0;
}
