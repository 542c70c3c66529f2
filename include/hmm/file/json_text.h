/* JSON as text. */
#ifndef HMM_JSON_TEXT_H
#define HMM_JSON_TEXT_H

#include <jansson.h>
#include <stdio.h>

/* A value's text, compact, to free(); the value is released. NULL, reported, when memory is short,
 * also for the value (NULL): jansson's own json_dumps() then leaves out a key and says nothing. */
char *hmm_json_write(json_t *value);

/* A line of it, where `bad` is 0: 0, or -1 reported. Errors of writing stay in the FILE. */
int hmm_json_print(FILE *file, json_t *value, int bad);

#endif
