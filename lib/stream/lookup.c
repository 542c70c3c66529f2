#include "hmm/stream/lookup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/progress.h"
#include "hmm/stream/reader.h"

/* A record; its names are those of the record read before it where they are the same. */
struct entry {
	char *subject, *modality;
	long index, number;
	off_t at;
	int owner; /* 1: of its names */
	int found;
	size_t history;
};

struct hmm_lookup {
	FILE *file;
	struct hmm_reader *reader;
	enum hmm_lookup_by by;
	struct entry *entry; /* [count], by name */
	size_t count, capacity;
	struct hmm_histories past;
	size_t history; /* of the record that was found last */
};

static int
by_subject(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	const int order = strcmp(a->subject, b->subject);
	return order ? order : (a->index > b->index) - (a->index < b->index);
}

static int
by_modality(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	const int order = by_subject(a, b);
	return order ? order : strcmp(a->modality, b->modality);
}

static int
add(struct hmm_lookup *lookup, const struct hmm_record *record, off_t at)
{
	const char *name = hmm_reader_name(lookup->reader);
	const long number = hmm_reader_number(lookup->reader);
	void *entries = lookup->entry;
	char place[600];
	const char *lacks = !record->subject[0]    ? "subject"
	                    : !record->modality[0] ? "modality"
	                    : record->index < 0    ? "index"
	                                           : NULL;
	if (lacks)
		return hmm_error(
		    "%s: %s: no %s", name, hmm_record_place(place, sizeof(place), record, number), lacks);
	if (hmm_grow(&entries, &lookup->capacity, (lookup->count + 1) * sizeof(struct entry)))
		return -1;
	lookup->entry = entries;
	struct entry *entry = &lookup->entry[lookup->count];
	*entry = (struct entry){.index = record->index, .number = number, .at = at};
	if (hmm_histories_number(&lookup->past, &entry->history, hmm_reader_history(lookup->reader)))
		return -1;
	if (lookup->count && !strcmp(entry[-1].subject, record->subject) &&
	    !strcmp(entry[-1].modality, record->modality)) {
		entry->subject = entry[-1].subject;
		entry->modality = entry[-1].modality;
		lookup->count++;
		return 0;
	}
	entry->owner = 1;
	entry->subject = hmm_strdup(record->subject);
	entry->modality = hmm_strdup(record->modality);
	lookup->count++;
	return entry->subject && entry->modality ? 0 : -1;
}

/* Where all records are. 0, or -1 reported. */
static int
read_places(struct hmm_lookup *lookup, struct hmm_record *record)
{
	struct hmm_progress progress;
	int more;
	hmm_progress_start(&progress, "reading", 0);
	do {
		off_t at = ftello(lookup->file);
		while ((more = hmm_reader_next_within(lookup->reader, record)) == 1) {
			if (add(lookup, record, at))
				return -1;
			at = ftello(lookup->file);
			hmm_progress_step(&progress, (long)lookup->count);
		}
	} while (more == 0 && (more = hmm_reader_next_stream(lookup->reader)) == 1);
	hmm_progress_end(&progress);
	return more;
}

/* Put them in order, and see that each has a name of its own. 0, or -1 reported. */
static int
sort(struct hmm_lookup *lookup)
{
	int (*order)(const void *, const void *) =
	    lookup->by == HMM_BY_SUBJECT ? by_subject : by_modality;
	if (lookup->count)
		qsort(lookup->entry, lookup->count, sizeof(struct entry), order);
	for (size_t i = 1; i < lookup->count; i++) {
		const struct entry *a = &lookup->entry[i - 1], *b = &lookup->entry[i];
		const int swapped = a->number > b->number;
		if (!order(a, b))
			return hmm_error(
			    "%s: records %ld and %ld (%s %s) are both slice %ld of their subject%s",
			    hmm_reader_name(lookup->reader), swapped ? b->number : a->number,
			    swapped ? a->number : b->number, b->subject, b->modality, b->index,
			    lookup->by == HMM_BY_SUBJECT ? ", want one modality" : " and modality");
	}
	return 0;
}

struct hmm_lookup *
hmm_lookup_open(const char *path, enum hmm_kind kind, enum hmm_lookup_by by)
{
	struct hmm_record record = {0};
	struct hmm_lookup *lookup = hmm_alloc(1, sizeof(*lookup));
	struct stat status;
	int bad = !lookup;
	if (bad)
		return NULL;
	lookup->by = by;
	if (!stat(path, &status) && !S_ISREG(status.st_mode))
		bad = hmm_error("%s: no regular file, of which records can be read again", path);
	else if (!(lookup->file = fopen(path, "rb")))
		bad = hmm_error("%s: cannot open: %s", path, strerror(errno));
	bad = bad || !(lookup->reader = hmm_reader_open(lookup->file, path, kind)) ||
	      read_places(lookup, &record) || sort(lookup);
	hmm_record_free(&record);
	if (!bad)
		return lookup;
	hmm_lookup_close(lookup);
	return NULL;
}

void
hmm_lookup_close(struct hmm_lookup *lookup)
{
	if (!lookup)
		return;
	for (size_t i = 0; i < lookup->count; i++)
		if (lookup->entry[i].owner) {
			free(lookup->entry[i].subject);
			free(lookup->entry[i].modality);
		}
	free(lookup->entry);
	hmm_histories_free(&lookup->past);
	hmm_reader_close(lookup->reader);
	if (lookup->file)
		fclose(lookup->file);
	free(lookup);
}

int
hmm_lookup_find(struct hmm_lookup *lookup, struct hmm_record *record, const struct hmm_record *like)
{
	const struct entry key = {
	    .subject = (char *)like->subject, .modality = (char *)like->modality, .index = like->index};
	struct entry *entry = lookup->count
	                          ? bsearch(&key, lookup->entry, lookup->count, sizeof(key),
	                                lookup->by == HMM_BY_SUBJECT ? by_subject : by_modality)
	                          : NULL;
	if (!entry)
		return 0;
	entry->found = 1;
	lookup->history = entry->history;
	if (hmm_reader_again(lookup->reader, record, entry->at, entry->number))
		return -1;
	if (strcmp(record->subject, entry->subject) || strcmp(record->modality, entry->modality) ||
	    record->index != entry->index)
		return hmm_error("%s: record %ld changed while it was read",
		    hmm_reader_name(lookup->reader), entry->number);
	return 1;
}

const struct hmm_history *
hmm_lookup_history(const struct hmm_lookup *lookup)
{
	return &lookup->past.history[lookup->history];
}

size_t
hmm_lookup_left(const struct hmm_lookup *lookup)
{
	size_t left = 0;
	for (size_t i = 0; i < lookup->count; i++)
		left += !lookup->entry[i].found;
	return left;
}
