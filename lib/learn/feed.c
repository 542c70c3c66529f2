#include "hmm/learn/feed.h"

#include <stdlib.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

/* What is on its way: enough for a disk to choose the order in. What lies together is fetched
 * together, and a small hole with it, for that takes as long as any single block. */
enum { AHEAD_BYTES = 16 << 20, AHEAD_MOST = 256, TOGETHER_BYTES = 1 << 20, HOLE_BYTES = 128 << 10 };

void
hmm_feed_open(struct hmm_feed *feed, const struct hmm_items *items)
{
	*feed = (struct hmm_feed){.items = items, .now = feed->hand};
	feed->reads = items->data && items->count && !items->item[0].image[0].sample->x;
}

void
hmm_feed_close(struct hmm_feed *feed)
{
	free(feed->hand[0].blocks);
	free(feed->hand[1].blocks);
	*feed = (struct hmm_feed){0};
}

/* ---- fetching ---- */

/* A number from 1 to `most`, which may be 0. */
static size_t
within(size_t number, size_t most)
{
	number = number < most ? number : most;
	return number ? number : 1;
}

void
hmm_feed_begin(struct hmm_feed *feed, const size_t *order, size_t ahead)
{
	const struct hmm_items *items = feed->items;
	feed->order = order;
	feed->fetched = 0;
	feed->ahead = ahead;
	feed->hand[0].item = feed->hand[1].item = NULL;
	if (!feed->reads)
		return;
	const size_t images = /* of an item, of which one set is in hand where they are drawn */
	    items->item[0].sets ? 1 : (items->images + items->count - 1) / items->count;
	if (!ahead)
		feed->ahead = within(AHEAD_BYTES / items->data->bytes / images, AHEAD_MOST);
	feed->together = within(TOGETHER_BYTES / items->data->bytes / images, feed->ahead / 2);
}

/* Blocks that lie together: none, or from one to another. */
struct range {
	const struct hmm_sample *first, *last;
};

/* Add a block to those that are fetched with one call, which is made when it lies elsewhere. */
static void
extend(struct range *range, const struct hmm_dataset *data, const struct hmm_sample *sample)
{
	const off_t bytes = (off_t)data->bytes;
	if (range->first && sample->at >= range->last->at &&
	    sample->at - (range->last->at + bytes) <= HOLE_BYTES &&
	    sample->at + bytes - range->first->at <= TOGETHER_BYTES) {
		range->last = sample;
		return;
	}
	if (range->first)
		hmm_dataset_expect(data, range->first, range->last);
	range->first = range->last = sample;
}

/* Have the items before `end` fetched. */
static void
fetch(struct hmm_feed *feed, size_t end)
{
	const struct hmm_items *items = feed->items;
	struct range range = {NULL, NULL};
	end = end < items->count ? end : items->count;
	if (end < items->count && end < feed->fetched + feed->together)
		return; /* until there are enough of them */
	for (; feed->fetched < end; feed->fetched++) {
		const size_t at = feed->fetched;
		const struct hmm_item *item = &items->item[feed->order ? feed->order[at] : at];
		for (size_t i = 0; i < item->count; i++)
			extend(&range, items->data, item->image[i].sample);
	}
	if (range.first)
		hmm_dataset_expect(items->data, range.first, range.last);
}

/* ---- reading ---- */

static size_t
aligned(size_t bytes)
{
	return (bytes + HMM_ALIGN - 1) / HMM_ALIGN * HMM_ALIGN;
}

/* Read the blocks of these items. 0, or -1 reported. */
static int
read_items(
    struct hmm_feed *feed, struct hmm_hand *hand, const struct hmm_item *const *item, size_t count)
{
	const struct hmm_items *items = feed->items;
	const size_t size = aligned(items->data->bytes);
	size_t images = 0, need;
	for (size_t b = 0; b < count; b++)
		images += item[b]->count;
	if (hmm_multiply(&need, images, size))
		return hmm_error("out of memory: %zu x %zu bytes wanted", images, size);
	if (hmm_grow(&hand->blocks, &hand->capacity, need))
		return -1;
	char *block = hand->blocks;
	for (size_t b = 0; b < count; b++)
		for (size_t i = 0; i < item[b]->count; i++, block += size) {
			struct hmm_item_image *image =
			    &items->image[item[b]->image - items->image + (ptrdiff_t)i];
			image->x = hmm_dataset_block(items->data, image->sample, block);
			if (!image->x)
				return -1;
		}
	return 0;
}

int
hmm_feed_next(struct hmm_feed *feed, size_t first, const struct hmm_item *const *item, size_t count,
    const struct hmm_item *next)
{
	if (!feed->reads)
		return 0;
	struct hmm_hand *now = feed->now, *then = now == feed->hand ? now + 1 : feed->hand;
	const int have = now->item && now->item == item[0];
	fetch(feed, first + count + feed->ahead);
	if ((!have && read_items(feed, now, item, count)) || (next && read_items(feed, then, &next, 1)))
		return -1;
	now->item = NULL;
	then->item = next;
	feed->now = then;
	return 0;
}
