/* What the programs that train have in common: options, presets, data, the curve's file. */
#ifndef HMM_TRAINING_H
#define HMM_TRAINING_H

#include "hmm/base/option.h"
#include "hmm/learn/loop.h"
#include "hmm/learn/model.h"

/* As given on the command line; HMM_UNSET where the preset decides. */
struct hmm_training {
	enum { HMM_PAPER, HMM_CODE, HMM_PRESETS } preset;
	int schedule, stop_on, checkpoint, round_losses; /* of hmm_loop_options */
	const char *curve, *resume;
	long epochs, min_epochs, patience, batch, shuffle_buffer, seed;
	double learning_rate, weight_decay;
	int show_options;
	struct hmm_objective_options objective;
};

#define HMM_TRAINING_UNSET                                                                         \
	{                                                                                              \
		.schedule = HMM_UNSET, .stop_on = HMM_UNSET, .checkpoint = HMM_UNSET,                      \
		.round_losses = HMM_UNSET, .epochs = HMM_UNSET, .patience = HMM_UNSET, .batch = HMM_UNSET, \
		.shuffle_buffer = HMM_UNSET, .learning_rate = HMM_UNSET, .weight_decay = HMM_UNSET,        \
		.objective = {                                                                             \
			HMM_UNSET,                                                                             \
			HMM_UNSET,                                                                             \
			NULL                                                                                   \
		}                                                                                          \
	}

/* The rows of an option table. */
#define HMM_TRAINING_OPTIONS(o)                                                                    \
	HMM_OPTION_CHOICE(0, "preset", &(o).preset, "paper|code",                                      \
	    "defaults of the paper or of its code", HMM_NOTED),                                        \
	    HMM_OPTION_COUNT(0, "epochs", &(o).epochs, "N", "at most so many epochs", HMM_NOTED),      \
	    HMM_OPTION_COUNT(0, "min-epochs", &(o).min_epochs, "N",                                    \
	        "no loss is held against the first N", HMM_NOTED),                                     \
	    HMM_OPTION_COUNT(0, "patience", &(o).patience, "N",                                        \
	        "stop after N epochs without a lower loss", HMM_NOTED),                                \
	    HMM_OPTION_COUNT(0, "batch", &(o).batch, "N", "samples a step", HMM_NOTED),                \
	    HMM_OPTION_COUNT(0, "shuffle-buffer", &(o).shuffle_buffer, "N",                            \
	        "shuffle N samples at a time, near each other in a large file", HMM_NOTED),            \
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
	    HMM_OPTION_TEXT(0, "resume", &(o).resume, "FILE",                                          \
	        "save the training there behind every epoch, and go on from it", HMM_UNNOTED),         \
	    HMM_OPTION_COUNT(                                                                          \
	        's', "seed", &(o).seed, "N", "of the weights, the order and the dropout", HMM_NOTED),  \
	    HMM_OPTION_CHOICE(0, "target", &(o).objective.target, HMM_TARGETS,                         \
	        "what labels are (default: binary)", HMM_NOTED),                                       \
	    HMM_OPTION_CHOICE(0, "loss", &(o).objective.loss, HMM_LOSSES,                              \
	        "of the label (default: the first one of its target)", HMM_NOTED),                     \
	    HMM_OPTION_TEXT(0, "times", &(o).objective.times, "T,...",                                 \
	        "of a time: where the share without the event is predicted", HMM_NOTED),               \
	    HMM_OPTION_FLAG(0, "show-options", &(o).show_options,                                      \
	        "print the options as the preset fills them, and exit", HMM_UNNOTED)

/* Their names, but for show-options. */
#define HMM_TRAINING_NAMES                                                                         \
	"preset|epochs|min-epochs|patience|batch|shuffle-buffer|learning-rate|weight-decay|schedule|"  \
	"stop-on|checkpoint|round-losses|curve|resume|seed|target|loss|times"

/* Refuse, unless a model is trained, options that a training alone looks at: those above, and
 * these names ("hidden|dropout"). */
void hmm_training_idle(const struct hmm_usage *usage, int train, const char *names);

/* The same, and refuse all but -w FILE or --train -o FILE; the predictions may go to a file, too.
 */
void hmm_training_mode(const struct hmm_usage *usage, int train, const char *weights,
    const char *output, const char *names);

/* What a preset stands for. */
struct hmm_training_preset {
	long epochs, patience, batch;
	double learning_rate, weight_decay;
	int schedule, stop_on, checkpoint, round_losses;
};

/* Fill what was not given from its preset. 0, or -1 reported: a number makes no sense. */
int hmm_training_fill(
    struct hmm_training *given, const struct hmm_training_preset preset[HMM_PRESETS]);

/* What the loop is to do, but for its order. */
struct hmm_loop_options hmm_training_options(const struct hmm_training *given, FILE *curve);

/* Print a line "name<TAB>value" an option that is noted, as they stand: the program's exit
 * status. */
int hmm_training_show(const struct hmm_usage *usage);

/* Of the option --class-weight. */
enum hmm_class_weight { HMM_UNWEIGHTED, HMM_BALANCED };

/* The widths in "512,128", the value of --hidden; "0": there are none. 0, or -1 reported. */
int hmm_training_hidden(size_t width[HMM_MLP_LAYERS - 1], size_t *count, const char *text);

/* What is done with the data: a model or predictions go into `output`, a line an epoch into
 * `curve` (NULL: none). 0, or -1 reported. */
typedef int hmm_training_work(
    struct hmm_dataset *data, struct hmm_output *output, FILE *curve, struct hmm_pool *pool);

/* Open both files (NULL: standard output; no curve), then read standard input, a stream of this
 * kind, to its end and work on it. Predictions may not replace their `model` (NULL: none). The
 * files are whole, or as they were: the program's exit status. */
int hmm_training_read(enum hmm_kind kind, const char *model, const char *output, const char *curve,
    hmm_training_work *work, struct hmm_pool *pool);

/* What is trained on: the data's splits train and val, see hmm_items_open(). */
struct hmm_training_data {
	const struct hmm_dataset *data;
	struct hmm_objective *objective; /* of the learner; that of cox gets its baseline */
	const struct hmm_names *modalities;
	int want[3]; /* of the items that are learned from, of those of the validation, and of those of
	              * the training as they are predicted */
	enum hmm_class_weight weight;
	const struct hmm_model *from;  /* the model that is trained further, or NULL */
	const struct hmm_usage *usage; /* the program's: its options say what training it is */
	const struct hmm_pool *pool;   /* whose threads are said */
};

/* What a training learned from, and the model before it. */
struct hmm_learned {
	struct hmm_history history; /* what the data went through */
	struct hmm_groups groups;   /* whose they were */
};

void hmm_learned_free(struct hmm_learned *learned); /* legal on zeroes */

/* Train a learner on that and say how it went. *learned is to be freed. 0, or -1 reported. */
int hmm_training_run(const struct hmm_learner *learner, const struct hmm_training_data *on,
    const struct hmm_loop_options *options, struct hmm_learned *learned);

/* Whether a model may predict these items, see hmm_model_fits(). 0, or -1 reported. */
int hmm_training_fits(
    const struct hmm_model *model, const struct hmm_dataset *data, const struct hmm_items *items);

#endif
