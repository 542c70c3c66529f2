#include "nifti_voxels.h"

#include <math.h>
#include <nifti2_io.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

/* Bytes of the file in hand, unless a row is longer. */
enum { CHUNK = 1 << 20 };

static size_t
rows_of(const struct hmm_nifti_header *header)
{
	return header->size[1] * header->size[2] * header->frames;
}

/* Rows of the file on their way to the canonical volume. */
struct rows {
	unsigned char *raw; /* [room][size i][bytes] */
	size_t room;
	int stay;            /* 1: raw are the volume's own voxels */
	double *row;         /* [size i] */
	ptrdiff_t stride[3]; /* from one i, j, k to the next, in voxels of the volume */
	ptrdiff_t start;     /* of (0, 0, 0) */
	size_t bad;          /* voxels that are not finite */
};

#define WIDEN(type)                                                                                \
	do {                                                                                           \
		const type *from = (const type *)raw;                                                      \
		for (size_t i = 0; i < count; i++)                                                         \
			row[i] = (double)from[i];                                                              \
	} while (0)

static void
widen_row(double *row, const void *raw, size_t count, int type)
{
	switch (type) {
	case DT_UINT8:
		WIDEN(uint8_t);
		break;
	case DT_INT8:
		WIDEN(int8_t);
		break;
	case DT_UINT16:
		WIDEN(uint16_t);
		break;
	case DT_INT16:
		WIDEN(int16_t);
		break;
	case DT_UINT32:
		WIDEN(uint32_t);
		break;
	case DT_INT32:
		WIDEN(int32_t);
		break;
	case DT_UINT64:
		WIDEN(uint64_t);
		break;
	case DT_INT64:
		WIDEN(int64_t);
		break;
	case DT_FLOAT32:
		WIDEN(float);
		break;
	default:
		WIDEN(double);
	}
}

static size_t
scale_row(double *row, size_t count, double slope, double inter)
{
	size_t bad = 0;
	if (slope != 1 || inter != 0)
		for (size_t i = 0; i < count; i++)
			row[i] = row[i] * slope + inter;
	for (size_t i = 0; i < count; i++)
		bad += !(row[i] - row[i] == 0);
	return bad;
}

/* Write a row to its place, or add it to what stands there. */
static void
place_row(struct hmm_tensor *voxels, ptrdiff_t at, ptrdiff_t stride, const double *row,
    size_t count, int add)
{
	float *f32 = (float *)voxels->data + at;
	double *f64 = (double *)voxels->data + at;
	const ptrdiff_t n = (ptrdiff_t)count;
	if (voxels->dtype == HMM_F32)
		for (ptrdiff_t i = 0; i < n; i++)
			f32[i * stride] = (float)row[i];
	else if (add)
		for (ptrdiff_t i = 0; i < n; i++)
			f64[i * stride] += row[i];
	else
		for (ptrdiff_t i = 0; i < n; i++)
			f64[i * stride] = row[i];
}

/* The same for float32 as it is: voxels that are not finite. */
static size_t
copy_row(float *to, ptrdiff_t stride, const float *from, size_t count)
{
	const ptrdiff_t n = (ptrdiff_t)count;
	size_t bad = 0;
	for (size_t i = 0; i < count; i++)
		bad += !(from[i] - from[i] == 0);
	if (stride == 1)
		memcpy(to, from, count * sizeof(float));
	else if (stride == -1)
		for (ptrdiff_t i = 0; i < n; i++)
			to[-i] = from[i];
	else
		for (ptrdiff_t i = 0; i < n; i++)
			to[i * stride] = from[i];
	return bad;
}

/* Where the first voxel of the file's row r goes, of any frame. */
static ptrdiff_t
place_of(const struct rows *rows, const struct hmm_nifti_header *header, size_t r)
{
	const size_t j = r % header->size[1], k = r / header->size[1] % header->size[2];
	return rows->start + (ptrdiff_t)j * rows->stride[1] + (ptrdiff_t)k * rows->stride[2];
}

/* Place `count` rows, the first of them the file's row number `first`, as far as
 * they belong to the wanted frames. */
