/* hmm-gather -c cache manifest.tsv | hmm-condition -w phi.safetensors | hmm-setsum | hmm-rho ... */
#include "hmm/base/option.h"
#include "hmm/learn/setsum.h"

static struct hmm_setsum_options how = {.reduce = HMM_MEAN, .subsets = HMM_NO_SUBSETS};
static long draws = HMM_UNSET, seed = HMM_UNSET;
static int draw_by = HMM_UNSET;
static const char *fill_path;

static const struct hmm_option options[] = {
    HMM_OPTION_CHOICE(
        'r', "reduce", &how.reduce, "mean|sum|max", "how a set becomes one latent", HMM_BINDING),
    HMM_OPTION_TEXT(0, "fill", &fill_path, "LATENTS",
        "impute modalities that a subject lacks: the mean of these of split train", HMM_UNNOTED),
    HMM_OPTION_CHOICE(0, "subsets", &how.subsets, "none|singles|all|random",
        "add a subject's single modalities, all its subsets, or some", HMM_NOTED),
    HMM_OPTION_COUNT(0, "draws", &draws, "K", "random subsets a subject (8)", HMM_NOTED),
    HMM_OPTION_CHOICE(0, "draw-by", &draw_by, "subject|modalities",
        "of random subsets: others for each subject, or the same for all who have the same",
        HMM_NOTED),
    HMM_OPTION_COUNT('s', "seed", &seed, "N", "of random subsets", HMM_NOTED),
    HMM_OPTION_SHOW_HISTORY,
};
static const struct hmm_usage usage = {"[OPTION]... <latents >sets",
    "One latent a subject: the aggregate of all its images.", options, HMM_COUNT_OF(options)};

/* What is noted of random subsets, and of none when there are none, which no seed changes. */
static void
check_options(void)
{
	if (fill_path && how.subsets != HMM_NO_SUBSETS)
		hmm_option_misuse("--fill goes with no --subsets: what is filled has all modalities");
	const int random = how.subsets == HMM_RANDOM_SUBSETS;
	if (!random && (draws != HMM_UNSET || draw_by != HMM_UNSET))
		hmm_option_misuse("--draws and --draw-by go with --subsets random");
	if (draws == 0 || draws > HMM_DRAWS)
		hmm_option_misuse("--draws: found %ld, want 1 to %d", draws, HMM_DRAWS);
	if (!random) {
		seed = HMM_UNSET;
		return;
	}
	how.draws = draws = draws == HMM_UNSET ? 8 : draws;
	draw_by = draw_by == HMM_UNSET ? HMM_BY_SUBJECT_NAME : draw_by;
	how.draw_by = (enum hmm_draw_by)draw_by;
	seed = seed == HMM_UNSET ? 0 : seed;
	how.seed = (uint64_t)seed;
}

int
main(int argc, char **argv)
{
	if (hmm_option_parse(argc, argv, &usage) != argc)
		hmm_option_misuse("no operands wanted: latents come on standard input");
	check_options();

	struct hmm_filter filter = {0};
	struct hmm_fill fill = {0};
	struct hmm_step step;
	int bad = hmm_filter_open(&filter, HMM_SETS) || (fill_path && hmm_fill_open(&fill, fill_path));
	how.fill = fill_path ? &fill : NULL;
	bad = bad || hmm_step_make(&step, &usage, fill_path ? fill.digest : NULL) ||
	      hmm_filter_step(&filter, &step) || hmm_setsum_stream(&filter, &how);
	hmm_fill_close(&fill);
	return hmm_filter_close(&filter, bad);
}
