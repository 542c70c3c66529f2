/* Output that is whole or absent, but in a device or a pipe, which are written as they are.
 *
 * Open it before the work begins, so that a folder that is not there or not writable is told at
 * once; it may stay open as long as the work takes. Until hmm_output_finish() nothing is seen
 * under the path, and what stands there stays. */
#ifndef HMM_OUTPUT_H
#define HMM_OUTPUT_H

#include <stdio.h>

#include "hmm/base/collect.h"

struct hmm_output {
	FILE *file;
	char *path;      /* NULL: standard output */
	char *temporary; /* beside path, renamed over it at the end: PATH.tmp-PID-N; or NULL */
	int unnamed;     /* 1: the file has no name yet, and vanishes when the process is killed */
	struct hmm_collected *collected; /* what standard output will get */
};

/* Open for writing: a file that is not yet seen beside `path` (a link's target), or memory
 * for standard output when path is NULL or "-". It gets the permissions of any new file. Only
 * where the file system knows no unnamed files can a kill leave a temporary one. 0, or -1
 * reported: also where it is the regular file on standard input, which would be lost. */
int hmm_output_open(struct hmm_output *output, const char *path);

/* The same of a file that is read by its name (NULL: none). 0, or -1 reported. */
int hmm_output_spares(const struct hmm_output *output, const char *input);

/* Whether two open outputs would be one file, or pipe. */
int hmm_output_same(const struct hmm_output *a, const struct hmm_output *b);

/* Flush, check every earlier write, sync, and put into place (standard output: write and
 * close). 0, or -1 reported, and then nothing is left behind. */
int hmm_output_finish(struct hmm_output *output);

/* Give up: nothing is left behind. Legal after finish, and on zeroes. */
void hmm_output_abandon(struct hmm_output *output);

#endif
