#include "hmm/stream/contacts.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/file/output.h"
#include "hmm/file/sheet.h"
#include "hmm/stream/bars.h"
#include "hmm/stream/reader.h"

/* A list as it was given: its parts, and whether each was found. */
struct list {
	char *text;
	char **part; /* [count], in text; NULL: all will do */
	char *found;
	size_t count;
};

struct hmm_contacts {
	struct list subjects, slices;
	long *index; /* [slices.count] */
	size_t left;
	struct hmm_bars *bars; /* or NULL */
	const char *bars_path; /* likewise */
};

static void
free_list(struct list *list)
{
	free(list->text);
	free(list->part);
	free(list->found);
}

/* Divide a list at its commas. 0, or -1 reported. */
static int
divide(struct list *list, const char *text)
{
	list->count = 1;
	for (const char *at = text; *at; at++)
		list->count += *at == ',';
	list->text = hmm_strdup(text);
	list->part = hmm_alloc(list->count, sizeof(*list->part));
	list->found = hmm_alloc(list->count, 1);
	if (!list->text || !list->part || !list->found)
		return -1;
	char *at = list->text;
	for (size_t i = 0; i < list->count; i++) {
		list->part[i] = at;
		at += strcspn(at, ",");
		*at++ = '\0';
	}
	return 0;
}

/* The numbers of a list of slices; what is wrong with it, or NULL. */
static const char *
read_numbers(long *index, const struct list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		char *end;
		index[i] = strtol(list->part[i], &end, 10);
		if (end == list->part[i] || *end || index[i] < 0 || index[i] > INT32_MAX)
			return "--slices: want numbers of slices, such as 20,40";
		for (size_t k = 0; k < i; k++)
			if (index[k] == index[i])
				return "--slices: one stands twice";
	}
	return NULL;
}

static const char *
check_names(const struct list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		if (!*list->part[i])
			return "--subjects: want names of subjects, such as sub-01,sub-02";
		for (size_t k = 0; k < i; k++)
			if (!strcmp(list->part[k], list->part[i]))
				return "--subjects: one stands twice";
	}
	return NULL;
}

struct hmm_contacts *
hmm_contacts_open(const char *subjects, const char *slices, const char *bars, const char **wrong)
{
	struct hmm_contacts *contacts = hmm_alloc(1, sizeof(*contacts));
	*wrong = NULL;
	int bad = !contacts || (subjects && divide(&contacts->subjects, subjects)) ||
	          (slices && divide(&contacts->slices, slices));
	if (!bad && slices)
		bad = !(contacts->index = hmm_alloc(contacts->slices.count, sizeof(long)));
	if (!bad && slices)
		*wrong = read_numbers(contacts->index, &contacts->slices);
	if (!bad && subjects && !*wrong)
		*wrong = check_names(&contacts->subjects);
	if (!bad && bars && !*wrong) {
		contacts->bars_path = bars;
		bad = !(contacts->bars = hmm_bars_open(bars));
	}
	if (!bad && !*wrong)
		return contacts;
	hmm_contacts_close(contacts);
	return NULL;
}

void
hmm_contacts_close(struct hmm_contacts *contacts)
{
	if (!contacts)
		return;
	free_list(&contacts->subjects);
	free_list(&contacts->slices);
	free(contacts->index);
	hmm_bars_close(contacts->bars);
	free(contacts);
}

/* Whether a subject is wanted: 1, 0 or -1 reported; where it is, its row. */
static int
choose_row(struct hmm_contacts *contacts, struct hmm_sheet *sheet, size_t *row, const char *subject)
{
	const struct list *list = &contacts->subjects;
	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(list->part[i], subject)) {
			list->found[i] = 1;
			*row = i; /* all of them have theirs already */
			return 1;
		}
	if (list->part)
		return 0;
	if (hmm_sheet_row(sheet, row, subject[0] ? subject : "(no subject)", HMM_CONTACT_SUBJECTS))
		return -1;
	return *row < HMM_CONTACT_SUBJECTS;
}

/* Whether a slice is wanted, and its place from the left. Without a list these are the middles of
 * as many equal parts of its image. */
static int
choose_place(struct hmm_contacts *contacts, size_t *place, const struct hmm_record *record)
{
	const struct list *list = &contacts->slices;
	const long count = record->count, parts = HMM_CONTACT_SLICES;
	for (size_t i = 0; i < list->count; i++)
		if (contacts->index[i] == record->index) {
			list->found[i] = 1;
			*place = i;
			return 1;
		}
	*place = 0;
	if (list->part || record->index < 0 || count <= parts) {
		*place = record->index < 0 || record->index >= parts ? 0 : (size_t)record->index;
		return !list->part;
	}
	for (long part = 0; part < parts; part++)
		if (record->index == (2 * part + 1) * count / (2 * parts)) {
			*place = (size_t)part;
			return 1;
		}
	return 0;
}

