/* All of a file's streams as text. */
#ifndef HMM_PRINT_H
#define HMM_PRINT_H

#include <stdio.h>

/* As a table, or `json`, see hmm/stream/text.h and hmm/stream/json.h; and each tensor to
 * FOLDER/000000.npy, ... (NULL: not). 0, or -1 reported; errors of writing stay in `out`. */
int hmm_print_streams(FILE *out, FILE *file, const char *name, int json, const char *folder);

#endif
