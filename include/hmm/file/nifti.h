/* NIfTI volumes in canonical orientation: .nii, .nii.gz, .hdr with .img(.gz),
 * NIfTI-1 and NIfTI-2, either byte order (https://nifti.nimh.nih.gov). */
#ifndef HMM_NIFTI_H
#define HMM_NIFTI_H

#include <stddef.h>
#include <stdint.h>

#include "hmm/base/tensor.h"

/* Counts of voxels (x, y, z, 1) to mm. */
struct hmm_affine {
	double m[3][4];
};

struct hmm_nifti {
	/* Canonical: (z, y, x), x to the patient's right, y to the front, z up, or as near to it as
	 * permuting and flipping the file's axes gets (nibabel's as_closest_canonical). Or as stored:
	 * (k, j, i), whose memory has the order of NumPy's array of the file.
	 * F32 where that holds every value exactly (8 and 16-bit integers and float32,
	 * unscaled), else F64; scl_slope and scl_inter are applied. */
	struct hmm_tensor voxels;
	size_t shape[3];          /* canonical (z, y, x) */
	int axis[3], sign[3];     /* canonical axis of i, j, k, and 1 or -1 when it runs against it */
	struct hmm_affine affine; /* canonical */
	double spacing[3];        /* of x, y, z in mm */
	int across;               /* of a 2-D image: the axis across it, 0 x, 1 y, 2 z; -1: a volume */
	size_t strange;           /* voxels that are not finite */
};

/* The files that hmm_nifti_read() opens for this one, in their order: the header, and of a pair
 * the image, which are the file itself or stand beside it. Their number, 1 or 2, the strings to
 * free(); -1, reported: they are read as far as it takes to know. */
int hmm_nifti_files(char *files[2], const char *path);

/* How many voxels a volume has along its longest axis, as its header says; -1, reported. */
long hmm_nifti_longest(const char *path);

/* Which frame of a 4-D image is read, from 0, or one of these. */
enum { HMM_FRAME_ONLY = -1, HMM_FRAME_MEAN = -2 };

/* Whether a file begins as NIfTI or gzip do, or is called so: 1, 0, or -1 reported: it is no
 * regular file, or cannot be read. "-" is standard input, and none. */
int hmm_nifti_is(const char *path);

enum hmm_nifti_order { HMM_CANONICAL, HMM_STORED };

/* The bytes that a volume may take: HMM_MAX_VOLUME gigabytes by the environment, or 4. 0,
 * reported: that is no number above 0. */
size_t hmm_nifti_limit(void);

/* Read one frame, or the mean of all, into an empty `nifti` ({0}). HMM_FRAME_ONLY refuses a file of
 * several. The orientation is the sform's if its code is above 0, else the qform's, else that of
 * pixdim with x to the left, as in nibabel; a warning says when sform and qform place a corner more
 * than a tenth of a voxel apart. Beside the voxels about a megabyte of the file is held, or
 * the inflated file where it is compressed and has one frame; what would take more than
 * hmm_nifti_limit() is refused. 0, or -1 reported: torn files tell how many bytes were found and
 * wanted. */
int hmm_nifti_load(struct hmm_nifti *nifti, const char *path, long frame, enum hmm_nifti_order);

/* The same in canonical order; voxels that are not finite are counted and refused. */
int hmm_nifti_read(struct hmm_nifti *nifti, const char *path, long frame);
void hmm_nifti_free(struct hmm_nifti *nifti); /* leaves an empty one */

/* Whether two images lie on one grid: the same shape, no corner more than a tenth
 * of a voxel apart. 0, or -1 reported. */
int hmm_nifti_match(
    const struct hmm_nifti *a, const char *a_path, const struct hmm_nifti *b, const char *b_path);

/* A byte a voxel from the stored order to the canonical one, or back. */
void hmm_nifti_turn(
    unsigned char *canonical, const unsigned char *stored, const struct hmm_nifti *);
void hmm_nifti_turn_back(
    unsigned char *stored, const unsigned char *canonical, const struct hmm_nifti *);

/* Whether both orders are the same. */
int hmm_nifti_is_canonical(const struct hmm_nifti *nifti);

/* Write a .nii.gz, x fastest, RAS, the centre of the field of view at 0: counts of voxels (at
 * most 32767, 4 GB in all) and their spacing in mm along x, y, z. Whole or absent; the same input
 * gives the same bytes. 0, or -1 reported. */
int hmm_nifti_write(
    const int16_t *values, const size_t counts[3], const double spacing[3], const char *path);

#endif
