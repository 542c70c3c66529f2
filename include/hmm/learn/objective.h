/* What a model predicts, and the loss by which it learns to: how many outputs it has, what its
 * outputs say of an item, and what a table of predictions has of them.
 *
 *   binary   bce: one output, the logit of label 1
 *   classes  cross-entropy: one output a class, in the order of their names
 *   value    gaussian: the mean, and the log of the variance; huber, squared: the value. In units
 *            of the standard deviation of the training subjects' values, off their mean
 *   time     hazards: one output an interval, the logit of an event within it; cox: the log of the
 *            hazard beside the baseline's, which is Breslow's estimate of the training subjects
 *
 * The losses are in kernel/loss.h and kernel/target_loss.h. */
#ifndef HMM_OBJECTIVE_H
#define HMM_OBJECTIVE_H

#include "hmm/data/names.h"
#include "hmm/data/target.h"
#include "hmm/stream/dataset.h"

struct hmm_item;
struct hmm_model;
struct hmm_pair;

enum hmm_loss {
	HMM_BCE,
	HMM_CROSS_ENTROPY,
	HMM_GAUSSIAN,
	HMM_HUBER,
	HMM_SQUARED,
	HMM_HAZARDS,
	HMM_COX
};
#define HMM_LOSSES "bce|cross-entropy|gaussian|huber|squared|hazards|cox"

enum { HMM_OBJECTIVE_CLASSES = 1000, HMM_OBJECTIVE_TIMES = 64 };
enum { HMM_OBJECTIVE_NAME = 256 }; /* bytes of a class, as of a label */

struct hmm_objective {
	enum hmm_target target;
	enum hmm_loss loss;
	size_t outputs;
	struct hmm_names classes;             /* sorted */
	double mean, sd;                      /* of values */
	size_t times;                         /* of survivals that are predicted, */
	double time[HMM_OBJECTIVE_TIMES];     /* ascending: the ends of the intervals */
	double baseline[HMM_OBJECTIVE_TIMES]; /* cox: the hazards of the baseline so far */
	struct hmm_names columns;             /* of its predictions: "logit", "probability"; ... */
	/* private */
	struct hmm_objective_fact *fact; /* of a model's metadata */
	struct hmm_pair *pair;           /* these */
};

/* The binary one, of models that say nothing of it. */
extern const struct hmm_objective hmm_objective_binary;

/* Whether a model's is that. 0, or -1 reported. */
int hmm_objective_is_binary(const struct hmm_model *model);

/* As asked for on the command line; HMM_UNSET, NULL: the default. */
struct hmm_objective_options {
	int target, loss;  /* of enum hmm_target, hmm_loss */
	const char *times; /* "365,730" */
};

/* The target that they ask for. */
enum hmm_target hmm_objective_target(const struct hmm_objective_options *asked);

/* What the labels of the split train say, where it is not that of a model before (NULL: none): the
 * classes, the mean and the deviation, the times. What it was before is closed. 0, or -1 reported;
 * close it in either case. */
int hmm_objective_learn(struct hmm_objective *objective, const struct hmm_objective_options *asked,
    const struct hmm_dataset *data, const struct hmm_model *before);
/* Whether a step of so many items teaches what the loss wants. 0, or -1 reported. */
int hmm_objective_steps(enum hmm_loss loss, long batch);

/* Whether such options fit to each other, and to so many items a step. 0, or -1 reported. */
int hmm_objective_fits(const struct hmm_objective_options *asked, long batch);
/* That of a model's file. 0, or -1 reported; close it in either case. */
int hmm_objective_read(struct hmm_objective *objective, const struct hmm_model *model);
void hmm_objective_close(struct hmm_objective *objective); /* legal on zeroes */

/* Its facts for a model's metadata, [*count], which it keeps: none of the binary one. NULL,
 * reported. */
const struct hmm_pair *hmm_objective_pairs(struct hmm_objective *objective, size_t *count);

/* What a label says: *number is the binary label, the class, the event, *truth the value or the
 * time. 1; 0: it is not known; -1, reported of that subject: it is none of these. */
int hmm_objective_truth(const struct hmm_objective *objective, const struct hmm_sample *sample,
    int *number, double *truth);

/* The losses of items with outputs [items][outputs], times their weights, and unless it is NULL
 * slope[items][outputs], their derivatives; those of cox depend on all of the items. 0, or -1
 * reported. */
int hmm_objective_losses(const struct hmm_objective *objective, const struct hmm_item *const *item,
    size_t items, const double *output, double *loss, double *slope);

/* The outputs that say what the mean of `count` predictions [count][outputs] says, of their
 * probabilities where there are any; and d those / d one of them, times dmean: into slope. */
void hmm_objective_mean(
    const struct hmm_objective *objective, double *mean, const double *output, size_t count);
void hmm_objective_mean_slope(const struct hmm_objective *objective, double *slope,
    const double *dmean, const double *mean, const double *output, size_t count);

/* What a table of predictions has of outputs: number[columns.count]. 0, or -1 reported: one is not
 * finite. */
int hmm_objective_numbers(const struct hmm_objective *objective, double *number,
    const double *output, const char *subject);

/* How well scores tell the items apart, for the checkpoint: the area of the binary one, the macro
 * mean of the classes' areas, Harrell's C; NaN of a value, or where it is not defined. Outputs
 * [count][outputs]. 0, or -1 reported. */
int hmm_objective_auc(const struct hmm_objective *objective, double *auc,
    const struct hmm_item *const *item, size_t count, const double *output);

/* ", AUC 0.750" for a message, or ", C 0.750", or "" of a value; returns text. And what its loss is
 * called. */
const char *hmm_objective_auc_text(
    char text[32], const struct hmm_objective *objective, double auc);
const char *hmm_objective_loss_name(const struct hmm_objective *objective);

/* Of cox, estimate the baseline of those items with these outputs. 0, or -1 reported. */
int hmm_objective_baseline(struct hmm_objective *objective, const struct hmm_item *const *item,
    size_t count, const double *output);

#endif
