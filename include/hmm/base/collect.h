/* A FILE whose bytes are collected in memory. Of open_memstream()'s, glibc drops some where memory
 * is short, and no call tells. */
#ifndef HMM_COLLECT_H
#define HMM_COLLECT_H

#include <stdio.h>

struct hmm_collected {
	FILE *file; /* to write to; NULL once finished */
	char *text; /* once finished: all of it, and a zero byte */
	size_t size, capacity;
};

struct hmm_collected *hmm_collect_open(void); /* NULL, reported, when memory is short */

/* Close the file. 0 when the text is whole, or -1 (not reported). */
int hmm_collect_finish(struct hmm_collected *collected);

/* Everything, the file too. Legal on NULL. */
void hmm_collect_free(struct hmm_collected *collected);

#endif
