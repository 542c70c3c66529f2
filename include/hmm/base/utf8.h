/* UTF-8 (RFC 3629): names come from files and command lines, where any byte may stand. */
#ifndef HMM_UTF8_H
#define HMM_UTF8_H

#include <stddef.h>

/* The bytes of the character at `at`, 1 to 4; 0 where none is encoded. */
size_t hmm_utf8_character(const char *at);

/* Whether a whole text is UTF-8. */
int hmm_utf8_valid(const char *text);

/* A copy, to free(), in which U+FFFD stands for each byte that is none: what JSON can hold.
 * NULL, reported, when memory is short. */
char *hmm_utf8_mend(const char *text);

#endif
