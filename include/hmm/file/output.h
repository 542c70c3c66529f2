/* Output that is whole or absent, but in a device or a pipe, which are written as they are. */
#ifndef HMM_OUTPUT_H
#define HMM_OUTPUT_H

#include <stdio.h>

struct hmm_output {
	FILE *file;
	char *path;      /* NULL: standard output */
	char *temporary; /* beside path, renamed over it at the end; NULL: no regular file */
	char *text;      /* what standard output will get */
	size_t size;
};

/* Open for writing: a temporary file beside `path` (a link's target), or memory for
 * standard output when path is NULL or "-". 0, or -1 reported. */
int hmm_output_open(struct hmm_output *output, const char *path);

/* Flush, check every earlier write, sync, and rename into place (standard
 * output: write and close). 0, or -1 reported, and then nothing is left behind. */
int hmm_output_finish(struct hmm_output *output);

/* Give up: remove the temporary file. Legal after finish. */
void hmm_output_abandon(struct hmm_output *output);

#endif
