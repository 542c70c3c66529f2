#include "hmm/nifti.h"

#include <errno.h>
#include <math.h>
#include <nifti2_io.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hmm/error.h"
#include "hmm/memory.h"

enum { CHUNK = 1 << 14, MAX_RATIO = 1032 }; /* deflate's best compression */

/* Where file voxel (i, j, k) goes: axis a of the file is axis to[a] of the volume. */
struct turn {
	int to[3], flip[3];
};

void
hmm_volume_free(struct hmm_volume *volume)
{
	hmm_tensor_free(&volume->values);
}

int
hmm_nifti_is(const char *path)
{
	static const char *const endings[] = {".nii", ".nii.gz", ".hdr", ".hdr.gz", ".img", ".img.gz"};
	const size_t length = strlen(path);
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		const size_t end = strlen(endings[i]);
		if (length > end && !strcmp(path + length - end, endings[i]))
			return 1;
	}
	return 0;
}

static int
check_header(const nifti_image *nim, const char *path, long frame)
{
	switch (nim->datatype) {
	case DT_UINT8:
	case DT_INT8:
	case DT_INT16:
	case DT_UINT16:
	case DT_INT32:
	case DT_UINT32:
	case DT_INT64:
	case DT_UINT64:
	case DT_FLOAT32:
	case DT_FLOAT64:
		break;
	default:
		return hmm_error("%s: data type %s, want a real scalar type (integers, float32, float64)",
		    path, nifti_datatype_string(nim->datatype));
	}
	if (nim->ndim < 2 || nim->nu > 1 || nim->nv > 1 || nim->nw > 1)
		return hmm_error("%s: %d dimensions, want 2, 3 or 4", path, (int)nim->ndim);
	if (nim->nx < 1 || nim->ny < 1 || nim->nz < 1 || nim->nt < 1)
		return hmm_error("%s: a size of %lldx%lldx%lldx%lld, want at least 1 everywhere", path,
		    (long long)nim->nx, (long long)nim->ny, (long long)nim->nz, (long long)nim->nt);
	if (nim->nt > 1 && frame == HMM_FRAME_NONE)
		return hmm_error("%s: a 4D file of %lld frames, want --frame N or --frame mean", path,
		    (long long)nim->nt);
	if (frame >= nim->nt)
		return hmm_error("%s: no frame %ld among %lld", path, frame, (long long)nim->nt);
	return 0;
}

/* The sizes claimed must fit the file before anything is allocated for them. */
static int
check_length(const nifti_image *nim, const char *path, size_t *voxels)
{
	struct stat status;
	size_t bytes;
	if (hmm_multiply(voxels, (size_t)nim->nx, (size_t)nim->ny) ||
	    hmm_multiply(voxels, *voxels, (size_t)nim->nz) ||
	    hmm_multiply(&bytes, *voxels, (size_t)nim->nt) ||
	    hmm_multiply(&bytes, bytes, (size_t)nim->nbyper))
		bytes = SIZE_MAX;
	if (stat(nim->iname, &status))
		return hmm_error("%s: cannot read: %s", nim->iname, strerror(errno));
	const int packed = nifti_is_gzfile(nim->iname);
	const double most = (double)status.st_size * (packed ? MAX_RATIO : 1);
	if ((double)bytes + (double)nim->iname_offset > most || nim->iname_offset < 0)
		return hmm_error("%s: %lld bytes of file cannot hold %zu bytes of voxels", path,
		    (long long)status.st_size, bytes);
	return 0;
}

/* The header's idea of where voxels lie, in mm: sform, else qform, else pixdim. */
static void
get_affine(const nifti_image *nim, double affine[3][4], const char *path)
{
	const nifti_dmat44 *matrix = nim->sform_code > 0   ? &nim->sto_xyz
	                             : nim->qform_code > 0 ? &nim->qto_xyz
	                                                   : NULL;
	double apart = 0;
	for (int r = 0; r < 3; r++)
		for (int c = 0; c < 4; c++) {
			const double plain = r == c ? (r == 0 ? nim->dx : r == 1 ? nim->dy : nim->dz) : 0;
			affine[r][c] = matrix ? matrix->m[r][c] : plain;
			apart = fmax(apart, fabs(nim->sto_xyz.m[r][c] - nim->qto_xyz.m[r][c]));
		}
	if (nim->sform_code > 0 && nim->qform_code > 0 && apart > 1e-2)
		hmm_warn("%s: sform and qform disagree by up to %.3g mm; the sform is used", path, apart);
}

