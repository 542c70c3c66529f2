#include "hmm/file/safetensors.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/utf8.h"
#include "hmm/file/json_text.h"
#include "hmm/file/regular.h"

static const char metadata_key[] = "__metadata__";
enum { LENGTH = 8, MAX_HEADER = 100 * 1000 * 1000, DATA_ALIGN = 64 };

/* ---- reading ---- */

static uint64_t
read_length(const unsigned char *bytes)
{
	uint64_t value = 0;
	for (int i = LENGTH; i-- > 0;)
		value = value << 8 | bytes[i];
	return value;
}

/* A JSON number that is an index; -1 (not reported) otherwise. */
static int
read_index(const json_t *number, size_t *index)
{
	if (!json_is_integer(number) || json_integer_value(number) < 0)
		return -1;
	*index = (size_t)json_integer_value(number);
	return 0;
}

static int
read_shape(struct hmm_tensor *x, const json_t *shape)
{
	if (!json_is_array(shape) || json_array_size(shape) > HMM_MAX_DIMENSIONS)
		return -1;
	x->dimensions = (int)json_array_size(shape);
	for (int i = 0; i < x->dimensions; i++)
		if (read_index(json_array_get(shape, (size_t)i), &x->shape[i]))
			return -1;
	return 0;
}

static int
add_tensor(
    struct hmm_weights *weights, const char *name, const json_t *entry, size_t data, size_t *last)
{
	struct hmm_weight *weight = &weights->weight[weights->count];
	const json_t *offsets = json_object_get(entry, "data_offsets");
	const char *dtype_name = json_string_value(json_object_get(entry, "dtype"));
	const int dtype = dtype_name ? hmm_dtype_parse_name(dtype_name) : -1;
	size_t begin, end, bytes;
	if (!dtype_name)
		return hmm_error("%s: tensor '%s': no dtype", weights->path, name);
	weight->file = weights->path;
	weight->x.dtype = dtype < 0 ? HMM_U8 : (enum hmm_dtype)dtype;
	if (read_shape(&weight->x, json_object_get(entry, "shape")))
		return hmm_error("%s: tensor '%s': no shape of at most %d dimensions", weights->path, name,
		    HMM_MAX_DIMENSIONS);
	if (json_array_size(offsets) != 2 || read_index(json_array_get(offsets, 0), &begin) ||
	    read_index(json_array_get(offsets, 1), &end) || begin > end || end > weights->size - data)
		return hmm_error("%s: tensor '%s': its data lies outside the file's %zu bytes",
		    weights->path, name, weights->size);
	if (hmm_tensor_count(&weight->x, &bytes) ||
	    hmm_multiply(&bytes, bytes, hmm_dtype_size(weight->x.dtype)) ||
	    (dtype >= 0 && bytes != end - begin))
		return hmm_error(
		    "%s: tensor '%s': %zu bytes do not fit its shape", weights->path, name, end - begin);
	weight->x.data = (char *)weights->map + data + begin;
	*last = data + end > *last ? data + end : *last;
	weights->count++; /* from here on closing releases it */
	weight->name = hmm_strdup(name);
	weight->foreign = dtype < 0 ? hmm_strdup(dtype_name) : NULL;
	return weight->name && (dtype >= 0 || weight->foreign) ? 0 : -1;
}

static int
add_metadata(struct hmm_weights *weights, json_t *entry)
{
	const char *key;
	json_t *value;
	if (!json_is_object(entry))
		return hmm_error("%s: its __metadata__ is not an object", weights->path);
	weights->pair = hmm_alloc(json_object_size(entry), sizeof(*weights->pair));
	if (!weights->pair)
		return -1;
	json_object_foreach(entry, key, value)
	{
		if (!json_is_string(value))
			return hmm_error("%s: metadata '%s' is not a string", weights->path, key);
		struct hmm_pair *pair = &weights->pair[weights->pairs++];
		pair->key = hmm_strdup(key);
		pair->value = hmm_strdup(json_string_value(value));
		if (!pair->key || !pair->value)
			return -1;
	}
	return 0;
}

