#include <nifti1.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/file/nifti.h"
#include "hmm/file/output.h"

enum { HEADER = 352 };

/* A NIfTI-1 header: int16, RAS, the centre of the field of view at 0. */
static void
fill_header(struct nifti_1_header *header, const size_t counts[3], const double spacing[3])
{
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
		const float size = (float)spacing[i];
		header->dim[i + 1] = (short)counts[i];
		header->pixdim[i + 1] = size;
		rows[i][i] = size;
		rows[i][3] = -size * (float)(counts[i] - 1) / 2;
	}
	header->pixdim[0] = 1;
	for (int i = 4; i < 8; i++)
		header->dim[i] = 1;
	memcpy(header->magic, "n+1", 4);
}

/* Compress as gzip without a time, so that the same bytes give the same file. */
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

int
hmm_nifti_write(
    const int16_t *values, const size_t counts[3], const double spacing[3], const char *path)
{
	const size_t size = counts[0] * counts[1] * counts[2] * sizeof(*values);
	struct nifti_1_header header;
	char *file = hmm_alloc(HEADER + size, 1);
	if (!file)
		return -1;
	fill_header(&header, counts, spacing);
	memcpy(file, &header, sizeof(header));
	memcpy(file + HEADER, values, size);
	const int bad = write_packed(path, file, HEADER + size);
	free(file);
	return bad;
}
