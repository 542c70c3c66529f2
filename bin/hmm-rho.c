/* ... | hmm-setsum | hmm-rho --train -o rho.safetensors
 * ... | hmm-setsum | hmm-rho -w rho.safetensors >predictions.tsv */
#include <stdio.h>
#include <stdlib.h>

#include "hmm/base/error.h"
#include "hmm/kernel/loss.h"
#include "hmm/base/option.h"
#include "hmm/data/predictions.h"
#include "hmm/learn/rho.h"
#include "hmm/file/safetensors.h"
#include "hmm/learn/training.h"

static int train, subset_loss;
static const char *weights_path, *output_path, *hidden;
static int val_loss = HMM_UNSET;
static enum training_class_weight class_weight = TRAINING_UNWEIGHTED;
static long threads;
static double dropout = -1;
static struct training_options given = TRAINING_UNSET;

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT(
        'w', "weights", &weights_path, "FILE", "the trained rho to predict with", HMM_UNNOTED),
    HMM_OPTION_FLAG(0, "train", &train, "step 2: train rho on the sets instead", HMM_UNNOTED),
    HMM_OPTION_TEXT('o', "output", &output_path, "FILE",
        "where --train writes rho, or the predictions go", HMM_UNNOTED),
    HMM_OPTION_COUNT(
        'j', "threads", &threads, "N", "threads (default: all processors)", HMM_UNNOTED),
    TRAINING_OPTIONS(given),
    HMM_OPTION_TEXT(0, "hidden", &hidden, "N,...", "widths of the hidden layers", HMM_NOTED),
    HMM_OPTION_NUMBER(
        0, "dropout", &dropout, "P", "after each hidden layer, in training", HMM_NOTED),
    HMM_OPTION_CHOICE(
        0, "class-weight", &class_weight, "none|balanced", "weigh classes equally", HMM_NOTED),
    HMM_OPTION_FLAG(
        0, "subset-loss", &subset_loss, "train on subsets too (hmm-setsum --subsets)", HMM_NOTED),
    HMM_OPTION_CHOICE(
        0, "val-loss", &val_loss, "observed|subsets", "sets of the validation loss", HMM_NOTED),
};
static const struct hmm_usage usage = {
    "-w FILE [OPTION]... <sets >predictions.tsv\n       hmm-rho --train -o FILE [OPTION]... <sets",
    "Classify each subject's set latent.", options, HMM_COUNT_OF(options)};

static const struct training_preset paper = {100, 10, HMM_STOP_VALIDATION, HMM_KEEP_LOSS, 0};
static const struct training_preset code = {100, 10, HMM_STOP_VALIDATION, HMM_KEEP_AUC, 1};

/* ---- predicting ---- */

/* Open the model: the widths are those of its tensors. */
static int
open_model(struct hmm_rho *rho, struct hmm_pool *pool, const struct hmm_weights *weights)
{
	size_t width[HMM_MLP_LAYERS + 1];
	const size_t layers = training_layers(width, weights, "rho");
	if (layers == 0 || width[layers] != 1)
		return hmm_error("%s: not a model of hmm-rho --train", weights->path);
	return hmm_rho_open(rho, pool, width[0], width + 1, layers - 1) ||
	       training_load(weights, hmm_rho_each, rho);
}

static int
predict_one(struct hmm_rho *rho, const struct hmm_record *record, long number, FILE *file)
{
	const size_t *shape = record->x.shape;
	char place[600], have[128];
	if (shape[0] * shape[1] * shape[2] != rho->mlp.width[0])
		return hmm_error("%s: shape %s, want %zu values",
		    hmm_record_place(place, sizeof(place), record, number),
		    hmm_shape_text(have, sizeof(have), shape, 3), rho->mlp.width[0]);
	const double logit = hmm_rho_logit(rho, record->x.data);
	const struct hmm_predicted row = {record->subject, record->group, record->split,
	    record->modality, record->label, logit, hmm_loss_sigmoid(logit)};
	hmm_predictions_write(file, &row);
	return 0;
}

