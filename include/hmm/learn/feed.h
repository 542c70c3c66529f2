/* The blocks of items, where a data set has them in a file: fetched before they are wanted, read
 * when they are. For a data set in memory all of this does nothing. */
#ifndef HMM_FEED_H
#define HMM_FEED_H

#include "hmm/learn/items.h"

/* Items in hand: their images' x points into `blocks`. */
struct hmm_hand {
	void *blocks;
	size_t capacity;
	const struct hmm_item *item; /* the only one, read before its turn; or NULL */
};

struct hmm_feed {
	const struct hmm_items *items;
	/* private */
	int reads;           /* 1: from a file */
	const size_t *order; /* in which they are fetched; NULL: as they stand */
	size_t ahead;        /* so many items before they are wanted */
	size_t together;     /* and so many at once */
	size_t fetched;      /* of this pass */
	struct hmm_hand hand[2], *now;
};

/* These items are kept by reference. Close it in any case. */
void hmm_feed_open(struct hmm_feed *feed, const struct hmm_items *items);
void hmm_feed_close(struct hmm_feed *feed); /* legal on zeroes */

/* Begin a pass over all items, which will be wanted about in that order (NULL: as they stand). They
 * are fetched `ahead` items before they are wanted; 0: as far ahead as is good for a disk. */
void hmm_feed_begin(struct hmm_feed *feed, const size_t *order, size_t ahead);

/* Have the blocks of the pass's next `count` items in memory until the next call, and there that of
 * `next` as well, which will be its only item; NULL: none. 0, or -1 reported. */
int hmm_feed_next(struct hmm_feed *feed, size_t first, const struct hmm_item *const *item,
    size_t count, const struct hmm_item *next);

#endif
