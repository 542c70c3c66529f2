/* NIfTI: orientation against nibabel (tests/golden/make_orientation.py), types,
 * byte orders, scaling, frames, pairs, gzip. */
#include <float.h>
#include <stdlib.h>
#include <unistd.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/table.h"
#include "nifti_file.h"

/* ---- orientation ---- */

static size_t
numbers(double *out, const struct hmm_table *table, size_t row, const char *column)
{
	char *at = (char *)hmm_table_cell(table, row, hmm_table_want(table, column));
	size_t count = 0;
	while (*at)
		out[count++] = strtod(at, &at);
	return count;
}

/* As bytes that are read, or float32 that is inflated and may stay where it is. */
static void
check_orientation(const struct hmm_table *table, size_t row, int inflated)
{
	double v[32];
	unsigned char bytes[VOXELS];
	float floats[VOXELS];
	const char *path = inflated ? "turn.nii.gz" : "turn.nii";
	struct hmm_nifti nifti = {0};
	nifti_1_header h = inflated ? plain_header(DT_FLOAT32, 32) : plain_header(DT_UINT8, 8);
	for (int i = 0; i < VOXELS; i++)
		floats[i] = bytes[i] = (unsigned char)i;
	numbers(v, table, row, "sform_code");
	h.sform_code = (short)v[0];
	numbers(v, table, row, "qform_code");
	h.qform_code = (short)v[0];
	numbers(v, table, row, "pixdim");
	for (int i = 0; i < 4; i++)
		h.pixdim[i] = (float)v[i];
	CHECK(numbers(v, table, row, "quatern") == 6);
	float *const quatern[6] = {
	    &h.quatern_b, &h.quatern_c, &h.quatern_d, &h.qoffset_x, &h.qoffset_y, &h.qoffset_z};
	for (int i = 0; i < 6; i++)
		*quatern[i] = (float)v[i];
	CHECK(numbers(v, table, row, "srow") == 12);
	for (int i = 0; i < 4; i++) {
		h.srow_x[i] = (float)v[i];
		h.srow_y[i] = (float)v[4 + i];
		h.srow_z[i] = (float)v[8 + i];
	}
	compose(&h, row % 2 ? 2 : 1, row % 3 == 0, inflated ? (void *)floats : bytes,
	    inflated ? sizeof(floats) : sizeof(bytes));
	save(path, file_size);
	CHECK(hmm_nifti_read(&nifti, path, HMM_FRAME_ONLY) == 0);
	CHECK((uintptr_t)nifti.voxels.data % HMM_ALIGN == 0);
	CHECK(numbers(v, table, row, "shape") == 3);
	for (int i = 0; i < 3; i++)
		CHECK(nifti.voxels.shape[2 - i] == (size_t)v[i]);
	CHECK(numbers(v, table, row, "order") == VOXELS);
	int same = 1;
	for (size_t i = 0; i < VOXELS; i++)
		same &= voxel(&nifti, i) == v[i];
	if (!same)
		printf("orientation %zu differs from nibabel\n", row);
	CHECK(same);
	CHECK(numbers(v, table, row, "affine") == 12);
	double off = 0;
	for (int i = 0; i < 12; i++)
		off = fmax(off, fabs(nifti.affine.m[i / 4][i % 4] - v[i]));
	/* the fourth part of a quaternion of half a turn is a root of what single precision leaves */
	CHECK(off < (h.sform_code ? 1e-5 : 3e-3));
	hmm_nifti_free(&nifti);
}

