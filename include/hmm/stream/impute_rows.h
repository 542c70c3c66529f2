/* Rows of imputed images for a manifest. */
#ifndef HMM_IMPUTE_ROWS_H
#define HMM_IMPUTE_ROWS_H

/* Write a manifest ("-": standard input) to standard output, with a column imputed, and behind its
 * rows one for each image that a generator of the file `path` imputes and that is not there: of
 * each real image of the modality from which it does, where the subject has no real one of the
 * other; with `all` of every subject. A note says how many. The program's exit status. */
int hmm_impute_rows(const char *path, const char *manifest, int all);

#endif
