/* hmm-gather -c cache manifest.tsv | hmm-condition --train -o phi.safetensors
 * hmm-gather -c cache manifest.tsv | hmm-condition -w phi.safetensors | hmm-setsum | ... */
#include <stdio.h>
#include <stdlib.h>

#include "hmm/base/error.h"
#include "hmm/base/option.h"
#include "hmm/learn/channels.h"
#include "hmm/learn/latents.h"
#include "hmm/learn/model.h"
#include "hmm/learn/step1.h"
#include "hmm/learn/training.h"

static int train;
static const char *weights_path, *output_path, *warm_start, *hidden = "512";
static int order = HMM_UNSET, init = HMM_UNSET; /* enum hmm_loop_order, hmm_phi_start */
static long threads, latent = HMM_UNSET;
static size_t widths[HMM_MLP_LAYERS - 1], layers; /* of --hidden */
static struct hmm_training given = HMM_TRAINING_UNSET;

/* what applying a phi notes */
static const struct hmm_option noted[] = {
    HMM_OPTION_SKIP_UNKNOWN, HMM_OPTION_ANY_HISTORY, HMM_OPTION_IMPUTED};
static const struct hmm_usage applying = {"", "", noted, HMM_COUNT_OF(noted)};

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT('w', "weights", &weights_path, "FILE", "the trained phi to apply", HMM_UNNOTED),
    HMM_OPTION_FLAG(0, "train", &train, "step 1: train phi on the blocks instead", HMM_UNNOTED),
    HMM_OPTION_TEXT(
        'o', "output", &output_path, "FILE", "where --train writes phi, safetensors", HMM_UNNOTED),
    HMM_OPTION_COUNT(
        'j', "threads", &threads, "N", "threads (default: all processors)", HMM_UNNOTED),
    HMM_TRAINING_OPTIONS(given),
    HMM_OPTION_TEXT(0, "warm-start", &warm_start, "FILE",
        "begin with the values of this phi, which may learn modalities more", HMM_UNNOTED),
    HMM_OPTION_COUNT(0, "latent", &latent, "N",
        "channels of a latent (default: the blocks'; of vectors, at most 64)", HMM_NOTED),
    HMM_OPTION_TEXT(0, "hidden", &hidden, "N,...",
        "widths of the hidden layers of the classifier beside phi (default: 512)", HMM_NOTED),
    HMM_OPTION_CHOICE(0, "order", &order, "images|subjects",
        "shuffled single images, or the paper's code", HMM_NOTED),
    HMM_OPTION_CHOICE(0, "init", &init, "hyperfan|pytorch", "of the hypernetwork", HMM_NOTED),
    HMM_OPTION_SKIP_UNKNOWN,
    HMM_OPTION_ANY_HISTORY,
    HMM_OPTION_IMPUTED,
    HMM_OPTION_SHOW_HISTORY,
};
static const struct hmm_usage usage = {
    "-w FILE <features >latents\n       hmm-condition --train -o FILE [OPTION]... <features",
    "The 1x1 convolution that a hypernetwork generates from each block's modality.", options,
    HMM_COUNT_OF(options)};

static const struct hmm_training_preset presets[HMM_PRESETS] = {
    {100, 10, 1, 1e-4, 5e-4, HMM_PLATEAU, HMM_STOP_VALIDATION, HMM_KEEP_LOSS, 0},
    {50, 10, 1, 1e-4, 5e-4, HMM_PLATEAU, HMM_STOP_TRAINING, HMM_KEEP_LAST, 1}};

