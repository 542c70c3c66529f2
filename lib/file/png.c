#include <errno.h>
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hmm/base/error.h"
#include "hmm/file/image.h"
#include "hmm/base/memory.h"
#include "hmm/file/output.h"

enum { MAX_RATIO = 1032 }; /* the most that deflate can shrink */

/* Everything that must survive libpng's longjmp lives on the heap: this and the coder that
 * begins with it, which libpng knows as its error pointer. */
struct escape {
	char message[160];
	jmp_buf fail;
};

struct decoder {
	struct escape escape;
	png_structp png;
	png_infop info;
	uint8_t *interleaved;
	png_bytep *rows;
	uint8_t colours[256][3]; /* the palette */
	int indexed, deep;       /* 1: has a palette; has 16 bits a sample */
};

struct encoder {
	struct escape escape;
	png_structp png;
	png_infop info;
	uint8_t *row; /* interleaved */
};

static void
on_error(png_structp png, png_const_charp message)
{
	struct escape *escape = png_get_error_ptr(png);
	snprintf(escape->message, sizeof(escape->message), "%s", message);
	longjmp(escape->fail, 1);
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
	png_set_packing(png);
	if (type == PNG_COLOR_TYPE_GRAY)
		png_set_expand_gray_1_2_4_to_8(png);
	png_set_strip_16(png);
	png_set_strip_alpha(png);
	png_set_interlace_handling(png);
	png_read_update_info(png, info);
}

/* The palette; an index beyond its end is taken for a grey, as Pillow does. */
static void
read_palette(struct decoder *decoder)
{
	png_colorp palette = NULL;
	int count = 0;
	png_get_PLTE(decoder->png, decoder->info, &palette, &count);
	for (int i = 0; i < 256; i++) {
		const uint8_t grey = (uint8_t)i;
		decoder->colours[i][0] = i < count ? palette[i].red : grey;
		decoder->colours[i][1] = i < count ? palette[i].green : grey;
		decoder->colours[i][2] = i < count ? palette[i].blue : grey;
	}
}

/* Whether a file could hold that many bytes; one without a size could. */
static int
may_hold(FILE *file, size_t bytes)
{
	struct stat status;
	const int descriptor = fileno(file);
	return descriptor < 0 || fstat(descriptor, &status) || !S_ISREG(status.st_mode) ||
	       bytes / MAX_RATIO <= (size_t)status.st_size;
}

/* Of 16 bits the high byte is left, which is little where only 12 of them are used. */
static void
warn_dark(const struct decoder *decoder, size_t samples, const char *name)
{
	unsigned most = 0;
	for (size_t i = 0; i < samples; i++)
		most = decoder->interleaved[i] > most ? decoder->interleaved[i] : most;
	if (most < 128)
		hmm_warn_counted("%s: its 16-bit samples are below %u, and become 0 to %u: stretch them "
		                 "first (netpbm's pnmnorm, or ImageMagick's -auto-level)",
		    name, (most + 1) * 256, most);
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
	if (!may_hold(file, image->height * png_get_rowbytes(decoder->png, decoder->info)))
		return hmm_error("%s: %zux%zu pixels in a file that is too small for them", name,
		    image->width, image->height);
	decoder->indexed = png_get_color_type(decoder->png, decoder->info) == PNG_COLOR_TYPE_PALETTE;
	decoder->deep = png_get_bit_depth(decoder->png, decoder->info) == 16;
	read_palette(decoder);
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
	if (decoder->deep)
		warn_dark(decoder, image->height * row, name);
	return 0;
}

/* Interleaved or indexed pixels to planes. */
static int
to_planes(struct hmm_image *image, const struct decoder *decoder)
{
	const size_t pixels = image->height * image->width, channels = image->channels;
	image->channels = decoder->indexed ? 3 : channels;
	image->pixels = hmm_alloc(image->channels, pixels);
	if (!image->pixels)
		return -1;
	for (size_t c = 0; c < image->channels; c++) {
		uint8_t *plane = image->pixels + c * pixels;
		for (size_t i = 0; i < pixels; i++)
			plane[i] = decoder->indexed ? decoder->colours[decoder->interleaved[i]][c]
			                            : decoder->interleaved[i * channels + c];
	}
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
	if (setjmp(decoder->escape.fail)) {
		hmm_error("%s: broken PNG: %s", name, decoder->escape.message);
	} else {
		decoder->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, decoder, on_error, on_warning);
		decoder->info = decoder->png ? png_create_info_struct(decoder->png) : NULL;
		bad = decoder->info ? decode(decoder, image, file, name) : hmm_error("out of memory");
	}
	bad = bad ? -1 : to_planes(image, decoder);
	png_destroy_read_struct(&decoder->png, &decoder->info, NULL);
	free(decoder->interleaved);
	free(decoder->rows);
	free(decoder);
	return bad;
}

/* May longjmp: no local variable is needed after a failure. */
static int
encode(struct encoder *encoder, const struct hmm_image *image, FILE *file)
{
	const size_t pixels = image->height * image->width, channels = image->channels;
	png_init_io(encoder->png, file);
	png_set_IHDR(encoder->png, encoder->info, (png_uint_32)image->width, (png_uint_32)image->height,
	    8, channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
	    PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	encoder->row = hmm_alloc(image->width, channels);
	if (!encoder->row)
		return -1;
	png_write_info(encoder->png, encoder->info);
	for (size_t y = 0; y < image->height; y++) {
		for (size_t i = 0; i < image->width * channels; i++)
			encoder->row[i] =
			    image->pixels[i % channels * pixels + y * image->width + i / channels];
		png_write_row(encoder->png, encoder->row);
	}
	png_write_end(encoder->png, NULL);
	return 0;
}

int
hmm_png_put(const struct hmm_image *image, FILE *file, const char *name)
{
	struct encoder *encoder = hmm_alloc(1, sizeof(*encoder));
	volatile int bad = -1;
	if (!encoder)
		return -1;
	if (setjmp(encoder->escape.fail)) {
		hmm_error(
		    "%s: cannot write: %s", name, ferror(file) ? strerror(errno) : encoder->escape.message);
	} else {
		encoder->png =
		    png_create_write_struct(PNG_LIBPNG_VER_STRING, encoder, on_error, on_warning);
		encoder->info = encoder->png ? png_create_info_struct(encoder->png) : NULL;
		bad = encoder->info ? encode(encoder, image, file) : hmm_error("out of memory");
	}
	png_destroy_write_struct(&encoder->png, &encoder->info);
	free(encoder->row);
	free(encoder);
	return bad;
}

int
hmm_png_write(const struct hmm_image *image, const char *path)
{
	struct hmm_output output;
	if (hmm_output_open(&output, path))
		return -1;
	if (!hmm_png_put(image, output.file, path))
		return hmm_output_finish(&output);
	hmm_output_abandon(&output);
	return -1;
}
