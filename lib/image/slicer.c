#include "hmm/image/slicer.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/file/files.h"
#include "hmm/file/image.h"
#include "hmm/file/nifti.h"
#include "hmm/image/prepare.h"
#include "hmm/image/slice.h"

enum { SLICES_A_THREAD = 4 }; /* made before they are written */

struct hmm_slicer {
	struct hmm_cut cut;
	struct hmm_pool *pool;
	struct hmm_writer *writer;
	struct hmm_slice_fit *fit; /* for slices of the last size seen */
	double extent[2];          /* their mm */
};

struct hmm_slicer *
hmm_slicer_open(const struct hmm_cut *cut, struct hmm_pool *pool, struct hmm_writer *writer)
{
	struct hmm_slicer *slicer = hmm_alloc(1, sizeof(*slicer));
	if (slicer)
		*slicer = (struct hmm_slicer){.cut = *cut, .pool = pool, .writer = writer};
	return slicer;
}

void
hmm_slicer_close(struct hmm_slicer *slicer)
{
	if (!slicer)
		return;
	hmm_slice_fit_close(slicer->fit);
	free(slicer);
}

/* Be ready for slices of that size, of so many mm a side; shape[1..2] is what they become. */
static int
prepare_fit(
    struct hmm_slicer *slicer, size_t shape[3], const size_t size[2], const double extent[2])
{
	const struct hmm_cut *cut = &slicer->cut;
	const size_t threads = hmm_pool_threads(slicer->pool);
	if (!slicer->fit || !hmm_slice_fit_is(slicer->fit, size[0], size[1]) ||
	    memcmp(slicer->extent, extent, sizeof(slicer->extent)) != 0) {
		hmm_slice_fit_close(slicer->fit);
		slicer->fit = cut->fit
		                  ? hmm_slice_fit_whole(size[0], size[1], cut->crop, extent, threads)
		                  : hmm_slice_fit_open(size[0], size[1], cut->resize, cut->crop, threads);
		memcpy(slicer->extent, extent, sizeof(slicer->extent));
		if (!slicer->fit)
			return -1;
	}
	hmm_slice_fit_shape(slicer->fit, shape + 1);
	return 0;
}

/* Slices of a volume on their way to the stream. */
struct pass {
	const struct hmm_slice_fit *fit;
	const struct hmm_tensor *bytes;
	enum hmm_slice_axis axis;
	size_t first;              /* which of them is at hand */
	size_t size;               /* pixels before they are resized */
	unsigned char *slice;      /* [threads][size] */
	struct hmm_tensor resized; /* [slices at hand][shape] */
	uint64_t (*grey)[2];       /* [slices at hand]: summed, and what stays of it */
};

static void
cut_slice(void *job, size_t part, size_t thread)
{
	const struct pass *pass = job;
	const size_t *shape = pass->resized.shape + 1;
	unsigned char *slice = pass->slice + thread * pass->size;
	hmm_slice_cut(slice, pass->bytes, pass->axis, pass->first + part);
	pass->grey[part][0] = pass->grey[part][1] = 0;
	if (hmm_slice_fit_crops(pass->fit))
		hmm_slice_fit_sum(&pass->grey[part][0], &pass->grey[part][1], pass->fit, slice);
	hmm_slice_fit_run((unsigned char *)pass->resized.data + part * shape[0] * shape[1], pass->fit,
	    slice, 1, thread);
}

static int
put_pass(struct hmm_slicer *slicer, struct hmm_record *record, struct pass *pass, size_t slices,
    uint64_t grey[2])
{
	const struct hmm_tensor own = record->x, *all = &pass->resized;
	int bad = 0;
	for (pass->first = 0; pass->first < slices && !bad; pass->first += all->shape[0]) {
		const size_t left = slices - pass->first;
		const size_t here = left < all->shape[0] ? left : all->shape[0];
		hmm_pool_run(slicer->pool, cut_slice, pass, here);
		for (size_t i = 0; i < here && !bad; i++) {
			unsigned char *data = (unsigned char *)all->data + i * all->shape[1] * all->shape[2];
			grey[0] += pass->grey[i][0];
			grey[1] += pass->grey[i][1];
			record->index = (long)(pass->first + i);
			record->x =
			    (struct hmm_tensor){HMM_U8, 3, {1, all->shape[1], all->shape[2]}, data, 0, 0};
			bad = hmm_writer_put(slicer->writer, record);
		}
	}
	record->x = own;
	return bad;
}

/* Write the slices of a volume of so many mm along x, y and z; grey[] is its summed grey and what
 * the crop leaves of it, if it is one. */
