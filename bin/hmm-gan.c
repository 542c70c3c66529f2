/* hmm-slice --manifest m.tsv | hmm-gan --train pix2pix --from T1w --to PET -o gan.safetensors
 * hmm-slice T1w=t1.nii.gz | hmm-gan -w gan.safetensors --to PET | hmm-vgg -w vgg11.safetensors */
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/gan/blas.h"
#include "hmm/gan/impute.h"
#include "hmm/gan/learn.h"

static const char *weights_path, *output_path, *from, *to, *core;
static int train = HMM_UNSET, eval, no_dropout;
static long threads, seed, size = HMM_UNSET;
static struct hmm_gan_given given = HMM_GAN_UNSET;

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT(
        'w', "weights", &weights_path, "FILE", "the generator to impute with", HMM_UNNOTED),
    HMM_OPTION_CHOICE(0, "train", &train, "pix2pix|cyclegan|mean|table|resize",
        "learn one from slices instead", HMM_NOTED),
    HMM_OPTION_TEXT(0, "from", &from, "MODALITY", "that there is", HMM_BINDING),
    HMM_OPTION_TEXT(0, "to", &to, "MODALITY", "that is imputed", HMM_BINDING),
    HMM_OPTION_TEXT('o', "output", &output_path, "FILE", "where --train writes it", HMM_UNNOTED),
    HMM_OPTION_COUNT(
        'j', "threads", &threads, "N", "threads (default: all processors)", HMM_UNNOTED),
    HMM_OPTION_COUNT(
        's', "seed", &seed, "N", "of the weights, the order and the dropout", HMM_BINDING),
    HMM_OPTION_COUNT(0, "size", &size, "N", "side that the network sees", HMM_BINDING),
    HMM_OPTION_FLAG(0, "eval", &eval, "running statistics and no dropout", HMM_BINDING),
    HMM_OPTION_FLAG(0, "no-dropout", &no_dropout,
        "of a U-Net that was trained without, which its file does not show", HMM_BINDING),
    HMM_OPTION_TEXT(0, "core", &core, "NAME",
        "want these kernels of OpenBLAS (default: whichever it takes)", HMM_BINDING),
    HMM_GAN_OPTIONS(given),
    HMM_OPTION_ANY_HISTORY,
    HMM_OPTION_SHOW_HISTORY,
};
static const struct hmm_usage usage = {
    "-w FILE --to MODALITY [OPTION]... <slices >slices\n"
    "       hmm-gan --train METHOD --from MODALITY --to MODALITY -o FILE [OPTION]... <slices",
    "Impute a modality slice by slice, by pix2pix, cycleGAN or a baseline.", options,
    HMM_COUNT_OF(options)};

static int
learn(struct hmm_dataset *data, struct hmm_output *output, FILE *curve, struct hmm_pool *pool)
{
	const struct hmm_gan_task task = {
	    (enum hmm_imputer_kind)train, from, to, size, seed, &given, &usage};
	return hmm_gan_learn(&task, data, output, curve, pool);
}

static struct hmm_imputer_options applying;

/* The options are those of the file by now. */
static int
make_step(struct hmm_step *step, const char *digest)
{
	from = applying.from;
	to = applying.to;
	size = applying.size;
	core = applying.products ? hmm_blas_core() : NULL;
	return hmm_step_make(step, &usage, digest) || hmm_step_holds(step, "from", from) ||
	               hmm_step_holds(step, "to", to)
	           ? -1
	           : 0;
}

static void
check_modality(const char *option, const char *modality)
{
	if (modality && strchr(modality, '+'))
		hmm_option_misuse(
		    "--%s: found '%s', want one modality: + joins those of a set", option, modality);
}

/* Whether the options are of one thing to do, and each has a use there. */
static void
check_options(int training)
{
	if (training ? !output_path || weights_path : !weights_path || output_path)
		hmm_option_misuse("want either -w FILE or --train METHOD -o FILE");
	check_modality("from", from);
	check_modality("to", to);
	if ((training && (!from || !to)) || (from && !*from) || (to && !*to) ||
	    (training && !strcmp(from, to) != (train == HMM_IMPUTE_RESIZE)))
		hmm_option_misuse("--from and --to: want two modalities, which are the same of resize");
	if (training && hmm_show_history)
		hmm_option_misuse("--show-history goes with -w: --train writes no stream");
	if (training && (eval || no_dropout))
		hmm_option_misuse("--eval and --no-dropout go with -w");
	char word[16] = "";
	const char *useless = hmm_gan_useless(&usage, train);
	if (useless && training)
		hmm_option_misuse("--%s: of no use with --train %s", useless,
		    hmm_option_word(word, sizeof(word), hmm_imputer_words, train));
	if (useless)
		hmm_option_misuse("--%s: goes with --train", useless);
	if ((given.resume || given.every >= 0) && !given.checkpoint)
		hmm_option_misuse(
		    "--%s: want --checkpoint FILE", given.resume ? "resume" : "checkpoint-every");
	if (given.samples_every != HMM_UNSET && !given.samples)
		hmm_option_misuse("--samples-every: want --samples FILE");
}

/* Whether names can stand in a history, before anything is learned. 0, or -1 reported. */
static int
check_names(void)
{
	struct hmm_step step;
	return hmm_step_make(&step, &usage, NULL) || hmm_step_holds(&step, "from", from) ||
	               hmm_step_holds(&step, "to", to)
	           ? -1
	           : 0;
}

int
main(int argc, char **argv)
{
	threads = hmm_processors();
	if (hmm_option_parse(argc, argv, &usage) != argc)
		hmm_option_misuse("no operands wanted: slices come on standard input");
	hmm_blas_choose(argv);
	const int training = train != HMM_UNSET;
	check_options(training);
	if ((training && hmm_gan_fill(&given, &size, (enum hmm_imputer_kind)train)) || check_names())
		return 2;
	if ((training && hmm_gan_probe(&given, output_path)) || hmm_blas_open())
		return 1;
	if (core && strcmp(core, hmm_blas_core()))
		return hmm_error("OpenBLAS takes its %s kernels, want %s: see OPENBLAS_CORETYPE",
		           hmm_blas_core(), core) != 0;

	struct hmm_pool *pool = hmm_pool_open((size_t)threads);
	applying = (struct hmm_imputer_options){from, to, size, eval, no_dropout, (uint64_t)seed, 0};
	const int status =
	    !pool      ? 1
	    : training ? hmm_training_read(HMM_SLICES, NULL, output_path, given.curve, learn, pool)
	               : hmm_impute_run(weights_path, &applying, make_step, pool);
	hmm_pool_close(pool);
	return status;
}
