/* A trained model's file: its tensors, behind them whom it has seen (groups.h), and in the metadata
 * the program and the options that made it, the names of its modalities, their numbers of channels
 * if these differ, what its system has to say, and what the data that it was trained on went
 * through, by modality: it takes no others. */
#ifndef HMM_MODEL_H
#define HMM_MODEL_H

#include "hmm/base/option.h"
#include "hmm/data/groups.h"
#include "hmm/data/names.h"
#include "hmm/file/safetensors.h"
#include "hmm/learn/learner.h"
#include "hmm/stream/history.h"

struct hmm_model {
	struct hmm_weights *weights;
	struct hmm_names modalities; /* modality.0, modality.1, ...; none in another's file */
	size_t *channels; /* channels.0, ... of each; NULL: all have as many, as its tensors tell */
	struct hmm_history history; /* every chain with its modality; none in another's file */
};

/* Warn of modalities that were made in more than one way. */
void hmm_model_warn(const struct hmm_history *learned);

/* A row for the table of options of every program that trains or applies models. */
#define HMM_OPTION_ANY_HISTORY                                                                     \
	HMM_OPTION_FLAG(0, "any-history", &hmm_any_history,                                            \
	    "take data made otherwise than the model's, or of no history", HMM_NOTED)
extern int hmm_any_history;

/* A row for the table of options of every program that takes features: without it what is imputed
 * is an error. */
#define HMM_OPTION_IMPUTED                                                                         \
	HMM_OPTION_FLAG(0, "imputed", &hmm_take_imputed, "take imputed images too", HMM_NOTED)
extern int hmm_take_imputed;

/* Whether an image may be taken: it is real, or what is imputed is taken too. The record's number
 * is 0 where it is not known. 0, or -1 reported with its generator. */
int hmm_model_takes(const struct hmm_record *record, long number);

/* Whether a model that learned from such data may be applied to a record that went through that:
 * for each of its modalities, what decides numbers is as in a chain that was learned from. `name`
 * is the model's; the record's number is 0 where it is not known. 0, or -1 reported with the
 * difference; always 0 with --any-history. */
int hmm_model_fits(const struct hmm_history *learned, const char *name,
    const struct hmm_history *history, const struct hmm_record *record, long number);

/* Whether images of two modalities that are paired slice by slice were made alike, as far as steps
 * of the same programs differ, and but for being imputed. `place` is the first one's. 0, or -1
 * reported with the difference; always 0 with --any-history. */
int hmm_model_pairs(const char *modality, const struct hmm_history *history, const char *partner,
    const struct hmm_history *other, const char *place);

/* Add what a record that is learned from went through to what was learned, once. 0, or -1
 * reported: nothing is known, and --any-history was not given. */
int hmm_model_note(struct hmm_history *learned, const struct hmm_history *history,
    const struct hmm_record *record);

/* 0, or -1 reported; close it in either case. */
int hmm_model_open(struct hmm_model *model, const char *path);
void hmm_model_close(struct hmm_model *model); /* legal on zeroes */

/* A whole number of its metadata, from 1. 1; 0: it is not there, and *count is 0; -1 reported. */
int hmm_model_count(size_t *count, const struct hmm_model *model, const char *key, long most);

/* Report that the file is no model of this program: -1. */
int hmm_model_refuse(const struct hmm_model *model, const char *program);

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
	const struct hmm_history *history;  /* of what it has learned from */
	struct hmm_groups *groups;          /* that it has seen; NULL: it does not say */
	const struct hmm_pair *pair;        /* [pairs]: its system's own */
	size_t pairs;
	const size_t *channels;          /* of the modalities; NULL: all have as many */
	struct hmm_objective *objective; /* what it predicts; NULL: nothing */
};

/* Whether a file can say the program's options, before what they decide is trained. 0, or -1
 * reported. */
int hmm_model_options_fit(const struct hmm_usage *usage);

/* Write a model, all of whose values must be finite, into an open output. Groups come out sorted.
 * 0, or -1 reported. */
int hmm_model_write(struct hmm_output *output, const struct hmm_model_facts *facts,
    const struct hmm_weight *weight, size_t count);
/* The same of a learner's parameters. */
int hmm_model_save(struct hmm_output *output, const struct hmm_model_facts *facts,
    hmm_learner_each *each, void *self);

#endif
