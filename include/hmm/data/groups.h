/* Whom a model has seen: of every patient the first 16 bytes of SHA-256 of a name, as tensors of
 * its file, so that nobody's name stands there and whoever has the names can look them up.
 *
 *   groups             U8 (n,16), ascending: the groups that it was trained on
 *   groups.subjects    the same of their subjects, but of those that are their own group
 *   groups.validation  groups and subjects by which its epoch or its end was chosen
 *
 * A subject without a group is its own: a column `group` that repeats the subject, or says nothing,
 * or is not there, is the same. Of the last two tensors there is none where it would be empty. */
#ifndef HMM_GROUPS_H
#define HMM_GROUPS_H

#include "hmm/file/safetensors.h"

enum { HMM_GROUP_HASH = 16 };

/* For what a patient was seen. */
enum hmm_seen { HMM_SEEN_TRAINING = 1, HMM_SEEN_VALIDATION = 2 };

struct hmm_groups { /* all zeroes: nobody */
	int unknown;    /* 1: it has seen others too, and nobody knows whom: it has no tensors */
	/* private */
	struct hmm_group_list {
		unsigned char (*hash)[HMM_GROUP_HASH]; /* [count] */
		size_t count, capacity;
		int sorted; /* 1: ascending, each once */
	} list[3];      /* in the order of the tensors above */
};

void hmm_groups_close(struct hmm_groups *groups); /* legal on zeroes */

/* Add whom a record is of; "" or NULL where it says no group. 0, or -1 reported. */
int hmm_groups_add(
    struct hmm_groups *groups, enum hmm_seen seen, const char *group, const char *subject);

/* For what a group or subject of that name was seen: a sum of enum hmm_seen, 0 for nothing; -1,
 * reported. */
int hmm_groups_find(struct hmm_groups *groups, const char *name);

/* The tensors, views of the groups while these do not change: how many, up to the length of the
 * list. The same patients give the same bytes, in whatever order and how often they came. */
enum { HMM_GROUPS_TENSORS = 3 };
size_t hmm_groups_weights(struct hmm_weight weight[HMM_GROUPS_TENSORS], struct hmm_groups *groups);

/* Whether a file says whom it has seen; those of before do not. */
int hmm_groups_stand(const struct hmm_weights *weights);

/* Add whom a file says that it has seen. 0, or -1 reported: it does not say, or says it in another
 * form than the above. */
int hmm_groups_read(struct hmm_groups *groups, const struct hmm_weights *weights);

/* Write a trained model's tensors and metadata without these. 0, or -1 reported. */
int hmm_groups_drop(struct hmm_output *output, const char *path);

#endif
