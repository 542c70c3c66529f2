/* What data went through, from the images to here: chains of steps.
 *
 * A stream's history is one chain of all its records; or, where a set was made of images that
 * did not all go through the same, a chain or more for each modality. */
#ifndef HMM_HISTORY_H
#define HMM_HISTORY_H

#include "hmm/stream/record.h"
#include "hmm/stream/step.h"

struct hmm_chain {
	char *modality;        /* NULL: of all modalities */
	struct hmm_step *step; /* [count], oldest first */
	size_t count;
};

struct hmm_history { /* zeroes: nothing is known */
	struct hmm_chain *chain;
	size_t chains;
	size_t capacity; /* private */
};

enum { HMM_MAX_HISTORY = 64, HMM_MAX_CHAINS = 4096 }; /* steps of a chain; chains of a stream */

void hmm_history_free(struct hmm_history *history); /* legal on zeroes */

/* Add a chain of these steps (copied), unless that very one is there. 0, or -1 reported, also for
 * more chains than may be. */
int hmm_history_add(
    struct hmm_history *history, const char *modality, const struct hmm_step *step, size_t count);

/* A copy in a history that is none so far. 0, or -1 reported. */
int hmm_history_copy(struct hmm_history *to, const struct hmm_history *from);

/* Whether they say the same, in the same order. */
int hmm_history_same(const struct hmm_history *a, const struct hmm_history *b);

/* Add what a history says of a modality's images: a chain of no steps where that is nothing. 0, or
 * -1 reported. */
int hmm_history_take(
    struct hmm_history *history, const struct hmm_history *from, const char *modality);

/* Where all modalities' chains are alike, let one of all modalities stand for them. */
void hmm_history_simplify(struct hmm_history *history);

/* Whether a chain says how its data were made: at least one of its steps decides numbers. */
int hmm_history_known(const struct hmm_chain *chain);

/* Different histories, by their number. */
struct hmm_histories {           /* zeroes: none */
	struct hmm_history *history; /* [count] */
	size_t count;
	size_t capacity; /* private: bytes */
};
void hmm_histories_free(struct hmm_histories *histories);
/* The number of one, which is copied unless it is there. 0, or -1 reported. */
int hmm_histories_number(
    struct hmm_histories *histories, size_t *number, const struct hmm_history *history);

/* Whether its images were imputed: one of its steps is hmm-gan's. */
int hmm_history_imputes(const struct hmm_chain *chain);

/* The first step at which the numbers of two chains may part, on either side NULL where that one
 * ends before, or where the other's step is one more, of a program that is nowhere in it: 1, or 0
 * where nothing differs that decides a number. Versions and notes do not. */
struct hmm_difference {
	const struct hmm_step *have, *want;
	size_t depth; /* its place among the steps that decide numbers */
};
int hmm_history_differ(
    struct hmm_difference *difference, const struct hmm_chain *have, const struct hmm_chain *want);

/* The same as though no step imputed: whether the images are alike but for being imputed. */
int hmm_history_differ_real(
    struct hmm_difference *difference, const struct hmm_chain *have, const struct hmm_chain *want);

/* That difference in words: "made by hmm-slice with axis=sagittal" and "made with axis=axial". */
enum { HMM_DIFFERENCE = 200 };
void hmm_history_tell(
    char have[HMM_DIFFERENCE], char want[HMM_DIFFERENCE], const struct hmm_difference *difference);

/* As JSON, to free(): a list of {"modality": ..., "history": [steps]}; NULL, reported. And the way
 * back; `name` is the file's, for messages: 0, or -1 reported, free it in either case. */
char *hmm_history_json(const struct hmm_history *history);
int hmm_history_parse(struct hmm_history *history, const char *text, const char *name);

#endif
