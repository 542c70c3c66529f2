/* Every file below a folder. */
#ifndef HMM_WALK_H
#define HMM_WALK_H

#include "leftovers.h"

struct hmm_walk {
	/* Whether to look into a folder; `relative` is its path below the top. 1, 0, or -1,
	 * reported, to stop. */
	int (*enter)(void *context, const char *relative);
	/* A regular file, or a link to one: its whole path, and that below the top.
	 * 0, or -1, reported, to stop. */
	int (*file)(void *context, const char *path, const char *relative);
	void *context;
	/* private: links to nothing; what is neither a file nor a folder */
	struct hmm_leftovers dangling, odd;
};

/* Visit them in no particular order, passing over hidden ones; `top` may end in
 * slashes, paths then have one. Links are followed, but never back into a folder
 * above. Warnings count and name the links to nothing and the pipes and devices;
 * what cannot be looked at for any other reason is an error. 0, or -1 reported. */
int hmm_walk_run(struct hmm_walk *walk, const char *top);

/* The number of '/' in a path. */
size_t hmm_walk_depth(const char *relative);

/* What follows the last '/'. */
const char *hmm_walk_base(const char *path);

/* The length of a name without the first of these endings that it has, in capitals or not; 0: it
 * has none. */
size_t hmm_walk_stem(const char *name, const char *const *endings, size_t count);

#endif