static int
predict(struct hmm_pool *pool)
{
	struct hmm_rho rho = {0};
	struct hmm_record record = {0};
	struct hmm_output output = {0};
	struct hmm_weights *weights = hmm_weights_open(weights_path);
	struct hmm_reader *reader = NULL;
	int bad = !weights || open_model(&rho, pool, weights) ||
	          !(reader = hmm_reader_open(stdin, "standard input", HMM_SETS)) ||
	          hmm_output_open(&output, output_path);
	if (!bad) {
		int more = 1;
		hmm_predictions_write_header(output.file);
		while (more == 1 && (more = hmm_reader_next(reader, &record)) == 1)
			if (predict_one(&rho, &record, hmm_reader_number(reader), output.file))
				more = -1;
		bad = more < 0;
		if (bad)
			hmm_output_abandon(&output);
		else
			bad = hmm_output_finish(&output);
	}
	hmm_rho_close(&rho);
	hmm_record_free(&record);
	hmm_reader_close(reader);
	hmm_weights_close(weights);
	return bad ? 1 : 0;
}

/* ---- training ---- */

/* Classes are counted among the sets whose loss is taken: with or without subsets. */
static void
weigh(struct hmm_sample *samples, size_t count, int subsets)
{
	size_t taken = 0, positives = 0;
	double weight[2];
	for (size_t i = 0; i < count; i++)
		if (samples[i].whole || subsets) {
			taken++;
			positives += (size_t)samples[i].label;
		}
	training_class_weights(weight, positives, taken, class_weight == TRAINING_BALANCED);
	for (size_t i = 0; i < count; i++)
		samples[i].weight = weight[samples[i].label];
}

static int
learn(const struct hmm_dataset *data, struct hmm_pool *pool)
{
	const size_t *shape = data->record[0].x.shape;
	size_t widths[HMM_MLP_LAYERS], train_count, val_count;
	const size_t layers = training_hidden(widths, hidden);
	const struct hmm_train_options how = training_options(&given);
	const struct hmm_rho_options which = {dropout, subset_loss, val_loss};
	struct hmm_rho rho = {0};
	struct training_curve curve;
	struct hmm_sample *training = training_samples(data, "train", &train_count);
	struct hmm_sample *validation = training ? training_samples(data, "val", &val_count) : NULL;
	int bad = !validation ||
	          hmm_rho_open(&rho, pool, shape[0] * shape[1] * shape[2], widths, layers) ||
	          training_curve_open(&curve, &given);
	if (!bad) {
		weigh(training, train_count, which.subset_loss);
		weigh(validation, val_count, which.validate_subsets);
		hmm_mlp_init(&rho.mlp, how.seed);
		bad = hmm_rho_train(&rho, training, train_count, validation, val_count, &which, &how,
		    training_curve_report, &curve);
		bad = training_curve_close(&curve, bad) || bad ||
		      training_save(output_path, &usage, hmm_rho_each, &rho, NULL, 0);
	}
	free(training);
	free(validation);
	hmm_rho_close(&rho);
	return bad;
}

int
main(int argc, char **argv)
{
	threads = hmm_processors();
	if (hmm_option_parse(argc, argv, &usage) != argc)
		hmm_option_misuse("no operands wanted: sets come on standard input");
	const int is_code = given.preset == TRAINING_CODE;
	training_fill(&given, is_code ? &code : &paper);
	hidden = hidden ? hidden : is_code ? "512" : "512,128";
	dropout = dropout >= 0 ? dropout : is_code ? .5 : 0;
	val_loss = val_loss == HMM_UNSET ? is_code : val_loss;
	if (train ? !output_path || weights_path : !weights_path)
		hmm_option_misuse("want either -w FILE or --train -o FILE");
	if (dropout >= 1)
		hmm_option_misuse("--dropout: found %g, want less than 1", dropout);

	struct hmm_pool *pool = hmm_pool_open((size_t)threads);
	const int status = !pool ? 1 : train ? training_run(HMM_SETS, learn, pool) : predict(pool);
	hmm_pool_close(pool);
	return status;
}
