#include "hmm/file/npy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/file/output.h"
#include "hmm/file/regular.h"

enum { PREAMBLE = 10, MAX_HEADER = 65535, HEADER_ALIGN = 64 };

/* The text behind 'key': in the header's Python dictionary, or NULL. */
static const char *
value_of(const char *header, const char *key)
{
	const char *at = strstr(header, key);
	at = at ? strchr(at, ':') : NULL;
	return at ? at + 1 + strspn(at + 1, " ") : NULL;
}

static int
parse_shape(size_t *shape, int *dimensions, const char *text)
{
	*dimensions = 0;
	if (!text || *text != '(')
		return -1;
	for (text++; *text != ')';) {
		char *end;
		if (*text < '0' || *text > '9' || *dimensions == HMM_MAX_DIMENSIONS)
			return -1;
		errno = 0;
		shape[(*dimensions)++] = strtoull(text, &end, 10);
		if (errno)
			return -1;
		text = end + strspn(end, ", ");
	}
	return 0;
}

/* Parse the header and give the tensor its dtype and shape. */
static int
parse_header(struct hmm_tensor *tensor, const char *header, const char *path, size_t payload)
{
	char type[16] = "";
	size_t shape[HMM_MAX_DIMENSIONS], count;
	int dimensions;
	const char *descr = value_of(header, "'descr'"), *order = value_of(header, "'fortran_order'");
	if (descr)
		sscanf(descr, "'%15[^']'", type);
	const int dtype = strcmp(type, "|b1") ? hmm_dtype_parse_numpy(type) : HMM_U8; /* a bool */
	if (dtype < 0)
		return hmm_error("%s: dtype '%s', want little-endian floats or signed integers "
		                 "(astype('<f4'))",
		    path, type);
	if (!order || strncmp(order, "False", 5))
		return hmm_error("%s: Fortran order, want C order (numpy.ascontiguousarray)", path);
	if (parse_shape(shape, &dimensions, value_of(header, "'shape'")))
		return hmm_error(
		    "%s: a header without a shape of at most %d dimensions", path, HMM_MAX_DIMENSIONS);
	const size_t size = hmm_dtype_size((enum hmm_dtype)dtype);
	struct hmm_tensor want = {.dimensions = dimensions};
	memcpy(want.shape, shape, sizeof(shape));
	if (hmm_tensor_count(&want, &count) || hmm_multiply(&count, count, size) || count != payload)
		return hmm_error("%s: %zu bytes of data do not fit its shape", path, payload);
	return hmm_tensor_resize(tensor, (enum hmm_dtype)dtype, shape, dimensions);
}

static int
read_array(struct hmm_tensor *tensor, FILE *file, size_t size, const char *path)
{
	unsigned char preamble[PREAMBLE];
	if (fread(preamble, 1, PREAMBLE, file) != PREAMBLE || memcmp(preamble, "\x93NUMPY\x01", 7))
		return hmm_error("%s: not a .npy file of format 1.0", path);
	const size_t length = (size_t)preamble[8] | (size_t)preamble[9] << 8;
	char *header = hmm_alloc(length + 1, 1);
	int bad = !header;
	if (!bad && (size < PREAMBLE + length || fread(header, 1, length, file) != length))
		bad = hmm_error("%s: %zu bytes, too short for its header", path, size);
	bad = bad || parse_header(tensor, header, path, size - PREAMBLE - length);
	free(header);
	const size_t payload = bad ? 0 : size - PREAMBLE - length;
	if (!bad && fread(tensor->data, 1, payload, file) != payload)
		bad = hmm_error("%s: cannot read: %s", path, ferror(file) ? strerror(errno) : "truncated");
	return bad ? -1 : 0;
}

int
hmm_npy_read(struct hmm_tensor *tensor, const char *path, const char *place)
{
	size_t size;
	char name[1500];
	snprintf(name, sizeof(name), "%.1000s%s%.400s", place ? place : "", place ? ": " : "", path);
	FILE *file = hmm_regular_stream(path, &size);
	if (!file)
		return -1;
	const int bad = read_array(tensor, file, size, name);
	fclose(file);
	return bad;
}

int
hmm_npy_parse(struct hmm_tensor *tensor, void *bytes, size_t size, const char *name)
{
	FILE *file = size ? fmemopen(bytes, size, "rb") : NULL;
	if (!file)
		return hmm_error("%s: not a .npy file of format 1.0", name);
	const int bad = read_array(tensor, file, size, name);
	fclose(file);
	return bad;
}

int
hmm_npy_write(const char *path, const struct hmm_tensor *tensor)
{
	char header[512], shape[256] = "";
	size_t used = 0, count;
	struct hmm_output output;
	if (!hmm_dtype_numpy(tensor->dtype) || hmm_tensor_count(tensor, &count))
		return hmm_error("%s: NumPy has no dtype %s", path, hmm_dtype_name(tensor->dtype));
	for (int i = 0; i < tensor->dimensions; i++)
		used += (size_t)snprintf(shape + used, sizeof(shape) - used, "%zu, ", tensor->shape[i]);
	if (tensor->dimensions > 1)
		shape[used - 2] = '\0';
	int length =
	    snprintf(header, sizeof(header), "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }",
	        hmm_dtype_numpy(tensor->dtype), shape);
	while ((PREAMBLE + length + 1) % HEADER_ALIGN)
		header[length++] = ' ';
	header[length++] = '\n';
	if (hmm_output_open(&output, path))
		return -1;
	fwrite("\x93NUMPY\x01\x00", 1, 8, output.file);
	putc(length & 255, output.file);
	putc(length >> 8, output.file);
	fwrite(header, 1, (size_t)length, output.file);
	fwrite(tensor->data, hmm_dtype_size(tensor->dtype), count, output.file);
	return hmm_output_finish(&output);
}
