/* What test sets of this size, and of others, could find: predictions as a pilot of a study. */
#ifndef HMM_PILOT_H
#define HMM_PILOT_H

#include <stddef.h>
#include <stdio.h>

struct hmm_pilot {
	const char *split;
	double threshold;
	double difference;  /* that is wanted, above 0 */
	double correlation; /* of two systems, where the second is not known: below 1 */
};

/* A line a table and metric, auc and acc: system split metric n patients value other se detectable
 * difference power needed. `se` is the standard error of the difference of two systems: that of the
 * table and `against`, or where that is NULL of the table and another one that varies as much. In
 * words, each says on standard error what it comes to. 0, or -1 reported. */
int hmm_pilot_write(FILE *file, char *const *paths, size_t count, const char *against,
    const struct hmm_pilot *pilot);

#endif
