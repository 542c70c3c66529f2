/* JSON as text. */
#ifndef HMM_JSON_TEXT_H
#define HMM_JSON_TEXT_H

#include <jansson.h>

/* A value's text, compact, to free(); the value is released. NULL, reported, when memory is short,
 * also for the value (NULL): jansson's own json_dumps() then leaves out a key and says nothing. */
char *hmm_json_write(json_t *value);

#endif
