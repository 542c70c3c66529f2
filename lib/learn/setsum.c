#include "hmm/learn/setsum.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/names.h"
#include "hmm/kernel/activation.h"

void
hmm_setsum(
    float *out, const float *const *elements, size_t count, size_t size, enum hmm_reduce reduce)
{
	memcpy(out, elements[0], size * sizeof(float));
	for (size_t e = 1; e < count; e++)
		for (size_t i = 0; i < size; i++) {
			const float x = elements[e][i];
			out[i] = reduce != HMM_MAX ? out[i] + x : hmm_activation_most(x, out[i]);
		}
	for (size_t i = 0; reduce == HMM_MEAN && i < size; i++)
		out[i] /= (float)count;
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

/* The subject in hand. */
struct subject {
	struct hmm_writer *writer;
	enum hmm_reduce reduce;
	enum hmm_subsets subsets;
	struct hmm_record *record; /* [room] its images, [count] */
	size_t count, room, capacity;
	size_t modalities;
	size_t *first;         /* [modalities + 1] of each modality's images, once they are sorted */
	char *taken;           /* [modalities] 1: in the set that is to be written */
	const float **element; /* the images of that set */
	struct hmm_names seen; /* this subject and those before it */
	struct hmm_histories past;  /* of the images, by record.history */
	struct hmm_history history; /* of that set */
	struct hmm_record out;
};

/* What the images of the set went through, all of them. 0, or -1 reported. */
static int
make_history(struct subject *subject)
{
	hmm_history_free(&subject->history);
	for (size_t m = 0; m < subject->modalities; m++)
		for (size_t i = subject->first[m]; subject->taken[m] && i < subject->first[m + 1]; i++) {
			const struct hmm_record *image = &subject->record[i];
			if (hmm_history_take(
			        &subject->history, &subject->past.history[image->history], image->modality))
				return -1;
		}
	hmm_history_simplify(&subject->history);
	return 0;
}

/* Write the set of the modalities that are taken. */
static int
put_set(struct subject *subject)
{
	const struct hmm_tensor *x = &subject->record[0].x;
	struct hmm_record *out = &subject->out;
	char observed[sizeof(out->observed)] = "";
	size_t count = 0;
	int whole = 1;
	hmm_record_copy_fields(out, &subject->record[0]);
	out->modality[0] = out->source[0] = out->imputed[0] = '\0';
	out->index = -1;
	for (size_t m = 0; m < subject->modalities; m++) {
		const struct hmm_record *image = &subject->record[subject->first[m]];
		if (hmm_record_join(observed, sizeof(observed), image->subject, image->modality) ||
		    (subject->taken[m] && hmm_record_join(out->modality, sizeof(out->modality),
		                              image->subject, image->modality)) ||
		    (subject->taken[m] && image->imputed[0] &&
		        hmm_record_join(
		            out->imputed, sizeof(out->imputed), image->subject, image->modality)))
			return -1;
		whole = whole && subject->taken[m];
		for (size_t i = subject->first[m]; subject->taken[m] && i < subject->first[m + 1]; i++)
			subject->element[count++] = subject->record[i].x.data;
	}
	out->count = (long)count;
	if (!whole)
		memcpy(out->observed, observed, sizeof(observed));
	if (hmm_tensor_resize(&out->x, HMM_F32, x->shape, x->dimensions))
		return -1;
	hmm_setsum(out->x.data, subject->element, count, x->shape[0] * x->shape[1] * x->shape[2],
	    subject->reduce);
	return make_history(subject) || hmm_writer_put(subject->writer, out) ? -1 : 0;
}

static int
put_singles(struct subject *subject)
{
	for (size_t m = 0; m < subject->modalities; m++) {
		memset(subject->taken, 0, subject->modalities);
		subject->taken[m] = 1;
		if (put_set(subject))
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
		if (put_set(subject))
			return -1;
	}
	return 0;
}

/* Write the subject in hand and forget it. */
static int
finish(struct subject *subject)
{
	if (subject->count == 0)
		return 0;
	qsort(subject->record, subject->count, sizeof(*subject->record), hmm_record_compare);
	subject->modalities = 0;
	for (size_t i = 0; i < subject->count; i++)
		if (i == 0 || strcmp(subject->record[i].modality, subject->record[i - 1].modality))
			subject->first[subject->modalities++] = i;
		else if (hmm_record_mix(&subject->record[i - 1], &subject->record[i]))
			return -1;
	subject->first[subject->modalities] = subject->count;
	memset(subject->taken, 1, subject->modalities);
	if (put_set(subject))
		return -1;
	const int more = subject->modalities > 1;
	if ((more && subject->subsets == HMM_SINGLES && put_singles(subject)) ||
	    (more && subject->subsets == HMM_ALL_SUBSETS && put_subsets(subject)))
		return -1;
	subject->count = 0;
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
	free(subject->taken);
	free(subject->element);
	subject->first = hmm_alloc(room + 1, sizeof(*subject->first));
	subject->taken = hmm_alloc(room, sizeof(*subject->taken));
	subject->element = hmm_alloc(room, sizeof(*subject->element));
	if (!subject->first || !subject->taken || !subject->element ||
	    hmm_grow(&record, &subject->capacity, room * sizeof(*subject->record)))
		return -1;
	subject->record = record;
	memset(subject->record + subject->room, 0, (room - subject->room) * sizeof(*subject->record));
	subject->room = room;
	return 0;
}

/* The record that was read begins a subject. One whose images came apart would be taken for two. */
static int
begin(struct subject *subject, const struct hmm_reader *reader, const char *name)
{
	if (finish(subject))
		return -1;
	if (hmm_names_find(&subject->seen, name) >= 0)
		return hmm_error("record %ld: subject %s was finished before: want its images together, as "
		                 "hmm-gather writes them",
		    hmm_reader_number(reader), name);
	return hmm_names_add(&subject->seen, name) < 0 ? -1 : 0;
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
	if (make_room(subject) ||
	    hmm_histories_number(&subject->past, &record->history, hmm_reader_history(reader)))
		return -1;
	const struct hmm_record swap = subject->record[subject->count];
	subject->record[subject->count++] = *record;
	*record = swap;
	return 0;
}

int
hmm_setsum_stream(struct hmm_filter *filter, enum hmm_reduce reduce, enum hmm_subsets subsets)
{
	struct subject subject = {.writer = filter->writer, .reduce = reduce, .subsets = subsets};
	int bad = hmm_filter_read(filter, HMM_LATENTS);
	if (!bad)
		hmm_writer_follow(filter->writer, &subject.history);
	bad = bad || hmm_reader_each(filter->reader, &filter->record, take, NULL, &subject) ||
	      finish(&subject);
	hmm_writer_follow(filter->writer, filter->reader ? hmm_reader_history(filter->reader) : NULL);
	for (size_t i = 0; i < subject.room; i++)
		hmm_record_free(&subject.record[i]);
	hmm_record_free(&subject.out);
	free(subject.record);
	free(subject.first);
	free(subject.taken);
	free(subject.element);
	hmm_names_close(&subject.seen);
	hmm_histories_free(&subject.past);
	hmm_history_free(&subject.history);
	return bad ? -1 : 0;
}
