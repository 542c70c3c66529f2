/* Folders to write trees of files into. */
#ifndef HMM_TREE_H
#define HMM_TREE_H

/* A name within a folder, to free(); NULL, reported. */
char *hmm_tree_join(const char *folder, const char *name);

/* Make a folder, or take one that has nothing in it. 0, or -1 reported. */
int hmm_tree_start(const char *folder);

/* Make what is missing of the folders above a file. 0, or -1 reported. */
int hmm_tree_above(const char *path);

/* Let the names in a folder outlast a crash, where its file system can do that. */
void hmm_tree_sync(const char *folder);

#endif
