/* A stream's records, subject by subject: all of one in memory, by modality. */
#ifndef HMM_SUBJECTS_H
#define HMM_SUBJECTS_H

#include "hmm/data/names.h"
#include "hmm/stream/reader.h"

struct hmm_subjects {
	struct hmm_reader *reader; /* not owned */
	/* the subject in hand */
	struct hmm_record *record; /* [count], in the canonical order, all of one shape */
	size_t count;
	size_t modalities;
	size_t *first; /* [modalities + 1]: of each modality's records */
	/* private */
	size_t room, capacity;
	struct hmm_record next; /* what was read last */
	int ahead;              /* 1: the first of the subject that follows; 0: none does */
	struct hmm_names seen;  /* this subject and those before it */
};

/* A record as it is read: whether it may be taken. 0, or -1 reported. */
typedef int hmm_subjects_accept(
    void *self, struct hmm_reader *reader, const struct hmm_record *record);

/* Start with zeroes and the reader. The next subject: 1, or 0 behind the last, or -1 reported: a
 * record without a name or a modality, a subject whose records came apart or disagree, real images
 * of a modality among imputed ones. Close it in any case. */
int hmm_subjects_next(struct hmm_subjects *subjects, hmm_subjects_accept *accept, void *self);
void hmm_subjects_close(struct hmm_subjects *subjects);

#endif
