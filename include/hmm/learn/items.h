/* What is learned from and predicted: items, which are one image or all of a subject's. */
#ifndef HMM_ITEMS_H
#define HMM_ITEMS_H

#include <stdint.h>
#include <stdio.h>

#include "hmm/base/random.h"
#include "hmm/learn/objective.h"
#include "hmm/stream/dataset.h"

/* One block of an item; a set latent, which has no modality, is one too. */
struct hmm_item_image {
	const float *x;                  /* [channels][positions]; of a data set that is read from a
	                                  * file: while they are in hand, see feed.h */
	size_t modality;                 /* its number in the model */
	uint32_t stream;                 /* hmm_place.stream of what is drawn for this image alone:
	                                  * hmm_random_name() of its modality */
	const struct hmm_sample *sample; /* whose x that is */
	int label;                       /* of a split: as its item has it */
	double truth;
	size_t size; /* HMM_DRAWN: how many modalities the set has */
};

/* One sample of training, validation or prediction. */
struct hmm_item {
	const struct hmm_item_image *image; /* [count], by modality */
	size_t count;                       /* 1 or more */
	const char *subject;
	uint32_t key;  /* hmm_place.subject of what is drawn for it: hmm_random_name() of the subject,
	                * or of "subject\nsource" where an image is an item and has a source */
	int label;     /* 0, 1; the number of its class; of a time the event; -1: not known */
	double truth;  /* of values and times */
	double weight; /* of its loss; 1 unless classes are weighted */
	int whole;     /* 1: an image or all that a subject has; 0: a subset of it */
	/* HMM_DRAWN: all sets of the subject, which it has as its images until one is drawn */
	const struct hmm_item_image *set; /* [sets], by size */
	size_t sets;                      /* 0: nothing is drawn */
};

struct hmm_items {
	const struct hmm_dataset *data; /* where they are from; NULL: somewhere in memory */
	struct hmm_item *item;          /* [count], by subject */
	struct hmm_item_image *image;   /* [images] */
	size_t count, images;
};

/* What is wanted of the images. */
enum {
	HMM_BY_IMAGE = 1,       /* an item an image, not an item a subject */
	HMM_SOME_IMAGES = 2,    /* leave out images of modalities that are not listed: an error else */
	HMM_ONE_OF_EACH = 4,    /* several images of one modality are an error */
	HMM_ALL_MODALITIES = 8, /* leave out subjects that lack one; with HMM_ONE_OF_EACH */
	HMM_WHOLE = 16,         /* leave out subsets (hmm-setsum --subsets) */
	HMM_OR_NONE = 32,       /* of a split there may be none */
	HMM_DRAWN = 64          /* of sets: an item a subject, and each epoch one of its sets */
};

/* A row for the table of options of every program that applies models: images of modalities that
 * are not listed are left out, and a warning says how many. */
#define HMM_OPTION_SKIP_UNKNOWN                                                                    \
	HMM_OPTION_FLAG(0, "skip-unknown", &hmm_skip_unknown,                                          \
	    "leave out images of modalities that the model does not know", HMM_NOTED)
extern int hmm_skip_unknown;

/* The labelled items of one split, of which there must be some, or with NULL all that
 * there are, whose labels are not looked at. `modalities`, unless NULL, number those of the images.
 * A warning counts what is left out. They point into the data. 0, or -1 reported; close them in
 * either case. */
int hmm_items_open(struct hmm_items *items, const struct hmm_dataset *data,
    const struct hmm_names *modalities, const struct hmm_objective *objective, const char *split,
    int want);
void hmm_items_close(struct hmm_items *items); /* legal on zeroes */

/* The modalities to learn: those of a model to begin with (NULL: none), then the others of the
 * split train that have labels, bytewise ascending; a record without one is an error. 0, or -1
 * reported; close them in either case. */
int hmm_items_modalities(struct hmm_names *modalities, const struct hmm_names *before,
    const struct hmm_dataset *data, const struct hmm_objective *objective);

/* Of items that are HMM_DRAWN, draw each one's set anew, at that place's epoch: a size, uniform
 * among those that its sets have, then one of these sets. Of others nothing happens. */
void hmm_items_draw(const struct hmm_items *items, struct hmm_place place);

/* Weigh the items' losses by class as scikit-learn's "balanced" does: n / (classes * n of the
 * class). Of classes or the binary target. 0, or -1 reported. */
int hmm_items_balance(struct hmm_items *items, const struct hmm_objective *objective);

/* Write a table of predictions into the file, a row an item; score() has an item's,
 * number[objective->columns.count], 0, or -1 reported. 0, or -1 reported. */
int hmm_items_predict(const struct hmm_items *items, const struct hmm_objective *objective,
    FILE *file, int (*score)(void *self, const struct hmm_item *item, double *number), void *self);

#endif