/* nibabel's io_orientation: the orthogonal matrix closest to the directions of
 * the voxel axes, then for each of them the largest direction still free. */
static int
find_turn(struct turn *turn, double affine[3][4], const char *path)
{
	nifti_dmat33 directions;
	int taken[3] = {0};
	for (int c = 0; c < 3; c++) {
		double length = 0;
		for (int r = 0; r < 3; r++)
			length += affine[r][c] * affine[r][c];
		if (!(length > 0) || !isfinite(length))
			return hmm_error("%s: its orientation has an axis without direction", path);
		for (int r = 0; r < 3; r++)
			directions.m[r][c] = affine[r][c] / sqrt(length);
	}
	if (fabs(nifti_dmat33_determ(directions)) < 1e-6)
		return hmm_error("%s: its orientation has parallel axes", path);
	const nifti_dmat33 closest = nifti_dmat33_polar(directions);
	for (int c = 0; c < 3; c++) {
		int best = -1;
		for (int r = 0; r < 3; r++)
			if (!taken[r] && (best < 0 || fabs(closest.m[r][c]) > fabs(closest.m[best][c])))
				best = r;
		taken[best] = 1;
		turn->to[c] = best;
		turn->flip[c] = closest.m[best][c] < 0;
	}
	return 0;
}

/* Size, voxel and affine of the turned volume. */
static void
turn_header(
    struct hmm_volume *volume, const struct turn *turn, double affine[3][4], const size_t size[3])
{
	for (int r = 0; r < 3; r++)
		volume->affine[r][3] = affine[r][3];
	for (int a = 0; a < 3; a++) {
		const int to = turn->to[a];
		double length = 0;
		volume->values.shape[2 - to] = size[a];
		for (int r = 0; r < 3; r++) {
			length += affine[r][a] * affine[r][a];
			volume->affine[r][to] = turn->flip[a] ? -affine[r][a] : affine[r][a];
			if (turn->flip[a])
				volume->affine[r][3] += affine[r][a] * (double)(size[a] - 1);
		}
		volume->spacing[to] = sqrt(length);
	}
}

static double
value_of(const unsigned char *at, int type)
{
	union {
		uint8_t u8;
		int8_t i8;
		uint16_t u16;
		int16_t i16;
		uint32_t u32;
		int32_t i32;
		uint64_t u64;
		int64_t i64;
		float f32;
		double f64;
	} value;
	memcpy(&value, at, 8);
	switch (type) {
	case DT_UINT8:
		return value.u8;
	case DT_INT8:
		return value.i8;
	case DT_UINT16:
		return value.u16;
	case DT_INT16:
		return value.i16;
	case DT_UINT32:
		return value.u32;
	case DT_INT32:
		return value.i32;
	case DT_UINT64:
		return (double)value.u64;
	case DT_INT64:
		return (double)value.i64;
	case DT_FLOAT32:
		return (double)value.f32;
	default:
		return value.f64;
	}
}

struct source {
	const nifti_image *nim;
	const char *path;
	znzFile file;
	double slope, inter, share; /* share: 1, or 1 / frames for their mean */
	size_t strange;             /* voxels that are not finite */
	unsigned char bytes[CHUNK * 8 + 8];
};

/* Read the next `count` voxels of the file into values[0], values[step], ... */
static int
read_run(struct source *source, double *values, ptrdiff_t step, size_t count)
{
	const size_t size = (size_t)source->nim->nbyper;
	while (count) {
		const size_t take = count < CHUNK ? count : CHUNK;
		const size_t got = (size_t)znzread(source->bytes, 1, take * size, source->file);
		if (got != take * size)
			return hmm_error("%s: truncated: found %zu bytes where %zu were wanted", source->path,
			    got, take * size);
		if (source->nim->byteorder != nifti_short_order())
			nifti_swap_Nbytes((int64_t)take, (int)size, source->bytes);
		for (size_t i = 0; i < take; i++, values += step) {
			double value = value_of(source->bytes + i * size, source->nim->datatype);
			value = value * source->slope + source->inter;
			source->strange += isfinite(value) ? 0 : 1;
			*values += value * source->share;
		}
		count -= take;
	}
	return 0;
}

