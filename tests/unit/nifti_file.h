/* NIfTI files in the making, for the tests of their reader. */
#ifndef NIFTI_FILE_H
#define NIFTI_FILE_H

#include <nifti2_io.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "hmm/file/nifti.h"
#include "refuse.h"
#include "test.h"

enum { X = 4, Y = 3, Z = 2, VOXELS = X * Y * Z, ROOM = 1 << 16 };

/* A file in the making. */
static unsigned char file_bytes[ROOM];
static size_t file_size;

static inline nifti_1_header
plain_header(int type, int bits)
{
	nifti_1_header h = {.sizeof_hdr = 348,
	    .datatype = (short)type,
	    .bitpix = (short)bits,
	    .dim = {3, X, Y, Z, 1, 1, 1, 1},
	    .pixdim = {1, 1, 1, 1, 1, 0, 0, 0},
	    .vox_offset = 352,
	    .sform_code = 1,
	    .srow_x = {1, 0, 0, 0},
	    .srow_y = {0, 1, 0, 0},
	    .srow_z = {0, 0, 1, 0},
	    .magic = "n+1"};
	return h;
}

/* The same header as NIfTI-2. */
static inline nifti_2_header
wide_header(const nifti_1_header *h)
{
	nifti_2_header w = {.sizeof_hdr = 540,
	    .datatype = h->datatype,
	    .bitpix = h->bitpix,
	    .vox_offset = 544,
	    .scl_slope = (double)h->scl_slope,
	    .scl_inter = (double)h->scl_inter,
	    .qform_code = h->qform_code,
	    .sform_code = h->sform_code,
	    .quatern_b = (double)h->quatern_b,
	    .quatern_c = (double)h->quatern_c,
	    .quatern_d = (double)h->quatern_d,
	    .qoffset_x = (double)h->qoffset_x,
	    .qoffset_y = (double)h->qoffset_y,
	    .qoffset_z = (double)h->qoffset_z,
	    .magic = "n+2"};
	memcpy(w.magic + 4, "\r\n\032\n", 4);
	for (int i = 0; i < 8; i++) {
		w.dim[i] = h->dim[i];
		w.pixdim[i] = (double)h->pixdim[i];
	}
	for (int i = 0; i < 4; i++) {
		w.srow_x[i] = (double)h->srow_x[i];
		w.srow_y[i] = (double)h->srow_y[i];
		w.srow_z[i] = (double)h->srow_z[i];
	}
	return w;
}

/* Put together header and voxels; version 1 or 2, the voxels' bytes swapped with it. */
static inline void
compose(const nifti_1_header *h, int version, int swapped, const void *voxels, size_t bytes)
{
	nifti_1_header small = *h;
	nifti_2_header wide = wide_header(h);
	const size_t offset = version == 1 ? (size_t)h->vox_offset : 544;
	if (swapped) {
		swap_nifti_header(&small, 1);
		swap_nifti_header(&wide, 2);
	}
	memset(file_bytes, 0, ROOM);
	if (version == 1)
		memcpy(file_bytes, &small, sizeof(small));
	else
		memcpy(file_bytes, &wide, sizeof(wide));
	memcpy(file_bytes + offset, voxels, bytes);
	if (swapped && h->bitpix > 8)
		nifti_swap_Nbytes((int64_t)bytes * 8 / h->bitpix, h->bitpix / 8, file_bytes + offset);
	file_size = offset + bytes;
}

static inline void
save(const char *path, size_t size)
{
	const size_t length = strlen(path);
	if (length > 3 && !strcmp(path + length - 3, ".gz")) {
		gzFile gz = gzopen(path, "wb");
		gzwrite(gz, file_bytes, (unsigned)size);
		gzclose(gz);
	} else {
		FILE *file = fopen(path, "wb");
		fwrite(file_bytes, 1, size, file);
		fclose(file);
	}
}

static inline double
voxel(const struct hmm_nifti *nifti, size_t i)
{
	return nifti->voxels.dtype == HMM_F32 ? (double)((float *)nifti->voxels.data)[i]
	                                      : ((double *)nifti->voxels.data)[i];
}

static inline void
check_refused(const char *path, long frame, const char *part)
{
	struct hmm_nifti nifti = {0};
	refuse_begin();
	CHECK(hmm_nifti_read(&nifti, path, frame) && refuse_end(part));
	hmm_nifti_free(&nifti);
}

#endif
