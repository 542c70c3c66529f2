#include "hmm/base/tensor.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

static const struct {
	const char *name, *numpy;
	size_t size;
} dtypes[HMM_DTYPES] = {
    [HMM_U8] = {"U8", "|u1", 1},
    [HMM_I8] = {"I8", "|i1", 1},
    [HMM_U16] = {"U16", "<u2", 2},
    [HMM_I16] = {"I16", "<i2", 2},
    [HMM_I32] = {"I32", "<i4", 4},
    [HMM_I64] = {"I64", "<i8", 8},
    [HMM_F16] = {"F16", "<f2", 2},
    [HMM_BF16] = {"BF16", NULL, 2},
    [HMM_F32] = {"F32", "<f4", 4},
    [HMM_F64] = {"F64", "<f8", 8},
};

size_t
hmm_dtype_size(enum hmm_dtype dtype)
{
	return dtypes[dtype].size;
}

const char *
hmm_dtype_name(enum hmm_dtype dtype)
{
	return dtypes[dtype].name;
}

const char *
hmm_dtype_numpy(enum hmm_dtype dtype)
{
	return dtypes[dtype].numpy;
}

int
hmm_dtype_parse_name(const char *name)
{
	for (int i = 0; i < HMM_DTYPES; i++)
		if (!strcmp(dtypes[i].name, name))
			return i;
	return -1;
}

int
hmm_dtype_parse_numpy(const char *name)
{
	const int swapped = *name == '>';
	const char *kind = *name && strchr("<|=>", *name) ? name + 1 : name;
	for (int i = 0; i < HMM_DTYPES; i++)
		if (dtypes[i].numpy && !strcmp(dtypes[i].numpy + 1, kind))
			return swapped && dtypes[i].size > 1 ? -1 : i;
	return -1;
}

int
hmm_tensor_count(const struct hmm_tensor *tensor, size_t *count)
{
	*count = 1;
	for (int i = 0; i < tensor->dimensions; i++)
		if (hmm_multiply(count, *count, tensor->shape[i]))
			return -1;
	return 0;
}

int
hmm_tensor_resize(
    struct hmm_tensor *tensor, enum hmm_dtype dtype, const size_t *shape, int dimensions)
{
	size_t bytes = dtypes[dtype].size;
	for (int i = 0; i < dimensions; i++)
		if (hmm_multiply(&bytes, bytes, shape[i]))
			bytes = SIZE_MAX;
	if (hmm_grow(&tensor->data, &tensor->capacity, bytes))
		return -1;
	tensor->block = tensor->data;
	tensor->dtype = dtype;
	tensor->dimensions = dimensions;
	memmove(tensor->shape, shape, (size_t)dimensions * sizeof(*shape));
	return 0;
}

int
hmm_tensor_is(const struct hmm_tensor *tensor, const size_t *shape, int dimensions)
{
	return tensor->dimensions == dimensions &&
	       !memcmp(tensor->shape, shape, (size_t)dimensions * sizeof(*shape));
}

static float
half_to_float(uint16_t half)
{
	const uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> 10 & 31;
	uint32_t fraction = half & 1023;
	float value;
	if (exponent == 0) {
		value = (float)fraction * 0x1p-24f;
		return sign ? -value : value;
	}
	const uint32_t bits = sign | (exponent == 31 ? 255u : exponent + 112) << 23 | fraction << 13;
	memcpy(&value, &bits, sizeof(value));
	return value;
}

static float
element_float(const unsigned char *at, enum hmm_dtype dtype)
{
	union {
		uint8_t u8;
		int8_t i8;
		uint16_t u16;
		int16_t i16;
		int32_t i32;
		int64_t i64;
		float f32;
		double f64;
	} value;
	memcpy(&value, at, dtypes[dtype].size);
	switch (dtype) {
	case HMM_U8:
		return value.u8;
	case HMM_I8:
		return value.i8;
	case HMM_U16:
		return value.u16;
	case HMM_I16:
		return value.i16;
	case HMM_I32:
		return (float)value.i32;
	case HMM_I64:
		return (float)value.i64;
	case HMM_F16:
		return half_to_float(value.u16);
	case HMM_BF16: {
		const uint32_t bits = (uint32_t)value.u16 << 16;
		memcpy(&value.f32, &bits, sizeof(bits));
		return value.f32;
	}
	case HMM_F32:
		return value.f32;
	case HMM_F64:
	case HMM_DTYPES:
		break;
	}
	return (float)value.f64;
}

