/* What the mains that train have in common: options, presets, samples, curve. */
#ifndef HMM_BIN_TRAINING_H
#define HMM_BIN_TRAINING_H

#include "hmm/base/option.h"
#include "hmm/file/output.h"
#include "hmm/base/progress.h"
#include "hmm/file/safetensors.h"
#include "hmm/stream/stream.h"
#include "hmm/learn/train.h"

/* As given on the command line; NULL and -1 where the preset decides. */
struct training_options {
	const char *preset, *schedule, *stop_on, *checkpoint, *round_losses, *curve;
	long epochs, min_epochs, patience, batch, seed;
	double learning_rate, weight_decay;
};

#define TRAINING_UNSET                                                                             \
	{                                                                                              \
		.preset = "paper", .epochs = -1, .patience = -1, .batch = -1, .seed = 0,                   \
		.learning_rate = -1, .weight_decay = -1                                                    \
	}

/* The rows of an option table. */
#define TRAINING_OPTIONS(o)                                                                        \
	{0, "preset", HMM_CHOICE, &(o).preset, "paper|code", "defaults of the paper or of its code",   \
	    1},                                                                                        \
	    {0, "epochs", HMM_COUNT, &(o).epochs, "N", "at most so many epochs", 1},                   \
	    {0, "min-epochs", HMM_COUNT, &(o).min_epochs, "N", "no loss is held against the first N",  \
	        1},                                                                                    \
	    {0, "patience", HMM_COUNT, &(o).patience, "N", "stop after N epochs without a lower loss", \
	        1},                                                                                    \
	    {0, "batch", HMM_COUNT, &(o).batch, "N", "samples a step", 1},                             \
	    {0, "learning-rate", HMM_NUMBER, &(o).learning_rate, "X", "Adam's", 1},                    \
	    {0, "weight-decay", HMM_NUMBER, &(o).weight_decay, "X", "L2, coupled", 1},                 \
	    {0, "schedule", HMM_CHOICE, &(o).schedule, "plateau|step|constant",                        \
	        "of the learning rate", 1},                                                            \
	    {0, "stop-on", HMM_CHOICE, &(o).stop_on, "validation|training", "whose loss is watched",   \
	        1},                                                                                    \
	    {0, "checkpoint", HMM_CHOICE, &(o).checkpoint, "loss|auc|last", "which weights are kept",  \
	        1},                                                                                    \
	    {0, "round-losses", HMM_CHOICE, &(o).round_losses, "yes|no",                               \
	        "compare losses at 4 decimals", 1},                                                    \
	    {0, "curve", HMM_STRING, &(o).curve, "FILE", "write a TSV line an epoch", 0},              \
	{                                                                                              \
		's', "seed", HMM_COUNT, &(o).seed, "N", "of the weights, the order and the dropout", 1     \
	}

/* What a preset stands for. */
struct training_preset {
	long epochs, patience;
	const char *stop_on, *checkpoint, *round_losses;
};

/* Fill what was not given: from the preset, and what all presets share. */
void training_fill(struct training_options *given, const struct training_preset *preset);
struct hmm_train_options training_options(const struct training_options *given);

/* The labelled samples of one split, in canonical order, to free(); records
 * without a label are left out with a warning. NULL, reported, when there are
 * none. With NULL for the split: all records. x and subject point into the dataset;
 * `whole` is set, `modality` is not. */
struct hmm_sample *training_samples(
    const struct hmm_dataset *dataset, const char *split, size_t *count);

/* The widths in "512,128", the value of --hidden: how many. Ends the program when
 * they make no sense. */
size_t training_hidden(size_t widths[HMM_MLP_LAYERS - 1], const char *text);

/* What a sample of class 0 and of class 1 weighs: 1, or if `balanced`, as
 * scikit-learn has it, n / (2 * n of the class). */
void training_class_weights(double weight[2], size_t positives, size_t count, int balanced);

/* Read standard input, a stream of this kind, to its end and work on it: the
 * program's exit status. */
int training_run(enum hmm_kind kind,
    int (*work)(const struct hmm_dataset *data, struct hmm_pool *pool), struct hmm_pool *pool);

/* The curve's file and the progress bar; hmm_learner's report. */
struct training_curve {
	struct hmm_output output;
	struct hmm_progress progress;
	int open;
};

int training_curve_open(struct training_curve *curve, const struct training_options *given);
void training_curve_report(void *curve, const struct hmm_epoch *epoch);
/* 0, or -1 reported; writes nothing when `bad`. */
int training_curve_close(struct training_curve *curve, int bad);

/* ---- models ---- */

/* Visits every parameter of a model. */
typedef void training_each(void *self, hmm_parameter_visit *visit, void *context);

/* Write a model, its metadata: program, options, then these pairs. 0, or -1 reported. */
int training_save(const char *path, const struct hmm_usage *usage, training_each *each, void *self,
    const struct hmm_pair *pairs, size_t count);

/* Take every parameter's values from the file. 0, or -1 reported. */
int training_load(const struct hmm_weights *weights, training_each *each, void *self);

/* The widths of the perceptron whose tensors are <prefix>.0.weight and on, inputs
 * first: how many layers, 0 where there is none. */
size_t training_layers(
    size_t width[HMM_MLP_LAYERS + 1], const struct hmm_weights *weights, const char *prefix);

#endif
