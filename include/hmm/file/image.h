/* 8-bit images: PNG and PNM, as Pillow's convert('RGB') gives them. */
#ifndef HMM_IMAGE_H
#define HMM_IMAGE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct hmm_image {
	size_t channels; /* 1: grey, which Pillow would repeat; 3: RGB */
	size_t height, width;
	uint8_t *pixels; /* [channels][height][width], owned */
};

void hmm_image_free(struct hmm_image *image);

/* The largest image taken, in pixels. */
enum { HMM_MAX_PIXELS = 1 << 28 };

/* A PNG of any kind: palettes are looked up, alpha, transparency and gamma are
 * ignored, 16 bits keep their high byte (Pillow does so for colour; its 16-bit
 * grey would clip). 0, or -1 reported. */
int hmm_png_read(struct hmm_image *image, FILE *file, const char *name);

/* Write grey or RGB, 8 bits a sample, without a time: into a file under that name, or a file of its
 * own, which is whole or absent. 0, or -1 reported. */
int hmm_png_put(const struct hmm_image *image, FILE *file, const char *name);
int hmm_png_write(const struct hmm_image *image, const char *path);

/* One binary PNM (P5, P6), what follows it is left alone; a maximum value other than
 * 255 is scaled to it and rounded (Pillow does so but for 16-bit grey, which it would
 * clip). 0, or -1 reported. */
int hmm_pnm_read(struct hmm_image *image, FILE *file, const char *name);

/* Either, by its first byte; "-" is standard input. 0, or -1 reported. */
int hmm_image_read(struct hmm_image *image, const char *path);

#endif
