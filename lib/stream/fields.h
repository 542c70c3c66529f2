/* The fields of a record as the columns of a table, for people and back. */
#ifndef HMM_FIELDS_H
#define HMM_FIELDS_H

#include "hmm/stream/record.h"
#include "token.h"

/* The first columns are texts, the next numbers. For people `event` and `imputed` stand last,
 * behind the columns that they had before there were such things. */
enum {
	HMM_FIELD_IMPUTED = 6,
	HMM_FIELD_LABEL,
	HMM_FIELD_TEXTS,
	HMM_FIELD_EVENT = 10,
	HMM_FIELD_NUMBERS = 3,
	HMM_FIELDS = 17
};
extern const char *const hmm_field_names[HMM_FIELDS];

/* A text's place in the record, and its room there. */
char *hmm_field_text(struct hmm_record *record, int column, size_t *size);
/* The text, or NULL when it is absent; the number, or -1. */
const char *hmm_field_get_text(const struct hmm_record *record, int column);
long hmm_field_get_number(const struct hmm_record *record, int column);

/* The label of a stream, a string, or of 0 and 1 a number: of that record. 0, or -1 reported. */
int hmm_field_read_label(struct hmm_input *input, struct hmm_record *record, long number);

struct hmm_summary {
	double mean, least, most;
};
struct hmm_summary hmm_field_summary(const struct hmm_tensor *x);

#endif
