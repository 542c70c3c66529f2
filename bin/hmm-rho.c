/* ... | hmm-setsum | hmm-rho --train -o rho.safetensors
 * ... | hmm-setsum | hmm-rho -w rho.safetensors >predictions.tsv */
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/learn/classify.h"
#include "hmm/learn/model.h"
#include "hmm/learn/prior.h"
#include "hmm/learn/rho.h"
#include "hmm/learn/setsum.h"
#include "hmm/learn/training.h"

static int train;
static const char *weights_path, *output_path, *hidden, *warm_start;
enum { NONE, ALL, DRAW };
static int subset_loss = NONE;
enum { OBSERVED, SUBSETS };
static int val_loss = HMM_UNSET;
static enum hmm_class_weight class_weight = HMM_UNWEIGHTED;
static long threads;
static double dropout = HMM_UNSET;
static int asks_subsets; /* 1: an option does, not the preset alone */
static struct hmm_training given = HMM_TRAINING_UNSET;

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT(
        'w', "weights", &weights_path, "FILE", "the trained rho to predict with", HMM_UNNOTED),
    HMM_OPTION_FLAG(0, "train", &train, "step 2: train rho on the sets instead", HMM_UNNOTED),
    HMM_OPTION_TEXT('o', "output", &output_path, "FILE",
        "where --train writes rho, or the predictions go", HMM_UNNOTED),
    HMM_OPTION_COUNT(
        'j', "threads", &threads, "N", "threads (default: all processors)", HMM_UNNOTED),
    HMM_TRAINING_OPTIONS(given),
    HMM_OPTION_TEXT(0, "warm-start", &warm_start, "FILE",
        "begin with the values of this rho, of the same widths", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "hidden", &hidden, "N,...", "widths of the hidden layers", HMM_NOTED),
    HMM_OPTION_NUMBER(
        0, "dropout", &dropout, "P", "after each hidden layer, in training", HMM_NOTED),
    HMM_OPTION_CHOICE(
        0, "class-weight", &class_weight, "none|balanced", "weigh classes equally", HMM_NOTED),
    HMM_OPTION_CHOICE(0, "subset-loss", &subset_loss, "none|all|draw",
        "train on subsets too (hmm-setsum --subsets): on all, or each epoch on one a subject",
        HMM_NOTED),
    HMM_OPTION_CHOICE(
        0, "val-loss", &val_loss, "observed|subsets", "sets of the validation loss", HMM_NOTED),
    HMM_OPTION_ANY_HISTORY,
};
static const struct hmm_usage usage = {
    "-w FILE [OPTION]... <sets >predictions.tsv\n       hmm-rho --train -o FILE [OPTION]... <sets",
    "Predict from each subject's set latent.", options, HMM_COUNT_OF(options)};

static const struct hmm_training_preset presets[HMM_PRESETS] = {
    {100, 10, 1, 1e-4, 5e-4, HMM_PLATEAU, HMM_STOP_VALIDATION, HMM_KEEP_LOSS, 0},
    {100, 10, 1, 1e-4, 5e-4, HMM_PLATEAU, HMM_STOP_VALIDATION, HMM_KEEP_AUC, 1}};

static size_t widths[HMM_MLP_LAYERS - 1], layers; /* of --hidden */

static int
wanted(int subsets) /* the sets that are taken: subsets count where they are asked for */
{
	return subsets == DRAW ? HMM_DRAWN : HMM_BY_IMAGE | (subsets == NONE ? HMM_WHOLE : 0);
}

static int
learn(struct hmm_dataset *data, struct hmm_output *output, FILE *curve, struct hmm_pool *pool)
{
	static const char *const asked[] = {"val-loss subsets", "subset-loss all", "subset-loss draw"};
	if (asks_subsets && !hmm_setsum_has_subsets(data))
		return hmm_error("--%s: standard input has no subsets: hmm-setsum --subsets all or random "
		                 "writes them",
		    asked[subset_loss]);
	const size_t *shape = data->x.shape;
	struct hmm_objective objective = {0};
	struct hmm_learned learned = {0};
	struct hmm_model from = {0};
	const struct hmm_loop_options how = hmm_training_options(&given, curve);
	const struct hmm_training_data on = {data, &objective, NULL,
	    {wanted(subset_loss), wanted(val_loss == SUBSETS ? ALL : NONE), wanted(NONE)}, class_weight,
	    warm_start ? &from : NULL, &usage, pool};
	char prevalence[HMM_PRIOR_TEXT];
	const struct hmm_pair pair = {HMM_PRIOR_KEY, prevalence};
	struct hmm_model_facts facts = {
	    &usage, NULL, &learned.history, &learned.groups, &pair, 0, NULL, &objective};
	struct hmm_rho rho = {0};
	int bad = (warm_start && hmm_model_open(&from, warm_start)) ||
	          hmm_objective_learn(&objective, &given.objective, data, &from) ||
	          hmm_rho_open(
	              &rho, pool, &objective, shape[0] * shape[1] * shape[2], widths, layers, dropout);
	if (!bad) {
		const struct hmm_learner learner = hmm_rho_learner(&rho);
		facts.pairs = hmm_prior_note(prevalence, data, &objective, class_weight == HMM_BALANCED);
		hmm_mlp_init(&rho.mlp, how.seed);
		bad = (warm_start && hmm_model_load(&from, hmm_rho_each, &rho)) ||
		      hmm_training_run(&learner, &on, &how, &learned) ||
		      hmm_model_save(output, &facts, hmm_rho_each, &rho);
	}
	hmm_learned_free(&learned);
	hmm_rho_close(&rho);
	hmm_objective_close(&objective);
	hmm_model_close(&from);
	return bad;
}

int
main(int argc, char **argv)
{
	threads = hmm_processors();
	if (hmm_option_parse(argc, argv, &usage) != argc)
		hmm_option_misuse("no operands wanted: sets come on standard input");
	const int is_code = given.preset == HMM_CODE;
	if (dropout > 0 && hidden && !strcmp(hidden, "0"))
		hmm_option_misuse("--dropout does nothing with --hidden 0");
	hidden = hidden ? hidden : is_code ? "512" : "512,128";
	dropout = dropout >= 0 ? dropout : is_code ? .5 : 0;
	asks_subsets = subset_loss != NONE || val_loss == SUBSETS;
	val_loss = val_loss != HMM_UNSET ? val_loss : is_code ? SUBSETS : OBSERVED;
	if (dropout >= 1)
		hmm_option_misuse("--dropout: found %g, want less than 1", dropout);
	if (hmm_training_fill(&given, presets) || hmm_training_hidden(widths, &layers, hidden))
		return 2;
	if (given.show_options)
		return hmm_training_show(&usage);
	hmm_training_mode(&usage, train, weights_path, output_path,
	    "hidden|dropout|class-weight|subset-loss|val-loss|warm-start");

	struct hmm_pool *pool = hmm_pool_open((size_t)threads);
	const int status =
	    !pool   ? 1
	    : train ? hmm_training_read(HMM_SETS, NULL, output_path, given.curve, learn, pool)
	            : hmm_classify_run(weights_path, output_path, pool);
	hmm_pool_close(pool);
	return status;
}
