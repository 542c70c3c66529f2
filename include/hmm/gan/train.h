/* The training of pix2pix and cycleGAN: epochs of seeded order, crop and flip, the schedule, a
 * checkpoint that a killed training goes on from with the same bytes. */
#ifndef HMM_GAN_TRAIN_H
#define HMM_GAN_TRAIN_H

#include "hmm/gan/examples.h"
#include "hmm/gan/gan.h"

struct hmm_gan_training {
	long steady, decay;   /* epochs at the learning rate, and of its way down to 0 */
	double learning_rate; /* 2e-4 */
	size_t load;          /* the side that slices get before one of the net's size is cut out */
	uint64_t seed;
	const char *checkpoint; /* NULL: none */
	int resume;             /* go on from the checkpoint, where there is one */
	double every;           /* seconds between checkpoints; there is one behind every epoch */
	const char *identity;   /* of the training: options and data; a checkpoint has the same */
	FILE *curve;            /* gets a TSV line an epoch, below a header; NULL: nothing does */
	const char *samples;    /* NULL, or where pictures of samples are drawn, */
	long samples_every;     /* after so many epochs, and after the last */
};

/* Train from the beginning, or from the checkpoint. 0, or -1 reported. */
int hmm_gan_train(struct hmm_gan *gan, const struct hmm_examples *examples,
    const struct hmm_gan_training *training);

#endif
