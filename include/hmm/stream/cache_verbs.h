/* What hmm-cache does: a function a verb. */
#ifndef HMM_CACHE_VERBS_H
#define HMM_CACHE_VERBS_H

#include <stddef.h>

/* Its options and its operand, as far as its verb knows them. */
struct hmm_cache_request {
	const char *cache;             /* a folder */
	const char *slice, *vgg, *gan; /* entries of a history; a file of them */
	const char *manifest;          /* the operand */
	long threads;
	int require, there;
};

/* Each 0, or -1 reported; errors of standard output stay in it. */
typedef int hmm_cache_verb(const struct hmm_cache_request *request);
hmm_cache_verb hmm_cache_verb_name, hmm_cache_verb_has, hmm_cache_verb_put, hmm_cache_verb_which;

#endif
