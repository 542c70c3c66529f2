/* hmm-slice T1w=t1.nii.gz PET=pet.nii.gz --subject sub-01 | hmm-vgg -w vgg11.safetensors | ... */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hmm/base/error.h"
#include "hmm/file/image.h"
#include "hmm/base/memory.h"
#include "hmm/file/nifti.h"
#include "hmm/base/option.h"
#include "hmm/base/parallel.h"
#include "hmm/image/slice.h"
#include "hmm/stream/stream.h"

static const char *subject, *source, *frame, *mask_path, *voxel;
static enum hmm_slice_axis plane = HMM_AXIAL;
static long resize = 256, crop = 224, threads;

enum { SLICES_A_THREAD = 4 }; /* made before they are written */

static const struct hmm_option options[] = {
    HMM_OPTION_COUNT(
        'j', "threads", &threads, "N", "threads (default: all processors)", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "subject", &subject, "NAME", "whose images these are", HMM_UNNOTED),
    HMM_OPTION_TEXT(
        0, "source", &source, "NAME", "what to call the image instead of its path", HMM_UNNOTED),
    HMM_OPTION_CHOICE(0, "axis", &plane, "sagittal|coronal|axial",
        "the plane of the slices of a volume", HMM_NOTED),
    HMM_OPTION_TEXT(0, "frame", &frame, "N|mean", "which frame of a 4D volume, from 0", HMM_NOTED),
    HMM_OPTION_TEXT(0, "mask", &mask_path, "FILE",
        "a volume on the same grid: keep where it is > 0", HMM_UNNOTED),
    HMM_OPTION_TEXT(
        0, "voxel", &voxel, "MM[xMMxMM]", "resample volumes to this voxel size", HMM_NOTED),
    HMM_OPTION_COUNT(
        0, "resize", &resize, "N", "resize the short side to N pixels; 0: not", HMM_NOTED),
    HMM_OPTION_COUNT(0, "crop", &crop, "N", "crop the centre to N x N pixels; 0: not", HMM_NOTED),
};
static const struct hmm_usage usage = {"[OPTION]... [MODALITY=]FILE... >slices",
    "Cut images (NIfTI, PNG, PNM) into 8-bit slices, resized and cropped for a VGG.", options,
    HMM_COUNT_OF(options)};

/* What the options say, and what is at hand. */
struct settings {
	enum hmm_slice_axis axis;
	long frame;
	double voxel[3];           /* mm; 0: as it is */
	struct hmm_slice_fit *fit; /* for slices of the last size seen */
	struct hmm_pool *pool;
	struct hmm_record record;
	struct hmm_writer *writer;
};

static void
parse_settings(struct settings *settings)
{
	char extra, *end = NULL;
	double *v = settings->voxel;
	settings->axis = plane;
	settings->frame = HMM_FRAME_ONLY;
	if (frame && !strcmp(frame, "mean")) {
		settings->frame = HMM_FRAME_MEAN;
	} else if (frame) {
		settings->frame = strtol(frame, &end, 10);
		if (end == frame || *end || settings->frame < 0)
			hmm_option_misuse("--frame: found '%s', want a number from 0 on, or mean", frame);
	}
	if (voxel) {
		const int found = sscanf(voxel, "%lfx%lfx%lf%c", &v[0], &v[1], &v[2], &extra);
		if (found == 1 && !strchr(voxel, 'x'))
			v[1] = v[2] = v[0];
		for (int i = 0; i < 3; i++)
			if ((found != 1 && found != 3) || !(v[i] > 0) || !isfinite(v[i]))
				hmm_option_misuse("--voxel: found '%s', want mm such as 2 or 1x1x2.5", voxel);
	}
	if (resize > 8192 || crop > 8192)
		hmm_option_misuse("--resize and --crop want at most 8192 pixels");
}

/* Be ready for slices of that size; shape[1..2] is what they become. */
static int
prepare_fit(struct settings *settings, size_t shape[3], size_t height, size_t width)
{
	if (!settings->fit || !hmm_slice_fit_is(settings->fit, height, width)) {
		hmm_slice_fit_close(settings->fit);
		settings->fit = hmm_slice_fit_open(
		    height, width, (size_t)resize, (size_t)crop, hmm_pool_threads(settings->pool));
		if (!settings->fit)
			return -1;
	}
	hmm_slice_fit_shape(settings->fit, shape + 1);
	return 0;
}

/* Slices of a volume on their way to the stream. */
struct cut {
	const struct hmm_slice_fit *fit;
	const struct hmm_tensor *bytes;
	enum hmm_slice_axis axis;
	size_t first;              /* which of them is at hand */
	size_t size;               /* pixels before they are resized */
	unsigned char *slice;      /* [threads][size] */
	struct hmm_tensor resized; /* [slices at hand][shape] */
};

static void
cut_slice(void *job, size_t part, size_t thread)
{
	const struct cut *cut = job;
	const size_t *shape = cut->resized.shape + 1;
	unsigned char *slice = cut->slice + thread * cut->size;
	hmm_slice_cut(slice, cut->bytes, cut->axis, cut->first + part);
	hmm_slice_fit_run((unsigned char *)cut->resized.data + part * shape[0] * shape[1], cut->fit,
	    slice, 1, thread);
}

static int
put_cut(struct settings *settings, struct cut *cut, size_t slices)
{
	struct hmm_record *record = &settings->record;
	const struct hmm_tensor own = record->x, *all = &cut->resized;
	int bad = 0;
	for (cut->first = 0; cut->first < slices && !bad; cut->first += all->shape[0]) {
		const size_t left = slices - cut->first, here = left < all->shape[0] ? left : all->shape[0];
		hmm_pool_run(settings->pool, cut_slice, cut, here);
		for (size_t i = 0; i < here && !bad; i++) {
			unsigned char *data = (unsigned char *)all->data + i * all->shape[1] * all->shape[2];
			record->index = (long)(cut->first + i);
			record->x =
			    (struct hmm_tensor){HMM_U8, 3, {1, all->shape[1], all->shape[2]}, data, 0, 0};
			bad = hmm_writer_put(settings->writer, record);
		}
	}
	record->x = own;
	return bad;
}

