/* Frozen features of a channel of a signal: MiniRocket's convolutions at the dilations of a
 * reference length, and the shares of their outputs above biases. What is frozen lies in a file:
 * the biases, and of each channel the mean and standard deviation in train. */
#ifndef HMM_ROCKET_H
#define HMM_ROCKET_H

#include "hmm/data/groups.h"
#include "hmm/signal/plan.h"

struct hmm_rocket {
	struct hmm_plan plan;
	size_t window, step; /* samples; 0 and 0: a record is a whole channel */
	size_t channels;
	char **channel;   /* [channels]: names */
	float *mean, *sd; /* [channels] */
	float *biases;    /* [tables][features] */
	size_t tables;    /* 1: for all channels; or `channels` */
};

/* Read a file. 0, or -1 reported; close it in either case. */
int hmm_rocket_open(struct hmm_rocket *rocket, const char *path, char digest[HMM_HASH_SIZE]);
void hmm_rocket_close(struct hmm_rocket *rocket); /* legal on zeroes */

/* Write one; `options` says how it was made, `seen` of whom. 0, or -1 reported. */
int hmm_rocket_write(const struct hmm_rocket *rocket, struct hmm_output *output,
    const char *options, struct hmm_groups *seen);

/* The number of a channel, or -1 (not reported). */
long hmm_rocket_find(const struct hmm_rocket *rocket, const char *channel);

/* Windows of a channel of that many samples: 1 where there are none, of which it is the whole. */
size_t hmm_rocket_windows(const struct hmm_rocket *rocket, size_t length);

/* Whether nothing is to be heard: no sample differs from another. */
int hmm_rocket_dead(const float *x, size_t length);

/* Memory for one call at a time of hmm_rocket_features(), which grows to the longest. */
struct hmm_rocket_scratch { /* zeroes: none */
	void *samples, *laid, *above;
	size_t samples_size, laid_size, above_size;
};
void hmm_rocket_scratch_free(struct hmm_rocket_scratch *scratch);
int hmm_rocket_scratch_grow(
    struct hmm_rocket_scratch *scratch, const struct hmm_rocket *rocket, size_t length);

/* z[length]: the samples less the channel's mean, by its standard deviation. */
void hmm_rocket_standardise(
    float *z, const struct hmm_rocket *rocket, size_t channel, const float *x, size_t length);

/* features[plan.features] of a channel's samples, at least 1 and fewer than 2^32, with scratch that
 * was grown for so many. */
void hmm_rocket_features(float *features, const struct hmm_rocket *rocket, size_t channel,
    const float *x, size_t length, struct hmm_rocket_scratch *scratch);

#endif
