/* The functions that are compiled once a kind of processor, in one table a kind (lib/kernel/cpu/).
 * Which one a process reads is chosen once, at its start (base/cpu.h). All of them give the same
 * bits, so the header that a function serves also says what it computes. */
#ifndef HMM_KERNELS_H
#define HMM_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "hmm/base/cpu.h"
#include "hmm/base/tensor.h"
#include "hmm/kernel/activation.h"
#include "hmm/kernel/adam.h"
#include "hmm/kernel/resample.h"
#include "hmm/kernel/rocket.h"
#include "hmm/kernel/tile.h"

/* ---- tile.h ---- */
typedef void hmm_kernel_tile(const struct hmm_tile *tile);

/* ---- first.h: a sum of 9 or 27 terms is soon done, so bias, ReLU and pool happen in registers
 * ---- */
enum { HMM_FIRST_OUTPUTS = HMM_TILE_COLUMNS }; /* a panel of hmm_conv_pack() */

/* Two rows of outputs of one panel. */
struct hmm_first_rows {
	float *out; /* of pixel (0, 0); with a pool of the one that it goes to */
	size_t out_row, out_pixel;
	const float *in;      /* [3][width + 2][channels], the windows of the first row */
	size_t in_row, below; /* floats to the next row of a window, to those of the second row */
	size_t channels;      /* 1 or 3 */
	const float *weights; /* [3][3][channels][32] */
	/* of the first, of an inner and of the last column, for both rows */
	const float (*bias)[3][HMM_FIRST_OUTPUTS];
	size_t rows, width, outputs; /* to store: 1 or 2, with a pool 2; 2 or more; 1 to 32 */
	int pool;                    /* an odd last column is dropped */
};

typedef void hmm_kernel_first(const struct hmm_first_rows *rows);

/* ---- winograd.h: inputs to points, products at each point, points to outputs ----
 *
 * F(m x m, 3x3) with m = 2 P - 1 evaluates polynomials at P pairs of points +-p and
 * at infinity, with m = 2 P at 0 too: n = m + 2 points a side. The points of a pair share
 * the even and the odd half of every sum, which halves the work. Those of all pairs come
 * first, then 0, then infinity. */
enum {
	HMM_WINOGRAD_LANES = 16,                   /* channels that are transformed side by side */
	HMM_WINOGRAD_PANEL = 32,                   /* outputs that share a panel of weights */
	HMM_WINOGRAD_BLOCK = HMM_ACTIVATION_BLOCK, /* channels that are transformed in one call */
	HMM_WINOGRAD_MOST_PAIRS = 4,
	HMM_WINOGRAD_MOST_POINTS = 9 /* a side */
};

struct hmm_winograd_points {
	int pairs, zero; /* zero: 1 with the point 0; there are 4 or 3 pairs, or 2 and 0 */
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
	size_t apart; /* 0, or: every so many of it, 32 or 64, are summed on their own, as in tile.h */
	const float *ahead; /* so many `lines` of the cache are wanted soon */
	size_t lines;
};

/* to[n * n points][32], points `stride` floats apart, 16 bytes aligned, of the nine weights of
 * one input and 32 outputs. */
typedef void hmm_kernel_winograd_weights(float *to, size_t stride, double w[9][HMM_WINOGRAD_PANEL],
    const struct hmm_winograd_points *points);

/* to[n * n points][16 * blocks], points `stride` floats apart, of in[n][n][16 * blocks]
 * whose rows and pixels are `row` and `pixel` floats apart; up to 4 blocks. */
typedef void hmm_kernel_winograd_input(float *to, size_t stride, const float *in, size_t row,
    size_t pixel, size_t blocks, const struct hmm_winograd_points *points);

typedef void hmm_kernel_winograd_multiply(const struct hmm_winograd_product *product);

/* from[n][n points][64], rows of n `stride` floats apart, to outputs, with bias[64], none of
 * them -0, and ReLU. */
typedef void hmm_kernel_winograd_output(const struct hmm_winograd_place *place, const float *from,
    size_t stride, const float *bias, const struct hmm_winograd_points *points);

/* ---- linear.h ---- */
/* Partial sums of a dot product; rows and samples whose sums stay in registers. */
enum { HMM_DOT_LANES = 64, HMM_DOT_ROWS = 2, HMM_DOT_SAMPLES = 3 };

