#include "hmm/learn/setsum.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/names.h"
#include "hmm/kernel/activation.h"

/* Take one more element into a sum or a maximum. */
static void
add(float *out, const float *element, size_t size, enum hmm_reduce reduce)
{
	for (size_t i = 0; i < size; i++) {
		const float x = element[i];
		out[i] = reduce != HMM_MAX ? out[i] + x : hmm_activation_most(x, out[i]);
	}
}

/* What is left to do behind the last one. */
static void
end(float *out, size_t count, size_t size, enum hmm_reduce reduce)
{
	for (size_t i = 0; reduce == HMM_MEAN && i < size; i++)
		out[i] /= (float)count;
}

void
hmm_setsum(
    float *out, const float *const *elements, size_t count, size_t size, enum hmm_reduce reduce)
{
	memcpy(out, elements[0], size * sizeof(float));
	for (size_t e = 1; e < count; e++)
		add(out, elements[e], size, reduce);
	end(out, count, size, reduce);
}

void
hmm_setsum_backward(float *delement, float *dout, const float *element, const float *out,
    size_t count, size_t size, enum hmm_reduce reduce)
{
	for (size_t i = 0; i < size; i++) {
		if (reduce != HMM_MAX) {
			delement[i] = reduce == HMM_MEAN ? dout[i] / (float)count : dout[i];
		} else {
			const int attains = element[i] >= out[i];
			delement[i] = attains ? dout[i] : 0;
			dout[i] = attains ? 0 : dout[i];
		}
	}
}

/* ---- a stream ---- */

/* So many images of a subject are held, as they may come in any order. Where these came in the
 * canonical one the set is made as the others come, and they are not held. */
enum { HELD = 4000 };

/* The subject in hand. */
struct subject {
	struct hmm_writer *writer;
	const struct hmm_setsum_options *options;
	struct hmm_record *record; /* [room] its images, [count]; or the last one alone */
	size_t count, room, capacity;
	int shuffled; /* 1: one came before another that stands before it in a set */
	int reduced;  /* 1: the set has them already */
	size_t modalities;
	size_t *first;         /* [modalities + 1] of each modality's images, once they are sorted */
	size_t *order;         /* [modalities] scratch of what is drawn */
	char *taken;           /* [modalities] 1: in the set that is to be written */
	struct hmm_names seen; /* this subject and those before it */
	struct hmm_histories past;  /* of the images, by record.history */
	struct hmm_history history; /* of the set in hand: what its images went through, all of them */
	struct hmm_record set;      /* without its last division */
};

/* A set of no images yet. */
static int
begin_set(struct subject *subject)
{
	const struct hmm_tensor *x = &subject->record[0].x;
	struct hmm_record *set = &subject->set;
	hmm_record_copy_fields(set, &subject->record[0]);
	set->modality[0] = set->source[0] = set->imputed[0] = '\0';
	set->index = -1;
	set->count = 0;
	hmm_history_free(&subject->history);
	return hmm_tensor_resize(&set->x, HMM_F32, x->shape, x->dimensions);
}

/* Take the next image, in the canonical order, into the set. `begins`: it is the first of its
 * modality. */
static int
add_image(struct subject *subject, const struct hmm_record *image, int begins)
{
	struct hmm_record *set = &subject->set;
	const size_t size = image->x.shape[0] * image->x.shape[1] * image->x.shape[2];
	if (begins &&
	    (hmm_record_join(set->modality, sizeof(set->modality), image->subject, image->modality) ||
	        (image->imputed[0] && hmm_record_join(set->imputed, sizeof(set->imputed),
	                                  image->subject, image->modality))))
		return -1;
	if (set->count++)
		add(set->x.data, image->x.data, size, subject->options->reduce);
	else
		memcpy(set->x.data, image->x.data, size * sizeof(float));
	return hmm_history_take(
	    &subject->history, &subject->past.history[image->history], image->modality);
}

/* Write the set. */
static int
end_set(struct subject *subject)
{
	struct hmm_record *set = &subject->set;
	const size_t size = set->x.shape[0] * set->x.shape[1] * set->x.shape[2];
	end(set->x.data, (size_t)set->count, size, subject->options->reduce);
	hmm_history_simplify(&subject->history);
	return hmm_writer_put(subject->writer, set);
}

/* Write the set of the modalities that are taken; `draw`: the number of a random one, or -1. That
 * may be all that the subject has, and is no less a draw for it. */
static int
put_set(struct subject *subject, long draw)
{
	struct hmm_record *set = &subject->set;
	char observed[sizeof(set->observed)] = "";
	int whole = draw < 0;
	if (begin_set(subject))
		return -1;
	set->index = draw;
	for (size_t m = 0; m < subject->modalities; m++) {
		const size_t first = subject->first[m];
		const struct hmm_record *image = &subject->record[first];
		if (hmm_record_join(observed, sizeof(observed), image->subject, image->modality))
			return -1;
		whole = whole && subject->taken[m];
		for (size_t i = first; subject->taken[m] && i < subject->first[m + 1]; i++)
			if (add_image(subject, &subject->record[i], i == first))
				return -1;
	}
	if (!whole)
		memcpy(set->observed, observed, sizeof(observed));
	return end_set(subject);
}

