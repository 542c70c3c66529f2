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
	enum training_preset_name { TRAINING_PAPER, TRAINING_CODE } preset;
	int schedule, stop_on, checkpoint, round_losses; /* HMM_UNSET, or of hmm_train_options */
	const char *curve;
	long epochs, min_epochs, patience, batch, seed;
	double learning_rate, weight_decay;
};

#define TRAINING_UNSET                                                                             \
	{                                                                                              \
		.schedule = HMM_UNSET, .stop_on = HMM_UNSET, .checkpoint = HMM_UNSET,                      \
		.round_losses = HMM_UNSET, .epochs = -1, .patience = -1, .batch = -1, .learning_rate = -1, \
		.weight_decay = -1                                                                         \
	}

/* The rows of an option table. */
#define TRAINING_OPTIONS(o)                                                                        \
	HMM_OPTION_CHOICE(0, "preset", &(o).preset, "paper|code",                                      \
	    "defaults of the paper or of its code", HMM_NOTED),                                        \
	    HMM_OPTION_COUNT(0, "epochs", &(o).epochs, "N", "at most so many epochs", HMM_NOTED),      \
	    HMM_OPTION_COUNT(0, "min-epochs", &(o).min_epochs, "N",                                    \
	        "no loss is held against the first N", HMM_NOTED),                                     \
	    HMM_OPTION_COUNT(0, "patience", &(o).patience, "N",                                        \
	        "stop after N epochs without a lower loss", HMM_NOTED),                                \
	    HMM_OPTION_COUNT(0, "batch", &(o).batch, "N", "samples a step", HMM_NOTED),                \
	    HMM_OPTION_NUMBER(0, "learning-rate", &(o).learning_rate, "X", "Adam's", HMM_NOTED),       \
	    HMM_OPTION_NUMBER(0, "weight-decay", &(o).weight_decay, "X", "L2, coupled", HMM_NOTED),    \
	    HMM_OPTION_CHOICE(0, "schedule", &(o).schedule, "plateau|step|constant",                   \
	        "of the learning rate", HMM_NOTED),                                                    \
	    HMM_OPTION_CHOICE(0, "stop-on", &(o).stop_on, "validation|training",                       \
	        "whose loss is watched", HMM_NOTED),                                                   \
	    HMM_OPTION_CHOICE(0, "checkpoint", &(o).checkpoint, "loss|auc|last",                       \
	        "which weights are kept", HMM_NOTED),                                                  \
	    HMM_OPTION_CHOICE(0, "round-losses", &(o).round_losses, "no|yes",                          \
	        "compare losses at 4 decimals", HMM_NOTED),                                            \
	    HMM_OPTION_TEXT(0, "curve", &(o).curve, "FILE", "write a TSV line an epoch", HMM_UNNOTED), \
	    HMM_OPTION_COUNT(                                                                          \
	        's', "seed", &(o).seed, "N", "of the weights, the order and the dropout", HMM_NOTED)

/* What a preset stands for. */
struct training_preset {
	long epochs, patience;
	int stop_on, checkpoint, round_losses;
};

/* Fill what was not given: from the preset, and what all presets share. */
void training_fill(struct training_options *given, const struct training_preset *preset);
struct hmm_train_options training_options(const struct training_options *given);

/* Of the option --class-weight. */
enum training_class_weight { TRAINING_UNWEIGHTED, TRAINING_BALANCED };

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
