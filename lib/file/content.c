#include "hmm/file/content.h"

#include <stdio.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/file/image.h"
#include "hmm/file/nifti.h"

/* A digest of the kind, the shape and the elements. */
static int
digest(struct hmm_content *content, const char *kind, const size_t shape[3], const void *elements,
    size_t size)
{
	char text[256];
	const size_t count = shape[0] * shape[1] * shape[2];
	if (hmm_hash_bytes(content->digest, elements, count * size))
		return -1;
	snprintf(text, sizeof(text), "%s %zux%zux%zu %s", kind, shape[0], shape[1], shape[2],
	    content->digest);
	return hmm_hash_bytes(content->digest, text, strlen(text));
}

/* Whether all elements of `size` bytes are the same. */
static int
is_constant(const void *elements, size_t count, size_t size)
{
	const char *bytes = elements;
	return count < 2 || !memcmp(bytes, bytes + size, (count - 1) * size);
}

static int
read_image(struct hmm_content *content, const char *path)
{
	struct hmm_image image;
	if (hmm_image_read(&image, path))
		return -1;
	const size_t plane = image.height * image.width;
	const int grey = is_constant(image.pixels, image.channels, plane);
	const size_t shape[3] = {grey ? 1 : image.channels, image.height, image.width};
	content->blank = 1;
	for (size_t c = 0; c < shape[0]; c++)
		content->blank &= is_constant(image.pixels + c * plane, plane, 1);
	const int bad = digest(content, "image", shape, image.pixels, 1);
	hmm_image_free(&image);
	return bad;
}

/* The mean of the frames, one or more, is in double whatever the file's type; what is not finite is
 * content like any other. */
static int
read_volume(struct hmm_content *content, const char *path)
{
	struct hmm_nifti nifti = {0};
	size_t count;
	int bad = hmm_nifti_load(&nifti, path, HMM_FRAME_MEAN, HMM_CANONICAL) ||
	          hmm_tensor_count(&nifti.voxels, &count);
	if (!bad) {
		const size_t size = hmm_dtype_size(nifti.voxels.dtype);
		content->blank = is_constant(nifti.voxels.data, count, size);
		bad = digest(content, hmm_dtype_name(nifti.voxels.dtype), nifti.voxels.shape,
		    nifti.voxels.data, size);
	}
	hmm_nifti_free(&nifti);
	return bad ? -1 : 0;
}

int
hmm_content_read(struct hmm_content *content, const char *path)
{
	const int volume = hmm_nifti_is(path);
	return volume < 0 ? -1 : volume ? read_volume(content, path) : read_image(content, path);
}
