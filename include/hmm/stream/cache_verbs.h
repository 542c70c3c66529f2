/* What hmm-cache does: a function a verb. */
#ifndef HMM_CACHE_VERBS_H
#define HMM_CACHE_VERBS_H

#include "hmm/base/option.h"

/* Its options and its operand, as far as its verb knows them. */
struct hmm_cache_request {
	struct hmm_option_list caches; /* see hmm_cache_check_folders() */
	const char *slice, *vgg, *gan; /* entries of a history; a file of them */
	const char *log;               /* a file */
	const char *batches;           /* plan: a folder to make */
	struct hmm_option_list keep;   /* manifests */
	const char *manifest;          /* the operand; NULL where none is to be read */
	long threads, jobs, size;      /* size: HMM_UNSET where none is wanted */
	double older;                  /* days; HMM_UNSET likewise */
	int require, there, rehash, repair, dry_run;
};

/* Each 0, or -1 reported; errors of standard output stay in it. */
typedef int hmm_cache_verb(const struct hmm_cache_request *request);
hmm_cache_verb hmm_cache_verb_name, hmm_cache_verb_plan, hmm_cache_verb_has, hmm_cache_verb_put,
    hmm_cache_verb_verify, hmm_cache_verb_stats, hmm_cache_verb_trim;

#endif
