/* A training that is saved behind every epoch, and goes on from there with the same bytes. */
#ifndef RESUME_H
#define RESUME_H

#include "hmm/learn/loop.h"

/* A line of the curve. */
struct line {
	double rate, train_loss, validation_loss, auc, train_mse, validation_mse, kept;
};

/* How far a training is: all that the next epoch follows from, but for the learner's values. */
struct so_far {
	long epochs, steps; /* whole ones; of Adam */
	double rate;
	double plateau_best, stop_best, keep_best;
	long plateau_bad, stop_bad;
	struct hmm_loop_result result;
	struct line *line; /* [epochs], to free() */
	size_t capacity;   /* bytes at line */
};

/* Save it, with what Adam knows of every parameter and the weights that are kept. `identity` says
 * what training this is. 0, or -1 reported. */
int resume_write(const char *path, const char *identity, const struct hmm_learner *learner,
    const struct so_far *far);

/* Have it again, where there is such a file: the learner is prepared. 0, or -1 reported: among
 * others, it is of another training. */
int resume_read(
    const char *path, const char *identity, const struct hmm_learner *learner, struct so_far *far);

#endif
