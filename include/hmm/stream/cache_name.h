/* What hmm-cache calls the features of a table's images, before any is computed. */
#ifndef HMM_CACHE_NAME_H
#define HMM_CACHE_NAME_H

#include "hmm/data/table.h"
#include "hmm/stream/generators.h"
#include "hmm/stream/history.h"
#include "hmm/stream/journal.h"

/* How they are to be made. */
struct hmm_naming {
	struct hmm_step slice, vgg;
	struct hmm_generators generators; /* of imputed images; owned */
};

/* Read entries, and lines of them (NULL: none), as the programs' --show-history prints them. 0, or
 * -1 reported; free it in either case. */
int hmm_naming_read(
    struct hmm_naming *naming, const char *slice, const char *vgg, const char *generators);
void hmm_naming_free(struct hmm_naming *naming); /* legal on zeroes */

/* Whether images with this history, which is known, were made so: with a mask or without, and where
 * there are generators by one of them. The name is their file's. 0, or -1 reported. */
int hmm_naming_check(
    const struct hmm_naming *naming, const struct hmm_chain *made, const char *name);

/* For each row its image's name, by `path`, `mask` and the columns of an imputed one, and what its
 * files are, see hmm_files_check(); NULL where it has none, for a reason that was said. */
struct hmm_cache_names {
	char **key, **sha256; /* [rows], owned */
	size_t rows, named;
};

/* With the help of a journal, unless that is NULL. 0, or -1 reported where there are none at all;
 * free them in either case. */
int hmm_cache_name_rows(struct hmm_cache_names *names, const struct hmm_table *table,
    const struct hmm_naming *naming, struct hmm_journal *journal, size_t threads);
void hmm_cache_names_free(struct hmm_cache_names *names); /* legal on zeroes */

#endif
