/* hmm-gather -c cache manifest.tsv | hmm-vae --train -o vae.safetensors
 * hmm-gather -c cache manifest.tsv | hmm-vae -w vae.safetensors >predictions.tsv */
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/kernel/loss.h"
#include "hmm/base/option.h"
#include "hmm/learn/vae.h"
#include "hmm/learn/subjects.h"
#include "hmm/learn/training.h"

static int train;
static const char *weights_path, *output_path, *hidden = "512,512";
static enum training_class_weight class_weight = TRAINING_UNWEIGHTED;
static long threads, latents = 64, anneal = 200;
static double lambda = 1;
static struct training_options given = TRAINING_UNSET;

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
    TRAINING_OPTIONS(given),
};
static const struct hmm_usage usage = {"-w FILE [OPTION]... <features >predictions.tsv\n"
                                       "       hmm-vae --train -o FILE [OPTION]... <features",
    "The Multi-VAE classifier: a product of the experts of the modalities that a subject has.",
    options, HMM_COUNT_OF(options)};

static const struct training_preset paper = {500, 500, HMM_STOP_VALIDATION, HMM_KEEP_LOSS, 0};
static const struct training_preset code = {500, 500, HMM_STOP_VALIDATION, HMM_KEEP_AUC, 1};

/* ---- predicting ---- */

/* Open the model: the widths are those of its tensors. */
static int
open_model(struct hmm_vae *vae, struct modalities *known, const struct hmm_weights *weights,
    const size_t block[3], struct hmm_pool *pool)
{
	size_t width[HMM_MLP_LAYERS + 1] = {0}, head[HMM_MLP_LAYERS + 1] = {0};
	const size_t layers = training_layers(width, weights, "encoder.0");
	const size_t inputs = block[0] * block[1] * block[2];
	struct hmm_vae_shape shape = {.inputs = inputs, .hidden_count = layers - 1};
	if (modalities_of_model(known, weights))
		return -1;
	if (known->count == 0 || layers == 0 || training_layers(head, weights, "head") != 1 ||
	    width[layers] != 2 * head[0])
		return hmm_error("%s: not a model of hmm-vae --train", weights->path);
	if (inputs != width[0])
		return hmm_error("record 1: %zu values, but %s wants %zu", inputs, weights->path, width[0]);
	shape.modalities = known->count;
	shape.latents = head[0];
	memcpy(shape.hidden, width + 1, shape.hidden_count * sizeof(*width));
	return hmm_vae_open(vae, &shape, pool) || training_load(weights, hmm_vae_each, vae);
}

static int
write_rows(struct hmm_vae *vae, const struct subjects *subjects)
{
	struct hmm_output output;
	int bad = 0;
	if (hmm_output_open(&output, output_path))
		return -1;
	hmm_predictions_write_header(output.file);
	for (size_t i = 0; i < subjects->count && !bad; i++) {
		const double logit = hmm_vae_logit(vae, &subjects->set[i]);
		bad = subjects_write(
		    output.file, subjects, &subjects->set[i], logit, hmm_loss_sigmoid(logit));
	}
	if (!bad)
		return hmm_output_finish(&output);
	hmm_output_abandon(&output);
	return -1;
}

static int
predict(const struct hmm_dataset *data, struct hmm_pool *pool)
{
	struct hmm_vae vae = {0};
	struct modalities known = {0};
	struct subjects subjects = {0};
	struct hmm_weights *weights = hmm_weights_open(weights_path);
	const int bad = !weights || open_model(&vae, &known, weights, data->record[0].x.shape, pool) ||
	                subjects_open(&subjects, data, &known, NULL, SUBJECTS_UNIQUE) ||
	                write_rows(&vae, &subjects);
	subjects_close(&subjects);
	modalities_close(&known);
	hmm_vae_close(&vae);
	hmm_weights_close(weights);
	return bad;
}

/* ---- training ---- */

static int
learn(const struct hmm_dataset *data, struct hmm_pool *pool)
{
	const size_t *block = data->record[0].x.shape;
	const struct hmm_train_options how = training_options(&given);
	struct hmm_vae_shape shape = {
	    .inputs = block[0] * block[1] * block[2], .latents = (size_t)latents};
	struct hmm_vae vae = {0};
	struct modalities known;
	struct subjects training = {0}, validation = {0};
	struct training_curve curve;
	int bad = modalities_of_data(&known, data) || modalities_name_pairs(&known) ||
	          subjects_open(&training, data, &known, "train", SUBJECTS_UNIQUE) ||
	          subjects_open(&validation, data, &known, "val", SUBJECTS_UNIQUE);
	shape.modalities = known.count;
	shape.hidden_count = training_hidden(shape.hidden, hidden);
	bad = bad || hmm_vae_open(&vae, &shape, pool) || training_curve_open(&curve, &given);
	if (!bad) {
		subjects_weigh(&training, class_weight == TRAINING_BALANCED);
		subjects_weigh(&validation, class_weight == TRAINING_BALANCED);
		vae.lambda = lambda;
		vae.anneal = anneal;
		hmm_vae_init(&vae, how.seed);
		bad = hmm_vae_train(&vae, training.set, training.count, validation.set, validation.count,
		    &how, training_curve_report, &curve);
		bad = training_curve_close(&curve, bad) || bad ||
		      training_save(output_path, &usage, hmm_vae_each, &vae, known.pair, known.count);
	}
	subjects_close(&training);
	subjects_close(&validation);
	modalities_close(&known);
	hmm_vae_close(&vae);
	return bad;
}

/* Where this system differs from the others that are trained. */
static void
fill_training(void)
{
	given.batch = given.batch < 0 ? 16 : given.batch;
	given.learning_rate = given.learning_rate < 0 ? 1e-3 : given.learning_rate;
	given.weight_decay = given.weight_decay < 0 ? 0 : given.weight_decay;
	given.schedule = given.schedule == HMM_UNSET ? HMM_CONSTANT : given.schedule;
	training_fill(&given, given.preset == TRAINING_CODE ? &code : &paper);
}

int
main(int argc, char **argv)
{
	threads = hmm_processors();
	if (hmm_option_parse(argc, argv, &usage) != argc)
		hmm_option_misuse("no operands wanted: features come on standard input");
	fill_training();
	if (train ? !output_path || weights_path : !weights_path)
		hmm_option_misuse("want either -w FILE or --train -o FILE");
	if (latents < 1 || latents > 1 << 20)
		hmm_option_misuse("--latents: found %ld, want 1 to %d", latents, 1 << 20);

	struct hmm_pool *pool = hmm_pool_open((size_t)threads);
	const int bad = !pool || training_run(HMM_FEATURES, train ? learn : predict, pool);
	hmm_pool_close(pool);
	return bad;
}
