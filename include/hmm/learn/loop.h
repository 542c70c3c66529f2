/* The training loop: epochs, order, batches, validation, the learning rate's schedule,
 * early stopping, the checkpoint and the curve, the same for every learner. */
#ifndef HMM_LOOP_H
#define HMM_LOOP_H

#include "hmm/learn/learner.h"

enum hmm_loop_order {
	HMM_SHUFFLED,   /* in another random order every epoch, `batch` items a step */
	HMM_BY_SUBJECT, /* the paper's code: in their order, an item a step, the gradients
	                 * forgotten once a subject and so adding up in between */
};

enum hmm_loop_schedule { HMM_PLATEAU, HMM_STEP, HMM_CONSTANT };          /* of the learning rate */
enum hmm_loop_stop { HMM_STOP_VALIDATION, HMM_STOP_TRAINING };           /* whose loss is watched */
enum hmm_loop_checkpoint { HMM_KEEP_LOSS, HMM_KEEP_AUC, HMM_KEEP_LAST }; /* what is kept */

struct hmm_loop_options {
	long epochs, patience, batch;
	long min_epochs; /* until then no loss stops the training or lowers the rate */
	double learning_rate, weight_decay;
	enum hmm_loop_schedule schedule;
	enum hmm_loop_stop stop_on;
	enum hmm_loop_checkpoint checkpoint;
	enum hmm_loop_order order;
	long shuffle_buffer; /* HMM_SHUFFLED: so many items at a time, of blocks that lie together in
	                      * the stream; less than 1: all */
	int round_losses;    /* compare losses rounded to 4 decimals, as the paper's code does */
	uint64_t seed;
	FILE *curve;          /* gets a TSV line an epoch, below a header; NULL: nothing does */
	const char *resume;   /* a file to save the training in behind every epoch, and to go on from;
	                         NULL: none */
	const char *identity; /* what training it is: one of another identity is refused */
};

/* Whether these options watch the validation's loss or AUC, and so cannot do without any. */
int hmm_loop_validates(const struct hmm_loop_options *options);

/* How it went: of the epoch whose weights are in place. */
struct hmm_loop_result {
	long epochs, kept;                       /* run; that one, from 1 */
	double train_loss, validation_loss, auc; /* NaN: not known */
};

/* Train until the patience or the epochs run out; the checkpoint's weights are then in
 * place. Of the validation there may be none, unless hmm_loop_validates(). The items' order is
 * drawn at {seed, epoch, 0}, and what a learner draws for one at {seed, epoch, its key}. Training
 * items are sorted by subject. A loss that is not finite is an error. 0, or -1 reported. */
int hmm_loop_run(const struct hmm_learner *learner, const struct hmm_items *train,
    const struct hmm_items *validation, const struct hmm_loop_options *options,
    struct hmm_loop_result *result);

#endif
