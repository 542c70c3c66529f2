/* A file of weights, a model's or a VGG's, for people: what its metadata says, such as the
 * histories of what it was trained on, and its tensors. */
#ifndef HMM_WEIGHTS_TEXT_H
#define HMM_WEIGHTS_TEXT_H

#include <stdio.h>

#include "hmm/file/safetensors.h"

/* The metadata, a line a value behind "# "; of a value that is JSON itself, a line for each
 * innermost object and each number or text outside of those, behind the keys that lead to it.
 * Then a table with a line a tensor. 0, or -1 reported; errors of
 * writing stay in the FILE, here and below. */
int hmm_weights_text_print(FILE *file, const struct hmm_weights *weights);

/* The same as JSON, an object a line: the metadata, and each tensor. */
int hmm_weights_text_json(FILE *file, const struct hmm_weights *weights);

#endif
