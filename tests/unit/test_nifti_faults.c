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

/* The bytes from..to-1 of the file as a gzip member at the end of another. */
static void
append_member(const char *path, size_t from, size_t to)
{
	gzFile gz = gzopen(path, from ? "ab" : "wb");
	gzwrite(gz, file_bytes + from, (unsigned)(to - from));
	gzclose(gz);
}

static void
append_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "ab");
	fputs(text, file);
	fclose(file);
}

/* Whether the file holds the voxels 1, 2, 3... */
static int
reads_well(const char *path)
{
	struct hmm_nifti nifti = {0};
	int same = hmm_nifti_read(&nifti, path, HMM_FRAME_ONLY) == 0;
	for (size_t i = 0; i < VOXELS && same; i++)
		same = voxel(&nifti, i) == (double)(i + 1);
	hmm_nifti_free(&nifti);
	return same;
}

/* gzip files that are not one member of the size that the header tells. */
static void
check_members(void)
{
	float voxels[VOXELS];
	const nifti_1_header h = plain_header(DT_FLOAT32, 32);
	for (int i = 0; i < VOXELS; i++)
		voxels[i] = (float)(i + 1);
	compose(&h, 1, 0, voxels, sizeof(voxels));
	append_member("members.nii.gz", 0, file_size);
	CHECK(reads_well("members.nii.gz"));
	append_text("members.nii.gz", "what zlib passes over");
	CHECK(reads_well("members.nii.gz"));
	for (size_t at = 1; at < file_size; at += 50) {
		append_member("members.nii.gz", 0, at);
		append_member("members.nii.gz", at, file_size);
		CHECK(reads_well("members.nii.gz"));
	}
	append_member("members.nii.gz", 0, file_size - 7);
	check_refused("members.nii.gz", HMM_FRAME_ONLY, "truncated: found 89 bytes of voxels, want 96");
	append_member("members.nii.gz", 0, file_size + 1000); /* longer: zeros that nobody asks for */
	CHECK(reads_well("members.nii.gz"));
	append_member("members.nii.gz", 0, file_size);
	append_member("members.nii.gz", file_size, file_size + 1000);
	CHECK(reads_well("members.nii.gz"));
	append_member("members.nii.gz", 0, file_size);
	append_text("members.nii.gz", "\x1f\x8b\b");
	check_refused("members.nii.gz", HMM_FRAME_ONLY, "members.nii.gz: ");
}

/* A voxel that is no number is counted, wherever the voxels are placed. */
static void
check_not_finite(void)
{
	float voxels[VOXELS] = {0};
	nifti_1_header h = plain_header(DT_FLOAT32, 32);
	h.srow_x[0] = h.srow_y[1] = -1;
	voxels[0] = voxels[5] = (float)NAN;
	voxels[VOXELS - 1] = -(float)INFINITY;
	compose(&h, 1, 0, voxels, sizeof(voxels));
	save("members.nii.gz", file_size);
	check_refused("members.nii.gz", HMM_FRAME_ONLY, "3 of 24 voxels are not finite");
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
	check_refused(".", HMM_FRAME_ONLY, "not a regular file but a folder");
	refuse_begin();
	CHECK(hmm_nifti_is("absent.nii") == -1 && refuse_end("absent.nii: cannot open"));
	refuse_begin();
	CHECK(hmm_nifti_is("/dev/zero") == -1 &&
	      refuse_end("/dev/zero: not a regular file but a device"));
	CHECK(hmm_nifti_is("-") == 0);
}

int
main(void)
{
	static const char *const left[] = {"refused.txt", "torn.nii", "torn.nii.gz", "damaged.nii",
	    "hostile.nii", "hostile.nii.gz", "members.nii.gz"};
	char folder[] = "/tmp/test_nifti.XXXXXX";
	if (!mkdtemp(folder) || chdir(folder))
		return 1;
	check_torn();
	check_members();
	check_not_finite();
	check_damaged();
	check_hostile();
	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
		unlink(left[i]);
	CHECK(!chdir("/") && !rmdir(folder));
	return test_end();
}