/* Add one frame to the volume, each row of the file along the axis it turns to. */
static int
read_frame(
    struct source *source, struct hmm_volume *volume, const struct turn *turn, const size_t size[3])
{
	const size_t *shape = volume->values.shape, strides[3] = {1, shape[2], shape[2] * shape[1]};
	ptrdiff_t step[3], origin = 0;
	for (int a = 0; a < 3; a++) {
		step[a] = (ptrdiff_t)strides[turn->to[a]];
		if (turn->flip[a]) {
			origin += step[a] * (ptrdiff_t)(size[a] - 1);
			step[a] = -step[a];
		}
	}
	for (size_t k = 0; k < size[2]; k++)
		for (size_t j = 0; j < size[1]; j++) {
			const ptrdiff_t at = origin + step[1] * (ptrdiff_t)j + step[2] * (ptrdiff_t)k;
			if (read_run(source, (double *)volume->values.data + at, step[0], size[0]))
				return -1;
		}
	return 0;
}

static int
read_data(struct hmm_volume *volume, const nifti_image *nim, const char *path, long frame,
    const struct turn *turn, const size_t size[3], size_t voxels)
{
	const size_t frames = (size_t)nim->nt, first = frame > 0 ? (size_t)frame : 0;
	const size_t count = frame == HMM_FRAME_MEAN ? frames : 1;
	const int scaled = isfinite(nim->scl_slope) && nim->scl_slope != 0;
	struct source *source = hmm_alloc(1, sizeof(*source));
	if (!source)
		return -1;
	source->nim = nim;
	source->path = path;
	source->slope = scaled ? nim->scl_slope : 1;
	source->inter = scaled && isfinite(nim->scl_inter) ? nim->scl_inter : 0;
	source->share = 1 / (double)count;
	source->file = znzopen(nim->iname, "rb", nifti_is_gzfile(nim->iname));
	int bad = 0;
	const int64_t offset = nim->iname_offset + (int64_t)(first * voxels * (size_t)nim->nbyper);
	if (znz_isnull(source->file))
		bad = hmm_error("%s: cannot open: %s", nim->iname, strerror(errno));
	else if (znzseek(source->file, (long)offset, SEEK_SET) < 0)
		bad = hmm_error("%s: truncated before its voxels", path);
	for (size_t i = 0; i < count && !bad; i++)
		bad = read_frame(source, volume, turn, size);
	if (!bad && source->strange)
		bad = hmm_error(
		    "%s: %zu of %zu voxels are not finite", path, source->strange, voxels * count);
	if (!znz_isnull(source->file))
		znzclose(source->file);
	free(source);
	return bad;
}

static int
read_volume(struct hmm_volume *volume, const nifti_image *nim, const char *path, long frame)
{
	double affine[3][4];
	struct turn turn;
	size_t voxels;
	if (check_header(nim, path, frame) || check_length(nim, path, &voxels))
		return -1;
	const size_t size[3] = {(size_t)nim->nx, (size_t)nim->ny, (size_t)nim->nz};
	get_affine(nim, affine, path);
	if (find_turn(&turn, affine, path))
		return -1;
	turn_header(volume, &turn, affine, size);
	if (!hmm_tensor_resize(&volume->values, HMM_F64, volume->values.shape, 3)) {
		memset(volume->values.data, 0, voxels * sizeof(double));
		if (!read_data(volume, nim, path, frame, &turn, size, voxels))
			return 0;
	}
	hmm_volume_free(volume);
	return -1;
}

int
hmm_nifti_read(struct hmm_volume *volume, const char *path, long frame)
{
	struct stat status;
	*volume = (struct hmm_volume){0};
	nifti_set_debug_level(0);
	if (stat(path, &status))
		return hmm_error("%s: cannot open: %s", path, strerror(errno));
	if (!S_ISREG(status.st_mode))
		return hmm_error("%s: not a regular file", path);
	nifti_image *nim = nifti_image_read(path, 0);
	if (!nim)
		return hmm_error("%s: not a NIfTI file, or its header is broken", path);
	const int bad = read_volume(volume, nim, path, frame);
	nifti_image_free(nim);
	return bad;
}
