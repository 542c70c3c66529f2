/* The part of Python's pickle (protocol 2) that torch.save() needs, as data:
 * nothing is ever called. https://docs.python.org/3/library/pickletools.html */
#ifndef HMM_PICKLE_H
#define HMM_PICKLE_H

#include <stddef.h>
#include <stdint.h>

#include "hmm/base/tensor.h"

enum hmm_pickle_type {
	HMM_PICKLE_NONE,
	HMM_PICKLE_INT, /* and bool: number */
	HMM_PICKLE_FLOAT,
	HMM_PICKLE_STRING,
	HMM_PICKLE_LIST, /* and tuple: item[count] */
	HMM_PICKLE_DICT, /* item[count]: key, value, key, value, ... */
	HMM_PICKLE_MARK,
	HMM_PICKLE_ORDERED_DICT, /* a global */
	HMM_PICKLE_REBUILD_TENSOR,
	HMM_PICKLE_REBUILD_PARAMETER,
	HMM_PICKLE_STORAGE_TYPE, /* number: enum hmm_dtype */
	HMM_PICKLE_STORAGE,      /* item: the persistent id's tuple */
	HMM_PICKLE_TENSOR,       /* item: the arguments of _rebuild_tensor_v2 */
};

struct hmm_pickle_value {
	enum hmm_pickle_type type;
	int64_t number;
	char *text; /* a string, NUL-terminated */
	struct hmm_pickle_value **item;
	size_t count, room;
	struct hmm_pickle_value *next; /* every value, to be released */
};

/* The bytes of one or more pickles, and the values that came of them. */
struct hmm_pickle {
	const char *name; /* for messages */
	const unsigned char *bytes;
	size_t size, at;
	struct hmm_pickle_value *values;
	size_t made;
};

/* The next pickle's value, which lives until hmm_pickle_free(); NULL, reported:
 * truncated, an opcode or a global that a state_dict does not need, too deep. */
struct hmm_pickle_value *hmm_pickle_next(struct hmm_pickle *pickle);
void hmm_pickle_free(struct hmm_pickle *pickle);

#endif
