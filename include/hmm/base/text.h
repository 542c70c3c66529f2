#ifndef HMM_TEXT_H
#define HMM_TEXT_H

#include <string.h>

static inline int
hmm_ends_in(const char *text, const char *end)
{
	const size_t length = strlen(text), tail = strlen(end);
	return length >= tail && !strcmp(text + length - tail, end);
}

#endif
