/* A trained model's file: its tensors, and in the metadata the program and the options
 * that made it, the names of its modalities, and what its system has to say. */
#ifndef HMM_MODEL_H
#define HMM_MODEL_H

#include "hmm/base/option.h"
#include "hmm/data/names.h"
#include "hmm/file/safetensors.h"
#include "hmm/learn/learner.h"

struct hmm_model {
	struct hmm_weights *weights;
	struct hmm_names modalities; /* modality.0, modality.1, ...; none in another's file */
};

/* 0, or -1 reported; close it in either case. */
int hmm_model_open(struct hmm_model *model, const char *path);
void hmm_model_close(struct hmm_model *model); /* legal on zeroes */

/* Report that the file is no model of this program: -1. */
int hmm_model_refuse(const struct hmm_model *model);

/* The widths of the perceptron whose tensors are <prefix>.0.weight and on, inputs first:
 * how many layers, 0 where there is none. */
size_t hmm_model_layers(
    size_t width[HMM_MLP_LAYERS + 1], const struct hmm_model *model, const char *prefix);

/* The place of a metadata's word among `words` (see hmm_option_place()), or HMM_UNSET. */
int hmm_model_choice(const struct hmm_model *model, const char *key, const char *words);

/* Take every parameter's values, which are of its shape and finite. 0, or -1 reported. */
int hmm_model_load(const struct hmm_model *model, hmm_learner_each *each, void *self);

/* What a file says of its model. */
struct hmm_model_facts {
	const struct hmm_usage *usage;      /* of the program: its options as they stand now */
	const struct hmm_names *modalities; /* NULL: it has none */
	const struct hmm_pair *pair;        /* [pairs]: its system's own */
	size_t pairs;
};

/* Write a model. 0, or -1 reported. */
int hmm_model_save(
    const char *path, const struct hmm_model_facts *facts, hmm_learner_each *each, void *self);

#endif
