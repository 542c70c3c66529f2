/* Letters of 5x7 pixels, for names on pictures. */
#ifndef HMM_LETTERS_H
#define HMM_LETTERS_H

#include "hmm/file/image.h"

/* From one letter to the next, and from one line to the next. */
enum { HMM_LETTER_WIDTH = 6, HMM_LETTER_HEIGHT = 10 };

/* The letters of a text: of UTF-8 one a character. */
size_t hmm_letters_count(const char *text);

/* Draw them in black, from that pixel to the right: `most` at most, with two dots in place of what
 * does not fit, and nothing beyond the image. What is not printable ASCII is a '?'. */
void hmm_letters_draw(
    struct hmm_image *image, size_t top, size_t left, const char *text, size_t most);

#endif
