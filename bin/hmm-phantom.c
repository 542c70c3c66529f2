/* hmm-phantom -o study --subjects 80 -s 1 && hmm-manifest --bids study --label diagnosis --positive
 * AD */
#include <dirent.h>
#include <errno.h>
#include <nifti1.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "hmm/error.h"
#include "hmm/memory.h"
#include "hmm/option.h"
#include "hmm/output.h"
#include "hmm/phantom.h"
#include "hmm/progress.h"
#include "hmm/version.h"

static const char *folder;
static long subjects = 80, side = 64, slices = 16, seed;
static double missing = .3;

static const struct hmm_option options[] = {
    {'o', "output", HMM_STRING, &folder, "DIR", "the BIDS tree to make; new or empty", 0},
    {0, "subjects", HMM_COUNT, &subjects, "N", "how many, half of them with the disease", 0},
    {0, "size", HMM_COUNT, &side, "N", "pixels a side of a slice", 0},
    {0, "slices", HMM_COUNT, &slices, "N", "axial slices of a volume", 0},
    {0, "missing", HMM_NUMBER, &missing, "X", "share of subjects that lack MRI or PET", 0},
    {'s', "seed", HMM_COUNT, &seed, "N", "of everything", 0},
};
static const struct hmm_usage usage = {"-o DIR [OPTION]...",
    "Make a synthetic study: MRI and PET of healthy and diseased subjects.", options,
    HMM_COUNT_OF(options)};

enum { MAX_PATH = 4096, HEADER = 352 };

static int
make_folder(const char *path)
{
	return mkdir(path, 0777) && errno != EEXIST
	           ? hmm_error("%s: cannot create: %s", path, strerror(errno))
	           : 0;
}

/* The folder is there and has nothing in it. */
static int
open_folder(void)
{
	if (make_folder(folder))
		return -1;
	DIR *listing = opendir(folder);
	if (!listing)
		return hmm_error("%s: cannot open: %s", folder, strerror(errno));
	int entries = 0;
	while (readdir(listing))
		entries++;
	closedir(listing);
	return entries > 2 ? hmm_error("%s: is not empty", folder) : 0;
}

static int
write_text(const char *name, const char *text)
{
	char path[MAX_PATH];
	struct hmm_output output;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (hmm_output_open(&output, path))
		return -1;
	fputs(text, output.file);
	return hmm_output_finish(&output);
}

/* A NIfTI-1 header: int16, RAS, the centre of the field of view at 0. */
static void
fill_header(struct nifti_1_header *header)
{
	const float size[3] = {200.0f / (float)side, 200.0f / (float)side, 160.0f / (float)slices};
	const long counts[3] = {side, side, slices};
	memset(header, 0, sizeof(*header));
	header->sizeof_hdr = 348;
	header->dim[0] = 3;
	header->datatype = DT_INT16;
	header->bitpix = 16;
	header->vox_offset = HEADER;
	header->scl_slope = 1;
	header->xyzt_units = NIFTI_UNITS_MM;
	header->sform_code = NIFTI_XFORM_SCANNER_ANAT;
	float *const rows[3] = {header->srow_x, header->srow_y, header->srow_z};
	for (int i = 0; i < 3; i++) {
		header->dim[i + 1] = (short)counts[i];
		header->pixdim[i + 1] = size[i];
		rows[i][i] = size[i];
		rows[i][3] = -size[i] * (float)(counts[i] - 1) / 2;
	}
	header->pixdim[0] = 1;
	for (int i = 4; i < 8; i++)
		header->dim[i] = 1;
	memcpy(header->magic, "n+1", 4);
}

