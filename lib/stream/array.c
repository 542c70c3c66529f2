#include "array.h"

#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

enum {
	CHUNK = 1 << 20, /* a payload's buffer grows as its bytes arrive */
	MAX_PAYLOAD = 1 << 30
};

static int
read_shape(struct hmm_input *input, long record, struct hmm_tensor *x)
{
	struct hmm_token token;
	if (hmm_token_want(input, &token, HMM_TOKEN_ARRAY, "the shape"))
		return -1;
	if (token.length > HMM_MAX_DIMENSIONS)
		return hmm_error("%s: record %ld: %u dimensions, want at most %d", input->name, record,
		    token.length, HMM_MAX_DIMENSIONS);
	x->dimensions = (int)token.length;
	for (int i = 0; i < x->dimensions; i++) {
		if (hmm_token_want(input, &token, HMM_TOKEN_UNSIGNED, "a shape's entry"))
			return -1;
		x->shape[i] = (size_t)token.unsigned_value;
	}
	return 0;
}

static int
read_payload(struct hmm_input *input, long record, struct hmm_tensor *x, size_t *bytes)
{
	struct hmm_token token;
	if (hmm_token_want(input, &token, HMM_TOKEN_STRING, "the tensor's data"))
		return -1;
	if (token.length > MAX_PAYLOAD)
		return hmm_error("%s: record %ld: %u bytes of data, want at most %d", input->name, record,
		    token.length, MAX_PAYLOAD);
	input->payload = input->offset;
	for (*bytes = 0; *bytes < token.length;) {
		const size_t left = token.length - *bytes, take = left < CHUNK ? left : CHUNK;
		const int bad = hmm_grow(&x->data, &x->capacity, *bytes + take);
		x->block = x->data;
		if (bad || hmm_input_bytes(input, (char *)x->data + *bytes, take))
			return -1;
		*bytes += take;
	}
	return 0;
}

/* One entry of msgpack-numpy's map. `seen` gathers which of them were there. */
static int
read_entry(struct hmm_input *input, long record, struct hmm_tensor *x, size_t *bytes, int *seen)
{
	char key[16], text[32];
	if (hmm_token_string(input, key, sizeof(key), "a key of the tensor"))
		return -1;
	if (!strcmp(key, "type")) {
		if (hmm_token_string(input, text, sizeof(text), "the tensor's type"))
			return -1;
		const int dtype = hmm_dtype_parse_numpy(text);
		if (dtype < 0)
			return hmm_error("%s: record %ld: tensor type '%s', want a little-endian number",
			    input->name, record, text);
		x->dtype = (enum hmm_dtype)dtype;
		*seen |= 1;
	} else if (!strcmp(key, "kind")) {
		if (hmm_token_string(input, text, sizeof(text), "the tensor's kind"))
			return -1;
		if (text[0])
			return hmm_error("%s: record %ld: tensor of kind '%s', want a plain array", input->name,
			    record, text);
	} else if (!strcmp(key, "shape")) {
		*seen |= 2;
		return read_shape(input, record, x);
	} else if (!strcmp(key, "data")) {
		*seen |= 4;
		return read_payload(input, record, x, bytes);
	} else {
		return hmm_token_skip(input, 0);
	}
	return 0;
}

int
hmm_array_read(struct hmm_input *input, long record, struct hmm_tensor *x)
{
	struct hmm_token token;
	size_t bytes = 0, count;
	int seen = 0;
	if (hmm_token_want(input, &token, HMM_TOKEN_MAP, "x"))
		return -1;
	for (uint32_t i = 0; i < token.length; i++)
		if (read_entry(input, record, x, &bytes, &seen))
			return -1;
	if (seen != 7)
		return hmm_error("%s: record %ld: x lacks its %s", input->name, record,
		    !(seen & 1)   ? "type"
		    : !(seen & 2) ? "shape"
		                  : "data");
	if (hmm_tensor_count(x, &count) || hmm_multiply(&count, count, hmm_dtype_size(x->dtype)) ||
	    count != bytes) {
		char shape[128];
		return hmm_error("%s: record %ld: x holds %zu bytes, which does not fit shape %s of %s",
		    input->name, record, bytes,
		    hmm_shape_text(shape, sizeof(shape), x->shape, x->dimensions),
		    hmm_dtype_name(x->dtype));
	}
	return 0;
}
