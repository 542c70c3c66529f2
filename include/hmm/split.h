/* Who goes into which part of an experiment. Random choices depend on the seed,
 * the repeat and a name alone, never on the order of the rows. */
#ifndef HMM_SPLIT_H
#define HMM_SPLIT_H

#include <stddef.h>
#include <stdint.h>

/* One image of a manifest. */
struct hmm_member {
	const char *group; /* what must stay together */
	int label;         /* 0, 1, -1: none */
	int part;          /* out */
};

enum { HMM_MAX_PARTS = 64 };

/* Give every group a part, 0..parts-1, in proportion to `ratio`, stratified on
 * the groups' labels (0, 1, mixed, none). Returns the number of groups; -1,
 * reported, when there are fewer than parts with a ratio above 0. */
long hmm_split(struct hmm_member *members, size_t count, const double *ratio, int parts,
    uint64_t seed, uint32_t repeat);

/* One subject of a manifest, for one modality. */
struct hmm_owner {
	const char *subject;
	int others;  /* 1: it has another modality too */
	int dropped; /* out */
};

/* Mark round(rate * count) of the owners of a modality as dropped, or as many as
 * have another modality. Returns the number marked. */
size_t hmm_drop(
    struct hmm_owner *owners, size_t count, double rate, uint64_t seed, uint32_t repeat);

#endif
