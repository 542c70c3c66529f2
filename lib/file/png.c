#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/error.h"
#include "hmm/image.h"
#include "hmm/memory.h"

/* Everything that must survive libpng's longjmp lives here, on the heap. */
struct decoder {
	png_structp png;
	png_infop info;
	uint8_t *interleaved;
	png_bytep *rows;
	char message[160];
	jmp_buf fail;
};

static void
on_error(png_structp png, png_const_charp message)
{
	struct decoder *decoder = png_get_error_ptr(png);
	snprintf(decoder->message, sizeof(decoder->message), "%s", message);
	longjmp(decoder->fail, 1);
}

static void
on_warning(png_structp png, png_const_charp message)
{
	(void)png;
	(void)message;
}

static void
set_transforms(png_structp png, png_infop info)
{
	const int type = png_get_color_type(png, info);
	if (type == PNG_COLOR_TYPE_PALETTE)
		png_set_palette_to_rgb(png);
	if (type == PNG_COLOR_TYPE_GRAY)
		png_set_expand_gray_1_2_4_to_8(png);
	png_set_strip_16(png);
	png_set_strip_alpha(png);
	png_set_interlace_handling(png);
	png_read_update_info(png, info);
}

/* May longjmp: no local variable is needed after a failure. */
static int
decode(struct decoder *decoder, struct hmm_image *image, FILE *file, const char *name)
{
	png_init_io(decoder->png, file);
	png_set_user_limits(decoder->png, 1 << 20, 1 << 20);
	png_read_info(decoder->png, decoder->info);
	image->height = png_get_image_height(decoder->png, decoder->info);
	image->width = png_get_image_width(decoder->png, decoder->info);
	if (image->height > HMM_MAX_PIXELS / image->width)
		return hmm_error("%s: %zux%zu pixels, want at most %d", name, image->width, image->height,
		    HMM_MAX_PIXELS);
	set_transforms(decoder->png, decoder->info);
	image->channels = png_get_channels(decoder->png, decoder->info);
	const size_t row = png_get_rowbytes(decoder->png, decoder->info);
	if ((image->channels != 1 && image->channels != 3) || row != image->channels * image->width)
		return hmm_error(
		    "%s: %zu channels of %zu bytes a row, want grey or RGB", name, image->channels, row);
	decoder->interleaved = hmm_alloc(image->height, row);
	decoder->rows = hmm_alloc(image->height, sizeof(*decoder->rows));
	if (!decoder->interleaved || !decoder->rows)
		return -1;
	for (size_t y = 0; y < image->height; y++)
		decoder->rows[y] = decoder->interleaved + y * row;
	png_read_image(decoder->png, decoder->rows);
	png_read_end(decoder->png, NULL);
	return 0;
}

int
hmm_png_read(struct hmm_image *image, FILE *file, const char *name)
{
	struct decoder *decoder = hmm_alloc(1, sizeof(*decoder));
	volatile int bad = -1;
	*image = (struct hmm_image){0};
	if (!decoder)
		return -1;
	if (setjmp(decoder->fail)) {
		hmm_error("%s: broken PNG: %s", name, decoder->message);
	} else {
		decoder->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, decoder, on_error, on_warning);
		decoder->info = decoder->png ? png_create_info_struct(decoder->png) : NULL;
		bad = decoder->info ? decode(decoder, image, file, name) : hmm_error("out of memory");
	}
	const size_t pixels = image->height * image->width;
	if (!bad && !(image->pixels = hmm_alloc(image->channels, pixels)))
		bad = -1;
	for (size_t i = 0; !bad && i < pixels; i++)
		for (size_t c = 0; c < image->channels; c++)
			image->pixels[c * pixels + i] = decoder->interleaved[i * image->channels + c];
	png_destroy_read_struct(&decoder->png, &decoder->info, NULL);
	free(decoder->interleaved);
	free(decoder->rows);
	free(decoder);
	return bad;
}