static void
check_disagreement(void)
{
	const unsigned char voxels[VOXELS] = {0};
	struct hmm_nifti nifti = {0};
	nifti_1_header h = plain_header(DT_UINT8, 8);
	h.qform_code = 1;
	compose(&h, 1, 0, voxels, VOXELS);
	save("turn.nii", file_size);
	refuse_begin();
	CHECK(hmm_nifti_read(&nifti, "turn.nii", HMM_FRAME_ONLY) == 0);
	CHECK(ftell(stderr) <= 0); /* they agree: nothing to say */
	h.quatern_d = 1;
	compose(&h, 1, 0, voxels, VOXELS);
	save("turn.nii", file_size);
	refuse_begin();
	CHECK(hmm_nifti_read(&nifti, "turn.nii", HMM_FRAME_ONLY) == 0);
	hmm_nifti_free(&nifti);
	CHECK(hmm_nifti_read(&nifti, "turn.nii", HMM_FRAME_ONLY) == 0);
	hmm_warn_flush(); /* one line, with the number of the others */
	CHECK(refuse_end("turn.nii: sform and qform disagree by"));
	CHECK(strstr(refuse_text, "(and 1 more of this kind)") != NULL);
	hmm_nifti_free(&nifti);
	h.srow_z[2] = 0;
	compose(&h, 1, 0, voxels, VOXELS);
	save("turn.nii", file_size);
	check_refused("turn.nii", HMM_FRAME_ONLY, "singular");
	h.srow_z[2] = (float)NAN;
	compose(&h, 1, 0, voxels, VOXELS);
	save("turn.nii", file_size);
	check_refused("turn.nii", HMM_FRAME_ONLY, "not finite");
}

/* ---- voxels ---- */

/* Voxel i of a type: extremes, and numbers that wrong byte order would change. */
#define FILL(type, low, high)                                                                      \
	do {                                                                                           \
		type *to = (type *)raw;                                                                    \
		for (int i = 0; i < VOXELS; i++) {                                                         \
			to[i] = i == 0 ? (low) : i == 1 ? (high) : (type)(3 * i);                              \
			value[i] = (double)to[i];                                                              \
		}                                                                                          \
	} while (0)

static void
check_type(int type, int bits, int single, const void *raw, const double *value)
{
	static const char *const paths[] = {"type.nii", "type.nii.gz"};
	const double slopes[] = {1, 0, HUGE_VAL, 2, 0.5}, inters[] = {0, 5, 5, 0, -3};
	const size_t bytes = VOXELS * (size_t)bits / 8;
	for (int way = 0; way < 8; way++)
		for (int s = 0; s < 5; s++) {
			struct hmm_nifti nifti = {0};
			nifti_1_header h = plain_header(type, bits);
			h.scl_slope = (float)slopes[s];
			h.scl_inter = (float)inters[s];
			compose(&h, way & 1 ? 2 : 1, way >> 1 & 1, raw, bytes);
			save(paths[way >> 2], file_size);
			CHECK(hmm_nifti_read(&nifti, paths[way >> 2], HMM_FRAME_ONLY) == 0);
			CHECK(nifti.voxels.dtype == (single && s < 3 ? HMM_F32 : HMM_F64));
			int same = 1;
			for (size_t i = 0; i < VOXELS; i++)
				same &= voxel(&nifti, i) == (s < 3 ? value[i] : value[i] * slopes[s] + inters[s]);
			CHECK(same);
			CHECK(hmm_nifti_is(paths[way >> 2]));
			hmm_nifti_free(&nifti);
		}
}

static void
check_types(void)
{
	_Alignas(8) unsigned char raw[VOXELS * 8];
	double value[VOXELS];
	FILL(uint8_t, 0, UINT8_MAX);
	check_type(DT_UINT8, 8, 1, raw, value);
	FILL(int8_t, INT8_MIN, INT8_MAX);
	check_type(DT_INT8, 8, 1, raw, value);
	FILL(uint16_t, 0, UINT16_MAX);
	check_type(DT_UINT16, 16, 1, raw, value);
	FILL(int16_t, INT16_MIN, INT16_MAX);
	check_type(DT_INT16, 16, 1, raw, value);
	FILL(uint32_t, 0, UINT32_MAX);
	check_type(DT_UINT32, 32, 0, raw, value);
	FILL(int32_t, INT32_MIN, INT32_MAX);
	check_type(DT_INT32, 32, 0, raw, value);
	FILL(uint64_t, 0, UINT64_MAX);
	check_type(DT_UINT64, 64, 0, raw, value);
	FILL(int64_t, INT64_MIN, INT64_MAX);
	check_type(DT_INT64, 64, 0, raw, value);
	FILL(float, -FLT_MAX, FLT_MIN);
	check_type(DT_FLOAT32, 32, 1, raw, value);
	FILL(double, -DBL_MAX / 4, DBL_MIN);
	check_type(DT_FLOAT64, 64, 0, raw, value);
}