void
hmm_tensor_floats(float *out, const struct hmm_tensor *tensor, size_t first, size_t count)
{
	const size_t size = dtypes[tensor->dtype].size;
	const unsigned char *data = (const unsigned char *)tensor->data + first * size;
	if (tensor->dtype == HMM_F32) {
		memcpy(out, data, count * size);
		return;
	}
	for (size_t i = 0; i < count; i++)
		out[i] = element_float(data + i * size, tensor->dtype);
}

int
hmm_all_finite(const float *values, size_t count)
{
	enum { LANES = 32 }; /* a sum in order would take longer than all else that a reader does */
	float lane[LANES] = {0}, sum = 0; /* NaN as soon as one value is not finite */
	const size_t whole = count - count % LANES;
	for (size_t i = 0; i < whole; i += LANES)
		for (size_t l = 0; l < LANES; l++)
			lane[l] += values[i + l] * 0;
	for (size_t l = 0; l < LANES; l++)
		sum += lane[l];
	for (size_t i = whole; i < count; i++)
		sum += values[i] * 0;
	return sum == 0;
}

size_t
hmm_first_not_finite(const float *values, size_t count)
{
	size_t i = 0;
	while (i < count && isfinite(values[i]))
		i++;
	return i;
}

const char *
hmm_shape_text(char *text, size_t size, const size_t *shape, int dimensions)
{
	size_t used = (size_t)snprintf(text, size, "(");
	for (int i = 0; i < dimensions && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, i ? ",%zu" : "%zu", shape[i]);
	if (used < size)
		snprintf(text + used, size - used, ")");
	return text;
}

void
hmm_tensor_free(struct hmm_tensor *tensor)
{
	free(tensor->block);
	*tensor = (struct hmm_tensor){0};
}

const struct hmm_weight *
hmm_weight_find(const struct hmm_weight *weight, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(weight[i].name, name))
			return &weight[i];
	return NULL;
}

const char *
hmm_weights_file(const struct hmm_weight *weight, size_t count)
{
	return count && weight[0].file ? weight[0].file : "weights";
}

float *
hmm_weight_floats(const struct hmm_weight *weight, size_t count, const char *name,
    const size_t *shape, int dimensions)
{
	const struct hmm_weight *found = hmm_weight_find(weight, count, name);
	const char *file = hmm_weights_file(weight, count);
	char have[128], want[128];
	size_t elements;
	hmm_shape_text(want, sizeof(want), shape, dimensions);
	if (!found) {
		hmm_error("%s: no tensor '%s' %s", file, name, want);
		return NULL;
	}
	if (found->foreign) {
		hmm_error("%s: tensor '%s' is of type %s, which is not read", file, name, found->foreign);
		return NULL;
	}
	if (found->x.dtype < HMM_F16) {
		hmm_error("%s: tensor '%s' is of type %s, want one of floats", file, name,
		    hmm_dtype_name(found->x.dtype));
		return NULL;
	}
	if (!hmm_tensor_is(&found->x, shape, dimensions) || hmm_tensor_count(&found->x, &elements)) {
		hmm_error("%s: tensor '%s' has shape %s, want %s", file, name,
		    hmm_shape_text(have, sizeof(have), found->x.shape, found->x.dimensions), want);
		return NULL;
	}
	float *floats = hmm_alloc_raw(elements, sizeof(float));
	if (!floats)
		return NULL;
	hmm_tensor_floats(floats, &found->x, 0, elements);
	if (hmm_all_finite(floats, elements))
		return floats;
	free(floats);
	hmm_error("%s: tensor '%s' holds a value that is not finite", file, name);
	return NULL;
}
