/* JSON as text. */
#ifndef HMM_JSON_TEXT_H
#define HMM_JSON_TEXT_H

#include <jansson.h>
#include <stdio.h>

/* The value that the text is, to json_decref(), or NULL with the reason in `error`, which may be
 * NULL, where it is no JSON or has a key twice. 0, or -1 reported when memory is short: jansson's
 * own json_loads() then calls the text faulty, or drops bytes of it and says nothing. */
int hmm_json_read(json_t **value, const char *text, size_t size, json_error_t *error);

/* A value's text, compact, to free(); the value is released. NULL, reported, when memory is short,
 * also for the value (NULL): jansson's own json_dumps() then leaves out a key and says nothing. */
char *hmm_json_write(json_t *value);

/* A line of it, where `bad` is 0: 0, or -1 reported. Errors of writing stay in the FILE. */
int hmm_json_print(FILE *file, json_t *value, int bad);

#endif
