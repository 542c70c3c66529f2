#include "nifti_header.h"

#include <limits.h>
#include <math.h>
#include <nifti2_io.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

/* A corner further off than this part of a voxel is another orientation. */
static const double tolerance = 0.1;

static int32_t
swap_int(int32_t value)
{
	nifti_swap_4bytes(1, &value);
	return value;
}

size_t
hmm_nifti_header_size(const unsigned char start[4])
{
	int32_t size;
	memcpy(&size, start, sizeof(size));
	const int32_t other = swap_int(size);
	if (size == HMM_NIFTI_SMALL_HEADER || other == HMM_NIFTI_SMALL_HEADER)
		return HMM_NIFTI_SMALL_HEADER;
	return size == HMM_NIFTI_HEADER || other == HMM_NIFTI_HEADER ? HMM_NIFTI_HEADER : 0;
}

/* The fields that matter of a NIfTI-1 header, in the wider types of NIfTI-2. */
static void
widen(nifti_2_header *to, const nifti_1_header *from)
{
	*to = (nifti_2_header){.datatype = from->datatype,
	    .qform_code = from->qform_code,
	    .sform_code = from->sform_code,
	    .scl_slope = (double)from->scl_slope,
	    .scl_inter = (double)from->scl_inter,
	    .quatern_b = (double)from->quatern_b,
	    .quatern_c = (double)from->quatern_c,
	    .quatern_d = (double)from->quatern_d,
	    .qoffset_x = (double)from->qoffset_x,
	    .qoffset_y = (double)from->qoffset_y,
	    .qoffset_z = (double)from->qoffset_z};
	memcpy(to->magic, from->magic, sizeof(from->magic));
	const int sane = from->vox_offset >= 0 && from->vox_offset < 0x1p31f;
	to->vox_offset = sane ? (int64_t)from->vox_offset : -1;
	for (int i = 0; i < 8; i++) {
		to->dim[i] = from->dim[i];
		to->pixdim[i] = (double)from->pixdim[i];
	}
	for (int i = 0; i < 4; i++) {
		to->srow_x[i] = (double)from->srow_x[i];
		to->srow_y[i] = (double)from->srow_y[i];
		to->srow_z[i] = (double)from->srow_z[i];
	}
}

/* Either version, in this machine's byte order. */
static void
normalise(nifti_2_header *raw, int *swapped, const unsigned char *bytes)
{
	int32_t size;
	memcpy(&size, bytes, sizeof(size));
	*swapped = size != HMM_NIFTI_SMALL_HEADER && size != HMM_NIFTI_HEADER;
	if (hmm_nifti_header_size(bytes) == HMM_NIFTI_SMALL_HEADER) {
		nifti_1_header small;
		memcpy(&small, bytes, sizeof(small));
		if (*swapped)
			swap_nifti_header(&small, 1);
		widen(raw, &small);
	} else {
		memcpy(raw, bytes, sizeof(*raw));
		if (*swapped)
			swap_nifti_header(raw, 2);
	}
}

static int
parse_dimensions(struct hmm_nifti_header *header, const nifti_2_header *raw, const char *path)
{
	size_t n[8] = {0, 1, 1, 1, 1, 1, 1, 1};
	if (raw->dim[0] < 2 || raw->dim[0] > 7)
		return hmm_error("%s: %lld dimensions, want 2 to 4", path, (long long)raw->dim[0]);
	for (int i = 1; i <= raw->dim[0]; i++) {
		if (raw->dim[i] < 1 || raw->dim[i] > INT32_MAX)
			return hmm_error(
			    "%s: dimension %d is %lld, want 1 or more", path, i, (long long)raw->dim[i]);
		n[i] = (size_t)raw->dim[i];
	}
	if (n[5] * n[6] > 1 || n[7] > 1)
		return hmm_error(
		    "%s: dimensions 5 to 7 are %zu, %zu, %zu, want 1, 1, 1: a field of vectors "
		    "or the like, of which fslroi or mrconvert takes one volume",
		    path, n[5], n[6], n[7]);
	memcpy(header->size, n + 1, sizeof(header->size));
	header->frames = n[4];
	header->flat = raw->dim[0] == 2;
	return 0;
}

