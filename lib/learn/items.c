#include "hmm/learn/items.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/random.h"
#include "hmm/base/utf8.h"
#include "hmm/data/predictions.h"
#include "hmm/learn/feed.h"

int hmm_skip_unknown;

/* Where an epoch's sets are drawn, at {seed, epoch, the item's key}; dropout has the first streams
 * there. */
enum { DRAW_STREAM = 0x44520000 };

/* Those of the split train. */
static int
list_modalities(struct hmm_names *modalities, const struct hmm_dataset *data,
    const struct hmm_objective *objective)
{
	double truth;
	int label;
	for (size_t i = 0; i < data->count; i++) {
		const struct hmm_sample *sample = &data->sample[i];
		if (!sample->modality[0])
			return hmm_error("subject %s: a record without a modality", sample->subject);
		if (strchr(sample->modality, '+') || !hmm_utf8_valid(sample->modality))
			return hmm_error("subject %s: modality '%s': want a name in UTF-8 without '+', which "
			                 "joins the modalities of a set",
			    sample->subject, sample->modality);
		if (strcmp(sample->split, "train"))
			continue;
		const int known = hmm_objective_truth(objective, sample, &label, &truth);
		if (known < 0 || (known && hmm_names_add(modalities, sample->modality) < 0))
			return -1;
	}
	return hmm_names_sort(modalities, NULL);
}

int
hmm_items_modalities(struct hmm_names *modalities, const struct hmm_names *before,
    const struct hmm_dataset *data, const struct hmm_objective *objective)
{
	struct hmm_names all = {0};
	*modalities = (struct hmm_names){0};
	int bad = list_modalities(&all, data, objective);
	for (size_t i = 0; before && i < before->count && !bad; i++)
		bad = hmm_names_add(modalities, before->name[i]) < 0;
	for (size_t i = 0; i < all.count && !bad; i++)
		bad = hmm_names_add(modalities, all.name[i]) < 0;
	hmm_names_close(&all);
	return bad ? -1 : 0;
}

/* Number an image's modality: 1, or 0 where it is left out, or -1 reported. */
static int
number(struct hmm_item_image *image, const struct hmm_names *modalities, int want)
{
	const struct hmm_sample *sample = image->sample;
	char known[512];
	if (!modalities)
		return 1;
	const long found = hmm_names_find(modalities, sample->modality);
	if (found < 0 && (want & HMM_SOME_IMAGES || hmm_skip_unknown))
		return 0;
	if (found < 0)
		return hmm_error("subject %s: modality '%s' is unknown to the model, which knows %s "
		                 "(--skip-unknown leaves it out)",
		    sample->subject, sample->modality, hmm_names_list(known, sizeof(known), modalities));
	image->modality = (size_t)found;
	image->stream = hmm_random_name(sample->modality);
	return 1;
}

/* The images of one split; *subjects: of how many subjects, were none left out. */
static int
list_images(struct hmm_items *items, size_t *subjects, const struct hmm_dataset *data,
    const struct hmm_names *modalities, const struct hmm_objective *objective, const char *split,
    int want)
{
	const struct hmm_sample *before = NULL;
	double truth = 0;
	int label = -1;
	size_t unlabelled = 0, unknown = 0;
	*subjects = 0;
	for (size_t i = 0; i < data->count; i++) {
		const struct hmm_sample *sample = &data->sample[i];
		struct hmm_item_image *image = &items->image[items->images];
		if ((split && strcmp(sample->split, split)) || (want & HMM_WHOLE && sample->observed[0]))
			continue;
		const int known = split ? hmm_objective_truth(objective, sample, &label, &truth) : 1;
		if (known < 0)
			return -1;
		if (!known) {
			unlabelled++;
			continue;
		}
		*subjects += !before || strcmp(before->subject, sample->subject) != 0;
		before = sample;
		*image = (struct hmm_item_image){
		    .x = sample->x, .sample = sample, .label = label, .truth = truth};
		const int taken = number(image, modalities, want);
		if (taken < 0)
			return -1;
		items->images += (size_t)taken;
		unknown += !taken;
	}
	if (unknown && !(want & HMM_SOME_IMAGES))
		hmm_warn("%zu images of modalities that the model does not know are left out", unknown);
	if (unlabelled)
		hmm_warn("%zu records of split %s have no %s and are left out", unlabelled, split,
		    objective->target == HMM_TIME ? "time or no event" : "label");
	if (split && !before && !(want & HMM_OR_NONE))
		return hmm_error(
		    "no labelled records of split '%s': hmm-split assigns train, val, cal and test%s",
		    split,
		    strcmp(split, "val") ? ""
		                         : " (without: --stop-on training --schedule constant "
		                           "--checkpoint last)");
	return 0;
}