/* Add to sum[r][b][64], r < rows <= 2, b < samples <= 3, the products of `count` columns,
 * a multiple of 64, of row r of w (`stride` floats apart) and of x[b]; lane l takes the
 * columns l, l + 64, ... in ascending order. sum's rows are `sum_stride` floats apart. */
typedef void hmm_kernel_dot(float *sum, size_t sum_stride, const float *w, size_t stride,
    const float *const *x, size_t rows, size_t samples, size_t count);

/* ---- adam.h ---- */
typedef void hmm_kernel_adam_dense(
    float *w, float *m, float *v, const float *g, size_t count, const struct hmm_adam *adam);
typedef void hmm_kernel_adam_outer(const struct hmm_outer *outer, size_t first_row, size_t rows,
    size_t first_column, size_t columns, const struct hmm_adam *adam);
typedef void hmm_kernel_narrow_forward(
    float *y, const float *w, const float *x, const float *bias, size_t rows);
typedef void hmm_kernel_narrow_outer(const struct hmm_outer *outer, float *lanes, size_t first,
    size_t rows, const struct hmm_adam *adam);

/* ---- resample.h, resize.h ---- */
typedef void hmm_kernel_resample(
    float *out, const float *in, size_t outer, size_t inner, const struct hmm_resample_axis *axis);
typedef void hmm_kernel_resize_rows(unsigned char *out, const unsigned char *in, size_t rows,
    const struct hmm_resample_axis *axis, const int32_t *fixed);
typedef void hmm_kernel_resize_columns(unsigned char *out, size_t stride, const unsigned char *in,
    size_t width, const struct hmm_resample_axis *axis, const int32_t *fixed);

/* ---- rocket.h ---- */
typedef void hmm_kernel_rocket_count(uint32_t *above, const struct hmm_rocket_series *series,
    size_t dilation, const float *bias, size_t each);

/* ---- volumes of bytes, floats or doubles, computed with in double ---- */
enum { HMM_VOXELS_LEAF = 128 }; /* of NumPy's pairwise sum */

/* A voxel v becomes the byte of ((v - mean) / deviation - low) / range, times 255, cut. */
struct hmm_voxels_scale {
	double mean, deviation, low, range;
};

/* The sum of v - mean, or of its square, over up to 128 voxels from `first` on, in NumPy's order.
 */
typedef double hmm_kernel_voxels_sum(
    const struct hmm_tensor *volume, size_t first, size_t count, double mean, int square);

/* Widen [*low, *high] to the voxels first..end-1. */
typedef void hmm_kernel_voxels_extremes(
    double *low, double *high, const struct hmm_tensor *volume, size_t first, size_t end);

/* above[i] = v[i] > threshold for the first `count` voxels. */
typedef void hmm_kernel_voxels_above(
    unsigned char *above, const struct hmm_tensor *volume, size_t count, double threshold);

/* The bytes first..end-1; 0 outside, unless `inside` is NULL. */
typedef void hmm_kernel_voxels_bytes(unsigned char *bytes, const struct hmm_tensor *volume,
    const unsigned char *inside, size_t first, size_t end, const struct hmm_voxels_scale *scale);

struct hmm_kernels {
	hmm_kernel_tile *tile;
	hmm_kernel_first *first;
	hmm_kernel_winograd_weights *winograd_weights;
	hmm_kernel_winograd_input *winograd_input;
	hmm_kernel_winograd_multiply *winograd_multiply;
	hmm_kernel_winograd_output *winograd_output;
	hmm_kernel_dot *dot;
	hmm_kernel_adam_dense *adam_dense;
	hmm_kernel_adam_outer *adam_outer;
	hmm_kernel_narrow_forward *narrow_forward;
	hmm_kernel_narrow_outer *narrow_outer;
	hmm_kernel_resample *resample;
	hmm_kernel_resize_rows *resize_rows;
	hmm_kernel_resize_columns *resize_columns;
	hmm_kernel_rocket_count *rocket_count;
	hmm_kernel_voxels_sum *voxels_sum;
	hmm_kernel_voxels_extremes *voxels_extremes;
	hmm_kernel_voxels_above *voxels_above;
	hmm_kernel_voxels_bytes *voxels_bytes;
};

extern const struct hmm_kernels hmm_kernels_plain, hmm_kernels_avx2, hmm_kernels_avx512;

/* The table of the processor that this process computes as. */
const struct hmm_kernels *hmm_kernels(void);

/* That of another kind, for tests; NULL where this machine cannot run it. */
const struct hmm_kernels *hmm_kernels_of(enum hmm_cpu cpu);

#endif
