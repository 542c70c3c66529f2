#include "hmm/image/slicer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/file/image.h"
#include "hmm/file/nifti.h"

enum { SLICES_A_THREAD = 4 }; /* made before they are written */

struct hmm_slicer {
	struct hmm_cut cut;
	struct hmm_pool *pool;
	struct hmm_writer *writer;
	struct hmm_slice_fit *fit; /* for slices of the last size seen */
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

/* Be ready for slices of that size; shape[1..2] is what they become. */
static int
prepare_fit(struct hmm_slicer *slicer, size_t shape[3], size_t height, size_t width)
{
	if (!slicer->fit || !hmm_slice_fit_is(slicer->fit, height, width)) {
		hmm_slice_fit_close(slicer->fit);
		slicer->fit = hmm_slice_fit_open(
		    height, width, slicer->cut.resize, slicer->cut.crop, hmm_pool_threads(slicer->pool));
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
};

static void
cut_slice(void *job, size_t part, size_t thread)
{
	const struct pass *pass = job;
	const size_t *shape = pass->resized.shape + 1;
	unsigned char *slice = pass->slice + thread * pass->size;
	hmm_slice_cut(slice, pass->bytes, pass->axis, pass->first + part);
	hmm_slice_fit_run((unsigned char *)pass->resized.data + part * shape[0] * shape[1], pass->fit,
	    slice, 1, thread);
}

static int
put_pass(struct hmm_slicer *slicer, struct hmm_record *record, struct pass *pass, size_t slices)
{
	const struct hmm_tensor own = record->x, *all = &pass->resized;
	int bad = 0;
	for (pass->first = 0; pass->first < slices && !bad; pass->first += all->shape[0]) {
		const size_t left = slices - pass->first;
		const size_t here = left < all->shape[0] ? left : all->shape[0];
		hmm_pool_run(slicer->pool, cut_slice, pass, here);
		for (size_t i = 0; i < here && !bad; i++) {
			unsigned char *data = (unsigned char *)all->data + i * all->shape[1] * all->shape[2];
			record->index = (long)(pass->first + i);
			record->x =
			    (struct hmm_tensor){HMM_U8, 3, {1, all->shape[1], all->shape[2]}, data, 0, 0};
			bad = hmm_writer_put(slicer->writer, record);
		}
	}
	record->x = own;
	return bad;
}

static int
put_slices(struct hmm_slicer *slicer, struct hmm_record *record, const struct hmm_tensor *bytes,
    enum hmm_slice_axis axis)
{
	const size_t slices = hmm_slice_count(bytes, axis), workers = hmm_pool_threads(slicer->pool);
	size_t size[2], shape[3] = {workers * SLICES_A_THREAD};
	hmm_slice_shape(size, bytes, axis);
	struct pass pass = {.bytes = bytes, .axis = axis, .size = size[0] * size[1]};
	shape[0] = shape[0] < slices ? shape[0] : slices;
	record->count = (long)slices;
	pass.slice = hmm_alloc(workers, pass.size);
	const int bad = !pass.slice || prepare_fit(slicer, shape, size[0], size[1]) ||
	                hmm_tensor_resize(&pass.resized, HMM_U8, shape, 3);
	pass.fit = slicer->fit;
	const int state = bad || put_pass(slicer, record, &pass, slices) ? -1 : 0;
	free(pass.slice);
	hmm_tensor_free(&pass.resized);
	return state;
}

static int
put_volume(
    struct hmm_slicer *slicer, struct hmm_record *record, const char *path, const char *mask_path)
{
	const struct hmm_cut *cut = &slicer->cut;
	struct hmm_nifti volume = {0}, mask = {0};
	struct hmm_tensor bytes = {0};
	int state = hmm_nifti_read(&volume, path, cut->frame);
	if (!state && mask_path)
		state = hmm_nifti_read(&mask, mask_path, HMM_FRAME_ONLY) ||
		                hmm_nifti_match(&mask, mask_path, &volume, path)
		            ? -1
		            : 0;
	if (!state)
		state = hmm_slice_prepare(&bytes, &volume.voxels, mask_path ? &mask.voxels : NULL,
		    volume.spacing, cut->voxel, slicer->pool, path);
	if (state == 1)
		hmm_warn("%s: all its voxels%s have one value; its slices are black", path,
		    mask_path ? " inside the mask" : "");
	hmm_nifti_free(&mask);
	hmm_nifti_free(&volume); /* before the slices wait for their reader */
	const enum hmm_slice_axis axis =
	    volume.across < 0 ? cut->axis : (enum hmm_slice_axis)volume.across;
	const int bad = state < 0 || put_slices(slicer, record, &bytes, axis);
	hmm_tensor_free(&bytes);
	return bad ? -1 : 0;
}

static int
put_image(
    struct hmm_slicer *slicer, struct hmm_record *record, const char *path, const char *mask_path)
{
	struct hmm_image image;
	if (hmm_image_read(&image, path))
		return -1;
	size_t shape[3] = {image.channels};
	record->index = 0;
	record->count = 1;
	int bad = mask_path ? hmm_error("%s: --mask is for NIfTI volumes", path)
	                    : prepare_fit(slicer, shape, image.height, image.width) ||
	                          hmm_tensor_resize(&record->x, HMM_U8, shape, 3);
	if (!bad) {
		hmm_slice_fit_run(record->x.data, slicer->fit, image.pixels, image.channels, 0);
		bad = hmm_writer_put(slicer->writer, record);
	}
	hmm_image_free(&image);
	return bad;
}

int
hmm_slicer_put(
    struct hmm_slicer *slicer, struct hmm_record *record, const char *path, const char *mask)
{
	struct stat status;
	/* a pipe would be empty when it is read again */
	if (!stat(path, &status) && !S_ISREG(status.st_mode))
		return hmm_error("%s: a directory or a pipe, want a regular file", path);
	return hmm_nifti_is(path) ? put_volume(slicer, record, path, mask)
	                          : put_image(slicer, record, path, mask);
}
