/* The order of an epoch's items: all shuffled, or a buffer at a time, so that a file that is larger
 * than memory is read in long pieces. */
#ifndef ORDER_H
#define ORDER_H

#include "hmm/base/random.h"
#include "hmm/learn/items.h"

struct order {
	size_t *item;  /* [count], the items' own order at first */
	size_t *fetch; /* [count], in which they are best read: the same, or in pieces of a buffer; not
	                * owned in the first case */
	size_t count, buffer; /* of all at once 0 */
	/* private, with a buffer */
	size_t *near;  /* [count], in the order in which they lie in the stream */
	size_t *drawn; /* [count], scratch */
	size_t piece;  /* items of `near` that stay together until they are in the buffer */
};

/* `buffer` items at a time; less than 1: all. 0, or -1 reported; close it in either case. */
int order_open(struct order *order, const struct hmm_items *items, long buffer);
void order_close(struct order *order); /* legal on zeroes */

/* Draw it, at that place's streams. */
void order_shuffle(struct order *order, struct hmm_place place);

#endif
