#include "hmm/kernel/first.h"

#include "hmm/kernel/activation.h"
#include "hmm/kernel/kernels.h"

enum { PANEL = HMM_FIRST_OUTPUTS, TAPS = 9 };

/* The biases of a panel in a row of outputs: of the first column, inner ones, the last. */
static void
fill_bias(float bias[3][PANEL], const struct hmm_conv *conv, size_t first, size_t y, size_t height)
{
	const int edge = (y > 0) + (y + 1 == height);
	for (size_t column = 0; column < 3; column++)
		for (size_t c = 0; c < PANEL && first + c < conv->out; c++)
			bias[column][c] =
			    conv->edge_bias
			        ? conv->edge_bias[(3 * (size_t)edge + column) * conv->out + first + c]
			        : conv->bias[first + c];
}

void
hmm_first_run(float *out, const float *in, const struct hmm_conv *conv, size_t height, size_t width)
{
	const size_t channels = conv->in, outputs = conv->out, shift = conv->pool ? 1 : 0;
	const size_t pixel = hmm_activation_block(outputs), low = height >> shift,
	             narrow = width >> shift;
	const size_t in_row = (width + 2) * channels, out_row = (narrow + 2) * pixel;
	hmm_kernel_first *const run = hmm_kernels()->first;
	for (size_t y = 0; y < (height >> shift << shift); y += 2)
		for (size_t first = 0; first < outputs; first += PANEL) {
			const size_t left = outputs - first, last = y + 1 == height;
			float bias[2][3][PANEL] = {{{0}}};
			fill_bias(bias[0], conv, first, y, height);
			fill_bias(bias[1], conv, first, y + 1 - last, height);
			run(&(struct hmm_first_rows){.out = out +
			                                    hmm_activation_at(low, narrow, outputs, first) +
			                                    ((y >> shift) + 1) * out_row + pixel,
			    .out_row = out_row,
			    .out_pixel = pixel,
			    .in = in + y * in_row,
			    .in_row = in_row,
			    .below = last ? 0 : in_row,
			    .channels = channels,
			    .weights = conv->weights + first * TAPS * channels,
			    .bias = (const float(*)[3][PANEL])bias,
			    .rows = last ? 1 : 2,
			    .width = width,
			    .outputs = left < PANEL ? left : PANEL,
			    .pool = conv->pool});
		}
}
