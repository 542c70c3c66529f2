/* An image laid out by the phases of a stride: [in][stride][stride][height][width], and the columns
 * that a convolution's products are made with: [channels][kernel][kernel][rows][out_width]. */
#ifndef PHASES_H
#define PHASES_H

#include "hmm/gan/strided.h"

static inline size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static inline size_t
divide_up(size_t a, size_t b)
{
	return (a + b - 1) / b;
}

/* Floats of a channel's phases. */
size_t phases_size(const struct hmm_strided *conv);

/* One channel's phases from its image, with zeros for the padding; and the way back, where what
 * lies in the padding is dropped. */
void phases_split(float *planes, const float *image, const struct hmm_strided *conv);
void phases_join(float *image, const float *planes, const struct hmm_strided *conv);

/* Part of the columns. */
struct band {
	size_t channel, channels; /* of in */
	size_t row, rows;         /* of out */
};

/* Columns from the phases of all channels; and columns added to those. */
void phases_gather(
    float *columns, const float *planes, const struct band *band, const struct hmm_strided *conv);
void phases_scatter(
    float *planes, const float *columns, const struct band *band, const struct hmm_strided *conv);

#endif
