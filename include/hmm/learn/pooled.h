/* Baselines that cost nothing: the mean over positions of each block, one number a channel, and
 * what a logistic regression with a ridge makes of it. Of several images of a modality their mean
 * counts; numbers are standardised by mean and standard deviation of the training. */
#ifndef HMM_POOLED_H
#define HMM_POOLED_H

#include "hmm/learn/model.h"
#include "hmm/learn/training.h"

/* majority: the logit of the share of label 1. mean: a regression a modality, and the mean of the
 * logits of those that there are. concat: one regression of all modalities, where one that is
 * missing is what it is in the mean. */
#define HMM_POOLED_SYSTEMS "majority|mean|concat"
enum hmm_pooled_system { HMM_MAJORITY, HMM_MEAN_LOGIT, HMM_POOLED_CONCAT };

struct hmm_pooled { /* zeroes: none */
	int system;     /* enum hmm_pooled_system */
	int only;       /* 1: of its modalities alone: images of others are left out */
	size_t modalities, channels, positions;
	/* [modalities][channels], in one block: a number counts (number - mean) * weight, where weight
	 * is the coefficient over the standard deviation, or 0 where that is 0 */
	double *mean, *weight;
	double *bias; /* [modalities]; but for mean the first one counts */
	/* private: one item in hand */
	double *number; /* [modalities][channels] */
	size_t *images; /* [modalities] */
};

/* Room for a model of blocks of that shape. 0, or -1 reported; close it in either case. */
int hmm_pooled_open(
    struct hmm_pooled *pooled, int system, int only, size_t modalities, const size_t shape[3]);
void hmm_pooled_close(struct hmm_pooled *pooled); /* legal on zeroes */

/* How it learns. */
struct hmm_pooled_options {
	long folds;    /* of training groups, whose rows are left out in turn to choose the ridge */
	double ridge;  /* above 0: this one, and nothing is chosen */
	uint64_t seed; /* of the folds */
};

/* Learn from the items of the split train, and say what ridge was chosen and what it lost; of
 * whom it learned into *learned. The names are the modalities'. 0, or -1 reported: among others,
 * all that have a modality have the same label. */
int hmm_pooled_learn(struct hmm_pooled *pooled, struct hmm_learned *learned,
    const struct hmm_dataset *data, const struct hmm_items *items, const struct hmm_names *names,
    const struct hmm_pooled_options *options);

/* An item's numbers into number[] and images[], whose blocks are in hand. */
void hmm_pooled_take(struct hmm_pooled *pooled, const struct hmm_item *item);

/* For hmm_items_predict(): `self` is the model. */
int hmm_pooled_score(void *self, const struct hmm_item *item, double *number);

/* Write the model with the facts, whose `pair` is not looked at; and read one: what is in the file
 * decides, for the data's blocks. 0, or -1 reported. */
int hmm_pooled_save(
    struct hmm_output *output, struct hmm_pooled *pooled, const struct hmm_model_facts *facts);
int hmm_pooled_load(
    struct hmm_pooled *pooled, const struct hmm_model *file, struct hmm_dataset *data);

#endif
