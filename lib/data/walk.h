/* Every file below a folder. */
#ifndef HMM_WALK_H
#define HMM_WALK_H

#include <stddef.h>

struct hmm_walk {
	/* Whether to look into a folder; `relative` is its path below the top. */
	int (*enter)(void *context, const char *relative);
	/* A regular file, or a link to one: its whole path, and that below the top.
	 * 0, or -1, reported, to stop. */
	int (*file)(void *context, const char *path, const char *relative);
	void *context;
	size_t dangling; /* links to nothing, after the walk */
};

/* Visit them in no particular order, passing over hidden ones; `top` may end in
 * slashes, paths then have one. Links are followed, but never back into a folder
 * above. One warning counts what dangles. 0, or -1 reported. */
int hmm_walk_run(struct hmm_walk *walk, const char *top);

/* The number of '/' in a path. */
size_t hmm_walk_depth(const char *relative);

/* What follows the last '/'. */
const char *hmm_walk_base(const char *path);

#endif
