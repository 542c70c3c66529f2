/* NIfTI files that are torn, damaged or hostile: refused in one line, whatever they
 * claim, and never a crash. */
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "nifti_file.h"

/* Cut at every byte. */
static void
check_torn(void)
{
	int16_t voxels[VOXELS];
	struct hmm_nifti nifti = {0};
	const nifti_1_header h = plain_header(DT_INT16, 16);
	for (int i = 0; i < VOXELS; i++)
		voxels[i] = (int16_t)(i * 997);
	compose(&h, 1, 0, voxels, sizeof(voxels));
	refuse_begin();
	for (size_t size = 0; size < file_size; size++) {
		save("torn.nii", size);
		CHECK(hmm_nifti_read(&nifti, "torn.nii", HMM_FRAME_ONLY) == -1);
		hmm_nifti_free(&nifti);
		save("torn.nii.gz", size); /* whole gzip data of a torn file */
		CHECK(hmm_nifti_read(&nifti, "torn.nii.gz", HMM_FRAME_ONLY) == -1);
		hmm_nifti_free(&nifti);
	}
	save("torn.nii.gz", file_size);
	FILE *file = fopen("torn.nii.gz", "rb");
	const size_t packed = fread(file_bytes, 1, ROOM, file);
	fclose(file);
	for (size_t size = 0; size < packed; size++) {
		save("torn.nii", size); /* torn gzip data */
		refuse_begin();
		CHECK(hmm_nifti_read(&nifti, "torn.nii", HMM_FRAME_ONLY) == -1 && refuse_end("torn.nii"));
		hmm_nifti_free(&nifti);
	}
	for (size_t at = 0; at < packed; at++) { /* gzip data damaged at one byte */
		file_bytes[at] ^= 0x55;
		save("torn.nii", packed);
		hmm_nifti_read(&nifti, "torn.nii", HMM_FRAME_ONLY);
		hmm_nifti_free(&nifti);
		file_bytes[at] ^= 0x55;
	}
	file_bytes[packed - 5] ^= 1; /* gzip's own checksum */
	save("torn.nii", packed);
	check_refused("torn.nii", HMM_FRAME_ONLY, "torn.nii: cannot read");
}

/* Every byte of a header set to every kind of value: an image or a refusal. */
static void
check_damaged(void)
{
	static const unsigned char values[] = {0, 1, 0x7f, 0x80, 0xff};
	const unsigned char voxels[VOXELS] = {1, 2, 3};
	for (int version = 1; version <= 2; version++) {
		const nifti_1_header h = plain_header(DT_UINT8, 8);
		compose(&h, version, 0, voxels, VOXELS);
		const size_t header = file_size - VOXELS;
		refuse_begin();
		for (size_t at = 0; at < header; at++)
			for (size_t i = 0; i < sizeof(values); i++) {
				struct hmm_nifti nifti = {0};
				const unsigned char kept = file_bytes[at];
				file_bytes[at] = values[i];
				save("damaged.nii", file_size);
				const int bad = hmm_nifti_read(&nifti, "damaged.nii", HMM_FRAME_ONLY);
				CHECK(bad || nifti.voxels.data);
				hmm_nifti_free(&nifti);
				file_bytes[at] = kept;
			}
	}
}

static void
check_hostile(void)
{
	const unsigned char voxels[VOXELS] = {1, 2, 3};
	nifti_1_header h = plain_header(DT_FLOAT64, 64);
	for (int i = 1; i < 8; i++)
		h.dim[i] = 32767;
	h.dim[0] = 4;
	compose(&h, 1, 0, voxels, VOXELS);
	save("hostile.nii", file_size);
	check_refused("hostile.nii", HMM_FRAME_MEAN, "truncated: found 24 bytes of voxels");
	save("hostile.nii.gz", file_size);
	check_refused("hostile.nii.gz", HMM_FRAME_MEAN, "truncated: found at most");
	for (int dim = 0; dim <= 3; dim++)
		for (int value = -1; value <= 0; value++) {
			h = plain_header(DT_UINT8, 8);
			h.dim[dim] = (short)value;
			compose(&h, 1, 0, voxels, VOXELS);
			save("hostile.nii", file_size);
			check_refused("hostile.nii", HMM_FRAME_ONLY, dim ? "dimension " : "dimensions, want");
		}
	h = plain_header(DT_UINT8, 8);
	h.magic[0] = 0;
	compose(&h, 1, 0, voxels, VOXELS);
	save("hostile.nii", file_size);
	check_refused("hostile.nii", HMM_FRAME_ONLY, "ANALYZE");
	const float offsets[] = {0, -352, 347, 1e9f, 1e30f, (float)NAN};
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		h = plain_header(DT_UINT8, 8);
		compose(&h, 1, 0, voxels, VOXELS);
		memcpy(file_bytes + offsetof(nifti_1_header, vox_offset), &offsets[i], 4);
		save("hostile.nii", file_size);
		check_refused("hostile.nii", HMM_FRAME_ONLY, i == 3 ? "truncated" : "voxels begin");
	}
	check_refused("absent.nii", HMM_FRAME_ONLY, "cannot open");
	check_refused(".", HMM_FRAME_ONLY, "not a regular file");
	CHECK(!hmm_nifti_is("absent.nii") && !hmm_nifti_is("."));
}

int
main(void)
{
	static const char *const left[] = {
	    "refused.txt", "torn.nii", "torn.nii.gz", "damaged.nii", "hostile.nii", "hostile.nii.gz"};
	char folder[] = "/tmp/test_nifti.XXXXXX";
	if (!mkdtemp(folder) || chdir(folder))
		return 1;
	check_torn();
	check_damaged();
	check_hostile();
	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
		unlink(left[i]);
	CHECK(!chdir("/") && !rmdir(folder));
	return test_end();
}
