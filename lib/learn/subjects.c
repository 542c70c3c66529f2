#include "hmm/learn/subjects.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

/* Room for one record more. */
static int
make_room(struct hmm_subjects *subjects)
{
	void *record = subjects->record;
	const size_t room = 2 * subjects->room + 8;
	if (subjects->count < subjects->room)
		return 0;
	free(subjects->first);
	subjects->first = hmm_alloc(room + 1, sizeof(*subjects->first));
	if (!subjects->first ||
	    hmm_grow(&record, &subjects->capacity, room * sizeof(*subjects->record)))
		return -1;
	subjects->record = record;
	memset(
	    subjects->record + subjects->room, 0, (room - subjects->room) * sizeof(*subjects->record));
	subjects->room = room;
	return 0;
}

/* Whether the record that was read last is well named. */
static int
check(const struct hmm_reader *reader, const struct hmm_record *record)
{
	return record->subject[0] && record->modality[0]
	           ? 0
	           : hmm_error("record %ld: want a subject and a modality", hmm_reader_number(reader));
}

/* Whether it fits to the first one of the subject in hand. */
static int
agree(const struct hmm_subjects *subjects, const struct hmm_record *record)
{
	const struct hmm_record *first = &subjects->record[0];
	const struct hmm_reader *reader = subjects->reader;
	char have[128], want[128];
	if (hmm_record_agree(first, record, hmm_reader_name(reader)))
		return -1;
	if (hmm_tensor_is(&record->x, first->x.shape, 3))
		return 0;
	return hmm_error("record %ld (%s %s): shape %s, want %s as in the subject's others",
	    hmm_reader_number(reader), record->subject, record->modality,
	    hmm_shape_text(have, sizeof(have), record->x.shape, 3),
	    hmm_shape_text(want, sizeof(want), first->x.shape, 3));
}

/* Begin with the record that was read ahead. */
static int
begin(struct hmm_subjects *subjects)
{
	const char *name = subjects->next.subject;
	if (hmm_names_find(&subjects->seen, name) >= 0)
		return hmm_error("record %ld: subject %s was finished before: want its images together, as "
		                 "hmm-gather writes them",
		    hmm_reader_number(subjects->reader), name);
	subjects->count = 0;
	if (hmm_names_add(&subjects->seen, name) < 0 || make_room(subjects))
		return -1;
	hmm_record_swap(&subjects->record[subjects->count++], &subjects->next);
	return 0;
}

/* Order what was read of it. */
static int
finish(struct hmm_subjects *subjects)
{
	struct hmm_record *record = subjects->record;
	qsort(record, subjects->count, sizeof(*record), hmm_record_compare);
	subjects->modalities = 0;
	for (size_t i = 0; i < subjects->count; i++)
		if (i == 0 || strcmp(record[i].modality, record[i - 1].modality))
			subjects->first[subjects->modalities++] = i;
		else if (hmm_record_mix(&record[i - 1], &record[i]))
			return -1;
	subjects->first[subjects->modalities] = subjects->count;
	return 1;
}

/* Read one record ahead: whether there is one, or -1 reported. */
static int
read_ahead(struct hmm_subjects *subjects, hmm_subjects_accept *accept, void *self)
{
	struct hmm_record *next = &subjects->next;
	subjects->ahead = hmm_reader_next(subjects->reader, next);
	if (subjects->ahead == 1 &&
	    (check(subjects->reader, next) || accept(self, subjects->reader, next)))
		return -1;
	return subjects->ahead;
}

int
hmm_subjects_next(struct hmm_subjects *subjects, hmm_subjects_accept *accept, void *self)
{
	struct hmm_record *next = &subjects->next;
	int more = subjects->seen.count ? subjects->ahead : read_ahead(subjects, accept, self);
	if (more != 1 || begin(subjects))
		return more == 1 ? -1 : more;
	while ((more = read_ahead(subjects, accept, self)) == 1 &&
	       !strcmp(next->subject, subjects->record[0].subject)) {
		if (agree(subjects, next) || make_room(subjects))
			return -1;
		hmm_record_swap(&subjects->record[subjects->count++], next);
	}
	return more < 0 ? -1 : finish(subjects);
}

void
hmm_subjects_close(struct hmm_subjects *subjects)
{
	for (size_t i = 0; i < subjects->room; i++)
		hmm_record_free(&subjects->record[i]);
	hmm_record_free(&subjects->next);
	free(subjects->record);
	free(subjects->first);
	hmm_names_close(&subjects->seen);
	*subjects = (struct hmm_subjects){0};
}
