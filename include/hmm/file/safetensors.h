/* safetensors files: weights in, models out.
 * https://huggingface.co/docs/safetensors: u64 little-endian header length
 * (<= 100 MB), a JSON header, then the tensors, little-endian, C order. */
#ifndef HMM_SAFETENSORS_H
#define HMM_SAFETENSORS_H

#include <stddef.h>
#include <stdint.h>

#include "hmm/base/hash.h"
#include "hmm/file/output.h"
#include "hmm/base/tensor.h"

struct hmm_pair {
	const char *key, *value; /* from a reader, released by hmm_weights_close() */
};

struct hmm_weights {
	char *path;
	size_t count, pairs;
	struct hmm_weight *weight; /* in the order of their data */
	struct hmm_pair *pair;     /* __metadata__, in the order of the file */
	void *map;
	size_t size;
};

/* Whether a regular file begins as safetensors do, with a length and an object: 1 or 0, or -1
 * reported. */
int hmm_weights_are(const char *path);

/* Map the file, check every length, offset and overlap; tensors of a dtype that is not read are
 * foreign. NULL, reported. */
struct hmm_weights *hmm_weights_open(const char *path);
void hmm_weights_close(struct hmm_weights *weights); /* NULL is legal */

/* The value of a metadata key or NULL (not reported). */
const char *hmm_weights_metadata(const struct hmm_weights *weights, const char *key);

/* The SHA-256 of the whole file. 0, or -1 reported. */
int hmm_weights_digest(const struct hmm_weights *weights, char hex[HMM_HASH_SIZE]);

/* Write tensors and metadata as one file through an open output; tensors keep
 * their order, the header is padded so that data starts at a multiple of 64,
 * and the same input gives the same bytes. The metadata may be long, but is UTF-8. The output
 * may have been opened long before. 0, or -1 reported; what a device refuses is
 * hmm_output_finish()'s to report. */
int hmm_weights_write(struct hmm_output *output, const struct hmm_weight *weight, size_t count,
    const struct hmm_pair *pair, size_t pairs);

/* The same in steps, for tensors that are not in memory all at once: the header, which needs
 * their names, types and shapes alone, and behind it each one's data, in that order. */
int hmm_weights_write_header(struct hmm_output *output, const struct hmm_weight *weight,
    size_t count, const struct hmm_pair *pair, size_t pairs);
void hmm_weights_write_data(struct hmm_output *output, const struct hmm_tensor *x);

#endif
