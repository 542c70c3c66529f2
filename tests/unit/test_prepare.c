/* Volumes in every orientation to canonical bytes, against nibabel and NumPy
 * (tests/golden/make_slice.py): sums in the file's order, masks in any order, percentiles; what is
 * not finite. */
#include <stdlib.h>
#include <unistd.h>

#include "hmm/base/hash.h"
#include "hmm/base/error.h"
#include "hmm/data/table.h"
#include "hmm/image/clip.h"
#include "hmm/image/prepare.h"
#include "nifti_file.h"

enum { SIDE_I = 19, SIDE_J = 17, SIDE_K = 23, COUNT = SIDE_I * SIDE_J * SIDE_K };
static struct hmm_pool *pool;

static unsigned
scramble(size_t i)
{
	const uint32_t h = (uint32_t)(i * 2654435761u);
	return ((h ^ h >> 15) * 2246822519u) >> 24;
}

static nifti_1_header
stored_header(const struct hmm_table *table, size_t row)
{
	nifti_1_header h = plain_header(DT_FLOAT64, 64);
	char *at = (char *)hmm_table_cell(table, row, hmm_table_want(table, "srow"));
	float *const srow[3] = {h.srow_x, h.srow_y, h.srow_z};
	const short size[3] = {SIDE_I, SIDE_J, SIDE_K};
	for (int i = 0; i < 12; i++)
		srow[i / 4][i % 4] = strtof(at, &at);
	memcpy(h.dim + 1, size, sizeof(size));
	return h;
}

static int
prepares(const struct hmm_table *table, size_t row, const char *column, struct hmm_cut cut)
{
	struct hmm_nifti volume = {0}, mask = {0};
	struct hmm_tensor bytes = {0};
	char digest[HMM_HASH_SIZE] = "";
	const int masked = !strcmp(column, "masked");
	int bad = hmm_nifti_load(&volume, "stored.nii", HMM_FRAME_ONLY, hmm_prepare_order(&cut));
	if (masked)
		bad |= hmm_nifti_load(&mask, "mask.nii.gz", HMM_FRAME_ONLY, HMM_CANONICAL) ||
		       hmm_nifti_match(&mask, "mask", &volume, "volume");
	bad |= hmm_prepare(&bytes, &volume, masked ? &mask : NULL, &cut, pool, "volume");
	bad =
	    bad || !hmm_tensor_is(&bytes, volume.shape, 3) || hmm_hash_bytes(digest, bytes.data, COUNT);
	const int same =
	    !bad && !strcmp(digest, hmm_table_cell(table, row, hmm_table_want(table, column)));
	if (!same)
		printf("orientation %zu, %s: differs from NumPy\n", row, column);
	hmm_nifti_free(&volume);
	hmm_nifti_free(&mask);
	hmm_tensor_free(&bytes);
	return same;
}

static void
check_orientation(const struct hmm_table *table, size_t row)
{
	static double voxels[COUNT];
	static unsigned char inside[COUNT];
	const struct hmm_cut plain = {.axis = HMM_AXIAL}, clipped = {.clip = {1.5, 97.25}};
	nifti_1_header h = stored_header(table, row);
	for (size_t i = 0; i < COUNT; i++) {
		const unsigned u = scramble(row * COUNT + i);
		voxels[i] = u % 5 != 1 ? u * .1 : 0;
		inside[i] = i * 7919 % (row + 7) > 2;
	}
	compose(&h, 1, row % 2 == 0, voxels, sizeof(voxels));
	save("stored.nii", file_size);
	h.datatype = DT_UINT8;
	h.bitpix = 8;
	compose(&h, 1, 0, inside, sizeof(inside));
	save("mask.nii.gz", file_size);
	CHECK(prepares(table, row, "all", plain));
	CHECK(prepares(table, row, "masked", plain));
	CHECK(prepares(table, row, "clipped", clipped));
}

/* A mask that is stored from right to left, of a volume that is not. */
static void
check_mask(void)
{
	static const unsigned char want[2][VOXELS] = {
	    {0, 0, 0, 0, 0, 0, 85, 170, 255}, {0, 0, 0, 0, 0, 0, 0, 127, 255}};
	const float nan = (float)NAN, infinite = HUGE_VALF;
	float voxels[VOXELS] = {nan, 5, 6, infinite, nan, 1, 2, 3, 4, -infinite};
	unsigned char inside[VOXELS] = {0};
	struct hmm_cut cut = {.axis = HMM_AXIAL};
	nifti_1_header h = plain_header(DT_FLOAT32, 32);
	compose(&h, 1, 0, voxels, sizeof(voxels));
	save("volume.nii.gz", file_size);
	for (int i = 5; i <= 8; i++) /* in rows of 4, which run the other way */
		inside[i / 4 * 4 + 3 - i % 4] = 1;
	h = plain_header(DT_UINT8, 8);
	h.srow_x[0] = -1;
	h.srow_x[3] = X - 1;
	compose(&h, 1, 0, inside, sizeof(inside));
	save("mask.nii", file_size);
	for (int way = 0; way < 2; way++) {
		struct hmm_nifti volume = {0}, mask = {0};
		struct hmm_tensor bytes = {0};
		CHECK(hmm_nifti_load(&volume, "volume.nii.gz", HMM_FRAME_ONLY, HMM_STORED) == 0);
		CHECK(volume.strange == 4);
		CHECK(hmm_nifti_load(&mask, "mask.nii", HMM_FRAME_ONLY, HMM_CANONICAL) == 0);
		if (way) { /* one that is not finite is inside: an error, or 0 */
			((float *)volume.voxels.data)[5] = nan;
			((float *)volume.voxels.data)[6] = 0;
			((float *)volume.voxels.data)[7] = 2;
		}
		cut.nan = way ? HMM_NAN_ZERO : HMM_NAN_ERROR;
		refuse_begin();
		CHECK(hmm_prepare(&bytes, &volume, &mask, &cut, pool, "volume") == 0);
		hmm_warn_flush();
		CHECK(!way || refuse_end("volume: 1 of 4 voxels inside the mask are not finite and taken "
		                         "for 0"));
		CHECK(bytes.data && !memcmp(bytes.data, want[way], VOXELS));
		hmm_tensor_free(&bytes);
		hmm_nifti_free(&volume);
	}
}

