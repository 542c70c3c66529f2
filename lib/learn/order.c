#include "order.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/memory.h"

/* Pieces from so many places of the stream are in a buffer together. */
enum { PIECES = 16 };

enum { PIECE_STREAM = 1, BUFFER_STREAM /* + the buffer's number */ };

struct lying {
	size_t number, item;
};

static int
by_number(const void *left, const void *right)
{
	const struct lying *a = left, *b = right;
	const int order = (a->number > b->number) - (a->number < b->number);
	return order ? order : (a->item > b->item) - (a->item < b->item);
}

/* order->near: by the first of each item's records. */
static int
list_near(struct order *order, const struct hmm_items *items)
{
	struct lying *lying = hmm_alloc(items->count, sizeof(*lying));
	if (!lying)
		return -1;
	for (size_t i = 0; i < items->count; i++) {
		const struct hmm_item *item = &items->item[i];
		lying[i] = (struct lying){item->image[0].sample->number, i};
		for (size_t k = 1; k < item->count; k++)
			if (item->image[k].sample->number < lying[i].number)
				lying[i].number = item->image[k].sample->number;
	}
	qsort(lying, items->count, sizeof(*lying), by_number);
	for (size_t i = 0; i < items->count; i++)
		order->near[i] = lying[i].item;
	free(lying);
	return 0;
}

int
order_open(struct order *order, const struct hmm_items *items, long buffer)
{
	const size_t count = items->count;
	*order = (struct order){.count = count, .item = hmm_alloc(count, sizeof(*order->item))};
	order->fetch = order->item;
	if (!order->item)
		return -1;
	for (size_t i = 0; i < count; i++)
		order->item[i] = i;
	if (buffer < 1)
		return 0;
	order->buffer = (size_t)buffer < count ? (size_t)buffer : count;
	order->piece = (order->buffer + PIECES - 1) / PIECES;
	order->fetch = hmm_alloc(count, sizeof(*order->fetch));
	order->near = hmm_alloc(count, sizeof(*order->near));
	order->drawn = hmm_alloc(count, sizeof(*order->drawn));
	return order->fetch && order->near && order->drawn ? list_near(order, items) : -1;
}

void
order_close(struct order *order)
{
	if (order->fetch != order->item)
		free(order->fetch);
	free(order->item);
	free(order->near);
	free(order->drawn);
	*order = (struct order){0};
}

/* order->fetch: the pieces in random order, each as it lies. */
static void
shuffle_pieces(struct order *order, struct hmm_place place)
{
	const size_t pieces = (order->count + order->piece - 1) / order->piece;
	size_t at = 0;
	place.stream = PIECE_STREAM;
	hmm_random_shuffle(order->drawn, pieces, place);
	for (size_t i = 0; i < pieces; i++) {
		const size_t first = order->drawn[i] * order->piece, left = order->count - first;
		const size_t size = left < order->piece ? left : order->piece;
		memcpy(order->fetch + at, order->near + first, size * sizeof(*order->fetch));
		at += size;
	}
}

void
order_shuffle(struct order *order, struct hmm_place place)
{
	if (!order->buffer) {
		hmm_random_shuffle(order->item, order->count, place);
		return;
	}
	shuffle_pieces(order, place);
	place.stream = BUFFER_STREAM;
	for (size_t first = 0; first < order->count; first += order->buffer, place.stream++) {
		const size_t left = order->count - first;
		const size_t size = left < order->buffer ? left : order->buffer;
		hmm_random_shuffle(order->drawn, size, place);
		for (size_t i = 0; i < size; i++)
			order->item[first + i] = order->fetch[first + order->drawn[i]];
	}
}