static void
check_strange(void)
{
	float voxels[VOXELS] = {1, (float)NAN, 2, HUGE_VALF, -HUGE_VALF};
	nifti_1_header h = plain_header(DT_FLOAT32, 32);
	compose(&h, 1, 0, voxels, sizeof(voxels));
	save("strange.nii", file_size);
	check_refused("strange.nii", HMM_FRAME_ONLY, "3 of 24 voxels are not finite");
	const short refused[] = {0, 1, 32, 128, 1536, 1792, 2048, 2304, 3, -5};
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		h.datatype = refused[i];
		compose(&h, 1, 0, voxels, sizeof(voxels));
		save("strange.nii", file_size);
		check_refused("strange.nii", HMM_FRAME_ONLY, "want one real number each");
	}
	h = plain_header(DT_FLOAT32, 32);
	h.scl_slope = 2;
	h.scl_inter = (float)NAN;
	compose(&h, 1, 0, voxels, sizeof(voxels));
	save("strange.nii", file_size);
	check_refused("strange.nii", HMM_FRAME_ONLY, "scl_inter");
}

static void
check_frames(void)
{
	int16_t voxels[3 * VOXELS];
	struct hmm_nifti nifti = {0};
	nifti_1_header h = plain_header(DT_INT16, 16);
	for (int i = 0; i < 3 * VOXELS; i++)
		voxels[i] = (int16_t)(i % VOXELS * (i / VOXELS + 1));
	h.dim[0] = 4;
	h.dim[4] = 3;
	compose(&h, 1, 0, voxels, sizeof(voxels));
	save("frames.nii.gz", file_size);
	check_refused("frames.nii.gz", HMM_FRAME_ONLY, "--frame");
	check_refused("frames.nii.gz", 3, "no frame 3: found 3");
	for (long f = 0; f < 3; f++) {
		CHECK(hmm_nifti_read(&nifti, "frames.nii.gz", f) == 0);
		CHECK(nifti.voxels.dtype == HMM_F32 && voxel(&nifti, 5) == 5.0 * (double)(f + 1));
		hmm_nifti_free(&nifti);
	}
	CHECK(hmm_nifti_read(&nifti, "frames.nii.gz", HMM_FRAME_MEAN) == 0);
	CHECK(nifti.voxels.dtype == HMM_F64 && voxel(&nifti, 5) == 10 && nifti.across == -1);
	hmm_nifti_free(&nifti);
	save("frames.nii", file_size - 1); /* torn after the frame that is wanted */
	check_refused("frames.nii", 0, "truncated: found 143 bytes of voxels, want 144");
	save("frames.nii.gz", file_size - 1);
	check_refused("frames.nii.gz", 0, "truncated: found 143 bytes of voxels, want 144");
	h.dim[4] = 1;
	compose(&h, 1, 0, voxels, sizeof(voxels) / 3);
	save("frames.nii", file_size);
	CHECK(hmm_nifti_read(&nifti, "frames.nii", HMM_FRAME_ONLY) == 0);
	hmm_nifti_free(&nifti);
	h.dim[0] = 5;
	h.dim[5] = 2;
	compose(&h, 1, 0, voxels, sizeof(voxels));
	save("frames.nii", file_size);
	check_refused("frames.nii", HMM_FRAME_ONLY, "dimensions 5 to 7");
}

/* A 2-D image knows which way it is cut. */
static void
check_flat(void)
{
	const unsigned char voxels[X * Y] = {0, 1, 2};
	struct hmm_nifti nifti = {0};
	nifti_1_header h = plain_header(DT_UINT8, 8);
	h.dim[0] = 2;
	compose(&h, 1, 0, voxels, sizeof(voxels));
	save("flat.nii", file_size);
	CHECK(hmm_nifti_read(&nifti, "flat.nii", HMM_FRAME_ONLY) == 0 && nifti.across == 2);
	hmm_nifti_free(&nifti);
	const float y[4] = {0, 0, -3, 9}, z[4] = {0, 2, 0, 9};
	memcpy(h.srow_y, y, sizeof(y));
	memcpy(h.srow_z, z, sizeof(z));
	compose(&h, 1, 0, voxels, sizeof(voxels));
	save("flat.nii", file_size);
	CHECK(hmm_nifti_read(&nifti, "flat.nii", HMM_FRAME_ONLY) == 0 && nifti.across == 1);
	CHECK(nifti.voxels.shape[0] == Y && nifti.voxels.shape[1] == 1 && nifti.voxels.shape[2] == X);
	CHECK(nifti.spacing[0] == 1 && nifti.spacing[1] == 3 && nifti.spacing[2] == 2);
	hmm_nifti_free(&nifti);
}

