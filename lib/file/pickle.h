/* Python's pickles, protocol 2 to 5, as data: nothing is ever called. What torch.save() makes of a
 * dict of tensors is understood; whatever else stands there becomes a value of which no more is
 * known than what made it. https://docs.python.org/3/library/pickletools.html */
#ifndef HMM_PICKLE_H
#define HMM_PICKLE_H

#include <stddef.h>
#include <stdint.h>

#include "hmm/base/tensor.h"

enum hmm_pickle_type {
	HMM_PICKLE_OTHER, /* a float, bytes, a long number, a set: never needed */
	HMM_PICKLE_INT,   /* and bool: number */
	HMM_PICKLE_STRING,
	HMM_PICKLE_LIST, /* and tuple: item[count] */
	HMM_PICKLE_DICT, /* item[count]: key, value, key, value, ... */
	HMM_PICKLE_MARK,
	HMM_PICKLE_GLOBAL,  /* text: "module.name"; callable says what is known of it */
	HMM_PICKLE_OBJECT,  /* what the global `maker` (NULL: something unknown) would make */
	HMM_PICKLE_STORAGE, /* item: the persistent id's tuple */
	HMM_PICKLE_TENSOR,  /* item: storage, offset, shape, strides, ... */
};

/* The globals that a dict of tensors needs. */
enum hmm_pickle_callable {
	HMM_PICKLE_UNKNOWN,
	HMM_PICKLE_ORDERED_DICT,
	HMM_PICKLE_REBUILD_TENSOR,
	HMM_PICKLE_REBUILD_PARAMETER,
	HMM_PICKLE_STORAGE_TYPE,
};

/* What a storage type's elements are. */
struct hmm_pickle_element {
	const char *foreign; /* NULL, or the name of a type that is not read */
	enum hmm_dtype dtype;
	size_t size; /* bytes each */
};

struct hmm_pickle_value {
	enum hmm_pickle_type type;
	enum hmm_pickle_callable callable;
	const struct hmm_pickle_element *element; /* of a storage type */
	const struct hmm_pickle_value *maker;
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
 * truncated, or no pickle of protocol 2 to 5. */
struct hmm_pickle_value *hmm_pickle_next(struct hmm_pickle *pickle);
void hmm_pickle_free(struct hmm_pickle *pickle);

/* The name of what made an object, for messages. */
const char *hmm_pickle_maker(const struct hmm_pickle_value *object);

#endif
