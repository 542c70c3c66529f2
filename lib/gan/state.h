/* All that a training needs to go on, as one file. */
#ifndef STATE_H
#define STATE_H

#include "hmm/gan/train.h"

/* How far it is. */
struct state {
	long epoch, step;           /* both from 0: what comes next */
	double sum[HMM_GAN_LOSSES]; /* of the losses of this epoch's steps so far */
	double *curve;              /* [epoch][losses]: their means in the epochs before */
	size_t losses;
};

/* Write it whole, with what is in the GAN. 0, or -1 reported. */
int state_write(
    const char *path, const struct hmm_gan *gan, const struct state *state, const char *identity);

/* Read it back; `epochs`: rows that curve has. 1, or 0 where there is none, or -1 reported: another
 * training's, or damaged. */
int state_read(
    const char *path, struct hmm_gan *gan, struct state *state, long epochs, const char *identity);

#endif
