#include "hmm/file/nifti.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/text.h"
#include "hmm/file/regular.h"
#include "foreign.h"
#include "nifti_header.h"
#include "nifti_voxels.h"
#include "source.h"

/* Whether a file is called as the image of a pair is. */
static int
is_image(const char *path)
{
	return hmm_ends_in(path, ".img") || hmm_ends_in(path, ".img.gz");
}

/* By its name alone, where there is little in it or something else. */
static int
is_called_so(const char *path)
{
	static const char *const ends[] = {".nii", ".nii.gz", ".hdr", ".hdr.gz"};
	int is = is_image(path);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		is |= hmm_ends_in(path, ends[i]);
	return is;
}

int
hmm_nifti_is(const char *path)
{
	unsigned char start[4] = {0};
	if (!strcmp(path, "-"))
		return 0;
	const int descriptor = hmm_regular_open(path, NULL);
	if (descriptor < 0)
		return -1;
	const ssize_t got = read(descriptor, start, sizeof(start));
	close(descriptor);
	if (start[0] == 'P' || start[0] == 0x89)
		return is_image(path);
	return is_called_so(path) || (start[0] == 0x1f && start[1] == 0x8b) ||
	       (got == sizeof(start) && hmm_nifti_header_size(start));
}

/* The other file of a pair: `path` with its ending replaced by the second of two where
 * that exists, or else the first. To free(); NULL, reported. */
static char *
other_file(const char *path, const char *const endings[2])
{
	const size_t gz = hmm_ends_in(path, ".gz") ? 3 : 0, length = strlen(path);
	const size_t stem = length < gz + 4 ? length : length - gz - 4;
	char *other = hmm_alloc(stem + 8, 1);
	if (!other)
		return NULL;
	for (int i = 1; i >= 0; i--) {
		snprintf(other, stem + 8, "%.*s%s", (int)stem, path, endings[i]);
		if (!access(other, F_OK))
			break;
	}
	return other;
}

/* The bytes of the header that a file begins with. 0, or -1 reported. */
static int
read_header(unsigned char bytes[HMM_NIFTI_HEADER], struct hmm_source *source)
{
	int64_t got = hmm_source_read(source, bytes, HMM_NIFTI_SMALL_HEADER);
	if (got < 0)
		return -1;
	const size_t found = (size_t)got, size = found < 4 ? 0 : hmm_nifti_header_size(bytes);
	const char *foreign = size ? NULL : hmm_foreign(bytes, found, source->path);
	if (foreign)
		return hmm_error("%s: not a NIfTI file but %s", source->path, foreign);
	if (found >= 4 && !size)
		return hmm_error(
		    "%s: not a NIfTI file: its first number is neither 348 nor 540", source->path);
	if (size > found && found == HMM_NIFTI_SMALL_HEADER)
		got = hmm_source_read(source, bytes + found, size - found);
	else
		got = 0;
	if (got < 0)
		return -1;
	if (!size || found + (size_t)got < size)
		return hmm_error("%s: truncated: found %zu bytes of header, want %d", source->path,
		    found + (size_t)got, size > found ? (int)size : HMM_NIFTI_SMALL_HEADER);
	return 0;
}

/* Read the header, which for the image of a pair is in the other file. The name of the one
 * that was opened is at *opened, to free(). 0, or -1 reported. */
static int
open_header(unsigned char bytes[HMM_NIFTI_HEADER], struct hmm_source *source, char **opened,
    const char *path)
{
	const char *const headers[2] = {".hdr", ".hdr.gz"};
	*opened = is_image(path) ? other_file(path, headers) : hmm_strdup(path);
	return !*opened || hmm_source_open(source, *opened) || read_header(bytes, source) ? -1 : 0;
}

/* The image of a pair: the file that was named, or what stands beside the header. */
static char *
image_file(const char *header, const char *named)
{
	const char *const images[2] = {".img", ".img.gz"};
	return is_image(named) ? hmm_strdup(named) : other_file(header, images);
}

int
hmm_nifti_files(char *files[2], const char *path)
{
	unsigned char bytes[HMM_NIFTI_HEADER];
	struct hmm_source source = {0};
	files[1] = NULL;
	int pair = open_header(bytes, &source, &files[0], path);
	hmm_source_close(&source);
	if (!pair)
		pair = hmm_nifti_header_pair(bytes, files[0]);
	if (pair == 1 && !(files[1] = image_file(files[0], path)))
		pair = -1;
	if (pair >= 0)
		return 1 + pair;
	free(files[0]);
	return -1;
}