static void
place_rows(struct hmm_tensor *voxels, struct rows *rows, const struct hmm_nifti_header *header,
    size_t first, size_t count, long frame)
{
	const size_t length = header->size[0], bytes = length * header->bytes;
	for (size_t r = 0; r < count; r++) {
		const size_t f = (first + r) / header->size[1] / header->size[2];
		const ptrdiff_t at = place_of(rows, header, first + r);
		if (frame >= 0 && f != (size_t)frame)
			continue;
		if (voxels->dtype == HMM_F32 && header->type == DT_FLOAT32) {
			rows->bad += copy_row((float *)voxels->data + at, rows->stride[0],
			    (const float *)(rows->raw + r * bytes), length);
			continue;
		}
		widen_row(rows->row, rows->raw + r * bytes, length, header->type);
		rows->bad += scale_row(rows->row, length, header->slope, header->inter);
		place_row(voxels, at, rows->stride[0], rows->row, length, frame == HMM_FRAME_MEAN && f > 0);
	}
}

/* The same for float32 that stays where it is. */
static void
count_rows(struct rows *rows, const float *voxels, size_t count)
{
	for (size_t i = 0; i < count; i++)
		rows->bad += !(voxels[i] - voxels[i] == 0);
}

/* Sums of frames to their mean; what is not finite in one of them is not in the mean. */
static void
divide(struct rows *rows, struct hmm_tensor *voxels, size_t frames)
{
	double *sum = voxels->data;
	const size_t count = voxels->shape[0] * voxels->shape[1] * voxels->shape[2];
	for (size_t i = 0; i < count; i++)
		sum[i] /= (double)frames;
	if (!rows->bad)
		return;
	rows->bad = 0;
	for (size_t i = 0; i < count; i++)
		rows->bad += !(sum[i] - sum[i] == 0);
}

/* Read all frames, which shows whether they are there, and place the wanted ones. */
static int
read_voxels(struct hmm_nifti *nifti, struct rows *rows, struct hmm_source *source,
    const struct hmm_nifti_header *header, long frame)
{
	const size_t bytes = header->size[0] * header->bytes, total = rows_of(header);
	for (size_t first = 0; first < total; first += rows->room) {
		const size_t here = total - first < rows->room ? total - first : rows->room;
		const int64_t got = source->whole ? (int64_t)(here * bytes)
		                                  : hmm_source_read(source, rows->raw, here * bytes);
		if (got < 0)
			return -1;
		if ((size_t)got < here * bytes)
			return hmm_error("%s: truncated: found %zu bytes of voxels, want %zu", source->path,
			    first * bytes + (size_t)got, total * bytes);
		if (header->swapped && header->bytes > 1)
			nifti_swap_Nbytes((int64_t)(here * header->size[0]), (int)header->bytes, rows->raw);
		if (rows->stay)
			count_rows(rows, nifti->voxels.data, here * header->size[0]);
		else
			place_rows(&nifti->voxels, rows, header, first, here, frame);
	}
	if (frame == HMM_FRAME_MEAN)
		divide(rows, &nifti->voxels, header->frames);
	nifti->strange = rows->bad;
	return 0;
}

/* The canonical volume's shape and matrix. */
static void
orient(struct hmm_nifti *nifti, const struct hmm_nifti_header *header)
{
	memcpy(nifti->axis, header->axis, sizeof(nifti->axis));
	memcpy(nifti->sign, header->sign, sizeof(nifti->sign));
	for (int row = 0; row < 3; row++)
		nifti->affine.m[row][3] = header->affine.m[row][3];
	for (int i = 0; i < 3; i++) {
		const int axis = header->axis[i], sign = header->sign[i];
		nifti->shape[2 - axis] = header->size[i];
		for (int row = 0; row < 3; row++) {
			nifti->affine.m[row][axis] = sign * header->affine.m[row][i];
			if (sign < 0)
				nifti->affine.m[row][3] += header->affine.m[row][i] * (double)(header->size[i] - 1);
		}
	}
	nifti->across = header->flat ? header->axis[2] : -1;
	hmm_nifti_spacing(nifti->spacing, &nifti->affine);
}

/* Where the file's voxels go in a volume of that shape. */
static void
place_axes(struct rows *rows, const struct hmm_nifti *nifti, const struct hmm_nifti_header *header,
    enum hmm_nifti_order order, size_t shape[3])
{
	for (int i = 0; i < 3; i++)
		shape[i] = order == HMM_STORED ? header->size[2 - i] : nifti->shape[i];
	const size_t stride[3] = {1, shape[2], shape[2] * shape[1]};
	for (int i = 0; i < 3; i++) {
		const int axis = order == HMM_STORED ? i : header->axis[i];
		const int sign = order == HMM_STORED ? 1 : header->sign[i];
		rows->stride[i] = sign * (ptrdiff_t)stride[axis];
		if (sign < 0)
			rows->start += (ptrdiff_t)((header->size[i] - 1) * stride[axis]);
	}
}

