/* The three steps of Winograd's convolution that every image goes through: inputs to
 * points, products at each point, points to outputs.
 *
 * F(m x m, 3x3) with m = 2 P - 1 evaluates polynomials at P pairs of points +-p and
 * at infinity: n = 2 P + 1 points a side. The points of a pair share the even
 * and the odd half of every sum, which halves the work. */
#ifndef HMM_WINOGRAD_KERNELS_H
#define HMM_WINOGRAD_KERNELS_H

#include <stddef.h>

#include "hmm/kernel/conv.h"

enum {
	HMM_WINOGRAD_LANES = 16,             /* channels that are transformed side by side */
	HMM_WINOGRAD_PANEL = 32,             /* outputs that share a panel of weights */
	HMM_WINOGRAD_BLOCK = HMM_CONV_BLOCK, /* channels that are transformed in one call */
	HMM_WINOGRAD_MOST_PAIRS = 4,
	HMM_WINOGRAD_MOST_POINTS = 9 /* a side */
};

struct hmm_winograd_points {
	int pairs;
	float point[HMM_WINOGRAD_MOST_PAIRS];
	/* product over the other pairs q of (x^2 - q^2): coefficients of x^0, x^2, ..;
	 * the highest is 1 and left out */
	float others[HMM_WINOGRAD_MOST_PAIRS][HMM_WINOGRAD_MOST_PAIRS - 1];
	float all[HMM_WINOGRAD_MOST_PAIRS]; /* the same, over all pairs */
	float power[2 * HMM_WINOGRAD_MOST_PAIRS - 1][HMM_WINOGRAD_MOST_PAIRS]; /* p^j */
	double weight[HMM_WINOGRAD_MOST_POINTS][3]; /* the transform of the weights */
};

/* A tile of m x m outputs at (y, x) of an image of height x width. With a pool
 * `image` is half of both, and an output that another tile began must have what that one
 * left: tiles come in the order of their rows. */
struct hmm_winograd_place {
	float *image; /* first channel of output (0, 0) */
	size_t row, pixel;
	size_t y, x, height, width;
	int pool;
	size_t channels; /* to store, 1 to 64 */
};

/* The products of some tiles and one panel of 32 outputs at one point. */
struct hmm_winograd_product {
	float *out; /* [tiles][32], rows out_stride floats apart */
	size_t out_stride;
	const float *in;      /* [depth / 64][tiles][64]: rows are a constant apart */
	const float *weights; /* [depth][32]; the panel that is wanted next lies behind it */
	size_t tiles, depth;  /* the depth is a multiple of 16 */
	const float *ahead;   /* so many `lines` of the cache are wanted soon */
	size_t lines;
};

struct hmm_winograd_kernels {
	/* to[n * n points][16 * blocks], points `stride` floats apart, of in[n][n][16 * blocks]
	 * whose rows and pixels are `row` and `pixel` floats apart; up to 4 blocks. */
	void (*input)(float *to, size_t stride, const float *in, size_t row, size_t pixel,
	    size_t blocks, const struct hmm_winograd_points *points);
	void (*multiply)(const struct hmm_winograd_product *product);
	/* from[n][n points][64], rows of n `stride` floats apart, to outputs, with bias[64] and
	 * ReLU. */
	void (*output)(const struct hmm_winograd_place *place, const float *from, size_t stride,
	    const float *bias, const struct hmm_winograd_points *points);
};

/* The points of F(tile x tile, 3x3), `tile` being 7 or 5. */
void hmm_winograd_fill(struct hmm_winograd_points *points, size_t tile);

/* The fastest kernels that this processor has. */
const struct hmm_winograd_kernels *hmm_winograd_best(void);

/* The same functions three times, equal to the bit. The first run anywhere. */
extern const struct hmm_winograd_kernels hmm_winograd_plain, hmm_winograd_avx2, hmm_winograd_avx512;

#endif
