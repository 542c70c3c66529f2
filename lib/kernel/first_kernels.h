/* The first layer: a 3x3 convolution of one or three channels. A sum of 9 or 27 terms is
 * soon done, so bias, ReLU and pool happen in registers. */
#ifndef HMM_FIRST_KERNELS_H
#define HMM_FIRST_KERNELS_H

#include <stddef.h>

#include "hmm/kernel/tile.h"

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

typedef void hmm_first_run_rows(const struct hmm_first_rows *rows);

/* The fastest that this processor has. */
hmm_first_run_rows *hmm_first_best(void);

/* The same function three times, equal to the bit. The first runs anywhere. */
hmm_first_run_rows hmm_first_plain, hmm_first_avx2, hmm_first_avx512;

#endif
