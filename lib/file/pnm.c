#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/error.h"
#include "hmm/image.h"
#include "hmm/memory.h"

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

static int
read_pixels(struct hmm_image *image, FILE *file, const char *name, unsigned long most)
{
	const size_t bytes = most > 255 ? 2 : 1, pixels = image->height * image->width;
	const size_t row = image->width * image->channels * bytes;
	uint8_t *line = hmm_alloc(row, 1);
	/* Line by line, so that a hostile size costs no more than what it sends. */
	void *block = NULL;
	size_t capacity = 0, y = 0;
	for (; line && y < image->height; y++) {
		if (fread(line, 1, row, file) != row) {
			hmm_error("%s: truncated in row %zu of %zu", name, y, image->height);
			break;
		}
		if (hmm_grow(&block, &capacity, (y + 1) * image->width * image->channels))
			break;
		for (size_t i = 0; i < image->width * image->channels; i++) {
			const unsigned long value =
			    bytes == 1 ? line[i] : (unsigned long)line[2 * i] << 8 | line[2 * i + 1];
			const unsigned long capped = value < most ? value : most;
			((uint8_t *)block)[y * image->width * image->channels + i] =
			    (uint8_t)((capped * 255 + most / 2) / most);
		}
	}
	free(line);
	if (line && y == image->height && (image->pixels = hmm_alloc(image->channels, pixels)))
		for (size_t i = 0; i < pixels * image->channels; i++)
			image->pixels[i % image->channels * pixels + i / image->channels] =
			    ((uint8_t *)block)[i];
	free(block);
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
		return hmm_error(
		    "%s: a PNM of %lux%lu pixels up to %lu, want at most %d pixels up to 65535", name,
		    width, height, most, HMM_MAX_PIXELS);
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

int
hmm_image_read(struct hmm_image *image, const char *path)
{
	const int standard = !strcmp(path, "-");
	const char *name = standard ? "standard input" : path;
	FILE *file = standard ? stdin : fopen(path, "rb");
	if (!file)
		return hmm_error("%s: cannot open: %s", path, strerror(errno));
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
			bad =
			    hmm_error("%s: neither PNG nor PNM (djpeg and the like write PNM); volumes end in "
			              ".nii, .nii.gz, .hdr or .img",
			        name);
	}
	if (!standard)
		fclose(file);
	return bad;
}