static int
put_singles(struct subject *subject)
{
	for (size_t m = 0; m < subject->modalities; m++) {
		memset(subject->taken, 0, subject->modalities);
		subject->taken[m] = 1;
		if (put_set(subject, -1))
			return -1;
	}
	return 0;
}

static int
put_subsets(struct subject *subject)
{
	if (subject->modalities > HMM_SUBSETS_MODALITIES)
		return hmm_error("subject %s: %zu modalities have 2^%zu subsets: want at most %d",
		    subject->record[0].subject, subject->modalities, subject->modalities,
		    HMM_SUBSETS_MODALITIES);
	for (unsigned set = 1; set < (1u << subject->modalities) - 1; set++) {
		for (size_t m = 0; m < subject->modalities; m++)
			subject->taken[m] = set >> m & 1;
		if (put_set(subject, -1))
			return -1;
	}
	return 0;
}

/* Behind the full set, whose modalities the record in hand still names. */
static int
put_draws(struct subject *subject)
{
	const struct hmm_setsum_options *options = subject->options;
	char name[sizeof(subject->set.modality)];
	memcpy(name, subject->set.modality, sizeof(name));
	for (long draw = 0; draw < options->draws; draw++) {
		hmm_setsum_draw(subject->taken, subject->order, subject->modalities, options->seed,
		    options->draw_by == HMM_BY_MODALITIES ? name : subject->record[0].subject, draw);
		if (put_set(subject, draw))
			return -1;
	}
	return 0;
}

/* What is wanted of a subject of several modalities behind its full set. */
static int
put_more(struct subject *subject)
{
	switch (subject->options->subsets) {
	case HMM_NO_SUBSETS:
		return 0;
	case HMM_SINGLES:
		return put_singles(subject);
	case HMM_ALL_SUBSETS:
		return put_subsets(subject);
	case HMM_RANDOM_SUBSETS:
		return put_draws(subject);
	}
	return 0;
}

/* Take an image that stands behind another into the set, all of the subject's that is. */
static int
add_next(struct subject *subject, const struct hmm_record *before, const struct hmm_record *image)
{
	const int begins = strcmp(image->modality, before->modality) != 0;
	if (!begins && hmm_record_mix(before, image))
		return -1;
	return add_image(subject, image, begins);
}

/* Take the images into the set, and go on without them but the last. */
static int
reduce_images(struct subject *subject)
{
	struct hmm_record *record = subject->record;
	if (begin_set(subject) || add_image(subject, record, 1))
		return -1;
	for (size_t i = 1; i < subject->count; i++)
		if (add_next(subject, &record[i - 1], &record[i]))
			return -1;
	hmm_record_swap(&record[0], &record[subject->count - 1]);
	subject->count = 1;
	subject->reduced = 1;
	return 0;
}

/* Make room for one more image of the subject in hand. */
static int
make_room(struct subject *subject)
{
	void *record = subject->record;
	const size_t room = 2 * subject->room + 8;
	if (subject->count < subject->room)
		return 0;
	free(subject->first);
	free(subject->order);
	free(subject->taken);
	subject->first = hmm_alloc(room + 1, sizeof(*subject->first));
	subject->order = hmm_alloc(room, sizeof(*subject->order));
	subject->taken = hmm_alloc(room, sizeof(*subject->taken));
	if (!subject->first || !subject->order || !subject->taken ||
	    hmm_grow(&record, &subject->capacity, room * sizeof(*subject->record)))
		return -1;
	subject->record = record;
	memset(subject->record + subject->room, 0, (room - subject->room) * sizeof(*subject->record));
	subject->room = room;
	return 0;
}

/* What the subject in hand lacks is imputed, where that is wanted. */
static int
fill(struct subject *subject)
{
	const struct hmm_fill *fill = subject->options->fill;
	const size_t images = subject->count;
	for (size_t m = 0; fill && m < fill->means.names.count; m++) {
		size_t i = 0;
		while (i < images && strcmp(subject->record[i].modality, fill->means.names.name[m]))
			i++;
		if (i < images)
			continue;
		if (make_room(subject))
			return -1;
		struct hmm_record *imputed = &subject->record[subject->count];
		if (hmm_fill_record(fill, m, imputed, &subject->record[0]) ||
		    hmm_histories_number(&subject->past, &imputed->history, &fill->history))
			return -1;
		subject->count++;
	}
	return 0;
}