static int
put_slices(struct hmm_slicer *slicer, struct hmm_record *record, const struct hmm_tensor *bytes,
    enum hmm_slice_axis axis, const double mm[3], uint64_t grey[2])
{
	const size_t slices = hmm_slice_count(bytes, axis), threads = hmm_pool_threads(slicer->pool);
	const size_t most = SLICES_A_THREAD * threads;
	const double extent[2] = {
	    axis == HMM_AXIAL ? mm[1] : mm[2], axis == HMM_SAGITTAL ? mm[1] : mm[0]};
	size_t shape[3] = {slices < most ? slices : most}, size[2];
	struct pass pass = {.bytes = bytes, .axis = axis};
	hmm_slice_shape(size, bytes, axis);
	record->count = (long)slices;
	pass.size = size[0] * size[1];
	pass.slice = hmm_alloc_raw(pass.size, threads);
	pass.grey = hmm_alloc(shape[0], sizeof(*pass.grey));
	const int bad = !pass.slice || !pass.grey || prepare_fit(slicer, shape, size, extent) ||
	                hmm_tensor_resize(&pass.resized, HMM_U8, shape, 3);
	pass.fit = slicer->fit;
	const int state = bad || put_pass(slicer, record, &pass, slices, grey) ? -1 : 0;
	free(pass.slice);
	free(pass.grey);
	hmm_tensor_free(&pass.resized);
	return state;
}

/* More than that part of the summed grey is worth a word. */
static const double much = .01;

static void
warn_crop(const uint64_t grey[2], const char *path)
{
	const double lost = grey[0] ? 1 - (double)grey[1] / (double)grey[0] : 0;
	if (lost > much)
		hmm_warn_counted(
		    "%s: the crop takes away %.0f %% of the summed grey; --fit keeps whole slices", path,
		    lost * 100);
}

static int
read_mask(
    struct hmm_nifti *mask, const char *mask_path, const struct hmm_nifti *volume, const char *path)
{
	return hmm_nifti_load(mask, mask_path, HMM_FRAME_ONLY, HMM_CANONICAL) ||
	               hmm_nifti_match(mask, mask_path, volume, path)
	           ? -1
	           : 0;
}

static int
put_volume(struct hmm_slicer *slicer, struct hmm_record *record, const char *path,
    const char *mask_path, const char *sha256)
{
	const struct hmm_cut *cut = &slicer->cut;
	struct hmm_nifti volume = {0}, mask = {0};
	struct hmm_tensor bytes = {0};
	uint64_t grey[2] = {0, 0};
	double mm[3];
	int state = hmm_nifti_load(&volume, path, cut->frame, hmm_prepare_order(cut));
	if (!state && mask_path)
		state = read_mask(&mask, mask_path, &volume, path);
	for (int i = 0; i < 3; i++)
		mm[i] = (double)volume.shape[2 - i] * volume.spacing[i];
	if (!state)
		state = hmm_prepare(&bytes, &volume, mask_path ? &mask : NULL, cut, slicer->pool, path);
	if (state == 1)
		hmm_warn_counted("%s: all its voxels%s have one value; its slices are black", path,
		    mask_path ? " inside the mask" : "");
	hmm_nifti_free(&mask);
	hmm_nifti_free(&volume); /* before the slices wait for their reader */
	if (state >= 0 && hmm_files_check(path, mask_path, sha256))
		state = -1;
	const enum hmm_slice_axis axis =
	    volume.across < 0 ? cut->axis : (enum hmm_slice_axis)volume.across;
	const int bad = state < 0 || put_slices(slicer, record, &bytes, axis, mm, grey);
	hmm_tensor_free(&bytes);
	if (!bad)
		warn_crop(grey, path);
	return bad ? -1 : 0;
}

static int
put_image(struct hmm_slicer *slicer, struct hmm_record *record, const char *path,
    const char *mask_path, const char *sha256)
{
	struct hmm_image image;
	if (hmm_image_read(&image, path))
		return -1;
	size_t shape[3] = {image.channels};
	const size_t size[2] = {image.height, image.width};
	const double extent[2] = {(double)image.height, (double)image.width};
	record->index = 0;
	record->count = 1;
	int bad = mask_path ? hmm_error("%s: --mask is for NIfTI volumes", path)
	                    : hmm_files_check(path, NULL, sha256) ||
	                          prepare_fit(slicer, shape, size, extent) ||
	                          hmm_tensor_resize(&record->x, HMM_U8, shape, 3);
	if (!bad) {
		hmm_slice_fit_run(record->x.data, slicer->fit, image.pixels, image.channels, 0);
		bad = hmm_writer_put(slicer->writer, record);
	}
	hmm_image_free(&image);
	return bad;
}

int
hmm_slicer_put(struct hmm_slicer *slicer, struct hmm_record *record, const char *path,
    const char *mask, const char *sha256)
{
	const long before = hmm_writer_number(slicer->writer);
	const int volume = hmm_nifti_is(path);
	const int bad = volume < 0 || (volume ? put_volume(slicer, record, path, mask, sha256)
	                                      : put_image(slicer, record, path, mask, sha256));
	if (!bad)
		return 0;
	return hmm_writer_untouched(slicer->writer, before) ? 1 : -1;
}
