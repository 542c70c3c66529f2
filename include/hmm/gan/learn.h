/* What hmm-gan --train does: options with their presets, and from a data set of slices to a file
 * that imputes. */
#ifndef HMM_GAN_LEARN_H
#define HMM_GAN_LEARN_H

#include "hmm/gan/imputer.h"
#include "hmm/learn/training.h"

/* As given on the command line; HMM_UNSET where the preset decides. */
enum hmm_gan_preset { HMM_GAN_PAPER, HMM_GAN_SMALL };

struct hmm_gan_given {
	int preset; /* enum hmm_gan_preset */
	long ngf, ndf, blocks, epochs, decay, load, pool_size, samples_every;
	double learning_rate, l1, lambda, identity, every;
	const char *curve, *checkpoint, *samples;
	int resume;
};

#define HMM_GAN_UNSET                                                                              \
	{                                                                                              \
		.preset = HMM_UNSET, .ngf = HMM_UNSET, .ndf = HMM_UNSET, .blocks = HMM_UNSET,              \
		.epochs = HMM_UNSET, .decay = HMM_UNSET, .load = HMM_UNSET, .pool_size = HMM_UNSET,        \
		.samples_every = HMM_UNSET, .learning_rate = HMM_UNSET, .l1 = HMM_UNSET,                   \
		.lambda = HMM_UNSET, .identity = HMM_UNSET, .every = HMM_UNSET                             \
	}

/* The rows of an option table. */
#define HMM_GAN_OPTIONS(o)                                                                         \
	HMM_OPTION_CHOICE(0, "preset", &(o).preset, "paper|small",                                     \
	    "sizes as published (default), or for two cores", HMM_NOTED),                              \
	    HMM_OPTION_COUNT(                                                                          \
	        0, "ngf", &(o).ngf, "N", "generator: channels of the first layer", HMM_NOTED),         \
	    HMM_OPTION_COUNT(0, "ndf", &(o).ndf, "N", "discriminator: the same", HMM_NOTED),           \
	    HMM_OPTION_COUNT(0, "blocks", &(o).blocks, "N", "cyclegan: of its ResNet", HMM_NOTED),     \
	    HMM_OPTION_COUNT(0, "epochs", &(o).epochs, "N", "at the full learning rate", HMM_NOTED),   \
	    HMM_OPTION_COUNT(0, "epochs-decay", &(o).decay, "N", "on its way down to 0", HMM_NOTED),   \
	    HMM_OPTION_NUMBER(                                                                         \
	        0, "learning-rate", &(o).learning_rate, "X", "of both Adams", HMM_NOTED),              \
	    HMM_OPTION_COUNT(                                                                          \
	        0, "load-size", &(o).load, "N", "the side of which --size is cut out", HMM_NOTED),     \
	    HMM_OPTION_NUMBER(0, "lambda-l1", &(o).l1, "X", "pix2pix: weight of L1", HMM_NOTED),       \
	    HMM_OPTION_NUMBER(                                                                         \
	        0, "lambda", &(o).lambda, "X", "cyclegan: weight of the cycles", HMM_NOTED),           \
	    HMM_OPTION_NUMBER(0, "lambda-identity", &(o).identity, "X",                                \
	        "cyclegan: of the identities, times --lambda", HMM_NOTED),                             \
	    HMM_OPTION_COUNT(0, "pool-size", &(o).pool_size, "N",                                      \
	        "cyclegan: images that are shown again", HMM_NOTED),                                   \
	    HMM_OPTION_TEXT(0, "curve", &(o).curve, "FILE", "write a TSV line an epoch", HMM_UNNOTED), \
	    HMM_OPTION_TEXT(0, "checkpoint", &(o).checkpoint, "FILE",                                  \
	        "write all that the training is, after every epoch", HMM_UNNOTED),                     \
	    HMM_OPTION_NUMBER(0, "checkpoint-every", &(o).every, "S",                                  \
	        "and so many seconds after the last (600)", HMM_UNNOTED),                              \
	    HMM_OPTION_FLAG(                                                                           \
	        0, "resume", &(o).resume, "go on from the checkpoint, if there is one", HMM_UNNOTED),  \
	    HMM_OPTION_TEXT(0, "samples", &(o).samples, "FILE",                                        \
	        "draw a few pairs and what is made of them, PNG", HMM_UNNOTED),                        \
	    HMM_OPTION_COUNT(0, "samples-every", &(o).samples_every, "N",                              \
	        "epochs between samples (1)", HMM_UNNOTED)

/* The first option of the table that was given and does nothing in the training of that method
 * (HMM_UNSET: where a file imputes); NULL: there is none. */
const char *hmm_gan_useless(const struct hmm_usage *usage, int kind);

/* Fill what was not given from the preset, as far as that method has a use for it; the side too,
 * where it is HMM_UNSET. 0, or -1 reported: a number makes no sense. */
int hmm_gan_fill(struct hmm_gan_given *given, long *size, enum hmm_imputer_kind kind);

/* Whether checkpoint and samples can be written, and no file of a training is another one of it, so
 * that it is told before the work. 0, or -1 reported. */
int hmm_gan_probe(const struct hmm_gan_given *given, const char *model);

/* What is learned, beside that. */
struct hmm_gan_task {
	enum hmm_imputer_kind kind;
	const char *from, *to;
	long size, seed;
	const struct hmm_gan_given *given;
	const struct hmm_usage *usage; /* its noted options go into the file */
};

/* Learn, and write the file. 0, or -1 reported. */
int hmm_gan_learn(const struct hmm_gan_task *task, const struct hmm_dataset *data,
    struct hmm_output *output, FILE *curve, struct hmm_pool *pool);

#endif