/* Write the subject in hand. */
static int
finish(struct subject *subject)
{
	if (subject->count == 0)
		return 0;
	if (subject->reduced)
		return end_set(subject);
	if (fill(subject))
		return -1;
	qsort(subject->record, subject->count, sizeof(*subject->record), hmm_record_compare);
	subject->modalities = 0;
	for (size_t i = 0; i < subject->count; i++)
		if (i == 0 || strcmp(subject->record[i].modality, subject->record[i - 1].modality))
			subject->first[subject->modalities++] = i;
		else if (hmm_record_mix(&subject->record[i - 1], &subject->record[i]))
			return -1;
	subject->first[subject->modalities] = subject->count;
	memset(subject->taken, 1, subject->modalities);
	if (put_set(subject, -1))
		return -1;
	return subject->modalities > 1 ? put_more(subject) : 0;
}

/* The record that was read begins a subject. One whose images came apart would be taken for two. */
static int
begin(struct subject *subject, const struct hmm_reader *reader, const char *name)
{
	if (finish(subject))
		return -1;
	subject->count = 0;
	subject->reduced = 0;
	subject->shuffled = 0;
	if (hmm_names_find(&subject->seen, name) >= 0)
		return hmm_error("record %ld: subject %s was finished before: want its images together, as "
		                 "hmm-gather writes them",
		    hmm_reader_number(reader), name);
	return hmm_names_add(&subject->seen, name) < 0 ? -1 : 0;
}

/* Take the record that was read into the set, which the subject's other images are in. */
static int
add_record(struct subject *subject, const struct hmm_reader *reader, struct hmm_record *record)
{
	struct hmm_record *last = subject->record;
	if (hmm_record_compare(last, record) > 0)
		return hmm_error("record %ld (%s %s): out of order (modality, source, slice) behind %ld "
		                 "images in order, of which no more than %d are held: want all of a "
		                 "subject's in it, as hmm-gather writes them",
		    hmm_reader_number(reader), record->subject, record->modality, subject->set.count, HELD);
	const int bad = add_next(subject, last, record);
	hmm_record_swap(last, record);
	return bad;
}

/* Hold the record that was read, and of many in their order the set that they make. */
static int
hold(struct subject *subject, struct hmm_record *record)
{
	if (make_room(subject))
		return -1;
	struct hmm_record *here = &subject->record[subject->count++];
	hmm_record_swap(here, record);
	if (subject->count > 1 && hmm_record_compare(here - 1, here) > 0)
		subject->shuffled = 1;
	return subject->count == HELD && !subject->shuffled &&
	               subject->options->subsets == HMM_NO_SUBSETS && !subject->options->fill
	           ? reduce_images(subject)
	           : 0;
}

static int
take(void *self, struct hmm_reader *reader, struct hmm_record *record)
{
	struct subject *subject = self;
	const struct hmm_record *first = subject->record;
	char have[128], want[128];
	if (!record->subject[0] || !record->modality[0])
		return hmm_error("record %ld: want a subject and a modality, to make sets of",
		    hmm_reader_number(reader));
	const int same = subject->count && !strcmp(record->subject, first->subject);
	if (same ? hmm_record_agree(first, record, hmm_reader_name(reader))
	         : begin(subject, reader, record->subject))
		return -1;
	if (same && !hmm_tensor_is(&record->x, first->x.shape, 3))
		return hmm_error("record %ld (%s %s): shape %s, want %s as in the subject's other images",
		    hmm_reader_number(reader), record->subject, record->modality,
		    hmm_shape_text(have, sizeof(have), record->x.shape, 3),
		    hmm_shape_text(want, sizeof(want), first->x.shape, 3));
	if ((subject->options->fill && hmm_fill_fits(subject->options->fill, reader, record)) ||
	    hmm_histories_number(&subject->past, &record->history, hmm_reader_history(reader)))
		return -1;
	return subject->reduced ? add_record(subject, reader, record) : hold(subject, record);
}

int
hmm_setsum_stream(struct hmm_filter *filter, const struct hmm_setsum_options *options)
{
	struct subject subject = {.writer = filter->writer, .options = options};
	int bad = hmm_filter_read(filter, HMM_LATENTS);
	if (!bad)
		hmm_writer_follow(filter->writer, &subject.history);
	bad = bad || hmm_reader_each(filter->reader, &filter->record, take, NULL, &subject) ||
	      finish(&subject);
	hmm_writer_follow(filter->writer, filter->reader ? hmm_reader_history(filter->reader) : NULL);
	for (size_t i = 0; i < subject.room; i++)
		hmm_record_free(&subject.record[i]);
	hmm_record_free(&subject.set);
	free(subject.record);
	free(subject.first);
	free(subject.order);
	free(subject.taken);
	hmm_names_close(&subject.seen);
	hmm_histories_free(&subject.past);
	hmm_history_free(&subject.history);
	return bad ? -1 : 0;
}