static void
check_strange(void)
{
	struct hmm_cut cut = {.axis = HMM_AXIAL};
	struct hmm_tensor bytes = {0};
	static const enum hmm_nifti_order orders[] = {HMM_STORED, HMM_CANONICAL};
	for (int i = 0; i < 2; i++) {
		struct hmm_nifti volume = {0};
		CHECK(hmm_nifti_load(&volume, "volume.nii.gz", HMM_FRAME_ONLY, orders[i]) == 0);
		refuse_begin();
		CHECK(hmm_prepare(&bytes, &volume, NULL, &cut, pool, "volume") == -1);
		CHECK(refuse_end("volume: 4 of 24 voxels are not finite, want none: --nan zero"));
		hmm_nifti_free(&volume);
	}
	cut.nan = HMM_NAN_ZERO;
	cut.voxel[0] = cut.voxel[1] = cut.voxel[2] = 1;
	for (int way = 0; way < 2; way++) { /* under a mask and --voxel what is outside counts as 0 */
		struct hmm_nifti volume = {0}, mask = {0};
		CHECK(hmm_nifti_load(&volume, "volume.nii.gz", HMM_FRAME_ONLY, HMM_CANONICAL) == 0);
		CHECK(hmm_nifti_load(&mask, "mask.nii", HMM_FRAME_ONLY, HMM_CANONICAL) == 0);
		refuse_begin();
		CHECK(hmm_prepare(&bytes, &volume, way ? &mask : NULL, &cut, pool, "volume") == 0);
		hmm_warn_flush();
		CHECK(way || refuse_end("volume: 4 of 24 voxels are not finite and taken for 0"));
		hmm_nifti_free(&volume);
		hmm_nifti_free(&mask);
	}
	hmm_tensor_free(&bytes);
}

/* NumPy's percentile(), by hand. */
static void
check_clip(void)
{
	static const double cases[][4] = {{0, 100, 0, 9}, {10, 90, .9, 8.1}, {25, 50, 2.25, 4.5},
	    {0, 1e-9, 0, 9e-11}, {99, 100, 8.91, 9}};
	unsigned char inside[10] = {0, 1};
	const struct hmm_tensor one = {HMM_U8, 3, {1, 2, 5}, inside, 0, 0};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hmm_tensor volume = {0};
		double least = HUGE_VAL, most = -HUGE_VAL;
		hmm_tensor_resize(&volume, i % 2 ? HMM_F64 : HMM_F32, one.shape, 3);
		for (int k = 0; k < 10; k++)
			if (i % 2)
				((double *)volume.data)[k] = k * 7 % 10;
			else
				((float *)volume.data)[k] = (float)(k * 7 % 10);
		CHECK(hmm_clip(&volume, NULL, cases[i]) == 0 && volume.dtype == HMM_F64);
		for (int k = 0; k < 10; k++) {
			least = fmin(least, ((double *)volume.data)[k]);
			most = fmax(most, ((double *)volume.data)[k]);
		}
		CHECK(fabs(least - cases[i][2]) < 1e-12 && fabs(most - cases[i][3]) < 1e-12);
		CHECK(hmm_clip(&volume, &one, cases[0]) == 0); /* by one voxel */
		CHECK(((double *)volume.data)[0] == ((double *)volume.data)[9]);
		hmm_tensor_free(&volume);
	}
}

int
main(void)
{
	static const char *const left[] = {"stored.nii", "mask.nii.gz", "volume.nii.gz", "mask.nii"};
	char folder[] = "/tmp/test_prepare.XXXXXX";
	struct hmm_table *table = hmm_table_read("tests/golden/stored.tsv", '\t');
	pool = hmm_pool_open(2);
	if (!table || !pool || !mkdtemp(folder) || chdir(folder))
		return 1;
	for (size_t row = 0; row < table->rows; row++)
		check_orientation(table, row);
	hmm_table_free(table);
	check_mask();
	check_strange();
	check_clip();
	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
		unlink(left[i]);
	hmm_pool_close(pool);
	CHECK(!chdir("/") && !rmdir(folder));
	return test_end();
}
