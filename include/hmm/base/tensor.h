/* A dense array in C order, little-endian. */
#ifndef HMM_TENSOR_H
#define HMM_TENSOR_H

#include <stddef.h>
#include <stdint.h>

enum hmm_dtype {
	HMM_U8,
	HMM_I8,
	HMM_U16,
	HMM_I16,
	HMM_I32,
	HMM_I64,
	HMM_F16,
	HMM_BF16,
	HMM_F32,
	HMM_F64,
	HMM_DTYPES
};

enum { HMM_MAX_DIMENSIONS = 8 };

struct hmm_tensor {
	enum hmm_dtype dtype;
	int dimensions;
	size_t shape[HMM_MAX_DIMENSIONS];
	void *data;      /* aligned to HMM_ALIGN when owned */
	size_t capacity; /* bytes at data where that is the block, see hmm_grow() */
	void *block;     /* data when owned, or the memory that it lies in, to be free()d; or NULL */
};

/* Bytes an element; its name in safetensors ("F32") and in NumPy ("<f4");
 * BF16 has no NumPy name (NULL). */
size_t hmm_dtype_size(enum hmm_dtype dtype);
const char *hmm_dtype_name(enum hmm_dtype dtype);
const char *hmm_dtype_numpy(enum hmm_dtype dtype);

/* The dtype of such a name, or -1 (not reported). "|u1", "|i1" and '<' or '='
 * are read as NumPy writes them; big-endian is refused. */
int hmm_dtype_parse_name(const char *name);
int hmm_dtype_parse_numpy(const char *name);

/* The number of elements, checked: -1 (not reported) on overflow. */
int hmm_tensor_count(const struct hmm_tensor *tensor, size_t *count);

/* Give a fresh tensor, or one whose data is its block, this dtype and shape, its block grown to
 * fit, contents undefined. 0, or -1 reported. */
int hmm_tensor_resize(
    struct hmm_tensor *tensor, enum hmm_dtype dtype, const size_t *shape, int dimensions);

/* 1 when the shapes are the same. */
int hmm_tensor_is(const struct hmm_tensor *tensor, const size_t *shape, int dimensions);

/* Elements first..first+count-1 as float32. */
void hmm_tensor_floats(float *out, const struct hmm_tensor *tensor, size_t first, size_t count);

/* Whether none is NaN or infinite; and which is the first that is, or `count`. */
int hmm_all_finite(const float *values, size_t count);
size_t hmm_first_not_finite(const float *values, size_t count);

/* "(3,224,224)" into text, for messages; returns text. */
const char *hmm_shape_text(char *text, size_t size, const size_t *shape, int dimensions);

void hmm_tensor_free(struct hmm_tensor *tensor); /* leaves an empty tensor */

/* A named tensor of a model. From a file's reader x.data points into a
 * read-only mapping, x.block is NULL and the data may be unaligned, so copy with
 * hmm_weight_floats() before computing. */
struct hmm_weight {
	char *name;
	struct hmm_tensor x;
	char *foreign;    /* the name of a type that is not read: x has no elements then; or NULL */
	const char *file; /* that it lies in, for messages, not owned; NULL: none */
};

/* The name of the file that they lie in; "weights" where there is none. */
const char *hmm_weights_file(const struct hmm_weight *weight, size_t count);

/* The tensor of that name or NULL (not reported). */
const struct hmm_weight *hmm_weight_find(
    const struct hmm_weight *weight, size_t count, const char *name);

/* A float32 copy of the tensor of that name and exactly this shape, which has a type of
 * floats, all finite, aligned, to free(); NULL, reported. */
float *hmm_weight_floats(const struct hmm_weight *weight, size_t count, const char *name,
    const size_t *shape, int dimensions);

#endif
