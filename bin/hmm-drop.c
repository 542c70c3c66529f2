/* hmm-split --ratio 6:1:3 all.tsv | hmm-drop --modality '*pet' --rate 0.5 -s 1 >manifest.tsv */
#include <stdio.h>
#include <stdlib.h>

#include "hmm/data/drop.h"
#include "hmm/base/error.h"
#include "hmm/data/manifest.h"
#include "hmm/base/memory.h"
#include "hmm/base/option.h"
#include "hmm/file/output.h"

static const char *modality, *splits, *by;
static long seed, repeat;
static int each;
static int label = HMM_UNSET;
static enum hmm_target target = HMM_BINARY;
static double rate = -1, gamma_by = HMM_UNSET;

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT(0, "modality", &modality, "GLOB,...", "the modalities that go, such as '*_pet'",
        HMM_UNNOTED),
    HMM_OPTION_NUMBER(
        0, "rate", &rate, "P", "from which part of those that have it, 0 to 1", HMM_UNNOTED),
    HMM_OPTION_FLAG(0, "each", &each, "each line on its own (default: a subject's lines together)",
        HMM_UNNOTED),
    HMM_OPTION_CHOICE(
        0, "label", &label, "0|1", "only from subjects of this label (default: all)", HMM_UNNOTED),
    HMM_OPTION_TARGET(&target),
    HMM_OPTION_TEXT(0, "by", &by, "COLUMN",
        "rather from those of a high value, of -COLUMN of a low one", HMM_UNNOTED),
    HMM_OPTION_NUMBER(0, "gamma", &gamma_by, "G",
        "how much rather: the logit's rise a standard deviation, or of the label (default: 1)",
        HMM_UNNOTED),
    HMM_OPTION_TEXT(
        0, "split", &splits, "NAME,...", "only here (default: in every split)", HMM_UNNOTED),
    HMM_OPTION_COUNT('s', "seed", &seed, "N", "of the random choice (default: 0)", HMM_UNNOTED),
    HMM_OPTION_COUNT(
        0, "repeat", &repeat, "N", "another choice with the same seed (default: 0)", HMM_UNNOTED),
};
static const struct hmm_usage usage = {
    "--modality GLOB,... --rate P [OPTION]... [MANIFEST] >manifest",
    "Take modalities away from some subjects, never their last one.", options,
    HMM_COUNT_OF(options)};

/* Whoever is above the bar by a millionth of a deviation is lost; more is more than doubles tell.
 */
static const double largest_gamma = 1e6;

int
main(int argc, char **argv)
{
	static const char *const agree[] = {"label", "group", "split", "event"};
	const int first = hmm_option_parse_once(argc, argv, &usage);
	if (argc - first > 1)
		hmm_option_misuse("one manifest wanted, found %d", argc - first);
	if (!modality || rate < 0)
		hmm_option_misuse("want --modality GLOB and --rate P");
	if (rate > 1)
		hmm_option_misuse("--rate: found %g, want 0 to 1", rate);
	if (repeat > (long)UINT32_MAX)
		hmm_option_misuse("--repeat: found %ld, want at most %u", repeat, UINT32_MAX);

	if (label != HMM_UNSET && target != HMM_BINARY)
		hmm_option_misuse("--label goes with the target binary");
	if (gamma_by >= 0 && !by)
		hmm_option_misuse("--gamma: want --by COLUMN too");
	if (gamma_by > largest_gamma)
		hmm_option_misuse("--gamma: found %g, want 0 to %g", gamma_by, largest_gamma);
	const size_t agreeing = HMM_COUNT_OF(agree) - (target != HMM_TIME);
	const int low = by && *by == '-';
	const double gamma = gamma_by < 0 ? 1 : gamma_by;

	struct hmm_drop_options how = {.modality = modality,
	    .splits = splits,
	    .label = label,
	    .each = each,
	    .rate = rate,
	    .by = by ? by + low : NULL,
	    .gamma = low ? -gamma : gamma,
	    .seed = (uint64_t)seed,
	    .repeat = (uint32_t)repeat};
	if (hmm_list_open(&how.patterns, "modality", modality)) {
		hmm_list_close(&how.patterns);
		return 2;
	}
	struct hmm_output output;
	struct hmm_table *table = hmm_table_read(first < argc ? argv[first] : "-", '\t');
	char *keep = table ? hmm_alloc(table->rows, 1) : NULL;
	int bad = !keep || hmm_manifest_check_target(table, target, agree, agreeing) ||
	          hmm_drop_table(keep, table, &how);

	bad = bad || hmm_output_open(&output, NULL);
	if (!bad) {
		hmm_table_print(output.file, table, keep);
		bad = hmm_output_finish(&output);
	}

	hmm_table_free(table);
	hmm_list_close(&how.patterns);
	free(keep);
	return bad ? 1 : 0;
}
