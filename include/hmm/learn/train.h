/* What both training steps share: the epochs, the learning rate's schedule,
 * early stopping, the checkpoint, the curve. */
#ifndef HMM_TRAIN_H
#define HMM_TRAIN_H

#include <stddef.h>
#include <stdint.h>

#include "hmm/learn/mlp.h"

/* One element of training or validation data. */
struct hmm_sample {
	const char *subject;
	size_t modality;
	int label;
	const float *x; /* a block, [channels][positions] */
	double weight;  /* of its loss; 1 unless classes are weighted */
	int whole;      /* 1: an image or a full set; 0: a subset of a subject's set */
};

struct hmm_train_options {
	long epochs, patience, batch;
	long min_epochs; /* until then no loss stops the training or lowers the rate */
	double learning_rate, weight_decay;
	enum { HMM_PLATEAU, HMM_STEP, HMM_CONSTANT } schedule;
	enum { HMM_STOP_VALIDATION, HMM_STOP_TRAINING } stop_on;
	enum { HMM_KEEP_LOSS, HMM_KEEP_AUC, HMM_KEEP_LAST } checkpoint;
	int round_losses; /* compare losses rounded to 4 decimals, as the paper's code does */
	uint64_t seed;
};

struct hmm_epoch {
	long epoch; /* from 1 */
	double learning_rate, train_loss, validation_loss, validation_auc;
	int kept; /* 1: the best so far */
};

/* What is trained. Its functions return 0, or -1 reported. */
struct hmm_learner {
	void *self;
	int (*train)(void *self, long epoch, double learning_rate, double *loss);
	int (*validate)(void *self, double *loss, double *auc);
	void (*each)(void *self, hmm_parameter_visit *visit, void *context);
	void (*report)(void *context, const struct hmm_epoch *epoch);
	void *report_context;
};

/* Train until the patience or the epochs run out; the checkpoint's weights are
 * then in place. A loss that is not finite is an error. 0, or -1 reported. */
int hmm_train(const struct hmm_learner *learner, const struct hmm_train_options *options);

/* Validation samples that share one pass over the matrices, and the most samples that are in hand
 * at a time: such a group or a batch. */
enum { HMM_TRAIN_GROUP = 16 };
size_t hmm_train_most(const struct hmm_train_options *options, size_t train_count);

/* Make every parameter ready to be trained. 0, or -1 reported. */
int hmm_train_prepare(void *self, void (*each)(void *, hmm_parameter_visit *, void *));

/* One step of Adam on every parameter. */
void hmm_train_step(struct hmm_pool *pool, long step, double learning_rate, double weight_decay,
    void *self, void (*each)(void *, hmm_parameter_visit *, void *));

/* Forget every parameter's gradient. */
void hmm_train_zero(void *self, void (*each)(void *, hmm_parameter_visit *, void *));

#endif
