#include "hmm/stream/import.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

enum { EXACT_BITS = 24 }; /* of a float32's significand */

const char *
hmm_import_place(char *text, size_t size, const struct hmm_table *table, size_t row)
{
	const char *subject = hmm_table_cell(table, row, hmm_table_find(table, "subject"));
	const char *modality = hmm_table_cell(table, row, hmm_table_find(table, "modality"));
	snprintf(text, size, "%.300s: row %zu%s%.255s%s%.255s%s", table->name, row + 1,
	    subject || modality ? " (" : "", subject ? subject : "", subject && modality ? " " : "",
	    modality ? modality : "", subject || modality ? ")" : "");
	return text;
}

int
hmm_import_digest(char hex[HMM_HASH_SIZE], const struct hmm_table *table)
{
	const int column = hmm_table_find(table, "npy");
	char *all = hmm_alloc(table->rows + 1, HMM_HASH_SIZE);
	int bad = !all;
	for (size_t row = 0; row < table->rows && !bad; row++) {
		const char *npy = hmm_table_cell(table, row, column);
		bad = npy && hmm_hash_file(all + row * HMM_HASH_SIZE, npy);
	}
	bad = bad || hmm_hash_bytes(hex, all, table->rows * HMM_HASH_SIZE);
	free(all);
	return bad ? -1 : 0;
}

/* ---- shapes ---- */

static int
fit_shape(struct hmm_tensor *x, enum hmm_kind kind, const char *place)
{
	char shape[128];
	size_t count = 0;
	const int slices = kind == HMM_SLICES;
	hmm_shape_text(shape, sizeof(shape), x->shape, x->dimensions);
	if (x->dimensions == 2 && slices) {
		x->shape[2] = x->shape[1];
		x->shape[1] = x->shape[0];
		x->shape[0] = 1;
		x->dimensions = 3;
	} else if (x->dimensions == 1 && !slices) {
		x->shape[1] = x->shape[2] = 1;
		x->dimensions = 3;
	}
	if (x->dimensions != 3 || (slices && x->shape[0] != 1 && x->shape[0] != 3))
		return hmm_error("%s: shape %s, want %s", place, shape,
		    slices ? "(1|3,height,width) or (height,width)"
		           : "(channels,height,width) or a vector");
	if (hmm_tensor_count(x, &count) || !count)
		return hmm_error("%s: shape %s has no elements", place, shape);
	return 0;
}

/* ---- numbers ---- */

/* An element of a type of whole numbers: 0; 1 where the type is another. */
static int
read_whole(int64_t *number, const struct hmm_tensor *x, size_t i)
{
	union {
		uint8_t u8;
		int8_t i8;
		uint16_t u16;
		int16_t i16;
		int32_t i32;
		int64_t i64;
	} value;
	const size_t size = hmm_dtype_size(x->dtype);
	memcpy(&value, (const char *)x->data + i * size, size);
	switch (x->dtype) {
	case HMM_U8:
		*number = value.u8;
		return 0;
	case HMM_I8:
		*number = value.i8;
		return 0;
	case HMM_U16:
		*number = value.u16;
		return 0;
	case HMM_I16:
		*number = value.i16;
		return 0;
	case HMM_I32:
		*number = value.i32;
		return 0;
	case HMM_I64:
		*number = value.i64;
		return 0;
	case HMM_F16:
	case HMM_BF16:
	case HMM_F32:
	case HMM_F64:
	case HMM_DTYPES:
		break;
	}
	return 1;
}

/* "(2,0,1)", the place of element i; returns text. */
static const char *
name_element(char *text, size_t size, const struct hmm_tensor *x, size_t i)
{
	size_t at[HMM_MAX_DIMENSIONS] = {0};
	for (size_t d = (size_t)x->dimensions; d-- > 0; i /= x->shape[d])
		at[d] = i % x->shape[d];
	return hmm_shape_text(text, size, at, x->dimensions);
}

/* Whether a whole number has no more bits than a float32 keeps. */
static int
is_exact(int64_t number)
{
	uint64_t bits = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
	while (bits && !(bits & 1))
		bits >>= 1;
	return bits >> EXACT_BITS == 0;
}

/* Bytes of slices. */
static int
fill_bytes(struct hmm_tensor *to, const struct hmm_tensor *x, size_t count, const char *place)
{
	char at[128];
	uint8_t *bytes = to->data;
	for (size_t i = 0; i < count; i++) {
		int64_t number;
		if (read_whole(&number, x, i))
			return hmm_error("%s: numbers of type %s, want whole ones from 0 to 255", place,
			    hmm_dtype_name(x->dtype));
		if (number < 0 || number > UINT8_MAX)
			return hmm_error("%s: x is %lld at %s, want 0 to 255", place, (long long)number,
			    name_element(at, sizeof(at), x, i));
		bytes[i] = (uint8_t)number;
	}
	return 0;
}

static int
fill_floats(struct hmm_tensor *to, const struct hmm_tensor *x, size_t count, const char *place)
{
	char at[128];
	float *floats = to->data;
	hmm_tensor_floats(floats, x, 0, count);
	for (size_t i = 0; i < count; i++) {
		int64_t whole;
		double number;
		if (!read_whole(&whole, x, i)) {
			if (!is_exact(whole))
				return hmm_error("%s: x is %lld at %s, which no float32 is", place,
				    (long long)whole, name_element(at, sizeof(at), x, i));
			continue;
		}
		if (x->dtype != HMM_F64)
			break;
		memcpy(&number, (const double *)x->data + i, sizeof(number));
		if (isfinite(number) && (!isfinite(floats[i]) || (floats[i] == 0 && number != 0)))
			return hmm_error("%s: x is %g at %s, out of float32's range", place, number,
			    name_element(at, sizeof(at), x, i));
	}
	return 0;
}

static int
check_finite(const struct hmm_tensor *x, size_t count, const char *place)
{
	char at[128];
	const float *floats = x->data;
	if (hmm_all_finite(floats, count))
		return 0;
	const size_t first = hmm_first_not_finite(floats, count);
	return hmm_error("%s: x is %s at %s, not finite", place,
	    isnan(floats[first]) ? "NaN" : "infinite", name_element(at, sizeof(at), x, first));
}

int
hmm_import_tensor(struct hmm_tensor *x, enum hmm_kind kind, const char *place)
{
	const enum hmm_dtype wanted = kind == HMM_SLICES ? HMM_U8 : HMM_F32;
	struct hmm_tensor to = {0};
	size_t count = 0;
	if (fit_shape(x, kind, place))
		return -1;
	hmm_tensor_count(x, &count);
	if (x->dtype != wanted) {
		const int bad = hmm_tensor_resize(&to, wanted, x->shape, x->dimensions) ||
		                (wanted == HMM_U8 ? fill_bytes : fill_floats)(&to, x, count, place);
		if (bad) {
			hmm_tensor_free(&to);
			return -1;
		}
		hmm_tensor_free(x);
		*x = to;
	}
	return wanted == HMM_F32 ? check_finite(x, count, place) : 0;
}
