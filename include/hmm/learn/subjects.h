/* What the mains that learn from sets of images have in common: the modalities of
 * the data or the model, the images of each subject, a row a prediction. */
#ifndef HMM_BIN_SUBJECTS_H
#define HMM_BIN_SUBJECTS_H

#include "hmm/data/predictions.h"
#include "hmm/file/safetensors.h"
#include "hmm/learn/sets.h"
#include "hmm/stream/stream.h"

/* Names, each once; they belong to the data or the model. */
struct modalities {
	const char **name;
	size_t count;
	struct hmm_pair *pair; /* modality.0, ...: how a model's metadata names them */
	char (*key)[32];
};

/* Those of the records, sorted; a record without one is an error. Those in a
 * model's metadata, in its order, none in another's. 0, or -1 reported; close them in either case.
 */
int modalities_of_data(struct modalities *modalities, const struct hmm_dataset *data);
int modalities_of_model(struct modalities *modalities, const struct hmm_weights *weights);
void modalities_close(struct modalities *modalities);

/* Add a name, before the first that is greater, unless it is there. 0, or -1 reported. */
int modalities_add(struct modalities *modalities, const char *name);

/* A name's number; -1, not reported. */
long modalities_find(const struct modalities *modalities, const char *name);

/* Fill `pair`. 0, or -1 reported. */
int modalities_name_pairs(struct modalities *modalities);

/* What is wanted of the images. */
enum {
	SUBJECTS_BY_IMAGE = 1, /* a set an image, not a set a subject */
	SUBJECTS_SOME = 2,     /* leave out images of modalities that are not listed: an error else */
	SUBJECTS_UNIQUE = 4,   /* several images of one modality are an error */
	SUBJECTS_COMPLETE = 8, /* leave out subjects without an image of every modality */
};

struct subjects {
	struct hmm_sample *image;         /* [images] */
	struct hmm_set *set;              /* [count], sorted by subject */
	const struct hmm_record **record; /* [images] */
	size_t images, count;
};

/* The labelled sets of one split, of which there must be some, or with NULL all
 * that there are. A warning counts the subjects that are left out. They point into
 * the data. 0, or -1 reported; close them in either case. */
int subjects_open(struct subjects *subjects, const struct hmm_dataset *data,
    const struct modalities *modalities, const char *split, int want);
void subjects_close(struct subjects *subjects);

/* Weigh the sets' classes: see training_class_weights(). */
void subjects_weigh(struct subjects *subjects, int balanced);

/* Write a set's row. 0, or -1 reported. */
int subjects_write(FILE *file, const struct subjects *subjects, const struct hmm_set *set,
    double logit, double probability);

#endif
