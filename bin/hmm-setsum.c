/* hmm-gather -c cache manifest.tsv | hmm-condition -w phi.safetensors | hmm-setsum | hmm-rho ... */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/option.h"
#include "hmm/learn/setsum.h"
#include "hmm/stream/stream.h"

enum { MAX_MODALITIES = 16 };

static enum hmm_reduce reduce = HMM_MEAN;
static enum { NO_SUBSETS, SINGLES, ALL_SUBSETS } subsets = NO_SUBSETS;

static const struct hmm_option options[] = {
    HMM_OPTION_CHOICE(
        'r', "reduce", &reduce, "mean|sum|max", "how a set becomes one latent", HMM_NOTED),
    HMM_OPTION_CHOICE(0, "subsets", &subsets, "none|singles|all",
        "add a subject's single modalities, or all its subsets", HMM_NOTED),
};
static const struct hmm_usage usage = {"[OPTION]... <latents >sets",
    "One latent a subject: the aggregate of all its images.", options, HMM_COUNT_OF(options)};

/* The subject in hand. */
struct set {
	struct hmm_record *record; /* its images */
	size_t count, room, capacity;
	const float **element;
	size_t element_capacity;
	const char *modality[MAX_MODALITIES]; /* sorted, each once */
	unsigned modalities;
	void *seen; /* the subjects before it: tsearch(3) */
	struct hmm_record out;
};

/* "MRI+PET" for the modalities whose bit is set in `mask`. */
static int
join(char *text, size_t size, const struct set *set, unsigned mask)
{
	text[0] = '\0';
	for (unsigned m = 0; m < set->modalities; m++)
		if (mask >> m & 1 && hmm_record_join(text, size, set->record[0].subject, set->modality[m]))
			return -1;
	return 0;
}

/* Write the set of the modalities in `mask`. */
static int
put_subset(struct set *set, struct hmm_writer *writer, unsigned mask)
{
	const struct hmm_tensor *x = &set->record[0].x;
	size_t count = 0;
	for (size_t i = 0; i < set->count; i++)
		for (unsigned m = 0; m < set->modalities; m++)
			if (mask >> m & 1 && !strcmp(set->modality[m], set->record[i].modality))
				set->element[count++] = set->record[i].x.data;
	struct hmm_record *out = &set->out;
	hmm_record_copy_fields(out, &set->record[0]);
	out->source[0] = '\0';
	out->index = -1;
	out->count = (long)count;
	const unsigned all = (1u << set->modalities) - 1;
	if (join(out->modality, sizeof(out->modality), set, mask) ||
	    (mask != all && join(out->observed, sizeof(out->observed), set, all)) ||
	    hmm_tensor_resize(&out->x, HMM_F32, x->shape, x->dimensions))
		return -1;
	hmm_setsum(out->x.data, set->element, count, x->shape[0] * x->shape[1] * x->shape[2], reduce);
	return hmm_writer_put(writer, out);
}

/* The sorted images' modalities, each once. */
static int
list_modalities(struct set *set)
{
	set->modalities = 0;
	for (size_t i = 0; i < set->count; i++) {
		const char *name = set->record[i].modality;
		if (set->modalities && !strcmp(set->modality[set->modalities - 1], name))
			continue;
		if (set->modalities == MAX_MODALITIES)
			return hmm_error(
			    "subject %s: more than %d modalities", set->record[0].subject, MAX_MODALITIES);
		set->modality[set->modalities++] = name;
	}
	return 0;
}

/* Write the subject in hand and forget it. */
static int
finish_subject(struct set *set, struct hmm_writer *writer)
{
	void *element = set->element;
	if (set->count == 0)
		return 0;
	if (hmm_grow(&element, &set->element_capacity, set->count * sizeof(float *)))
		return -1;
	set->element = element;
	qsort(set->record, set->count, sizeof(*set->record), hmm_record_compare);
	if (list_modalities(set))
		return -1;
	const unsigned all = (1u << set->modalities) - 1;
	if (put_subset(set, writer, all))
		return -1;
	for (unsigned mask = 1; mask < all; mask++) {
		const int single = (mask & (mask - 1)) == 0;
		if ((subsets == ALL_SUBSETS || (subsets == SINGLES && single)) &&
		    put_subset(set, writer, mask))
			return -1;
	}
	set->count = 0;
	return 0;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* A subject whose images came apart would be taken for two. */
static int
note_subject(struct set *set, const char *subject, struct hmm_reader *reader)
{
	if (tfind(subject, &set->seen, by_name))
		return hmm_error("record %ld: subject %s was finished before: want its images together, as "
		                 "hmm-gather writes them",
		    hmm_reader_number(reader), subject);
	char *name = hmm_strdup(subject);
	if (name && tsearch(name, &set->seen, by_name))
		return 0;
	free(name);
	return hmm_error("out of memory");
}

/* Make room for one more image of the subject in hand. */
static int
make_room(struct set *set)
{
	void *records = set->record;
	if (set->count < set->room)
		return 0;
	if (hmm_grow(&records, &set->capacity, (set->count + 1) * sizeof(*set->record)))
		return -1;
	set->record = records;
	memset(&set->record[set->room++], 0, sizeof(*set->record));
	return 0;
}

/* Take the latent that was just read. */
static int
take(struct set *set, struct hmm_filter *filter)
{
	struct hmm_record *record = &filter->record, *first = set->record;
	char have[128], want[128];
	if (!record->subject[0] || !record->modality[0])
		return hmm_error("record %ld: want a subject and a modality, to make sets of",
		    hmm_reader_number(filter->reader));
	const int same = set->count && !strcmp(record->subject, first->subject);
	if (!same &&
	    (finish_subject(set, filter->writer) || note_subject(set, record->subject, filter->reader)))
		return -1;
	if (same && hmm_record_agree(first, record, "standard input"))
		return -1;
	if (same && !hmm_tensor_is(&record->x, first->x.shape, 3))
		return hmm_error("record %ld (%s %s): shape %s, want %s as in the subject's other images",
		    hmm_reader_number(filter->reader), record->subject, record->modality,
		    hmm_shape_text(have, sizeof(have), record->x.shape, 3),
		    hmm_shape_text(want, sizeof(want), first->x.shape, 3));
	if (make_room(set))
		return -1;
	const struct hmm_record swap = set->record[set->count];
	set->record[set->count++] = *record;
	*record = swap;
	return 0;
}

int
main(int argc, char **argv)
{
	if (hmm_option_parse(argc, argv, &usage) != argc)
		hmm_option_misuse("no operands wanted: latents come on standard input");

	struct hmm_filter filter = {0};
	struct set set = {0};
	struct hmm_step step;
	int more = hmm_step_make(&step, &usage, NULL) || hmm_filter_open(&filter, HMM_SETS, &step) ||
	                   hmm_filter_read(&filter, HMM_LATENTS)
	               ? -1
	               : 1;

	while (more == 1 && (more = hmm_reader_next(filter.reader, &filter.record)) == 1)
		if (take(&set, &filter))
			more = -1;
	const int bad = more < 0 || finish_subject(&set, filter.writer);

	for (size_t i = 0; i < set.room; i++)
		hmm_record_free(&set.record[i]);
	hmm_record_free(&set.out);
	free(set.record);
	free(set.element);
	while (set.seen) {
		char *name = *(char **)set.seen;
		tdelete(name, &set.seen, by_name);
		free(name);
	}
	return hmm_filter_close(&filter, bad);
}