/* Compress as gzip without a time, so that the same seed gives the same bytes. */
static int
write_packed(const char *path, void *bytes, size_t size)
{
	z_stream stream = {0};
	struct hmm_output output;
	if (deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK)
		return hmm_error("out of memory");
	const size_t bound = deflateBound(&stream, size);
	void *packed = hmm_alloc(bound, 1);
	stream.next_in = bytes;
	stream.avail_in = (uInt)size;
	stream.next_out = packed;
	stream.avail_out = (uInt)bound;
	const int done = packed && deflate(&stream, Z_FINISH) == Z_STREAM_END;
	deflateEnd(&stream);
	int bad = done ? hmm_output_open(&output, path) : hmm_error("%s: cannot compress", path);
	if (!bad) {
		fwrite(packed, 1, stream.total_out, output.file);
		bad = hmm_output_finish(&output);
	}
	free(packed);
	return bad;
}

static int
write_image(const struct hmm_phantom *phantom, enum hmm_phantom_image image, char *file)
{
	const int mri = image == HMM_PHANTOM_T1W;
	char path[MAX_PATH];
	snprintf(path, sizeof(path), "%s/sub-%03u", folder, phantom->number + 1);
	if (make_folder(path))
		return -1;
	snprintf(
	    path, sizeof(path), "%s/sub-%03u/%s", folder, phantom->number + 1, mri ? "anat" : "pet");
	if (make_folder(path))
		return -1;
	struct nifti_1_header header;
	fill_header(&header);
	memset(file, 0, HEADER);
	memcpy(file, &header, sizeof(header));
	hmm_phantom_image(
	    (int16_t *)(void *)(file + HEADER), phantom, image, (size_t)side, (size_t)slices);
	const size_t used = strlen(path);
	snprintf(path + used, sizeof(path) - used, "/sub-%03u_%s.nii.gz", phantom->number + 1,
	    mri ? "T1w" : "trc-18FFDG_pet");
	return write_packed(path, file, HEADER + (size_t)(side * side * slices) * sizeof(int16_t));
}

static int
write_subjects(FILE *participants)
{
	struct hmm_progress progress;
	char *file = hmm_alloc(HEADER + (size_t)(side * side * slices) * sizeof(int16_t), 1);
	int bad = !file;
	hmm_progress_start(&progress, "subjects", subjects);
	fputs("participant_id\tage\tsex\tdiagnosis\n", participants);
	for (long i = 0; i < subjects && !bad; i++) {
		const struct hmm_phantom phantom =
		    hmm_phantom_subject((uint64_t)seed, (uint32_t)i, missing);
		fprintf(participants, "sub-%03ld\t%d\t%c\t%s\n", i + 1, phantom.age, phantom.sex,
		    phantom.diseased ? "AD" : "CN");
		bad = (phantom.missing != 1 && write_image(&phantom, HMM_PHANTOM_T1W, file)) ||
		      (phantom.missing != 2 && write_image(&phantom, HMM_PHANTOM_PET, file));
		hmm_progress_step(&progress, i + 1);
	}
	hmm_progress_end(&progress);
	free(file);
	return bad;
}

int
main(int argc, char **argv)
{
	if (hmm_option_parse(argc, argv, &usage) != argc || !folder)
		hmm_option_misuse("want -o DIR");
	if (subjects < 1 || subjects > 100000 || side < 8 || side > 512 || slices < 1 || slices > 512 ||
	    missing > 1)
		hmm_option_misuse("want 1 to 100000 subjects of 8 to 512 pixels, 1 to 512 slices, and a "
		                  "--missing from 0 to 1");

	char path[MAX_PATH];
	struct hmm_output participants;
	snprintf(path, sizeof(path), "%s/participants.tsv", folder);
	if (open_folder() ||
	    write_text("dataset_description.json",
	        "{\n  \"Name\": \"Synthetic MRI and PET\",\n  \"BIDSVersion\": \"1.8.0\",\n"
	        "  \"DatasetType\": \"raw\",\n  \"GeneratedBy\": [{\"Name\": \"hmm-phantom\", "
	        "\"Version\": \"" HMM_VERSION "\"}]\n}\n") ||
	    hmm_output_open(&participants, path))
		return 1;

	if (write_subjects(participants.file)) {
		hmm_output_abandon(&participants);
		return 1;
	}
	return hmm_output_finish(&participants) ? 1 : 0;
}