/* Room for rows of the file: all of one frame that is inflated at once, or a chunk, to free(). */
static int
prepare_rows(struct rows *rows, void **chunk, struct hmm_source *source,
    const struct hmm_nifti_header *header)
{
	const size_t bytes = header->size[0] * header->bytes;
	void *all = NULL;
	const int whole = header->frames == 1
	                      ? hmm_source_whole(source, &all, header->offset, bytes * rows_of(header))
	                      : 0;
	if (whole < 0)
		return -1;
	rows->room = whole ? rows_of(header) : bytes < CHUNK ? CHUNK / bytes : 1;
	*chunk = whole ? NULL : hmm_alloc_raw(rows->room, bytes);
	rows->raw = whole ? all : *chunk;
	rows->row = hmm_alloc(header->size[0], sizeof(*rows->row));
	return rows->raw && rows->row ? 0 : -1;
}

/* Let the volume be the rows themselves. */
static void
keep_rows(
    struct hmm_tensor *voxels, struct rows *rows, struct hmm_source *source, const size_t shape[3])
{
	rows->stay = 1;
	*voxels = (struct hmm_tensor){.dtype = HMM_F32,
	    .dimensions = 3,
	    .shape = {shape[0], shape[1], shape[2]},
	    .data = rows->raw,
	    .block = source->block};
	source->block = NULL;
}

size_t
hmm_nifti_limit(void)
{
	const char *text = getenv("HMM_MAX_VOLUME");
	char *end = NULL;
	const double gigabytes = text ? strtod(text, &end) : 4;
	if (text && (end == text || *end || !(gigabytes > 0 && gigabytes < 1e9))) {
		hmm_error("HMM_MAX_VOLUME: found '%s', want gigabytes such as 16", text);
		return 0;
	}
	return (size_t)(gigabytes * 1e9);
}

/* Refuse what would take too much memory, before any is taken. The sizes are those of a file that
 * can hold them, so that no product overflows. */
static int
check_need(const struct hmm_nifti_header *header, const struct hmm_source *source, size_t bytes)
{
	const size_t voxels = header->size[0] * header->size[1] * header->size[2];
	const int whole = source->compressed && header->frames == 1;
	const size_t limit = hmm_nifti_limit(), inflated = whole ? voxels * header->bytes : 0;
	const double need = (double)voxels * (double)bytes + (double)inflated;
	if (limit && need > (double)limit)
		return hmm_error("%s: %zux%zux%zu voxels would take %.3g GB of memory, want at most %.3g "
		                 "(HMM_MAX_VOLUME=%.0f in the environment allows more)",
		    source->path, header->size[0], header->size[1], header->size[2], need / 1e9,
		    (double)limit / 1e9, ceil(need / 1e9));
	return limit ? 0 : -1;
}

int
hmm_nifti_voxels(struct hmm_nifti *nifti, struct hmm_source *source,
    const struct hmm_nifti_header *header, long frame, enum hmm_nifti_order order)
{
	struct rows rows = {0};
	void *chunk = NULL;
	size_t shape[3];
	const int exact = header->bytes <= 2 || header->type == DT_FLOAT32;
	const int single = exact && header->slope == 1 && header->inter == 0 && frame != HMM_FRAME_MEAN;
	orient(nifti, header);
	place_axes(&rows, nifti, header, order, shape);
	const int stays = single && header->type == DT_FLOAT32 &&
	                  (order == HMM_STORED || hmm_nifti_is_canonical(nifti));
	int bad = check_need(header, source, single ? sizeof(float) : sizeof(double)) ||
	          prepare_rows(&rows, &chunk, source, header);
	if (!bad && source->whole && stays)
		keep_rows(&nifti->voxels, &rows, source, shape);
	else if (!bad)
		bad = hmm_tensor_resize(&nifti->voxels, single ? HMM_F32 : HMM_F64, shape, 3);
	bad = bad || read_voxels(nifti, &rows, source, header, frame) || hmm_source_finish(source);
	free(chunk);
	free(rows.row);
	return bad ? -1 : 0;
}