static int
put_slices(struct settings *settings, const struct hmm_tensor *bytes, enum hmm_slice_axis axis)
{
	const size_t slices = hmm_slice_count(bytes, axis), workers = hmm_pool_threads(settings->pool);
	size_t size[2], shape[3] = {workers * SLICES_A_THREAD};
	hmm_slice_shape(size, bytes, axis);
	struct cut cut = {.bytes = bytes, .axis = axis, .size = size[0] * size[1]};
	shape[0] = shape[0] < slices ? shape[0] : slices;
	settings->record.count = (long)slices;
	cut.slice = hmm_alloc(workers, cut.size);
	const int bad = !cut.slice || prepare_fit(settings, shape, size[0], size[1]) ||
	                hmm_tensor_resize(&cut.resized, HMM_U8, shape, 3);
	cut.fit = settings->fit;
	const int state = bad || put_cut(settings, &cut, slices) ? -1 : 0;
	free(cut.slice);
	hmm_tensor_free(&cut.resized);
	return state;
}

static int
put_volume(struct settings *settings, const char *path)
{
	struct hmm_nifti volume = {0}, mask = {0};
	struct hmm_tensor bytes = {0};
	int state = hmm_nifti_read(&volume, path, settings->frame);
	if (!state && mask_path)
		state = hmm_nifti_read(&mask, mask_path, HMM_FRAME_ONLY) ||
		                hmm_nifti_match(&mask, mask_path, &volume, path)
		            ? -1
		            : 0;
	if (!state)
		state = hmm_slice_prepare(&bytes, &volume.voxels, mask_path ? &mask.voxels : NULL,
		    volume.spacing, settings->voxel, settings->pool, path);
	if (state == 1)
		hmm_warn("%s: all its voxels%s have one value; its slices are black", path,
		    mask_path ? " inside the mask" : "");
	hmm_nifti_free(&mask);
	hmm_nifti_free(&volume); /* before the slices wait for their reader */
	const enum hmm_slice_axis axis =
	    volume.across < 0 ? settings->axis : (enum hmm_slice_axis)volume.across;
	const int bad = state < 0 || put_slices(settings, &bytes, axis);
	hmm_tensor_free(&bytes);
	return bad ? -1 : 0;
}

static int
put_image(struct settings *settings, const char *path)
{
	struct hmm_record *record = &settings->record;
	struct hmm_image image;
	if (hmm_image_read(&image, path))
		return -1;
	size_t shape[3] = {image.channels};
	record->index = 0;
	record->count = 1;
	int bad = mask_path ? hmm_error("%s: --mask is for NIfTI volumes", path)
	                    : prepare_fit(settings, shape, image.height, image.width) ||
	                          hmm_tensor_resize(&record->x, HMM_U8, shape, 3);
	if (!bad) {
		hmm_slice_fit_run(record->x.data, settings->fit, image.pixels, image.channels, 0);
		bad = hmm_writer_put(settings->writer, record);
	}
	hmm_image_free(&image);
	return bad;
}

/* One operand: MODALITY=FILE, or FILE where that is the name of a file. */
static int
put_operand(struct settings *settings, const char *operand)
{
	struct hmm_record *record = &settings->record;
	char modality[256] = "";
	struct stat status;
	const char *equals = strchr(operand, '='), *path = operand;
	if (equals && access(operand, F_OK)) {
		if ((size_t)(equals - operand) >= sizeof(modality))
			return hmm_error(
			    "%s: a modality's name has at most %zu bytes", operand, sizeof(modality) - 1);
		memcpy(modality, operand, (size_t)(equals - operand));
		path = equals + 1;
	}
	/* a pipe would be empty when it is read again */
	if (!stat(path, &status) && !S_ISREG(status.st_mode))
		return hmm_error("%s: a directory or a pipe, want a regular file", path);
	hmm_record_clear(record);
	if ((subject && hmm_record_set(record->subject, sizeof(record->subject), "subject", subject)) ||
	    hmm_record_set(record->modality, sizeof(record->modality), "modality", modality) ||
	    hmm_record_set(record->source, sizeof(record->source), "file", source ? source : path))
		return -1;
	return hmm_nifti_is(path) ? put_volume(settings, path) : put_image(settings, path);
}

int
main(int argc, char **argv)
{
	threads = hmm_processors();
	const int first = hmm_option_parse(argc, argv, &usage);
	if (first == argc)
		hmm_option_misuse("no images: want [MODALITY=]FILE");

	struct settings settings = {0};
	char made_by[512];
	const struct hmm_step step = {made_by, NULL};
	parse_settings(&settings);
	if (hmm_option_history(made_by, sizeof(made_by), &usage))
		return 1;
	settings.writer = hmm_writer_open(stdout, "standard output", HMM_SLICES, &step);
	settings.pool = hmm_pool_open((size_t)threads);
	if (!settings.writer || !settings.pool)
		return 1;

	int bad = 0;
	for (int i = first; i < argc && !bad; i++)
		bad = put_operand(&settings, argv[i]);

	hmm_slice_fit_close(settings.fit);
	hmm_pool_close(settings.pool);
	hmm_record_free(&settings.record);
	struct hmm_filter filter = {.writer = settings.writer};
	return hmm_filter_close(&filter, bad);
}
