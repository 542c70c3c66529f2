/* The rows of a manifest by what a cache has of them. */
#ifndef HMM_CACHE_ROWS_H
#define HMM_CACHE_ROWS_H

#include "hmm/data/table.h"
#include "hmm/stream/generators.h"

/* For each row whether its features are to be printed, in keep[rows]: with `there` where a cache
 * has them, else the first row of each name that they lack. With `require` each row that they lack
 * is named. How many they have, or -1 reported. */
long hmm_cache_rows(char *keep, const struct hmm_table *table, const struct hmm_option_list *caches,
    int there, int require);

/* Which of the generators made a row's image: 1 and its number, 0 where the image is real, or -1
 * reported, also where none of them did. */
int hmm_cache_generator(size_t *number, const struct hmm_generators *generators,
    const struct hmm_table *table, size_t row);

#endif
