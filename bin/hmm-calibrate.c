/* ... | hmm-setsum --subsets all | hmm-rho -w rho.safetensors | hmm-calibrate >calibrated.tsv */
#include "hmm/base/error.h"
#include "hmm/base/option.h"
#include "hmm/data/predictions.h"
#include "hmm/file/output.h"
#include "hmm/score/calibrate.h"

static enum hmm_calibrator_method method = HMM_CALIBRATOR_PLATT;
static enum hmm_sets_by by = HMM_SETS_AUTO;
static enum { EACH, TOGETHER } labels = EACH;
static int per_pattern;
static double alpha = .1;
static const char *report;
static long seed;

static const struct hmm_option options[] = {
    HMM_OPTION_CHOICE(0, "method", &method, "temperature|platt",
        "how logits become probabilities (default: platt)", HMM_UNNOTED),
    HMM_OPTION_FLAG(0, "per-pattern", &per_pattern,
        "for each pattern of modalities, drawn towards that of all", HMM_UNNOTED),
    HMM_OPTION_CHOICE(0, "conformal", &by, "auto|own|cut|all",
        "whom the sets of a pattern are calibrated on (default: auto)", HMM_UNNOTED),
    HMM_OPTION_CHOICE(0, "labels", &labels, "each|together",
        "whether the sets hold for each label or on average (default: each)", HMM_UNNOTED),
    HMM_OPTION_NUMBER(0, "alpha", &alpha, "A",
        "the share of labels that sets may miss (default: 0.1)", HMM_UNNOTED),
    HMM_OPTION_TEXT(
        0, "report", &report, "FILE", "write here how often they hold the label", HMM_UNNOTED),
    HMM_OPTION_COUNT('s', "seed", &seed, "N",
        "of the row drawn of a patient's and of the folds (default: 0)", HMM_UNNOTED),
};
static const struct hmm_usage usage = {"[OPTION]... [PREDICTIONS] >calibrated",
    "Calibrate predictions, and give each a set that holds the true label.", options,
    HMM_COUNT_OF(options)};

int
main(int argc, char **argv)
{
	const int first = hmm_option_parse_once(argc, argv, &usage);
	if (argc - first > 1)
		hmm_option_misuse("one table of predictions wanted, found %d", argc - first);
	if (!(alpha >= 1e-6 && alpha < 1))
		hmm_option_misuse("--alpha: found %g, want at least 1e-06 and less than 1", alpha);

	const struct hmm_calibrate_options how = {
	    .method = method,
	    .each = per_pattern,
	    .sets = {by, alpha, labels == TOGETHER},
	    .seed = (uint64_t)seed,
	};
	struct hmm_output output = {0}, about = {0};
	struct hmm_predictions predictions = {0};
	int bad =
	    hmm_output_open(&output, NULL) || (report && hmm_output_open(&about, report)) ||
	    (first < argc && hmm_output_spares(&about, argv[first])) ||
	    hmm_predictions_open(&predictions, first < argc ? argv[first] : "-", HMM_PREDICTIONS_EVERY);

	if (!bad && report && hmm_output_same(&output, &about))
		bad = hmm_error("--report %s: is standard output, want a file of its own", report);
	bad = bad || hmm_calibrate_write(output.file, about.file, &predictions, &how);

	bad = bad || (report && hmm_output_finish(&about)) || hmm_output_finish(&output);
	hmm_output_abandon(&output);
	hmm_output_abandon(&about);
	hmm_predictions_close(&predictions);
	return bad ? 1 : 0;
}