/* What makes real numbers of voxels of that type. */
static const char *
way_out(int type)
{
	switch (type) {
	case DT_RGB24:
	case DT_RGBA32:
		return ": colours, mostly a picture of another volume (AFNI's 3dcalc -expr a makes grey)";
	case DT_COMPLEX64:
	case DT_COMPLEX128:
	case DT_COMPLEX256:
		return ": fslcomplex -realabs makes magnitudes";
	case DT_FLOAT128:
		return ": mri_convert -odt float";
	default:
		return "";
	}
}

static int
parse_type(struct hmm_nifti_header *header, const nifti_2_header *raw, const char *path)
{
	static const int16_t types[] = {DT_UINT8, DT_INT16, DT_INT32, DT_FLOAT32, DT_FLOAT64, DT_INT8,
	    DT_UINT16, DT_UINT32, DT_INT64, DT_UINT64};
	int bytes = 0, swap = 0;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (raw->datatype == types[i])
			nifti_datatype_sizes(types[i], &bytes, &swap);
	if (!bytes)
		return hmm_error("%s: voxels of type %d (%s), want one real number each%s", path,
		    raw->datatype, nifti_datatype_to_string(raw->datatype), way_out(raw->datatype));
	header->type = raw->datatype;
	header->bytes = (size_t)bytes;
	header->slope = 1;
	header->inter = 0;
	if (raw->scl_slope == 0 || !isfinite(raw->scl_slope))
		return 0;
	if (!isfinite(raw->scl_inter))
		return hmm_error("%s: scl_slope is %g but scl_inter is not finite", path, raw->scl_slope);
	header->slope = raw->scl_slope;
	header->inter = raw->scl_inter;
	return 0;
}

/* A header of a file of its own without any magic. */
static int
is_analyze(const nifti_2_header *raw, const char *path)
{
	return raw->magic[0] != 'n' && strstr(path, ".hdr") != NULL;
}

static int
parse_place(
    struct hmm_nifti_header *header, const nifti_2_header *raw, size_t size, const char *path)
{
	const char digit = size == HMM_NIFTI_HEADER ? '2' : '1';
	if (raw->magic[0] != 'n' || (raw->magic[1] != '+' && raw->magic[1] != 'i') ||
	    raw->magic[2] != digit || raw->magic[3])
		return hmm_error(
		    "%s: %s: convert it once (mri_convert, or fslchfiletype NIFTI_GZ) and look "
		    "whether left is left",
		    path,
		    is_analyze(raw, path)
		        ? "ANALYZE 7.5, which does not say which side is left"
		        : "no NIfTI magic in the header: damaged, or ANALYZE 7.5, which does not say which "
		          "side is left");
	header->pair = raw->magic[1] == 'i';
	if (raw->vox_offset < (header->pair ? 0 : (int64_t)size))
		return hmm_error("%s: the voxels begin at byte %lld, within the header of %zu", path,
		    (long long)raw->vox_offset, size);
	header->offset = (uint64_t)raw->vox_offset;
	return 0;
}

/* ---- orientation ---- */

static void
sform(struct hmm_affine *affine, const nifti_2_header *raw)
{
	memcpy(affine->m[0], raw->srow_x, sizeof(affine->m[0]));
	memcpy(affine->m[1], raw->srow_y, sizeof(affine->m[1]));
	memcpy(affine->m[2], raw->srow_z, sizeof(affine->m[2]));
}

/* A voxel's size along axis i; nibabel and nifticlib repair it so, too. */
static double
pixdim(const nifti_2_header *raw, int i)
{
	const double size = fabs(raw->pixdim[i]);
	return isfinite(size) && size > 0 ? size : 1;
}

static void
qform(struct hmm_affine *affine, const nifti_2_header *raw)
{
	const nifti_dmat44 matrix = nifti_quatern_to_dmat44(raw->quatern_b, raw->quatern_c,
	    raw->quatern_d, raw->qoffset_x, raw->qoffset_y, raw->qoffset_z, pixdim(raw, 1),
	    pixdim(raw, 2), pixdim(raw, 3), raw->pixdim[0] < 0 ? -1 : 1);
	memcpy(affine->m, matrix.m, sizeof(affine->m));
}

/* Voxel sizes alone: x to the left, the origin in the middle. */
static void
plain(struct hmm_affine *affine, const nifti_2_header *raw, const size_t size[3])
{
	*affine = (struct hmm_affine){0};
	for (int i = 0; i < 3; i++) {
		affine->m[i][i] = pixdim(raw, i + 1) * (i == 0 ? -1 : 1);
		affine->m[i][3] = -affine->m[i][i] * ((double)size[i] - 1) / 2;
	}
}

