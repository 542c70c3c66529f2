/* How alike two 8-bit slices are: SSIM, PSNR and L1, with a data range of 255. */
#ifndef HMM_SIMILARITY_H
#define HMM_SIMILARITY_H

#include <stddef.h>
#include <stdint.h>

/* The two SSIMs in use. Wang, Bovik, Sheikh and Simoncelli 2004: Gaussian weights of sigma 1.5 in
 * 11x11 pixels, variances of the population; and scikit-image's defaults: 7x7 pixels weighted
 * alike, variances of a sample. Both with K1 = .01 and K2 = .03, at every pixel whose window lies
 * within the slice. */
enum hmm_ssim { HMM_SSIM_WANG, HMM_SSIM_SKIMAGE, HMM_SSIMS };

/* Sums over pixels of slices, and of their channels; zeroes: of none. */
struct hmm_similarity {
	double map[HMM_SSIMS];      /* of SSIM's map, */
	uint64_t mapped[HMM_SSIMS]; /* and of how many pixels */
	uint64_t square, absolute;  /* of differences, */
	uint64_t samples;           /* and of how many */
};

/* Add a channel of a slice x to that of a slice y, both [height][width]: all of its pixels to
 * `whole`, and where `mask` (NULL: none) is not 0 to `inside`. Scratch is
 * [HMM_SIMILARITY_SCRATCH][width], of any contents. */
void hmm_similarity_add(struct hmm_similarity *whole, struct hmm_similarity *inside,
    const uint8_t *x, const uint8_t *y, const uint8_t *mask, size_t height, size_t width,
    double *scratch);
enum { HMM_SIMILARITY_SCRATCH = 52 };

/* Add the sums of others. */
void hmm_similarity_merge(struct hmm_similarity *sums, const struct hmm_similarity *others);

/* Means over what was added: the two SSIMs; 10 log10(255^2 / mean square), infinite where nothing
 * differs; and the mean absolute difference / 255. NaN: of nothing. */
enum hmm_measure {
	HMM_MEASURE_SSIM,
	HMM_MEASURE_SSIM_SKIMAGE,
	HMM_MEASURE_PSNR,
	HMM_MEASURE_L1,
	HMM_MEASURES
};
void hmm_similarity_values(double values[HMM_MEASURES], const struct hmm_similarity *sums);

#endif
