/* Tensor records: what a stream carries, one in memory at a time. */
#ifndef HMM_RECORD_H
#define HMM_RECORD_H

#include "hmm/base/tensor.h"

/* What x is in every record of a stream. */
enum hmm_kind {
	HMM_SLICES,   /* one slice: u1 (1|3, height, width); grey or RGB */
	HMM_FEATURES, /* one image or slice: f4 (channels, height, width) */
	HMM_LATENTS,  /* the same shape, conditioned on its modality */
	HMM_SETS,     /* one subject: the same shape, aggregated */
	HMM_KINDS
};

const char *hmm_kind_name(enum hmm_kind kind); /* "slices", ... */
int hmm_kind_parse(const char *name);          /* or -1 (not reported) */

enum { HMM_RECORD_NAMES = 1024 }; /* bytes of a field of names */

/* An empty string or -1 is an absent field. */
struct hmm_record {
	char subject[256];
	char group[256];                 /* what must not be split: the patient of a subject */
	char modality[HMM_RECORD_NAMES]; /* of a set: its modalities, sorted, joined by '+' */
	char observed[HMM_RECORD_NAMES]; /* of a subset: the modalities that the subject has */
	char split[16];                  /* train, val, cal, test */
	char source[4096];               /* the image's name: its path, or its key in a cache */
	char imputed[HMM_RECORD_NAMES];  /* the generator that made it of another image: the digest of
	                                  * its weights; of a set: those of its modalities that were
	                                  * imputed, as above. Absent: real */
	char label[256];     /* what is predicted, as a manifest has it: 0, 1, a class, a number */
	int event;           /* of a label that is a time: 1 where it happened then, else 0 */
	long index;          /* slice within its image, from 0 */
	long count;          /* elements in a set; slices in an image's block */
	size_t history;      /* among many: which of their histories, see hmm_histories; no field */
	struct hmm_tensor x; /* owned */
};

void hmm_record_clear(struct hmm_record *record); /* all absent; keeps x's block */
void hmm_record_free(struct hmm_record *record);
/* Copy the fields but not x. */
void hmm_record_copy_fields(struct hmm_record *to, const struct hmm_record *from);
/* Exchange two records and their blocks. */
void hmm_record_swap(struct hmm_record *a, struct hmm_record *b);
/* "record 12 (sub-01 PET)" into text, for messages; returns text. */
const char *hmm_record_place(char *text, size_t size, const struct hmm_record *record, long number);
/* Whether all numbers of its tensor (F32) are finite. 0, or -1 reported under that name, with the
 * record's place as above and the number's within the tensor. */
int hmm_record_finite(const struct hmm_record *record, const char *name, long number);
/* Copy a string into a field; -1, reported, when it does not fit. */
int hmm_record_set(char *field, size_t size, const char *what, const char *value);
/* Set the label as a table's cell has it (NULL: absent); -1, reported, when it does not fit. */
int hmm_record_label(struct hmm_record *record, const char *cell);
/* Set the event likewise: 0, 1, or unknown, as a column of that name may be of something else. */
void hmm_record_event(struct hmm_record *record, const char *cell);
/* Add a modality's name to a field of names joined by '+'; -1, reported for that
 * subject, when it does not fit or has a '+' itself. */
int hmm_record_join(char *field, size_t size, const char *subject, const char *modality);
/* The name that begins at `at` in such a field into `name`, and where the next one begins; NULL
 * behind the last. */
const char *hmm_record_part(char name[HMM_RECORD_NAMES], const char *at);

/* The canonical order: by subject, modality, source, generator, index, then x's bytes. So
 * neither the order of arrival nor a sort can change a result. For qsort(3). */
int hmm_record_compare(const void *a, const void *b);

/* That order but for x, of names that lie anywhere. */
struct hmm_rank {
	const char *subject, *modality, *source, *imputed;
	long index;
};
int hmm_rank_compare(const struct hmm_rank *a, const struct hmm_rank *b);

/* Whether it is one that a stream of that kind can hold, on its way in as on its way out: shape,
 * type, a modality that is one unless it is a set, what it says of being imputed, and unless
 * `trusted` nothing that is not finite. 0, or -1 reported with the stream's name. */
int hmm_record_check(const struct hmm_record *record, enum hmm_kind kind, int trusted,
    const char *name, long number);

/* Whether two records of one subject agree; 0, or -1 reported. */
int hmm_record_agree(const struct hmm_record *a, const struct hmm_record *b, const char *name);

/* Whether two images of one subject and modality may be in one set: both are real, or both of one
 * generator. 0, or -1 reported. */
int hmm_record_mix(const struct hmm_record *a, const struct hmm_record *b);

#endif