long
hmm_nifti_longest(const char *path)
{
	char *opened = NULL;
	unsigned char bytes[HMM_NIFTI_HEADER];
	struct hmm_source source = {0};
	const int bad = open_header(bytes, &source, &opened, path);
	hmm_source_close(&source);
	free(opened);
	return bad ? -1 : hmm_nifti_header_longest(bytes);
}

/* Go to the first voxel, in the second file of a pair. `opened` names that file. */
static int
seek_voxels(struct hmm_source *source, char **opened, const struct hmm_nifti_header *header,
    const char *named)
{
	uint64_t at = source->at;
	if (header->pair) {
		char *image = image_file(source->path, named);
		hmm_source_close(source);
		free(*opened);
		*opened = image;
		if (!image || hmm_source_open(source, image))
			return -1;
		at = 0;
	}
	size_t bytes = header->bytes;
	for (int i = 0; i < 3; i++)
		if (hmm_multiply(&bytes, bytes, header->size[i]))
			bytes = SIZE_MAX;
	if (hmm_multiply(&bytes, bytes, header->frames))
		bytes = SIZE_MAX;
	const uint64_t room = source->most > header->offset ? source->most - header->offset : 0;
	if (bytes > room)
		return hmm_error("%s: truncated: found %s%llu bytes of voxels, want %zu (%zux%zux%zux%zu)",
		    source->path, source->compressed ? "at most " : "", (unsigned long long)room, bytes,
		    header->size[0], header->size[1], header->size[2], header->frames);
	const int64_t skipped = hmm_source_skip(source, header->offset - at);
	if (skipped >= 0 && (uint64_t)skipped < header->offset - at)
		return hmm_error("%s: truncated: found %llu bytes, want %llu before the voxels",
		    source->path, (unsigned long long)(at + (uint64_t)skipped),
		    (unsigned long long)header->offset);
	return skipped < 0 ? -1 : 0;
}

static int
check_frame(const struct hmm_nifti_header *header, long frame, const char *path)
{
	if (frame == HMM_FRAME_ONLY && header->frames > 1)
		return hmm_error("%s: found %zu frames, want 1: choose with --frame N or --frame mean",
		    path, header->frames);
	if (frame >= 0 && (size_t)frame >= header->frames)
		return hmm_error(
		    "%s: no frame %ld: found %zu, counted from 0", path, frame, header->frames);
	return 0;
}

int
hmm_nifti_load(struct hmm_nifti *nifti, const char *path, long frame, enum hmm_nifti_order order)
{
	char *opened = NULL;
	unsigned char bytes[HMM_NIFTI_HEADER];
	struct hmm_nifti_header header;
	struct hmm_source source = {0};
	int bad = open_header(bytes, &source, &opened, path) ||
	          hmm_nifti_header_parse(&header, bytes, source.path) ||
	          check_frame(&header, frame, path) || seek_voxels(&source, &opened, &header, path);
	bad = bad || hmm_nifti_voxels(nifti, &source, &header, frame, order);
	hmm_source_close(&source);
	free(opened);
	return bad ? -1 : 0;
}

int
hmm_nifti_read(struct hmm_nifti *nifti, const char *path, long frame)
{
	if (hmm_nifti_load(nifti, path, frame, HMM_CANONICAL))
		return -1;
	if (nifti->strange)
		return hmm_error("%s: %zu of %zu voxels are not finite, want none", path, nifti->strange,
		    nifti->shape[0] * nifti->shape[1] * nifti->shape[2]);
	return 0;
}

void
hmm_nifti_free(struct hmm_nifti *nifti)
{
	hmm_tensor_free(&nifti->voxels);
}

int
hmm_nifti_match(
    const struct hmm_nifti *a, const char *a_path, const struct hmm_nifti *b, const char *b_path)
{
	const size_t *const n = a->shape, *const m = b->shape;
	const size_t size[3] = {n[2], n[1], n[0]};
	double spacing[3];
	if (memcmp(n, m, sizeof(a->shape)) != 0)
		return hmm_error("%s: %zux%zux%zu voxels, want %zux%zux%zu as in %s", a_path, n[2], n[1],
		    n[0], m[2], m[1], m[0], b_path);
	const double off = hmm_nifti_distance(&a->affine, &b->affine, size);
	if (!(off <= hmm_nifti_spacing(spacing, &b->affine) / 10))
		return hmm_error("%s: lies up to %.3g mm off the grid of %s, want at most a tenth of a "
		                 "voxel",
		    a_path, off, b_path);
	return 0;
}
