/* hmm-gather -c cache manifest.tsv | hmm-condition -w phi.safetensors | hmm-setsum | hmm-rho ... */
#include "hmm/base/option.h"
#include "hmm/learn/setsum.h"

static enum hmm_reduce reduce = HMM_MEAN;
static enum hmm_subsets subsets = HMM_NO_SUBSETS;

static const struct hmm_option options[] = {
    HMM_OPTION_CHOICE(
        'r', "reduce", &reduce, "mean|sum|max", "how a set becomes one latent", HMM_BINDING),
    HMM_OPTION_CHOICE(0, "subsets", &subsets, "none|singles|all",
        "add a subject's single modalities, or all its subsets", HMM_NOTED),
    HMM_OPTION_SHOW_HISTORY,
};
static const struct hmm_usage usage = {"[OPTION]... <latents >sets",
    "One latent a subject: the aggregate of all its images.", options, HMM_COUNT_OF(options)};

int
main(int argc, char **argv)
{
	if (hmm_option_parse(argc, argv, &usage) != argc)
		hmm_option_misuse("no operands wanted: latents come on standard input");

	struct hmm_filter filter = {0};
	struct hmm_step step;
	const int bad = hmm_filter_open(&filter, HMM_SETS) || hmm_step_make(&step, &usage, NULL) ||
	                hmm_filter_step(&filter, &step) || hmm_setsum_stream(&filter, reduce, subsets);
	return hmm_filter_close(&filter, bad);
}
