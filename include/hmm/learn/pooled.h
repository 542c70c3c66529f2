/* Baselines that cost nothing: the mean over positions of each block, one number a channel, and
 * what a regression with a ridge makes of it. Of several images of a modality their mean counts;
 * numbers are standardised by mean and standard deviation of the training. The regressions are, by
 * the objective's target,
 *
 *   binary   one, logistic: the logit of label 1
 *   classes  one a class, logistic: its logit z against all others. The outputs are log sigmoid(z),
 *            whose softmax is sigmoid(z) / the sum of these: scikit-learn's OneVsRestClassifier. Of
 *            rows that lack a class, or have no other, it is a constant, the log-odds of Laplace's
 *            (rows of the class + 1) / (rows + 2)
 *   value    one, of squares: the value as the objective standardises it
 *   time     one, Cox's: the log of the hazard. As the numbers are off their training mean, so is
 *            it; the baseline is Breslow's of the training items' */
#ifndef HMM_POOLED_H
#define HMM_POOLED_H

#include "hmm/learn/model.h"
#include "hmm/learn/training.h"

/* majority: the logits of the shares of label 1, or of the classes; the mean value; a hazard as the
 * baseline's. mean: regressions a modality, and the mean of what those say that there are: their
 * logits, values, or logs of hazards. concat: regressions of all modalities, where one that is
 * missing is what it is in the mean. */
#define HMM_POOLED_SYSTEMS "majority|mean|concat"
enum hmm_pooled_system { HMM_MAJORITY, HMM_MEAN_LOGIT, HMM_POOLED_CONCAT };

struct hmm_pooled { /* zeroes: none */
	int system;     /* enum hmm_pooled_system */
	int only;       /* 1: of its modalities alone: images of others are left out */
	const struct hmm_objective *objective;
	size_t modalities, channels, positions;
	double *mean; /* [modalities][channels] */
	/* [outputs][modalities][channels], in one block: a number counts (number - mean) * weight,
	 * where weight is the coefficient over the standard deviation, or 0 where that is 0 */
	double *weight;
	double *bias; /* [outputs][modalities]; but for mean the first one of an output counts */
	/* private: one item in hand */
	double *number; /* [modalities][channels] */
	size_t *images; /* [modalities] */
	double *output; /* [outputs] */
};

/* The loss that a target's regressions have. */
enum hmm_loss hmm_pooled_loss(enum hmm_target target);

/* Room for a model of blocks of that shape, of that objective, which must outlive it. 0, or -1
 * reported; close it in either case. */
int hmm_pooled_open(struct hmm_pooled *pooled, int system, int only,
    const struct hmm_objective *objective, size_t modalities, const size_t shape[3]);
void hmm_pooled_close(struct hmm_pooled *pooled); /* legal on zeroes */

/* How it learns. */
struct hmm_pooled_options {
	long folds;    /* of training groups, whose rows are left out in turn to choose the ridge */
	double ridge;  /* above 0: this one, and nothing is chosen */
	uint64_t seed; /* of the folds */
};

/* Learn from the items of the split train, and say what ridges were chosen and what they lost; of
 * whom it learned into *learned, and the baseline of cox into the objective, which is the model's.
 * The names are the modalities'. 0, or -1 reported: among others, all that have a modality have the
 * same label, or none of them an event. */
int hmm_pooled_learn(struct hmm_pooled *pooled, struct hmm_objective *objective,
    struct hmm_learned *learned, const struct hmm_dataset *data, const struct hmm_items *items,
    const struct hmm_names *names, const struct hmm_pooled_options *options);

/* An item's numbers into number[] and images[], whose blocks are in hand. */
void hmm_pooled_take(struct hmm_pooled *pooled, const struct hmm_item *item);

/* output[outputs] of what is in number[] and images[]. */
void hmm_pooled_outputs(const struct hmm_pooled *pooled, double *output);

/* For hmm_items_predict(): `self` is the model. */
int hmm_pooled_score(void *self, const struct hmm_item *item, double *number);

/* Write the model with the facts, whose `pair` is not looked at; and read one, whose objective is
 * that of the file: what is in the file decides, for the data's blocks. 0, or -1 reported. */
int hmm_pooled_save(
    struct hmm_output *output, struct hmm_pooled *pooled, const struct hmm_model_facts *facts);
int hmm_pooled_load(struct hmm_pooled *pooled, const struct hmm_objective *objective,
    const struct hmm_model *file, struct hmm_dataset *data);

#endif
