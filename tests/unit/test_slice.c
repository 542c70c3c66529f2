/* Intensities to bytes against NumPy, byte for byte (tests/golden/make_slice.py),
 * and the planes of a volume. */
#include <stdlib.h>
#include <string.h>

#include "hmm/base/hash.h"
#include "hmm/base/memory.h"
#include "hmm/image/quantise.h"
#include "hmm/image/slice.h"
#include "hmm/data/table.h"
#include "test.h"

static const size_t shape[3] = {25, 24, 23};
enum { COUNT = 25 * 24 * 23 };
static struct hmm_pool *pool;

/* The volumes of make_slice.py. */
static double
value(const char *name, size_t i)
{
	uint32_t h = (uint32_t)(i * 2654435761u);
	h = (h ^ h >> 15) * 2246822519u;
	const double u = h >> 24;
	switch (name[0]) {
	case 'b':
		return u;
	case 'f':
		return (double)((h >> 24) % 9) - 3;
	case 'l':
		return 1e9 + u * 3;
	default:
		return name[1] == 'q' ? (double)(float)(u * u * u) : u * 0.003921568859368563;
	}
}

static void
check_bytes(const struct hmm_table *table, size_t row, enum hmm_dtype dtype, int masked)
{
	const char *name = hmm_table_cell(table, row, 0);
	const char *want = hmm_table_cell(table, row, 1 + masked);
	struct hmm_tensor volume = {0}, selection = {0}, inside = {0}, bytes = {0};
	char digest[HMM_HASH_SIZE];
	hmm_tensor_resize(&volume, dtype, shape, 3);
	hmm_tensor_resize(&selection, HMM_F32, shape, 3);
	for (size_t i = 0; i < COUNT; i++) {
		if (dtype == HMM_F32)
			((float *)volume.data)[i] = (float)value(name, i);
		else
			((double *)volume.data)[i] = value(name, i);
		((float *)selection.data)[i] = i * 7919 % 5 < 2 ? 0.25f : -1;
	}
	CHECK(hmm_quantise_mask(&inside, &selection, 0) == 0);
	CHECK(hmm_quantise(&bytes, &volume, masked ? &inside : NULL, pool, "volume") == 0);
	CHECK(hmm_tensor_is(&bytes, shape, 3));
	hmm_hash_bytes(digest, bytes.data, COUNT);
	if (strcmp(digest, want))
		printf("%s differs from NumPy\n", name);
	CHECK(!strcmp(digest, want));
	hmm_tensor_free(&volume);
	hmm_tensor_free(&selection);
	hmm_tensor_free(&inside);
	hmm_tensor_free(&bytes);
}

static void
check_odd(void)
{
	const size_t small[3] = {1, 2, 2};
	double values[4] = {5, 5, 5, 5};
	unsigned char inside[4] = {0};
	const struct hmm_tensor volume = {HMM_F64, 3, {1, 2, 2}, values, 0, 0};
	const struct hmm_tensor mask = {HMM_U8, 3, {1, 2, 2}, inside, 0, 0};
	struct hmm_tensor bytes = {0};
	CHECK(hmm_quantise(&bytes, &volume, NULL, pool, "volume") == 1);
	CHECK(hmm_tensor_is(&bytes, small, 3) && !memcmp(bytes.data, "\0\0\0\0", 4));
	CHECK(hmm_quantise(&bytes, &volume, &mask, pool, "volume") == -1); /* an empty mask */
	inside[2] = 1;
	CHECK(hmm_quantise(&bytes, &volume, &mask, pool, "volume") == 1);
	values[0] = 1e308;
	values[1] = -1e308;
	CHECK(hmm_quantise(&bytes, &volume, NULL, pool, "volume") == -1); /* its spread overflows */
	values[0] = 7;
	values[1] = 3;
	CHECK(hmm_quantise(&bytes, &volume, NULL, pool, "volume") == 0);
	CHECK(((unsigned char *)bytes.data)[0] == 255 && ((unsigned char *)bytes.data)[1] == 0);
	hmm_tensor_free(&bytes);
}

