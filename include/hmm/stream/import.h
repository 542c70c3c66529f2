/* Arrays as people have them, as the tensors of a stream. */
#ifndef HMM_IMPORT_H
#define HMM_IMPORT_H

#include "hmm/base/hash.h"
#include "hmm/data/table.h"
#include "hmm/stream/record.h"

/* Make of an array the tensor that a stream of that kind holds, where it can mean but one: whole
 * numbers of any type from 0 to 255 are bytes of slices, and (height,width) is a grey one; for the
 * other kinds numbers of any type become float32, whole ones unchanged, and a vector of n is
 * (n,1,1). `place` is for messages. 0, or -1 reported: another shape or type, nothing in it, a
 * number that does not fit, NaN or infinite. */
int hmm_import_tensor(struct hmm_tensor *x, enum hmm_kind kind, const char *place);

/* "TABLE: row 3 (sub-01 T1w)", for messages; returns text. */
const char *hmm_import_place(char *text, size_t size, const struct hmm_table *table, size_t row);

/* A digest of the files that a table's column npy names, in order. 0, or -1 reported. */
int hmm_import_digest(char hex[HMM_HASH_SIZE], const struct hmm_table *table);

#endif
