/* The cache: an entry an image, a stream of its features in DIR/ab/ab....hmm, named by what
 * decides every bit of them. A changed input is another name, so nothing is ever invalid. */
#ifndef HMM_CACHE_H
#define HMM_CACHE_H

#include "hmm/stream/reader.h"

/* The name of an image's features: the SHA-256 of these texts, each ended by a zero byte:
 * "image", the SHA-256 of each of its files; where it has a mask "mask", those of its files;
 * and for each step its program, numerics, options and weights. The first `image` of the files
 * are the image's, the others the mask's. 0, or -1 reported. */
int hmm_cache_key(char key[HMM_HASH_SIZE], char *const *file, size_t image, size_t files,
    const struct hmm_step *step, size_t steps);

/* An entry's file, to free(); NULL, reported. */
char *hmm_cache_path(const char *folder, const char *key);

/* 1 when the entry is there, 0 when it is not, -1 reported, also for what is no key. */
int hmm_cache_has(const char *folder, const char *key);

/* Give each record of an entry to `take`, as hmm_reader_each() does. `image` is whose features
 * these are, for messages. 0, or -1 reported: no entry, a torn one, another image's, or not one
 * image's features once. */
int hmm_cache_read(const char *folder, const char *key, const char *image,
    struct hmm_record *record, hmm_record_take *take, void *self);

/* Write the images of streams of features, read from that file, into entries named by their
 * `source`, each with the history of its stream, a record an image or, where it has an index, a
 * slice. An entry appears whole, once its image is, and is never written again. Of a stream that
 * ends too early the images before that stay, of one that is damaged none. 0, or -1 reported. */
int hmm_cache_put(const char *folder, FILE *file, const char *name);

#endif
