#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/file/image.h"
#include "hmm/base/memory.h"
#include "hmm/file/regular.h"
#include "foreign.h"

enum { CHUNK = 1 << 16 };

/* A number of the header, comments and white space before it; -1 (not reported). */
static int
read_number(FILE *file, unsigned long *value)
{
	int c;
	while (isspace(c = getc(file)) || c == '#')
		while (c == '#' && (c = getc(file)) != '\n' && c != EOF)
			c = '#';
	if (!isdigit(c))
		return -1;
	for (*value = 0; isdigit(c) && *value < 1 << 24; c = getc(file))
		*value = *value * 10 + (unsigned long)(c - '0');
	return isspace(c) ? 0 : -1; /* exactly one white space before the pixels */
}

/* One sample, scaled to 0..255 and rounded as Python's round() does. */
static uint8_t
scale(unsigned value, unsigned long most)
{
	const double scaled = rint((double)value / (double)most * 255);
	return (uint8_t)(scaled < 255 ? scaled : 255);
}

/* The interleaved samples, to free(), read little by little so that a hostile size costs
 * no more than what is sent. NULL, reported. */
static uint8_t *
read_samples(FILE *file, const char *name, size_t count, unsigned long most)
{
	unsigned char raw[CHUNK];
	const size_t bytes = most > 255 ? 2 : 1;
	void *block = NULL;
	size_t capacity = 0;
	for (size_t done = 0; done < count;) {
		const size_t here = count - done < CHUNK / bytes ? count - done : CHUNK / bytes;
		const size_t got = fread(raw, bytes, here, file);
		if (got != here) {
			hmm_error("%s: truncated: found %zu bytes of pixels, want %zu", name,
			    (done + got) * bytes, count * bytes);
			free(block);
			return NULL;
		}
		if (hmm_grow(&block, &capacity, done + here)) {
			free(block);
			return NULL;
		}
		uint8_t *samples = (uint8_t *)block + done;
		for (size_t i = 0; i < here; i++) {
			const unsigned wide = bytes == 2 ? (unsigned)raw[2 * i] << 8 | raw[2 * i + 1] : raw[i];
			samples[i] = most == 255 ? raw[i] : scale(wide, most);
		}
		done += here;
	}
	return block;
}

static int
read_pixels(struct hmm_image *image, FILE *file, const char *name, unsigned long most)
{
	const size_t pixels = image->height * image->width, channels = image->channels;
	uint8_t *samples = read_samples(file, name, pixels * channels, most);
	uint8_t brightest = 0;
	for (size_t i = 0; samples && i < pixels * channels; i++)
		brightest = samples[i] > brightest ? samples[i] : brightest;
	if (samples && most > 255 && brightest < 128)
		hmm_warn_counted(
		    "%s: its samples of up to %lu become 0 to %u: stretch them first (netpbm's "
		    "pnmnorm)",
		    name, most, (unsigned)brightest);
	image->pixels = samples ? hmm_alloc(channels, pixels) : NULL;
	for (size_t c = 0; image->pixels && c < channels; c++)
		for (size_t i = 0; i < pixels; i++)
			image->pixels[c * pixels + i] = samples[i * channels + c];
	free(samples);
	return image->pixels ? 0 : -1;
}

int
hmm_pnm_read(struct hmm_image *image, FILE *file, const char *name)
{
	unsigned long width, height, most;
	*image = (struct hmm_image){0};
	const int magic = getc(file), kind = getc(file);
	if (magic != 'P' || (kind != '5' && kind != '6'))
		return hmm_error("%s: not a binary PNM (P5 or P6)", name);
	if (read_number(file, &width) || read_number(file, &height) || read_number(file, &most))
		return hmm_error("%s: its PNM header is broken", name);
	if (!width || !height || height > HMM_MAX_PIXELS / width || !most || most > 65535)
		return hmm_error("%s: a PNM of %lux%lu pixels up to %lu, want at most %d pixels up to "
		                 "65535",
		    name, width, height, most, HMM_MAX_PIXELS);
	image->channels = kind == '5' ? 1 : 3;
	image->width = width;
	image->height = height;
	return read_pixels(image, file, name, most);
}

void
hmm_image_free(struct hmm_image *image)
{
	free(image->pixels);
	*image = (struct hmm_image){0};
}

/* What a file that is neither PNG nor PNM may be. */
static int
refuse_format(FILE *file, const char *name)
{
	unsigned char start[HMM_FOREIGN_START];
	const size_t got = fread(start, 1, sizeof(start), file);
	const char *foreign = hmm_foreign(start, got, name);
	return hmm_error("%s: %s, want NIfTI, PNG or PNM", name, foreign ? foreign : "unknown format");
}

int
hmm_image_read(struct hmm_image *image, const char *path)
{
	const int standard = !strcmp(path, "-");
	const char *name = standard ? "standard input" : path;
	FILE *file = standard ? stdin : hmm_regular_stream(path, NULL);
	if (!file)
		return -1;
	const int first = getc(file);
	int bad;
	if (first == EOF) {
		bad = hmm_error("%s: %s", name, ferror(file) ? strerror(errno) : "empty, want an image");
	} else {
		ungetc(first, file);
		if (first == 'P')
			bad = hmm_pnm_read(image, file, name);
		else if (first == 0x89)
			bad = hmm_png_read(image, file, name);
		else
			bad = refuse_format(file, name);
	}
	if (!standard)
		fclose(file);
	return bad;
}
