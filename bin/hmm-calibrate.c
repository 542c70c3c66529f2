/* ... | hmm-setsum --subsets all | hmm-rho -w rho.safetensors | hmm-calibrate >calibrated.tsv */
#include <math.h>

#include "hmm/base/error.h"
#include "hmm/base/option.h"
#include "hmm/file/output.h"
#include "hmm/score/calibrate_classes.h"
#include "hmm/score/ensemble.h"

static int method = HMM_UNSET; /* enum hmm_calibrator_method */
static enum hmm_sets_by by = HMM_SETS_AUTO;
static enum { EACH, TOGETHER } labels = EACH;
static int per_pattern;
static double alpha = .1, threshold = HMM_UNSET;
static const char *report, *on;
static long seed;

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT(0, "on", &on, "FILE",
        "learn from these predictions, and calibrate all of the others", HMM_UNNOTED),
    HMM_OPTION_CHOICE(0, "method", &method, "temperature|platt|intercept",
        "how logits become probabilities (default: platt; of classes temperature)", HMM_UNNOTED),
    HMM_OPTION_FLAG(0, "per-pattern", &per_pattern,
        "for each pattern of modalities, drawn towards that of all", HMM_UNNOTED),
    HMM_OPTION_CHOICE(0, "conformal", &by, "auto|own|cut|all",
        "whom the sets of a pattern are calibrated on (default: auto)", HMM_UNNOTED),
    HMM_OPTION_CHOICE(0, "labels", &labels, "each|together",
        "whether the sets hold for each label or on average (default: each)", HMM_UNNOTED),
    HMM_OPTION_NUMBER(0, "alpha", &alpha, "A",
        "the share of labels that sets may miss (default: 0.1)", HMM_UNNOTED),
    HMM_OPTION_NUMBER(0, "threshold", &threshold, "P",
        "a column predicted: 1 where the probability exceeds P", HMM_UNNOTED),
    HMM_OPTION_TEXT(
        0, "report", &report, "FILE", "write here how often they hold the label", HMM_UNNOTED),
    HMM_OPTION_COUNT('s', "seed", &seed, "N",
        "of the row drawn of a patient's and of the folds (default: 0)", HMM_UNNOTED),
};
static const struct hmm_usage usage = {"[OPTION]... [PREDICTIONS...] >calibrated",
    "Calibrate predictions, and give each a set that holds the true label.", options,
    HMM_COUNT_OF(options)};

/* Open what is written and read. 0, or -1 reported. */
static int
open_all(struct hmm_output *output, struct hmm_output *about, struct hmm_ensemble *ensemble,
    struct hmm_predictions *learned, char *const *paths, size_t count)
{
	if (hmm_output_open(output, NULL) || (report && hmm_output_open(about, report)) ||
	    (on && hmm_output_spares(about, on)))
		return -1;
	for (size_t i = 0; i < count; i++)
		if (hmm_output_spares(about, paths[i]))
			return -1;
	if (report && hmm_output_same(output, about))
		return hmm_error("--report %s: is standard output, want a file of its own", report);
	return hmm_ensemble_open(ensemble, paths, count) ||
	               (on && hmm_predictions_open(learned, on, HMM_PREDICTIONS_EVERY))
	           ? -1
	           : 0;
}

/* By what they are predictions of. */
static int
calibrate(
    FILE *file, FILE *about, struct hmm_predictions *predictions, struct hmm_calibrate_options *how)
{
	const int classes = predictions->kind == HMM_CLASSES;
	const char *name = predictions->table->name;
	how->method = method != HMM_UNSET ? (enum hmm_calibrator_method)method
	              : classes           ? HMM_CALIBRATOR_TEMPERATURE
	                                  : HMM_CALIBRATOR_PLATT;
	if (predictions->kind == HMM_BINARY)
		return hmm_calibrate_write(file, about, predictions, how);
	if (!classes || report)
		return hmm_error("%s: predictions of %s have no %s", name,
		    hmm_target_names[predictions->kind], classes ? "--report" : "calibration");
	return hmm_calibrate_write_classes(file, predictions, how);
}

int
main(int argc, char **argv)
{
	static char standard_input[] = "-";
	char *none[] = {standard_input};
	const int first = hmm_option_parse_once(argc, argv, &usage);
	if (!(alpha >= 1e-6 && alpha < 1))
		hmm_option_misuse("--alpha: found %g, want at least 1e-06 and less than 1", alpha);
	if (threshold > 1)
		hmm_option_misuse("--threshold: found %g, want 0 to 1", threshold);

	struct hmm_output output = {0}, about = {0};
	struct hmm_ensemble ensemble = {0};
	struct hmm_predictions learned = {0};
	struct hmm_calibrate_options how = {
	    .each = per_pattern,
	    .sets = {by, alpha, labels == TOGETHER},
	    .seed = (uint64_t)seed,
	    .on = on ? &learned : NULL,
	    .threshold = threshold < 0 ? (double)NAN : threshold,
	};
	int bad = open_all(&output, &about, &ensemble, &learned, first < argc ? argv + first : none,
	    first < argc ? (size_t)(argc - first) : 1);
	bad = bad || calibrate(output.file, about.file, &ensemble.predictions, &how);

	bad = bad || (report && hmm_output_finish(&about)) || hmm_output_finish(&output);
	hmm_output_abandon(&output);
	hmm_output_abandon(&about);
	hmm_ensemble_close(&ensemble);
	hmm_predictions_close(&learned);
	return bad ? 1 : 0;
}