static void
check_pair(void)
{
	const unsigned char voxels[VOXELS] = {9, 8, 7};
	static const char *const headers[] = {"pair.hdr", "pair.hdr.gz"};
	static const char *const images[] = {"pair.img", "pair.img.gz"};
	nifti_1_header h = plain_header(DT_UINT8, 8);
	memcpy(h.magic, "ni1", 4);
	h.vox_offset = 0;
	for (int way = 0; way < 4; way++) {
		const char *const names[] = {headers[way & 1], images[way >> 1]};
		memcpy(file_bytes, &h, sizeof(h));
		save(names[0], sizeof(h));
		memcpy(file_bytes, voxels, VOXELS);
		save(names[1], VOXELS);
		for (int i = 0; i < 2; i++) {
			struct hmm_nifti nifti = {0};
			CHECK(hmm_nifti_is(names[i]));
			CHECK(hmm_nifti_read(&nifti, names[i], HMM_FRAME_ONLY) == 0);
			CHECK(voxel(&nifti, 2) == 7);
			hmm_nifti_free(&nifti);
		}
		unlink(names[1]);
		check_refused(names[0], HMM_FRAME_ONLY, "pair.img: cannot open");
		unlink(names[0]);
	}
}

static void
check_grid(void)
{
	const unsigned char voxels[VOXELS] = {0};
	struct hmm_nifti a = {0}, b = {0};
	nifti_1_header h = plain_header(DT_UINT8, 8);
	compose(&h, 1, 0, voxels, VOXELS);
	save("grid.nii", file_size);
	CHECK(hmm_nifti_read(&a, "grid.nii", HMM_FRAME_ONLY) == 0);
	/* the same grid, stored from right to left */
	h.srow_x[0] = -1;
	h.srow_x[3] = X - 1;
	compose(&h, 1, 0, voxels, VOXELS);
	save("grid.nii", file_size);
	CHECK(hmm_nifti_read(&b, "grid.nii", HMM_FRAME_ONLY) == 0);
	CHECK(hmm_nifti_match(&a, "a", &b, "b") == 0);
	b.affine.m[1][3] += 0.5;
	refuse_begin();
	CHECK(hmm_nifti_match(&a, "a", &b, "b") && refuse_end("0.5 mm off the grid of b"));
	a.shape[0]++;
	refuse_begin();
	CHECK(hmm_nifti_match(&a, "a", &b, "b") && refuse_end("4x3x3 voxels, want 4x3x2 as in b"));
	a.shape[0]--;
	hmm_nifti_free(&a);
	hmm_nifti_free(&b);
}

int
main(void)
{
	static const char *const left[] = {"refused.txt", "turn.nii", "turn.nii.gz", "type.nii",
	    "type.nii.gz", "strange.nii", "frames.nii", "flat.nii", "frames.nii.gz", "grid.nii"};
	char folder[] = "/tmp/test_nifti.XXXXXX";
	struct hmm_table *table = hmm_table_read("tests/golden/orientation.tsv", '\t');
	if (!table || !mkdtemp(folder) || chdir(folder))
		return 1;
	refuse_begin();
	for (size_t row = 0; row < table->rows; row++)
		for (int inflated = 0; inflated < 2; inflated++)
			check_orientation(table, row, inflated);
	hmm_table_free(table);
	hmm_warn_flush();
	check_disagreement();
	check_types();
	check_strange();
	check_frames();
	check_flat();
	check_pair();
	check_grid();
	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
		unlink(left[i]);
	CHECK(!chdir("/") && !rmdir(folder));
	return test_end();
}