static int
by_data(const void *left, const void *right)
{
	const struct hmm_weight *a = left, *b = right;
	const char *at = a->x.data, *bt = b->x.data;
	return at != bt ? (at > bt) - (at < bt) : strcmp(a->name, b->name);
}

static int
check_overlap(struct hmm_weights *weights)
{
	qsort(weights->weight, weights->count, sizeof(*weights->weight), by_data);
	const struct hmm_weight *before = NULL;
	for (size_t i = 0; i < weights->count; i++) {
		const struct hmm_weight *here = &weights->weight[i];
		size_t count = 0;
		hmm_tensor_count(&here->x, &count);
		if (here->foreign || !count) /* nobody reads it, or there is nothing to read */
			continue;
		if (before)
			hmm_tensor_count(&before->x, &count);
		if (before &&
		    (char *)before->x.data + count * hmm_dtype_size(before->x.dtype) > (char *)here->x.data)
			return hmm_error(
			    "%s: tensors '%s' and '%s' overlap", weights->path, before->name, here->name);
		before = here;
	}
	return 0;
}

static int
parse_header(struct hmm_weights *weights, json_t *header, size_t data)
{
	const char *name;
	json_t *entry;
	weights->weight = hmm_alloc(json_object_size(header), sizeof(*weights->weight));
	if (!weights->weight)
		return -1;
	size_t last = data;
	json_object_foreach(
	    header, name, entry) if (!strcmp(name, metadata_key)
	                                 ? add_metadata(weights, entry)
	                                 : add_tensor(weights, name, entry, data, &last)) return -1;
	if (check_overlap(weights))
		return -1;
	return last == weights->size
	           ? 0
	           : hmm_error("%s: %zu bytes behind its last tensor: not whole, or more than one file",
	                 weights->path, weights->size - last);
}

static int
read_header(struct hmm_weights *weights)
{
	json_t *header;
	json_error_t error;
	const uint64_t length = read_length(weights->map);
	if (length > MAX_HEADER || length > weights->size - LENGTH)
		return hmm_error("%s: a header of %llu bytes in a file of %zu: not a safetensors file, or "
		                 "truncated (hmm-weights converts .pth files)",
		    weights->path, (unsigned long long)length, weights->size);
	if (hmm_json_read(&header, (const char *)weights->map + LENGTH, (size_t)length, &error))
		return -1;
	if (!header || !json_is_object(header)) {
		json_decref(header);
		return hmm_error("%s: its header is not a JSON object: %s", weights->path, error.text);
	}
	const int bad = parse_header(weights, header, LENGTH + (size_t)length);
	json_decref(header);
	return bad;
}

int
hmm_weights_are(const char *path)
{
	unsigned char head[LENGTH + 1];
	size_t size;
	const int descriptor = hmm_regular_open(path, &size);
	if (descriptor < 0)
		return -1;
	const int whole = read(descriptor, head, sizeof(head)) == (ssize_t)sizeof(head);
	close(descriptor);
	return whole && head[LENGTH] == '{';
}

struct hmm_weights *
hmm_weights_open(const char *path)
{
	struct hmm_weights *weights = hmm_alloc(1, sizeof(*weights));
	if (!weights)
		return NULL;
	weights->path = hmm_strdup(path);
	if (weights->path)
		weights->map = hmm_regular_map(path, &weights->size, LENGTH);
	if (weights->map && !read_header(weights))
		return weights;
	hmm_weights_close(weights);
	return NULL;
}

void
hmm_weights_close(struct hmm_weights *weights)
{
	if (!weights)
		return;
	for (size_t i = 0; i < weights->count; i++) {
		free(weights->weight[i].name);
		free(weights->weight[i].foreign);
	}
	for (size_t i = 0; i < weights->pairs; i++) {
		free((char *)weights->pair[i].key);
		free((char *)weights->pair[i].value);
	}
	if (weights->map)
		munmap(weights->map, weights->size);
	free(weights->weight);
	free(weights->pair);
	free(weights->path);
	free(weights);
}

const char *
hmm_weights_metadata(const struct hmm_weights *weights, const char *key)
{
	for (size_t i = 0; i < weights->pairs; i++)
		if (!strcmp(weights->pair[i].key, key))
			return weights->pair[i].value;
	return NULL;
}