double
hmm_nifti_spacing(double spacing[3], const struct hmm_affine *affine)
{
	const double(*m)[4] = affine->m;
	for (int i = 0; i < 3; i++)
		spacing[i] = sqrt(m[0][i] * m[0][i] + m[1][i] * m[1][i] + m[2][i] * m[2][i]);
	return fmin(spacing[0], fmin(spacing[1], spacing[2]));
}

double
hmm_nifti_distance(const struct hmm_affine *a, const struct hmm_affine *b, const size_t size[3])
{
	double furthest = 0;
	for (int corner = 0; corner < 8; corner++) {
		double squares = 0;
		for (int row = 0; row < 3; row++) {
			double off = a->m[row][3] - b->m[row][3];
			for (int i = 0; i < 3; i++)
				if (corner >> i & 1)
					off += (a->m[row][i] - b->m[row][i]) * (double)(size[i] - 1);
			squares += off * off;
		}
		furthest = fmax(furthest, sqrt(squares));
	}
	return furthest;
}

/* The canonical axis nearest to each of the file's, taken in their order: the
 * largest entry of the closest rotation's column among the axes not yet taken. */
static int
find_axes(struct hmm_nifti_header *header, const char *path)
{
	double spacing[3];
	nifti_dmat33 matrix;
	const double least = hmm_nifti_spacing(spacing, &header->affine);
	for (int row = 0; row < 3; row++)
		for (int i = 0; i < 3; i++)
			matrix.m[row][i] = least > 0 ? header->affine.m[row][i] / spacing[i] : 0;
	if (!(fabs(nifti_dmat33_determ(matrix)) > 1e-6) || !isfinite(header->affine.m[0][3]) ||
	    !isfinite(header->affine.m[1][3]) || !isfinite(header->affine.m[2][3]))
		return hmm_error("%s: its orientation matrix is singular or not finite (fslorient and "
		                 "nifti_tool mend headers)",
		    path);
	matrix = nifti_dmat33_polar(matrix);
	int taken[3] = {0};
	for (int i = 0; i < 3; i++) {
		int best = -1;
		for (int row = 0; row < 3; row++)
			if (!taken[row] && (best < 0 || fabs(matrix.m[row][i]) > fabs(matrix.m[best][i])))
				best = row;
		taken[best] = 1;
		header->axis[i] = best;
		header->sign[i] = matrix.m[best][i] < 0 ? -1 : 1;
	}
	return 0;
}

static int
parse_orientation(struct hmm_nifti_header *header, const nifti_2_header *raw, const char *path)
{
	struct hmm_affine other;
	double spacing[3];
	if (raw->sform_code > 0)
		sform(&header->affine, raw);
	else if (raw->qform_code > 0)
		qform(&header->affine, raw);
	else
		plain(&header->affine, raw, header->size);
	if (find_axes(header, path))
		return -1;
	if (raw->sform_code > 0 && raw->qform_code > 0) {
		qform(&other, raw);
		const double off = hmm_nifti_distance(&header->affine, &other, header->size);
		if (!(off <= tolerance * hmm_nifti_spacing(spacing, &header->affine)))
			hmm_warn_counted(
			    "%s: sform and qform disagree by %.3g mm; the sform is taken", path, off);
	}
	return 0;
}

int
hmm_nifti_header_pair(const unsigned char *bytes, const char *path)
{
	nifti_2_header raw;
	struct hmm_nifti_header header = {0};
	normalise(&raw, &header.swapped, bytes);
	return parse_place(&header, &raw, hmm_nifti_header_size(bytes), path) ? -1 : header.pair;
}

long
hmm_nifti_header_longest(const unsigned char *bytes)
{
	nifti_2_header raw;
	int swapped;
	int64_t longest = 1;
	normalise(&raw, &swapped, bytes);
	for (int i = 1; i <= 3; i++)
		longest = raw.dim[i] > longest ? raw.dim[i] : longest;
	return longest < LONG_MAX ? (long)longest : LONG_MAX;
}

int
hmm_nifti_header_parse(
    struct hmm_nifti_header *header, const unsigned char *bytes, const char *path)
{
	nifti_2_header raw;
	*header = (struct hmm_nifti_header){0};
	normalise(&raw, &header->swapped, bytes);
	if (parse_place(header, &raw, hmm_nifti_header_size(bytes), path) ||
	    parse_dimensions(header, &raw, path) || parse_type(header, &raw, path))
		return -1;
	return parse_orientation(header, &raw, path);
}