/* Voxel (x, y, z) of a 2 x 3 x 4 volume holds x + 10 y + 100 z, so a slice shows
 * which way it looks. */
static void
check_planes(void)
{
	unsigned char voxels[4 * 3 * 2], slice[12];
	size_t size[2];
	for (int i = 0; i < 24; i++)
		voxels[i] = (unsigned char)(i % 2 + 10 * (i / 2 % 3) + 50 * (i / 6));
	const struct hmm_tensor volume = {HMM_U8, 3, {4, 3, 2}, voxels, 0, 0};
	hmm_slice_shape(size, &volume, HMM_AXIAL);
	CHECK(size[0] == 3 && size[1] == 2 && hmm_slice_count(&volume, HMM_AXIAL) == 4);
	hmm_slice_cut(slice, &volume, HMM_AXIAL, 1);
	const unsigned char axial[] = {70, 71, 60, 61, 50, 51};
	CHECK(!memcmp(slice, axial, sizeof(axial)));
	hmm_slice_shape(size, &volume, HMM_CORONAL);
	CHECK(size[0] == 4 && size[1] == 2 && hmm_slice_count(&volume, HMM_CORONAL) == 3);
	hmm_slice_cut(slice, &volume, HMM_CORONAL, 2);
	const unsigned char coronal[] = {170, 171, 120, 121, 70, 71, 20, 21};
	CHECK(!memcmp(slice, coronal, sizeof(coronal)));
	hmm_slice_shape(size, &volume, HMM_SAGITTAL);
	CHECK(size[0] == 4 && size[1] == 3 && hmm_slice_count(&volume, HMM_SAGITTAL) == 2);
	hmm_slice_cut(slice, &volume, HMM_SAGITTAL, 1);
	const unsigned char sagittal[] = {151, 161, 171, 101, 111, 121, 51, 61, 71, 1, 11, 21};
	CHECK(!memcmp(slice, sagittal, sizeof(sagittal)));
}

/* A volume of several parts, by three threads and by one. */
static void
check_parts(void)
{
	const size_t large[3] = {7, 400, 431};
	struct hmm_tensor volume = {0}, bytes[2] = {{0}, {0}};
	hmm_tensor_resize(&volume, HMM_F32, large, 3);
	for (size_t i = 0; i < 7 * 400 * 431; i++)
		((float *)volume.data)[i] = i / 5000 % 3 ? (float)value("float", i * 31 % 65521) : 0;
	struct hmm_pool *one = hmm_pool_open(1);
	CHECK(hmm_quantise(&bytes[0], &volume, NULL, pool, "volume") == 0);
	CHECK(hmm_quantise(&bytes[1], &volume, NULL, one, "volume") == 0);
	CHECK(!memcmp(bytes[0].data, bytes[1].data, 7 * 400 * 431));
	hmm_pool_close(one);
	hmm_tensor_free(&volume);
	hmm_tensor_free(&bytes[0]);
	hmm_tensor_free(&bytes[1]);
}

int
main(void)
{
	struct hmm_table *table = hmm_table_read("tests/golden/slice.tsv", '\t');
	pool = hmm_pool_open(3);
	if (!table || !pool)
		return 1;
	check_parts();
	for (size_t row = 0; row < table->rows; row++)
		for (int masked = 0; masked < 2; masked++) {
			const char first = hmm_table_cell(table, row, 0)[1]; /* large, scaled: not floats */
			check_bytes(table, row, HMM_F64, masked);
			if (first != 'a' && first != 'c')
				check_bytes(table, row, HMM_F32, masked);
		}
	hmm_table_free(table);
	freopen("/dev/null", "w", stderr);
	check_odd();
	check_planes();
	hmm_pool_close(pool);
	return test_end();
}