int
hmm_weights_digest(const struct hmm_weights *weights, char hex[HMM_HASH_SIZE])
{
	return hmm_hash_bytes(hex, weights->map, weights->size);
}

/* ---- writing ---- */

static int
set_tensor(json_t *header, const struct hmm_weight *weight, size_t *offset)
{
	size_t count;
	if (!strcmp(weight->name, metadata_key) || json_object_get(header, weight->name) ||
	    !hmm_utf8_valid(weight->name))
		return hmm_error("tensor '%s' cannot be named in a safetensors header", weight->name);
	if (hmm_tensor_count(&weight->x, &count))
		return hmm_error("tensor '%s' is too large", weight->name);
	json_t *shape = json_array();
	int bad = 0;
	for (int i = 0; i < weight->x.dimensions; i++)
		bad |= json_array_append_new(shape, json_integer((json_int_t)weight->x.shape[i]));
	const size_t end = *offset + count * hmm_dtype_size(weight->x.dtype);
	json_t *entry = json_pack("{ss so s[II]}", "dtype", hmm_dtype_name(weight->x.dtype), "shape",
	    shape, "data_offsets", (json_int_t)*offset, (json_int_t)end);
	*offset = end;
	bad |= json_object_set_new(header, weight->name, entry);
	return bad ? hmm_error("out of memory") : 0;
}

/* The metadata. 0, or -1 reported. */
static int
set_metadata(json_t *header, const struct hmm_pair *pair, size_t pairs)
{
	json_t *metadata = json_object();
	if (json_object_set_new(header, metadata_key, metadata))
		return hmm_error("out of memory");
	for (size_t i = 0; i < pairs; i++) {
		if (!hmm_utf8_valid(pair[i].key) || !hmm_utf8_valid(pair[i].value))
			return hmm_error("%s '%.200s' is not UTF-8, want a name that is: safetensors can hold "
			                 "no other",
			    pair[i].key, pair[i].value);
		if (json_object_set_new(metadata, pair[i].key, json_string(pair[i].value)))
			return hmm_error("out of memory");
	}
	return 0;
}

/* The header's JSON, to free(); NULL, reported. */
static char *
make_header(
    const struct hmm_weight *weight, size_t count, const struct hmm_pair *pair, size_t pairs)
{
	json_t *header = json_object();
	size_t offset = 0;
	int bad = pairs && set_metadata(header, pair, pairs);
	for (size_t i = 0; i < count && !bad; i++)
		bad = set_tensor(header, &weight[i], &offset);
	char *text = NULL;
	if (bad)
		json_decref(header);
	else
		text = hmm_json_write(header);
	if (!text || strlen(text) <= MAX_HEADER - DATA_ALIGN)
		return text;
	hmm_error("a safetensors header of %zu bytes, want at most %d", strlen(text), MAX_HEADER);
	free(text);
	return NULL;
}

int
hmm_weights_write_header(struct hmm_output *output, const struct hmm_weight *weight, size_t count,
    const struct hmm_pair *pair, size_t pairs)
{
	char *header = make_header(weight, count, pair, pairs);
	if (!header)
		return -1;
	const size_t length = strlen(header);
	const size_t padded = (LENGTH + length + DATA_ALIGN - 1) / DATA_ALIGN * DATA_ALIGN - LENGTH;
	for (int i = 0; i < LENGTH; i++)
		putc((int)(padded >> 8 * i & 255), output->file);
	fprintf(output->file, "%s%*s", header, (int)(padded - length), "");
	free(header);
	return 0;
}

void
hmm_weights_write_data(struct hmm_output *output, const struct hmm_tensor *x)
{
	size_t elements = 0;
	hmm_tensor_count(x, &elements);
	if (elements) /* else there may be no data */
		fwrite(x->data, hmm_dtype_size(x->dtype), elements, output->file);
}

int
hmm_weights_write(struct hmm_output *output, const struct hmm_weight *weight, size_t count,
    const struct hmm_pair *pair, size_t pairs)
{
	if (hmm_weights_write_header(output, weight, count, pair, pairs))
		return -1;
	for (size_t i = 0; i < count; i++)
		hmm_weights_write_data(output, &weight[i].x);
	return 0;
}
