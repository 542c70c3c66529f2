/* The header of a NIfTI file, checked, and where its voxels belong. */
#ifndef HMM_NIFTI_HEADER_H
#define HMM_NIFTI_HEADER_H

#include <stddef.h>
#include <stdint.h>

#include "hmm/file/nifti.h"

/* A header at its largest, NIfTI-2's. */
enum { HMM_NIFTI_HEADER = 540, HMM_NIFTI_SMALL_HEADER = 348 };

struct hmm_nifti_header {
	int type;        /* DT_... */
	size_t bytes;    /* a voxel */
	int swapped;     /* 1: the other byte order */
	int pair;        /* 1: the voxels are in a file of their own */
	uint64_t offset; /* of the voxels in their file */
	size_t size[3];  /* of the file's axes i, j, k, i fastest */
	size_t frames;
	int flat;                 /* 1: a 2-D image */
	double slope, inter;      /* value = slope * stored + inter */
	struct hmm_affine affine; /* of (i, j, k, 1) */
	int axis[3], sign[3];     /* canonical axis of i, j, k, and 1 or -1 when it runs against it */
};

/* Bytes of the header that begins like this: 348, 540 or 0, not a NIfTI header. */
size_t hmm_nifti_header_size(const unsigned char start[4]);

/* Of a header of that size alone, whether its voxels are in a file of their own: 1, 0, or -1
 * reported. */
int hmm_nifti_header_pair(const unsigned char *bytes, const char *path);

/* Of such a header, voxels along the longest axis: what it says, which may be wrong. */
long hmm_nifti_header_longest(const unsigned char *bytes);

/* Parse a header of that size. 0, or -1 reported. */
int hmm_nifti_header_parse(
    struct hmm_nifti_header *header, const unsigned char *bytes, const char *path);

/* The furthest in mm that two matrices place a corner of the grid apart. */
double hmm_nifti_distance(
    const struct hmm_affine *a, const struct hmm_affine *b, const size_t size[3]);

/* The length in mm of a step along each axis, and the shortest. */
double hmm_nifti_spacing(double spacing[3], const struct hmm_affine *affine);

#endif
