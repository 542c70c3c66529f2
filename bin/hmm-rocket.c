/* hmm-rocket --train -o rocket.safetensors manifest.tsv
 * hmm-rocket -w rocket.safetensors manifest.tsv | hmm-condition -w phi.safetensors | ... */
#include "hmm/base/error.h"
#include "hmm/base/option.h"
#include "hmm/signal/fit.h"
#include "hmm/signal/plan.h"
#include "hmm/signal/transform.h"
#include "hmm/stream/filter.h"

static const char *weights_path, *output_path;
static struct hmm_fit_options how = HMM_FIT_UNSET;
static long threads;
static int train;

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT('w', "weights", &weights_path, "FILE", "what --train wrote", HMM_UNNOTED),
    HMM_OPTION_FLAG(0, "train", &train, "make that of split train instead", HMM_UNNOTED),
    HMM_OPTION_TEXT('o', "output", &output_path, "FILE", "where --train writes it", HMM_UNNOTED),
    HMM_OPTION_CHOICE(0, "biases", &how.biases, "frozen|pooled",
        "quantiles of a generated stream (default), or of train", HMM_NOTED),
    HMM_OPTION_COUNT(
        0, "features", &how.features, "N", "features a channel, a multiple of 84 (504)", HMM_NOTED),
    HMM_OPTION_COUNT(0, "length", &how.length, "N",
        "the length that dilations follow (default: the window, or train's median)", HMM_NOTED),
    HMM_OPTION_COUNT(0, "window", &how.window, "N", "a record a window of N samples", HMM_NOTED),
    HMM_OPTION_COUNT(
        0, "step", &how.step, "N", "from window to window (default: a window)", HMM_NOTED),
    HMM_OPTION_COUNT('s', "seed", &how.seed, "N", "of the generated stream (0)", HMM_NOTED),
    HMM_OPTION_COUNT(
        'j', "threads", &threads, "N", "threads (default: all processors)", HMM_UNNOTED),
    HMM_OPTION_SHOW_HISTORY,
};
static const struct hmm_usage usage = {
    "-w FILE [OPTION]... [MANIFEST] >features\n       hmm-rocket --train -o FILE [OPTION]... "
    "[MANIFEST]",
    "Frozen random convolution features of signals (MiniRocket): .ts, CSV, .npy, EDF, BDF.",
    options, HMM_COUNT_OF(options)};

static int
learn(const char *path, struct hmm_pool *pool)
{
	char noted[1024];
	struct hmm_output output = {0};
	struct hmm_table *table = NULL;
	hmm_fit_defaults(&how);
	const int bad = hmm_output_open(&output, output_path) || hmm_output_spares(&output, path) ||
	                hmm_option_history(noted, sizeof(noted), &usage, HMM_NOTED) ||
	                !(table = hmm_table_read(path, '\t')) ||
	                hmm_fit_table(&how, table, pool, noted, &output) || hmm_output_finish(&output);
	hmm_table_free(table);
	hmm_output_abandon(&output);
	return bad != 0;
}

static int
apply(const char *path, struct hmm_pool *pool)
{
	char digest[HMM_HASH_SIZE];
	struct hmm_rocket rocket = {.window = 0};
	struct hmm_filter filter = {0};
	struct hmm_step made;
	struct hmm_table *table = NULL;
	struct hmm_transform *to = NULL;
	const int bad = hmm_filter_open(&filter, HMM_FEATURES) ||
	                hmm_rocket_open(&rocket, weights_path, digest) ||
	                hmm_step_make(&made, &usage, digest) || hmm_filter_step(&filter, &made) ||
	                !(table = hmm_table_read(path, '\t')) ||
	                !(to = hmm_transform_open(&rocket, pool, filter.writer)) ||
	                hmm_recordings_each(table, NULL, hmm_transform_put, to);
	hmm_transform_close(to);
	hmm_table_free(table);
	hmm_rocket_close(&rocket);
	return hmm_filter_close(&filter, bad);
}

/* What is noted of --train is set by it alone. */
static void
check_options(void)
{
	if (train ? !output_path || weights_path || hmm_show_history : !weights_path || output_path)
		hmm_option_misuse("want either -w FILE or --train -o FILE");
	if (!train)
		hmm_option_idle(&usage, "biases|features|length|window|step|seed", "without --train");
	if (how.biases == HMM_FIT_POOLED)
		hmm_option_idle(&usage, "seed", "with --biases pooled");
	if (how.window == 0 || how.step == 0 || how.length == 0 ||
	    (how.step != HMM_UNSET && how.window == HMM_UNSET))
		hmm_option_misuse(
		    "--window, --step and --length: want 1 or more, and --step with --window");
	if (how.features != HMM_UNSET && (how.features < 1 || how.features % HMM_ROCKET_KERNELS ||
	                                     how.features > HMM_ROCKET_KERNELS * HMM_PLAN_MOST_EACH))
		hmm_option_misuse("--features: found %ld, want a multiple of %d up to %d", how.features,
		    HMM_ROCKET_KERNELS, HMM_ROCKET_KERNELS * HMM_PLAN_MOST_EACH);
	const long reference = how.length == HMM_UNSET ? how.window : how.length;
	if (reference != HMM_UNSET &&
	    (reference < HMM_PLAN_LEAST_LENGTH || reference > HMM_PLAN_MOST_LENGTH))
		hmm_option_misuse("--%s: found %ld, want %d to %d%s",
		    how.length == HMM_UNSET ? "window" : "length", reference, HMM_PLAN_LEAST_LENGTH,
		    HMM_PLAN_MOST_LENGTH, how.length == HMM_UNSET ? ", or --length" : "");
}

int
main(int argc, char **argv)
{
	threads = hmm_processors();
	const int first = hmm_option_parse(argc, argv, &usage);
	const char *path = first < argc ? argv[first] : "-";
	if (argc - first > 1)
		hmm_option_misuse("one manifest wanted, found %d", argc - first);
	check_options();

	struct hmm_pool *pool = hmm_pool_open((size_t)threads);
	const int status = !pool ? 1 : train ? learn(path, pool) : apply(path, pool);
	hmm_pool_close(pool);
	return status;
}