static uint32_t
key_of(const struct hmm_sample *sample, int want)
{
	char name[sizeof(struct hmm_record)];
	if (!(want & HMM_BY_IMAGE) || !sample->source[0])
		return hmm_random_name(sample->subject);
	const int length = snprintf(name, sizeof(name), "%s\n%s", sample->subject, sample->source);
	if (sample->imputed[0]) /* its source is another image's name */
		snprintf(name + length, sizeof(name) - (size_t)length, "\n%s\n%s", sample->modality,
		    sample->imputed);
	return hmm_random_name(name);
}

static int
same_subject(const struct hmm_item_image *a, const struct hmm_item_image *b)
{
	return !strcmp(a->sample->subject, b->sample->subject);
}

/* Whether two images of a subject may be in one item. 0 reported. */
static int
mixes(const struct hmm_sample *a, const struct hmm_sample *b)
{
	struct hmm_record one, other;
	if (strcmp(a->modality, b->modality) || !strcmp(a->imputed, b->imputed))
		return 1;
	hmm_sample_fields(&one, a);
	hmm_sample_fields(&other, b);
	return !hmm_record_mix(&one, &other);
}

static int
by_size(const void *left, const void *right)
{
	const struct hmm_item_image *a = left, *b = right;
	const int order = (a->size > b->size) - (a->size < b->size);
	return order ? order : (a->sample > b->sample) - (a->sample < b->sample);
}

/* Have a subject's sets lie by size. */
static void
sort_sets(struct hmm_item_image *set, size_t sets)
{
	for (size_t i = 0; i < sets; i++) {
		set[i].size = 1;
		for (const char *at = set[i].sample->modality; (at = strchr(at, '+')); at++)
			set[i].size++;
	}
	qsort(set, sets, sizeof(*set), by_size);
}

/* Make items of the images; *subjects: of how many subjects. */
static int
group_images(
    struct hmm_items *items, size_t *subjects, const struct hmm_names *modalities, int want)
{
	struct hmm_item_image *image = items->image;
	*subjects = 0;
	for (size_t first = 0, end; first < items->images; first = end) {
		const struct hmm_sample *sample = image[first].sample;
		for (end = first + 1; end < items->images && !(want & HMM_BY_IMAGE); end++) {
			if (!same_subject(&image[end], &image[first]))
				break;
			if (!mixes(image[end - 1].sample, image[end].sample))
				return -1;
			if (want & HMM_ONE_OF_EACH && image[end].modality == image[end - 1].modality)
				return hmm_error("subject %s: several images of modality %s, want one",
				    sample->subject, sample->modality);
		}
		if (want & HMM_DRAWN)
			sort_sets(&image[first], end - first);
		if (want & HMM_ALL_MODALITIES && end - first < modalities->count)
			continue;
		*subjects += first == 0 || !same_subject(&image[first], &image[first - 1]);
		items->item[items->count++] = (struct hmm_item){.image = &image[first],
		    .count = end - first,
		    .subject = sample->subject,
		    .key = key_of(sample, want),
		    .label = image[first].label,
		    .truth = image[first].truth,
		    .weight = 1,
		    .whole = !sample->observed[0],
		    .set = &image[first],
		    .sets = want & HMM_DRAWN ? end - first : 0};
	}
	return 0;
}

int
hmm_items_open(struct hmm_items *items, const struct hmm_dataset *data,
    const struct hmm_names *modalities, const struct hmm_objective *objective, const char *split,
    int want)
{
	size_t before, after;
	*items = (struct hmm_items){.data = data};
	/* what is left out costs nothing, as it is never touched */
	items->image = hmm_alloc_raw(data->count, sizeof(*items->image));
	items->item = hmm_alloc_raw(data->count, sizeof(*items->item));
	if (!items->image || !items->item ||
	    list_images(items, &before, data, modalities, objective, split, want) ||
	    group_images(items, &after, modalities, want))
		return -1;
	if (after < before)
		hmm_warn("%zu subject%s%s%s %s a modality that the model wants and %s left out",
		    before - after, before - after == 1 ? "" : "s", split ? " of split " : "",
		    split ? split : "", before - after == 1 ? "lacks" : "lack",
		    before - after == 1 ? "is" : "are");
	if (split && after == 0 && !(want & HMM_OR_NONE))
		return hmm_error("split '%s': no subject has what the model wants", split);
	return 0;
}

