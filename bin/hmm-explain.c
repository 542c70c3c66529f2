/* ... | hmm-condition -w phi.safetensors | hmm-explain -w rho.safetensors --phi phi.safetensors */
#include "hmm/base/option.h"
#include "hmm/file/output.h"
#include "hmm/learn/explain.h"
#include "hmm/learn/model.h"
#include "hmm/learn/slices.h"
#include "hmm/score/shares.h"

static int pairs, images, gain, blank, summary;
static int slices = HMM_UNSET; /* enum hmm_slice_rule */
static const char *output_path;
static long threads, replicates = 2000;
static struct hmm_explain_options given = {
    .reduce = HMM_UNSET, .prevalence = HMM_UNSET, .orders = 1000};

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT('w', "weights", &given.weights, "FILE", "the trained rho", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "phi", &given.phi, "FILE",
        "the phi of the latents: tell content from presence", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "mean", &given.mean, "FILE",
        "the same for vectors, by the mean of these latents of split train", HMM_UNNOTED),
    HMM_OPTION_FLAG(0, "interactions", &pairs, "of pairs of modalities instead", HMM_UNNOTED),
    HMM_OPTION_FLAG(0, "images", &images, "of each image, left out, instead", HMM_UNNOTED),
    HMM_OPTION_CHOICE(0, "slices", &slices, "winner|airport",
        "read features of slices instead, and share their image's worth", HMM_UNNOTED),
    HMM_OPTION_FLAG(
        0, "gain", &gain, "of what a modality more gained in split val instead", HMM_UNNOTED),
    HMM_OPTION_FLAG(0, "blank", &blank,
        "print predictions where no modality shows anything instead", HMM_UNNOTED),
    HMM_OPTION_FLAG(0, "summary", &summary, "read such a table, and print means of absolute shares",
        HMM_UNNOTED),
    HMM_OPTION_COUNT(0, "bootstrap", &replicates, "N",
        "with --summary: replicates of the intervals (default: 2000; 0: none)", HMM_UNNOTED),
    HMM_OPTION_CHOICE('r', "reduce", &given.reduce, "mean|sum|max",
        "how a set becomes one latent (default: as in training)", HMM_UNNOTED),
    HMM_OPTION_NUMBER(0, "prevalence", &given.prevalence, "P",
        "what is believed knowing nothing (default: that of training)", HMM_UNNOTED),
    HMM_OPTION_COUNT(0, "samples", &given.orders, "N",
        "orders to draw for more than 13 modalities (default: 1000)", HMM_UNNOTED),
    HMM_OPTION_COUNT(
        's', "seed", &given.seed, "N", "of these and of the bootstrap (default: 0)", HMM_UNNOTED),
    HMM_OPTION_TEXT(
        'o', "output", &output_path, "FILE", "where the table goes, whole or not", HMM_UNNOTED),
    HMM_OPTION_COUNT(
        'j', "threads", &threads, "N", "threads (default: all processors)", HMM_UNNOTED),
    HMM_OPTION_ANY_HISTORY,
    HMM_OPTION_IMPUTED,
};
static const struct hmm_usage usage = {
    "-w FILE [OPTION]... <latents >shares\n       hmm-explain --slices winner|airport -w FILE "
    "--phi FILE "
    "[OPTION]... <features >slices\n       hmm-explain --summary [OPTION]... <shares",
    "What each modality is worth to each subject's logit: its exact Shapley value.", options,
    HMM_COUNT_OF(options)};

/* Leave no option that contradicts another. */
static void
check_options(void)
{
	if (!given.weights == !summary)
		hmm_option_misuse("want either -w FILE or --summary");
	if (summary &&
	    (pairs || images || gain || blank || slices != HMM_UNSET || given.phi || given.mean))
		hmm_option_misuse("--summary reads a table of shares, and goes with none of the others");
	if (summary)
		hmm_option_idle(&usage, "reduce|prevalence|samples|imputed|any-history", "with --summary");
	else
		hmm_option_idle(&usage, "bootstrap", "without --summary");
	if (slices != HMM_UNSET)
		hmm_option_idle(&usage, "prevalence|samples|seed", "with --slices");
	else
		hmm_option_idle(
		    &usage, "imputed", "without --slices: hmm-condition takes what was imputed");
	if (replicates > 10000000)
		hmm_option_misuse("--bootstrap: found %ld, want at most 10000000", replicates);
	if (pairs + images + gain + blank + (slices != HMM_UNSET) > 1)
		hmm_option_misuse(
		    "want at most one of --interactions, --images, --gain, --blank and --slices");
	if (given.phi && given.mean)
		hmm_option_misuse("want at most one of --phi and --mean");
	if ((given.phi || given.mean) && pairs + images + gain)
		hmm_option_misuse("--phi and --mean go with none of --interactions, --images and --gain");
	if (blank && !given.phi && !given.mean)
		hmm_option_misuse("--blank: want the --phi or --mean that says what nothing seen is");
	if (slices != HMM_UNSET && !given.phi)
		hmm_option_misuse("--slices: want the --phi that makes latents of the features");
	if (given.prevalence != HMM_UNSET && !(given.prevalence > 0 && given.prevalence < 1))
		hmm_option_misuse(
		    "--prevalence: found %g, want a number between 0 and 1", given.prevalence);
	if (given.orders < 2 || given.orders > 1000000)
		hmm_option_misuse("--samples: found %ld, want 2 to 1000000", given.orders);
}

int
main(int argc, char **argv)
{
	threads = hmm_processors();
	if (hmm_option_parse(argc, argv, &usage) != argc)
		hmm_option_misuse("no operands wanted: what is explained comes on standard input");
	check_options();
	given.what = pairs    ? HMM_EXPLAIN_PAIRS
	             : images ? HMM_EXPLAIN_IMAGES
	             : gain   ? HMM_EXPLAIN_GAIN
	             : blank  ? HMM_EXPLAIN_BLANK
	                      : HMM_EXPLAIN_SHARES;

	const struct hmm_slices_options of_slices = {
	    given.weights, given.phi, (enum hmm_slice_rule)slices, given.reduce};
	struct hmm_output output = {0};
	struct hmm_pool *pool = NULL;
	int bad = hmm_output_open(&output, output_path) || hmm_output_spares(&output, given.weights) ||
	          hmm_output_spares(&output, given.phi) || hmm_output_spares(&output, given.mean);
	if (!bad && summary)
		bad = hmm_shares_summarise(output.file, "-", (size_t)replicates, (uint64_t)given.seed);
	else if (!bad)
		bad = !(pool = hmm_pool_open((size_t)threads)) ||
		      (slices == HMM_UNSET ? hmm_explain_run(&given, output.file, pool)
		                           : hmm_slices_run(&of_slices, output.file, pool));
	bad = bad || hmm_output_finish(&output);
	hmm_output_abandon(&output);
	hmm_pool_close(pool);
	return bad ? 1 : 0;
}