static int
learn(struct hmm_dataset *data, struct hmm_output *output, FILE *curve, struct hmm_pool *pool)
{
	const size_t positions = data->x.shape[1] * data->x.shape[2];
	struct hmm_phi phi = {0};
	struct hmm_objective objective = {0};
	struct hmm_step1 step1 = {.objective = &objective};
	struct hmm_names known = {0};
	struct hmm_model from = {0};
	struct hmm_learned learned = {0};
	struct hmm_loop_options how = hmm_training_options(&given, curve);
	const struct hmm_learner learner = hmm_step1_learner(&step1);
	const struct hmm_training_data on = {data, &objective, &known,
	    {HMM_BY_IMAGE, HMM_BY_IMAGE, HMM_BY_IMAGE}, HMM_UNWEIGHTED, warm_start ? &from : NULL,
	    &usage, pool};
	struct hmm_channels channels = {0};
	char text[24];
	const struct hmm_pair narrow = {HMM_LATENT_KEY, text};
	struct hmm_model_facts facts = {
	    &usage, &known, &learned.history, &learned.groups, &narrow, 0, NULL, &objective};
	how.order = (enum hmm_loop_order)order;

	size_t had = 0, most = 0;
	int bad = (warm_start && (hmm_model_open(&from, warm_start) ||
	                             hmm_latents_sizes(&had, &most, &from, "hmm-condition"))) ||
	          hmm_objective_learn(&objective, &given.objective, data, warm_start ? &from : NULL) ||
	          hmm_items_modalities(&known, &from.modalities, data, &objective) ||
	          hmm_channels_open(&channels, data, &known, warm_start ? &from : NULL, most);
	if (!bad && had && latent != HMM_UNSET && (size_t)latent != had)
		bad = hmm_error("%s: latents of %zu channels, want %ld", warm_start, had, latent);
	const size_t width = had ? had : hmm_latents_width(latent, channels.most, positions);
	facts.channels = channels.own;
	facts.pairs = width != channels.most;
	snprintf(text, sizeof(text), "%zu", width);
	bad = bad || hmm_phi_open(&phi, width, channels.own, known.count) ||
	      hmm_step1_open(&step1, &phi, &objective, positions, widths, layers, pool);
	if (!bad) {
		hmm_phi_init(&phi, (enum hmm_phi_start)init, how.seed);
		bad = hmm_step1_init(&step1, how.seed) ||
		      (warm_start && hmm_model_load(&from, hmm_phi_each, &phi)) ||
		      hmm_training_run(&learner, &on, &how, &learned) ||
		      hmm_model_save(output, &facts, hmm_phi_each, &phi);
	}
	hmm_learned_free(&learned);
	hmm_objective_close(&objective);
	hmm_channels_close(&channels);
	hmm_names_close(&known);
	hmm_step1_close(&step1);
	hmm_phi_close(&phi);
	hmm_model_close(&from);
	return bad;
}

int
main(int argc, char **argv)
{
	threads = hmm_processors();
	if (hmm_option_parse(argc, argv, &usage) != argc)
		hmm_option_misuse("no operands wanted: features come on standard input");
	const int is_code = given.preset == HMM_CODE;
	if (latent != HMM_UNSET && (latent < 1 || latent > 1 << 14))
		hmm_option_misuse("--latent: found %ld, want 1 to %d", latent, 1 << 14);
	if (hmm_training_fill(&given, presets) || hmm_training_hidden(widths, &layers, hidden))
		return 2;
	if (order == HMM_UNSET)
		order = is_code ? HMM_BY_SUBJECT : HMM_SHUFFLED;
	if (init == HMM_UNSET)
		init = is_code ? HMM_PYTORCH : HMM_HYPERFAN;
	if (given.show_options)
		return hmm_training_show(&usage);
	if (train ? !output_path || weights_path : !weights_path || output_path)
		hmm_option_misuse("want either -w FILE or --train -o FILE");
	hmm_training_idle(&usage, train, "latent|hidden|order|init|warm-start");
	if (given.objective.loss == HMM_COX && order == HMM_BY_SUBJECT)
		hmm_option_misuse("--loss cox goes with --order images: one image has no risk set");
	if (given.shuffle_buffer > 0 && order == HMM_BY_SUBJECT)
		hmm_option_misuse("--shuffle-buffer goes with --order images");
	if (train && hmm_show_history)
		hmm_option_misuse("--show-history goes with -w: --train writes no stream");

	struct hmm_pool *pool = hmm_pool_open((size_t)threads);
	const int status =
	    !pool   ? 1
	    : train ? hmm_training_read(HMM_FEATURES, NULL, output_path, given.curve, learn, pool)
	            : hmm_latents_run(weights_path, &applying, pool);
	hmm_pool_close(pool);
	return status;
}
