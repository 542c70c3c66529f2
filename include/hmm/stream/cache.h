/* The cache: an entry an image, a stream of its features in DIR/ab/ab....hmm, named by what
 * decides every bit of them. A changed input is another name, so nothing is ever invalid. */
#ifndef HMM_CACHE_H
#define HMM_CACHE_H

#include "hmm/stream/reader.h"

/* The name of an image's features: the SHA-256 of these texts, each ended by a zero byte:
 * "image", the SHA-256 of each of its files; where it has a mask "mask", those of its files;
 * and for each step its program, numerics, options and weights. `sha256` has them with commas
 * between, the first `image` of them the image's, the others the mask's. 0, or -1 reported. */
int hmm_cache_key(char key[HMM_HASH_SIZE], const char *sha256, size_t image,
    const struct hmm_step *step, size_t steps);

/* An entry's file, to free(); NULL, reported. */
char *hmm_cache_path(const char *folder, const char *key);

/* Caches are folders in the order in which they are looked at; only the first is written to, and
 * made where it is not there. Whether the others are there: 0, or -1 reported. */
int hmm_cache_check_folders(const struct hmm_option_list *caches);

/* 1 when the entry is in one of them, 0 when it is not, -1 reported, also for what is no key, and
 * for an entry that is no file or empty; one in another than the first is a warning, and is not
 * there. */
int hmm_cache_has(const struct hmm_option_list *caches, const char *key);
/* The same but for such an entry; and the first one's file, to free(), NULL where it is not 1. */
int hmm_cache_find(char **path, const struct hmm_option_list *caches, const char *key);

/* Give each record of an entry to `take`, as hmm_reader_each() does, and note that it was used: its
 * time is that of today. `image` is whose features these are, for messages. 0, or -1 reported: no
 * entry, a torn one, another image's, or not one image's features once. */
int hmm_cache_read(const struct hmm_option_list *caches, const char *key, const char *image,
    struct hmm_record *record, hmm_record_take *take, void *self);

/* What a file is that stands where the entry of a key does, said where it is not whole: no whole
 * entry of that key; one that could not be read, or not for want of memory; or gone by now. */
enum hmm_cache_verdict { HMM_CACHE_WHOLE, HMM_CACHE_BAD, HMM_CACHE_UNREAD, HMM_CACHE_GONE };
enum hmm_cache_verdict hmm_cache_check(
    const char *path, const char *key, struct hmm_record *record);

/* Write the images of streams of features, read from that file, into entries named by their
 * `source`, each with the history of its stream, a record an image or, where it has an index, a
 * slice. An entry appears once its image is whole and a checksum behind it has proven that, and is
 * never written again, nor removed, nor what another cache has. Of a stream that is cut or damaged
 * the images before that stay, of one that was not made as named (NULL: however) none. An image
 * that is no features of `asked` (NULL: any) ends it, and is not stored. Each image is a line of
 * the log, a descriptor (-1: none). 0, or -1 reported. */
struct hmm_naming;
struct hmm_table;
int hmm_cache_put(const struct hmm_option_list *caches, FILE *file, const char *name,
    const struct hmm_naming *naming, const struct hmm_table *asked, int log);

#endif
