/* hmm-slice T1w=t1.nii.gz PET=pet.nii.gz --subject sub-01 | hmm-vgg -w vgg11.safetensors | ... */
#include <stdio.h>

#include "hmm/base/error.h"
#include "hmm/base/option.h"
#include "hmm/base/parallel.h"
#include "hmm/data/table.h"
#include "hmm/file/nifti.h"
#include "hmm/image/files.h"
#include "hmm/image/slicer.h"
#include "hmm/stream/filter.h"

static const char *subject, *source, *frame, *mask, *voxel, *manifest;
static enum hmm_slice_axis plane = HMM_AXIAL;
static long resize = 256, crop = 224, threads;
static int list_files;

static const struct hmm_option options[] = {
    HMM_OPTION_COUNT(
        'j', "threads", &threads, "N", "threads (default: all processors)", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "subject", &subject, "NAME", "whose images these are", HMM_UNNOTED),
    HMM_OPTION_TEXT(
        0, "source", &source, "NAME", "what to call the image instead of its path", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "manifest", &manifest, "FILE",
        "the images of a table: columns path, mask, features (their source)", HMM_UNNOTED),
    HMM_OPTION_FLAG(
        0, "list-files", &list_files, "print the files that it would open, no more", HMM_UNNOTED),
    HMM_OPTION_CHOICE(0, "axis", &plane, "sagittal|coronal|axial",
        "the plane of the slices of a volume", HMM_BINDING),
    HMM_OPTION_TEXT(
        0, "frame", &frame, "N|mean", "which frame of a 4D volume, from 0", HMM_BINDING),
    HMM_OPTION_TEXT(
        0, "mask", &mask, "FILE", "a volume on the same grid: keep where it is > 0", HMM_UNNOTED),
    HMM_OPTION_TEXT(
        0, "voxel", &voxel, "MM[xMMxMM]", "resample volumes to this voxel size", HMM_BINDING),
    HMM_OPTION_COUNT(
        0, "resize", &resize, "N", "resize the short side to N pixels; 0: not", HMM_BINDING),
    HMM_OPTION_COUNT(0, "crop", &crop, "N", "crop the centre to N x N pixels; 0: not", HMM_BINDING),
    HMM_OPTION_SHOW_HISTORY,
};
static const struct hmm_usage usage = {
    "[OPTION]... [MODALITY=]FILE... >slices\n       hmm-slice [OPTION]... --manifest FILE >slices",
    "Cut images (NIfTI, PNG, PNM) into 8-bit slices, resized and cropped for a VGG.", options,
    HMM_COUNT_OF(options)};

static struct hmm_cut
parse_cut(void)
{
	static char frame_text[HMM_CUT_TEXT], voxel_text[HMM_CUT_TEXT];
	struct hmm_cut cut = {plane, HMM_FRAME_ONLY, {0}, (size_t)resize, (size_t)crop};
	if (frame && hmm_cut_frame(&cut, frame_text, frame))
		hmm_option_misuse("--frame: found '%s', want a number from 0 on, or mean", frame);
	if (voxel && hmm_cut_voxel(&cut, voxel_text, voxel))
		hmm_option_misuse("--voxel: found '%s', want mm such as 2 or 1x1x2.5", voxel);
	if (resize > 8192 || crop > 8192)
		hmm_option_misuse("--resize and --crop want at most 8192 pixels");
	frame = frame ? frame_text : NULL; /* as the history says it */
	voxel = voxel ? voxel_text : NULL;
	return cut;
}

static int
print_files(const char *path, const char *its_mask)
{
	struct hmm_files files;
	if (hmm_files_list(&files, path, its_mask))
		return -1;
	for (size_t i = 0; i < files.count; i++) {
		hmm_table_write(stdout, path, 1);
		hmm_table_write(stdout, i < files.image ? "image" : "mask", 0);
		hmm_table_write(stdout, files.path[i], 0);
		putchar('\n');
	}
	hmm_files_free(&files);
	return 0;
}

/* Cut an image whose other fields the record has, or list its files where there is no slicer. */
static int
take_image(struct hmm_slicer *slicer, struct hmm_record *record, const char *path,
    const char *its_mask, const char *name)
{
	if (!slicer)
		return print_files(path, its_mask);
	if (hmm_record_set(record->source, sizeof(record->source), "file", name ? name : path))
		return -1;
	return hmm_slicer_put(slicer, record, path, its_mask);
}

static int
take_operand(struct hmm_slicer *slicer, struct hmm_record *record, const char *operand)
{
	hmm_record_clear(record);
	const char *path = hmm_files_operand(record->modality, sizeof(record->modality), operand);
	if (!path ||
	    (subject && hmm_record_set(record->subject, sizeof(record->subject), "subject", subject)))
		return -1;
	return take_image(slicer, record, path, mask, source);
}

static int
take_manifest(struct hmm_slicer *slicer, struct hmm_record *record)
{
	struct hmm_table *table = hmm_table_read(manifest, '\t');
	const int path = table ? hmm_table_want(table, "path") : -1;
	int bad = path < 0;
	for (size_t row = 0; !bad && row < table->rows; row++) {
		const char *image = hmm_table_cell(table, row, path);
		hmm_record_clear(record);
		bad = !image ? hmm_error("%s: row %zu: no path", table->name, row + 1)
		             : take_image(slicer, record, image,
		                   hmm_table_cell(table, row, hmm_table_find(table, "mask")),
		                   hmm_table_cell(table, row, hmm_table_find(table, "features")));
	}
	hmm_table_free(table);
	return bad;
}

int
main(int argc, char **argv)
{
	threads = hmm_processors();
	const int first = hmm_option_parse(argc, argv, &usage);
	if (manifest ? first < argc || subject || source || mask : first == argc && !hmm_show_history)
		hmm_option_misuse(manifest ? "--manifest takes no operands, --subject, --source or --mask"
		                           : "no images: want [MODALITY=]FILE");

	const struct hmm_cut cut = parse_cut();
	struct hmm_step step;
	struct hmm_filter filter = {0};
	struct hmm_pool *pool = NULL;
	struct hmm_slicer *slicer = NULL;
	int bad = 0;
	if (list_files)
		puts("image\twhat\tfile");
	else
		bad = hmm_filter_open(&filter, HMM_SLICES) || hmm_step_make(&step, &usage, NULL) ||
		      hmm_filter_step(&filter, &step) || !(pool = hmm_pool_open((size_t)threads)) ||
		      !(slicer = hmm_slicer_open(&cut, pool, filter.writer));

	if (!bad && manifest)
		bad = take_manifest(slicer, &filter.record);
	for (int i = first; i < argc && !bad; i++)
		bad = take_operand(slicer, &filter.record, argv[i]);

	hmm_slicer_close(slicer);
	hmm_pool_close(pool);
	return hmm_filter_close(&filter, bad);
}