void
hmm_items_close(struct hmm_items *items)
{
	free(items->image);
	free(items->item);
	*items = (struct hmm_items){0};
}

/* ---- what is drawn ---- */

static size_t
end_of_size(const struct hmm_item *item, size_t first)
{
	size_t end = first + 1;
	while (end < item->sets && item->set[end].size == item->set[first].size)
		end++;
	return end;
}

static const struct hmm_item_image *
draw(const struct hmm_item *item, struct hmm_place place)
{
	size_t sizes = 0, first = 0, end;
	for (size_t i = 0; i < item->sets; i = end_of_size(item, i))
		sizes++;
	size_t size = (size_t)(hmm_random_uniform(place, 0) * (double)sizes);
	for (; (end = end_of_size(item, first)), size > 0; size--)
		first = end;
	return &item->set[first + (size_t)(hmm_random_uniform(place, 1) * (double)(end - first))];
}

void
hmm_items_draw(const struct hmm_items *items, struct hmm_place place)
{
	place.stream = DRAW_STREAM;
	for (size_t i = 0; i < items->count && items->item[i].sets; i++) {
		struct hmm_item *item = &items->item[i];
		place.subject = item->key;
		item->image = draw(item, place);
		item->count = 1;
		item->whole = !item->image->sample->observed[0];
	}
}

/* ---- all ---- */

int
hmm_items_balance(struct hmm_items *items, const struct hmm_objective *objective)
{
	const size_t classes = objective->target == HMM_CLASSES ? objective->classes.count : 2;
	if (objective->target != HMM_BINARY && objective->target != HMM_CLASSES)
		return hmm_error("--class-weight balanced is for classes, not for --target %s",
		    hmm_target_names[objective->target]);
	size_t *of_class = hmm_alloc(classes, sizeof(*of_class));
	for (size_t i = 0; of_class && i < items->count; i++)
		of_class[items->item[i].label]++;
	for (size_t i = 0; of_class && i < items->count; i++)
		items->item[i].weight =
		    (double)items->count / ((double)classes * (double)of_class[items->item[i].label]);
	free(of_class);
	return of_class ? 0 : -1;
}

static int
write_row(FILE *file, const struct hmm_predicted_kind *kind, const struct hmm_item *item,
    const double *number)
{
	const struct hmm_sample *first = item->image[0].sample;
	char modalities[HMM_RECORD_NAMES] = "", imputed[HMM_RECORD_NAMES] = "";
	for (size_t i = 0; i < item->count; i++) {
		const struct hmm_sample *sample = item->image[i].sample;
		if (i && !strcmp(sample->modality, item->image[i - 1].sample->modality))
			continue;
		if (hmm_record_join(modalities, sizeof(modalities), item->subject, sample->modality) ||
		    (sample->imputed[0] &&
		        hmm_record_join(imputed, sizeof(imputed), item->subject, sample->modality)))
			return -1;
	}
	const struct hmm_predicted row = {first->subject, first->group, first->split, modalities,
	    imputed, "", first->label, first->event, number};
	hmm_predictions_write(file, kind, &row);
	return 0;
}

int
hmm_items_predict(const struct hmm_items *items, const struct hmm_objective *objective, FILE *file,
    int (*score)(void *self, const struct hmm_item *item, double *number), void *self)
{
	const struct hmm_predicted_kind kind = {
	    objective->target, objective->columns.count, objective->columns.name};
	double *number = hmm_alloc(objective->columns.count, sizeof(*number));
	struct hmm_feed feed;
	int bad = !number;
	hmm_predictions_write_header(file, &kind);
	hmm_feed_open(&feed, items);
	hmm_feed_begin(&feed, NULL, 0);
	for (size_t i = 0; i < items->count && !bad; i++) {
		const struct hmm_item *item = &items->item[i];
		bad = hmm_feed_next(&feed, i, &item, 1, NULL) || score(self, item, number) ||
		      write_row(file, &kind, item, number);
	}
	hmm_feed_close(&feed);
	free(number);
	return bad ? -1 : 0;
}
