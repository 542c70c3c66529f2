/* ... | hmm-setsum --subsets all | hmm-rho -w rho.safetensors | hmm-shortcuts -s 1 */
#include "hmm/base/option.h"
#include "hmm/data/predictions.h"
#include "hmm/file/output.h"
#include "hmm/score/shortcuts.h"

static const char *split = "test", *from = "train", *run, *presence;
static long replicates = HMM_UNSET, seed;
static double rate = .5, gamma_by = 2, margin = .05;

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT(0, "split", &split, "NAME", "check this split (default: test)", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "from", &from, "NAME",
        "learn what presence tells from this split (default: train)", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "run", &run, "NAME", "of several runs this one", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "presence", &presence, "FILE",
        "predictions of the same model where no modality shows anything", HMM_UNNOTED),
    HMM_OPTION_NUMBER(0, "rate", &rate, "P",
        "the share that loses a modality not at random (default: 0.5)", HMM_UNNOTED),
    HMM_OPTION_NUMBER(0, "gamma", &gamma_by, "G",
        "how much that depends on label or severity (default: 2)", HMM_UNNOTED),
    HMM_OPTION_NUMBER(0, "margin", &margin, "X",
        "the excess that is let pass where it can be no more (default: 0.05)", HMM_UNNOTED),
    HMM_OPTION_COUNT(0, "bootstrap", &replicates, "N",
        "replicates, and permutations (default: as many as the tests want)", HMM_UNNOTED),
    HMM_OPTION_COUNT('s', "seed", &seed, "N", "of everything drawn (default: 0)", HMM_UNNOTED),
};
static const struct hmm_usage usage = {"[OPTION]... [PREDICTIONS] >checks",
    "Find out whether predictions come from which modalities there are.", options,
    HMM_COUNT_OF(options)};

int
main(int argc, char **argv)
{
	const int first = hmm_option_parse(argc, argv, &usage);
	if (argc - first > 1)
		hmm_option_misuse("one table of predictions wanted, found %d", argc - first);
	if (rate > 1 || margin > 1)
		hmm_option_misuse(
		    "--%s: found %g, want 0 to 1", rate > 1 ? "rate" : "margin", rate > 1 ? rate : margin);
	if (!(rate > 0))
		hmm_option_misuse("--rate: found %g, want more than 0: nobody would lose anything", rate);
	if (replicates != HMM_UNSET && (replicates < 1 || replicates > 1000000))
		hmm_option_misuse("--bootstrap: found %ld, want 1 to 1000000", replicates);

	const struct hmm_shortcuts_options how = {split, from, run, rate, gamma_by, margin,
	    replicates < 0 ? HMM_BOOTSTRAP_ENOUGH : (size_t)replicates, (uint64_t)seed};
	struct hmm_predictions predictions = {0}, other = {0};
	struct hmm_output output;
	int bad = hmm_output_open(&output, NULL);

	bad = bad || hmm_predictions_open(&predictions, first < argc ? argv[first] : "-", 1) ||
	      (presence && hmm_predictions_open(&other, presence, 0)) ||
	      hmm_shortcuts_write(output.file, &predictions, presence ? &other : NULL, &how) ||
	      hmm_output_finish(&output);
	hmm_output_abandon(&output);

	hmm_predictions_close(&predictions);
	hmm_predictions_close(&other);
	return bad ? 1 : 0;
}
