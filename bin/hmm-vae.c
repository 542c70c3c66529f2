/* hmm-gather -c cache manifest.tsv | hmm-vae --train -o vae.safetensors
 * hmm-gather -c cache manifest.tsv | hmm-vae -w vae.safetensors >predictions.tsv */
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/learn/channels.h"
#include "hmm/learn/model.h"
#include "hmm/learn/training.h"
#include "hmm/learn/vae.h"

static int train;
static const char *weights_path, *output_path, *hidden = "512,512";
static enum hmm_class_weight class_weight = HMM_UNWEIGHTED;
static long threads, latents = 64, anneal = 200;
static double lambda = 1;
static struct hmm_training given = HMM_TRAINING_UNSET;
static struct hmm_objective objective;
static struct hmm_vae_shape shape = {.objective = &objective};
static struct hmm_channels channels;

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT(
        'w', "weights", &weights_path, "FILE", "the trained model to predict with", HMM_UNNOTED),
    HMM_OPTION_FLAG(0, "train", &train, "train a model instead", HMM_UNNOTED),
    HMM_OPTION_TEXT('o', "output", &output_path, "FILE",
        "where --train writes the model, or the predictions go", HMM_UNNOTED),
    HMM_OPTION_COUNT(
        'j', "threads", &threads, "N", "threads (default: all processors)", HMM_UNNOTED),
    HMM_OPTION_COUNT(0, "latents", &latents, "N", "width of the latent", HMM_NOTED),
    HMM_OPTION_TEXT(
        0, "hidden", &hidden, "N,...", "widths of an encoder's hidden layers", HMM_NOTED),
    HMM_OPTION_NUMBER(0, "lambda", &lambda, "X", "weight of the reconstruction", HMM_NOTED),
    HMM_OPTION_COUNT(
        0, "anneal", &anneal, "N", "epochs until the divergence counts fully", HMM_NOTED),
    HMM_OPTION_CHOICE(
        0, "class-weight", &class_weight, "none|balanced", "weigh classes equally", HMM_NOTED),
    HMM_TRAINING_OPTIONS(given),
    HMM_OPTION_SKIP_UNKNOWN,
    HMM_OPTION_ANY_HISTORY,
    HMM_OPTION_IMPUTED,
};
static const struct hmm_usage usage = {"-w FILE [OPTION]... <features >predictions.tsv\n"
                                       "       hmm-vae --train -o FILE [OPTION]... <features",
    "The Multi-VAE classifier: a product of the experts of the modalities that a subject has.",
    options, HMM_COUNT_OF(options)};

static const struct hmm_training_preset presets[HMM_PRESETS] = {
    {500, 500, 16, 1e-3, 0, HMM_CONSTANT, HMM_STOP_VALIDATION, HMM_KEEP_LOSS, 0},
    {500, 500, 16, 1e-3, 0, HMM_CONSTANT, HMM_STOP_VALIDATION, HMM_KEEP_AUC, 1}};

/* Open the file's model: the widths are those of its tensors. */
static int
open_model(struct hmm_vae *vae, const struct hmm_model *model, struct hmm_dataset *data,
    struct hmm_pool *pool)
{
	size_t width[HMM_MLP_LAYERS + 1] = {0}, head[HMM_MLP_LAYERS + 1] = {0};
	if (hmm_objective_read(&objective, model))
		return -1;
	const size_t layers = hmm_model_layers(width, model, "encoder.0");
	if (model->modalities.count == 0 || layers == 0 || hmm_model_layers(head, model, "head") != 1 ||
	    head[1] != objective.outputs || width[layers] != 2 * head[0])
		return hmm_model_refuse(model, "hmm-vae");
	shape.positions = data->x.shape[1] * data->x.shape[2];
	if (hmm_channels_open(&channels, data, &model->modalities, model, width[0] / shape.positions))
		return -1;
	shape.channels = channels.own;
	shape.modalities = model->modalities.count;
	shape.latents = head[0];
	shape.hidden_count = layers - 1;
	memcpy(shape.hidden, width + 1, shape.hidden_count * sizeof(*width));
	return hmm_vae_open(vae, &shape, pool) || hmm_model_load(model, hmm_vae_each, vae);
}

static int
predict(struct hmm_dataset *data, struct hmm_output *output, FILE *curve, struct hmm_pool *pool)
{
	(void)curve;
	struct hmm_vae vae = {0};
	struct hmm_model model = {0};
	struct hmm_items items = {0};
	const int bad = hmm_model_open(&model, weights_path) || open_model(&vae, &model, data, pool) ||
	                hmm_items_open(&items, data, &model.modalities, NULL, NULL, HMM_ONE_OF_EACH) ||
	                hmm_training_fits(&model, data, &items) ||
	                hmm_items_predict(&items, &objective, output->file, hmm_vae_score, &vae);
	hmm_items_close(&items);
	hmm_vae_close(&vae);
	hmm_model_close(&model);
	return bad;
}

static int
learn(struct hmm_dataset *data, struct hmm_output *output, FILE *curve, struct hmm_pool *pool)
{
	const struct hmm_loop_options how = hmm_training_options(&given, curve);
	struct hmm_learned learned = {0};
	struct hmm_vae vae = {0};
	struct hmm_names known = {0};
	const struct hmm_training_data on = {data, &objective, &known,
	    {HMM_ONE_OF_EACH, HMM_ONE_OF_EACH, HMM_ONE_OF_EACH}, class_weight, NULL, &usage, pool};
	struct hmm_model_facts facts = {
	    &usage, &known, &learned.history, &learned.groups, NULL, 0, NULL, &objective};
	int bad = hmm_objective_learn(&objective, &given.objective, data, NULL) ||
	          hmm_items_modalities(&known, NULL, data, &objective) ||
	          hmm_channels_open(&channels, data, &known, NULL, 0);
	facts.channels = shape.channels = channels.own;
	shape.positions = data->x.shape[1] * data->x.shape[2];
	shape.modalities = known.count;
	bad = bad || hmm_vae_open(&vae, &shape, pool);
	if (!bad) {
		const struct hmm_learner learner = hmm_vae_learner(&vae);
		vae.lambda = lambda;
		vae.anneal = anneal;
		hmm_vae_init(&vae, how.seed);
		bad = hmm_training_run(&learner, &on, &how, &learned) ||
		      hmm_model_save(output, &facts, hmm_vae_each, &vae);
	}
	hmm_learned_free(&learned);
	hmm_names_close(&known);
	hmm_vae_close(&vae);
	return bad;
}

int
main(int argc, char **argv)
{
	threads = hmm_processors();
	if (hmm_option_parse(argc, argv, &usage) != argc)
		hmm_option_misuse("no operands wanted: features come on standard input");
	if (latents < 1 || latents > 1 << 20)
		hmm_option_misuse("--latents: found %ld, want 1 to %d", latents, 1 << 20);
	if (hmm_training_fill(&given, presets) ||
	    hmm_training_hidden(shape.hidden, &shape.hidden_count, hidden))
		return 2;
	if (given.show_options)
		return hmm_training_show(&usage);
	hmm_training_mode(
	    &usage, train, weights_path, output_path, "latents|hidden|lambda|anneal|class-weight");
	shape.latents = (size_t)latents;

	struct hmm_pool *pool = hmm_pool_open((size_t)threads);
	const int status = pool ? hmm_training_read(HMM_FEATURES, weights_path, output_path,
	                              train ? given.curve : NULL, train ? learn : predict, pool)
	                        : 1;
	hmm_pool_close(pool);
	hmm_objective_close(&objective);
	hmm_channels_close(&channels);
	return status;
}
