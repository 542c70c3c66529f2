#include "samples.h"

#include <stdio.h>
#include <stdlib.h>

#include "hmm/base/error.h"
#include "hmm/file/sheet.h"
#include "hmm/gan/imputer.h"
#include "hmm/gan/picture.h"

enum { SAMPLES = 4 }; /* spread over the examples */

struct drawing {
	struct hmm_sheet *sheet;
	struct hmm_gan *gan;
	size_t row, place;
	struct hmm_bicubic resize;
	const struct hmm_examples *examples;
	void *slice;          /* one as it is read */
	float *image;         /* as the network sees it */
	unsigned char *bytes; /* the same as a picture has it */
};

static int
add(struct drawing *drawing, const float *image, const struct hmm_sample *slice, const char *what)
{
	const struct hmm_gan_options *options = &drawing->gan->options;
	const size_t channels = options->generator.in, pixels = options->height * options->width;
	hmm_picture_bytes(drawing->bytes, image, channels * pixels);
	const struct hmm_picture picture = {.place = drawing->place++,
	    .what = what,
	    .by = "",
	    .index = slice->index,
	    .image = {.height = options->height,
	        .width = options->width,
	        .channels = channels,
	        .pixels = drawing->bytes}};
	return hmm_sheet_add(drawing->sheet, drawing->row, &picture);
}

/* A slice as the network sees it whole, and what the generator of that side makes of it. */
static int
add_slice(struct drawing *drawing, size_t side, const struct hmm_sample *slice, const char *other)
{
	struct hmm_tensor x;
	struct hmm_gan *gan = drawing->gan;
	const struct hmm_gan_options *options = &gan->options;
	const struct hmm_picture_cut whole = {0, 0, options->height, options->width, 0};
	struct hmm_place place;
	char what[HMM_RECORD_NAMES + 16];
	if (hmm_examples_read(&x, drawing->examples, slice, drawing->slice))
		return -1;
	hmm_picture_load(
	    drawing->image, &x, options->generator.in, &drawing->resize, drawing->bytes, &whole);
	if (add(drawing, drawing->image, slice, slice->modality))
		return -1;
	if (side >= gan->sides)
		return 0;
	if (hmm_imputer_place(&place, &x, slice->index, 0))
		return -1;
	snprintf(what, sizeof(what), "%s imputed", other);
	const float *made = hmm_pass_forward(
	    &gan->generation[side], drawing->image, HMM_PASS_IMAGE, &place, &gan->work);
	if (!hmm_all_finite(made, gan->floats))
		return hmm_error("what is made of a sample is not finite: try a smaller --learning-rate");
	return add(drawing, made, slice, what);
}

static int
add_row(struct drawing *drawing, const struct hmm_examples *examples, size_t sample, long epoch)
{
	const struct hmm_sample *slice[HMM_EXAMPLE_SIDES];
	char name[HMM_RECORD_NAMES];
	for (int side = 0; side < HMM_EXAMPLE_SIDES; side++)
		slice[side] =
		    examples->slice[side][examples->count[side] * (2 * sample + 1) / (2 * SAMPLES)];
	snprintf(
	    name, sizeof(name), "%s after epoch %ld, sample %zu", slice[0]->subject, epoch, sample + 1);
	drawing->place = 0;
	return hmm_sheet_row(drawing->sheet, &drawing->row, name, SAMPLES) ||
	               add_slice(drawing, 0, slice[0], slice[1]->modality) ||
	               add_slice(drawing, 1, slice[1], slice[0]->modality)
	           ? -1
	           : 0;
}

int
samples_draw(const char *path, struct hmm_gan *gan, const struct hmm_examples *examples, long epoch)
{
	const struct hmm_gan_options *options = &gan->options;
	const struct hmm_tensor *first = &examples->data->x;
	struct hmm_image image = {0};
	struct drawing drawing = {.sheet = hmm_sheet_open(),
	    .gan = gan,
	    .examples = examples,
	    .slice = hmm_alloc_raw(1, examples->data->bytes),
	    .image = hmm_alloc(gan->floats, sizeof(float)),
	    .bytes = hmm_alloc(gan->floats, 1)};
	int bad = !drawing.sheet || !drawing.slice || !drawing.image || !drawing.bytes ||
	          hmm_bicubic_open(&drawing.resize, first->shape[1], first->shape[2], options->height,
	              options->width);
	for (size_t sample = 0; !bad && sample < SAMPLES; sample++)
		bad = add_row(&drawing, examples, sample, epoch);
	bad = bad || hmm_sheet_draw(&image, drawing.sheet) || hmm_png_write(&image, path);
	hmm_image_free(&image);
	hmm_sheet_close(drawing.sheet);
	hmm_bicubic_close(&drawing.resize);
	free(drawing.slice);
	free(drawing.image);
	free(drawing.bytes);
	return bad ? -1 : 0;
}
