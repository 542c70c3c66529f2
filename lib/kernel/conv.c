#include "hmm/kernel/conv.h"

#include "hmm/kernel/activation.h"
#include "hmm/kernel/first.h"
#include "hmm/kernel/kernels.h"

/* Panels of weights that stay in the L2 cache while an image passes by. */
enum {
	CACHED_FLOATS = 160 * 1024,
	TAPS = 9,
	MOST_BLOCKS = HMM_CONV_TOO_MANY / HMM_ACTIVATION_BLOCK
};

size_t
hmm_conv_packed_size(size_t in, size_t out)
{
	return hmm_tile_packed_size(TAPS * in, out);
}

size_t
hmm_conv_scratch_size(size_t width)
{
	return 2 * width * HMM_TILE_COLUMNS;
}

void
hmm_conv_pack(float *packed, const float *weights, size_t in, size_t out)
{
	for (size_t first = 0; first < out; first += HMM_TILE_COLUMNS)
		for (size_t tap = 0; tap < TAPS; tap++)
			for (size_t k = 0; k < in; k++)
				for (size_t c = first; c < first + HMM_TILE_COLUMNS; c++)
					*packed++ = c < out ? weights[(c * in + k) * TAPS + tap] : 0;
}

/* out[x][c] = max over 2x2 of a row whose pixels are `pixel` floats apart and the
 * row below it, `below` floats on. */
static void
pool_row(float *out, size_t out_stride, const float *row, size_t pixel, size_t below, size_t width,
    size_t channels)
{
	for (size_t x = 0; x < width / 2; x++) {
		const float *a = row + 2 * x * pixel, *b = a + below;
		for (size_t c = 0; c < channels; c++) {
			const float top = hmm_activation_most(a[c], a[c + pixel]);
			const float low = hmm_activation_most(b[c], b[c + pixel]);
			out[x * out_stride + c] = hmm_activation_most(top, low);
		}
	}
}

/* What the rows of a panel share. */
struct panel {
	const struct hmm_conv *conv;
	size_t first, height, width;
	struct hmm_tile tile;
	hmm_kernel_tile *run;
};

/* Row y of a panel. */
static void
run_row(const struct panel *panel, const float *in, float *out, size_t y)
{
	struct hmm_tile tile = panel->tile;
	in += y * (panel->width + 2) * tile.in_stride;
	for (size_t x = 0; x < panel->width; x += HMM_TILE_ROWS) {
		const size_t left = panel->width - x;
		tile.rows = left < HMM_TILE_ROWS ? left : HMM_TILE_ROWS;
		tile.in = in + x * tile.in_stride;
		tile.out = out + x * tile.out_stride;
		panel->run(&tile);
	}
}

/* Row y (with a pool: rows 2y and 2y + 1) of the outputs first..first+31. */
static void
run_panel(float *out, const float *in, struct panel *panel, size_t y, float *scratch)
{
	const struct hmm_conv *conv = panel->conv;
	const size_t first = panel->first, width = panel->width, shift = conv->pool ? 1 : 0;
	const size_t narrow = width >> shift, pixel = hmm_activation_block(conv->out);
	struct hmm_tile *tile = &panel->tile;
	out += hmm_activation_at(panel->height >> shift, narrow, conv->out, first) +
	       ((y + 1) * (narrow + 2) + 1) * pixel;
	tile->weights = conv->weights + first * TAPS * conv->in;
	tile->bias = conv->bias + first;
	tile->columns = conv->out - first < HMM_TILE_COLUMNS ? conv->out - first : HMM_TILE_COLUMNS;
	if (conv->pool) {
		tile->out_stride = HMM_TILE_COLUMNS;
		run_row(panel, in, scratch, 2 * y);
		run_row(panel, in, scratch + width * HMM_TILE_COLUMNS, 2 * y + 1);
		pool_row(
		    out, pixel, scratch, HMM_TILE_COLUMNS, width * HMM_TILE_COLUMNS, width, tile->columns);
	} else {
		tile->out_stride = pixel;
		run_row(panel, in, out, y);
	}
}

void
hmm_conv_run(float *out, const float *in, const struct hmm_conv *conv, size_t height, size_t width,
    float *scratch)
{
	if (conv->in == 1 || conv->in == 3) {
		hmm_first_run(out, in, conv, height, width);
		return;
	}
	const size_t depth = hmm_activation_block(conv->in), blocks = conv->in / depth;
	ptrdiff_t offsets[TAPS * MOST_BLOCKS];
	for (size_t tap = 0; tap < TAPS; tap++)
		for (size_t b = 0; b < blocks; b++)
			offsets[tap * blocks + b] =
			    (ptrdiff_t)(hmm_activation_at(height, width, conv->in, b * depth) +
			                (tap / 3 * (width + 2) + tap % 3) * depth);
	struct panel panel = {
	    .conv = conv, .height = height, .width = width, .run = hmm_kernels()->tile};
	panel.tile = (struct hmm_tile){.in_stride = depth,
	    .offsets = offsets,
	    .taps = TAPS * blocks,
	    .depth = depth,
	    .start = HMM_START_BIAS,
	    .relu = 1};
	size_t panels = CACHED_FLOATS / (TAPS * conv->in * HMM_TILE_COLUMNS);
	panels = panels ? panels : 1;

	for (size_t block = 0; block < conv->out; block += panels * HMM_TILE_COLUMNS)
		for (size_t y = 0; y < (conv->pool ? height / 2 : height); y++)
			for (size_t p = 0; p < panels; p++) {
				panel.first = block + p * HMM_TILE_COLUMNS;
				if (panel.first < conv->out)
					run_panel(out, in, &panel, y, scratch);
			}
}