/* Put a slice into its row, with its bar if it has one. */
static int
add(struct hmm_contacts *contacts, struct hmm_sheet *sheet, size_t row, struct hmm_picture *picture,
    const struct hmm_record *record)
{
	struct hmm_image image;
	if (!contacts->bars)
		return hmm_sheet_add(sheet, row, picture);
	if (hmm_bars_draw(&image, contacts->bars, record))
		return -1;
	picture->image = image;
	const int bad = hmm_sheet_add(sheet, row, picture);
	hmm_image_free(&image);
	return bad;
}

static int
take(struct hmm_contacts *contacts, struct hmm_sheet *sheet, const struct hmm_record *record)
{
	const struct hmm_tensor *x = &record->x;
	struct hmm_picture picture = {
	    .index = record->index, .image = {x->shape[0], x->shape[1], x->shape[2], x->data}};
	char what[sizeof(record->modality) + 16], by[16] = "";
	size_t row;
	if (contacts->bars)
		hmm_bars_meet(contacts->bars, record);
	const int has_row = choose_row(contacts, sheet, &row, record->subject);
	if (has_row < 0)
		return -1;
	snprintf(what, sizeof(what), "%s%s", record->modality, record->imputed[0] ? " imputed" : "");
	if (record->imputed[0])
		snprintf(by, sizeof(by), "by %.8s", record->imputed);
	picture.what = what;
	picture.by = by;
	const int wanted = has_row && choose_place(contacts, &picture.place, record);
	if (wanted &&
	    (contacts->slices.part || hmm_sheet_count_in(sheet, row, what, by) < HMM_CONTACT_SLICES))
		return add(contacts, sheet, row, &picture, record);
	contacts->left += has_row ? !contacts->slices.part : !contacts->subjects.part;
	return 0;
}

/* 0, or -1 reported for what was wanted and never came. */
static int
check_found(const struct list *list, const char *what, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (!list->found[i])
			return hmm_error("%s: no %s %s", name, what, list->part[i]);
	return 0;
}

/* Put all streams of a reader on the sheet. 0, or -1 reported. */
static int
take_all(struct hmm_contacts *contacts, struct hmm_sheet *sheet, struct hmm_reader *reader)
{
	const struct list *subjects = &contacts->subjects;
	const char *name = hmm_reader_name(reader);
	struct hmm_record record = {0};
	int more = 1;
	for (size_t i = 0, row; i < subjects->count && more == 1; i++)
		more = hmm_sheet_row(sheet, &row, subjects->part[i], subjects->count) ? -1 : 1;
	while (more == 1 && (more = hmm_reader_next(reader, &record)) == 1)
		more = take(contacts, sheet, &record) ? -1 : 1;
	hmm_record_free(&record);
	if (more < 0 || check_found(subjects, "subject", name) ||
	    check_found(&contacts->slices, "slice", name))
		return -1;
	if (hmm_sheet_count(sheet))
		return contacts->bars ? hmm_bars_check(contacts->bars, name) : 0;
	return contacts->left
	           ? hmm_error(
	                 "%s: no slice in the middle of %d equal parts of an image of as many as it "
	                 "says: want --slices",
	                 name, HMM_CONTACT_SLICES)
	           : hmm_error("%s: no slices", name);
}

int
hmm_contacts_draw(struct hmm_contacts *contacts, const char *path, FILE *file, const char *name)
{
	struct hmm_output output;
	struct hmm_image image = {0};
	struct hmm_reader *reader = NULL;
	struct hmm_sheet *sheet = NULL;
	if (hmm_output_open(&output, path))
		return -1;
	const int bad =
	    hmm_output_spares(&output, name) || hmm_output_spares(&output, contacts->bars_path) ||
	    !(reader = hmm_reader_open(file, name, HMM_SLICES)) || !(sheet = hmm_sheet_open()) ||
	    take_all(contacts, sheet, reader) || hmm_sheet_draw(&image, sheet) ||
	    hmm_png_put(&image, output.file, path) || hmm_output_finish(&output);
	if (!bad && contacts->left)
		hmm_say("%s: %zu slices, and %zu others left out: --subjects and --slices choose", path,
		    hmm_sheet_count(sheet), contacts->left);
	hmm_output_abandon(&output);
	hmm_image_free(&image);
	hmm_sheet_close(sheet);
	hmm_reader_close(reader);
	return bad ? -1 : 0;
}
