#include "hmm/learn/subjects.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/learn/training.h"

enum { MOST_MODALITIES = 1024 }; /* that are read from a model */

/* ---- modalities ---- */

static int
insert(struct modalities *modalities, const char *name, size_t at)
{
	const char **names = hmm_alloc(modalities->count + 1, sizeof(*names));
	if (!names)
		return -1;
	for (size_t i = 0; i < modalities->count; i++)
		names[i + (i >= at)] = modalities->name[i];
	names[at] = name;
	free(modalities->name);
	modalities->name = names;
	modalities->count++;
	return 0;
}

int
modalities_add(struct modalities *modalities, const char *name)
{
	size_t at = 0;
	if (modalities_find(modalities, name) >= 0)
		return 0;
	while (at < modalities->count && strcmp(modalities->name[at], name) < 0)
		at++;
	return insert(modalities, name, at);
}

int
modalities_of_data(struct modalities *modalities, const struct hmm_dataset *data)
{
	*modalities = (struct modalities){0};
	for (size_t i = 0; i < data->count; i++) {
		const struct hmm_record *record = &data->record[i];
		if (!record->modality[0])
			return hmm_error("subject %s: a record without a modality", record->subject);
		if (modalities_add(modalities, record->modality))
			return -1;
	}
	return 0;
}

int
modalities_of_model(struct modalities *modalities, const struct hmm_weights *weights)
{
	*modalities = (struct modalities){0};
	while (modalities->count < MOST_MODALITIES) {
		char key[32];
		snprintf(key, sizeof(key), "modality.%zu", modalities->count);
		const char *name = hmm_weights_metadata(weights, key);
		if (!name)
			break;
		if (insert(modalities, name, modalities->count))
			return -1;
	}
	return 0;
}

void
modalities_close(struct modalities *modalities)
{
	free(modalities->name);
	free(modalities->pair);
	free(modalities->key);
	*modalities = (struct modalities){0};
}

long
modalities_find(const struct modalities *modalities, const char *name)
{
	for (size_t i = 0; i < modalities->count; i++)
		if (!strcmp(modalities->name[i], name))
			return (long)i;
	return -1;
}

int
modalities_name_pairs(struct modalities *modalities)
{
	modalities->pair = hmm_alloc(modalities->count, sizeof(*modalities->pair));
	modalities->key = hmm_alloc(modalities->count, sizeof(*modalities->key));
	if (!modalities->pair || !modalities->key)
		return -1;
	for (size_t i = 0; i < modalities->count; i++) {
		snprintf(modalities->key[i], sizeof(modalities->key[i]), "modality.%zu", i);
		modalities->pair[i] = (struct hmm_pair){modalities->key[i], modalities->name[i]};
	}
	return 0;
}

/* ---- subjects ---- */

static int
is_unknown(const struct hmm_record *record, const struct modalities *modalities)
{
	char known[512] = "";
	for (size_t i = 0; i < modalities->count; i++) {
		const size_t used = strlen(known);
		snprintf(known + used, sizeof(known) - used, "%s%s", i ? ", " : "", modalities->name[i]);
	}
	return hmm_error("subject %s: modality '%s' is unknown to the model, which knows %s",
	    record->subject, record->modality, known);
}

/* Number the images' modalities and drop those that are not wanted. */
static int
number_images(struct subjects *subjects, const struct hmm_dataset *data,
    const struct modalities *modalities, int want)
{
	size_t taken = 0, next = 0;
	for (size_t i = 0; i < data->count && next < subjects->images; i++) {
		const struct hmm_record *record = &data->record[i];
		if (subjects->image[next].x != record->x.data)
			continue;
		const struct hmm_sample image = subjects->image[next++];
		const long number = modalities_find(modalities, record->modality);
		if (number < 0 && !(want & SUBJECTS_SOME))
			return is_unknown(record, modalities);
		if (number < 0)
			continue;
		subjects->record[taken] = record;
		subjects->image[taken] = image;
		subjects->image[taken++].modality = (size_t)number;
	}
	subjects->images = taken;
	return 0;
}

static size_t
count_subjects(const struct subjects *subjects)
{
	size_t count = 0;
	for (size_t i = 0; i < subjects->images; i++)
		count += i == 0 || strcmp(subjects->image[i].subject, subjects->image[i - 1].subject) != 0;
	return count;
}

/* Form the sets; 0, or -1 reported. */
static int
group_images(struct subjects *subjects, const struct modalities *modalities, int want)
{
	for (size_t first = 0, end; first < subjects->images; first = end) {
		const struct hmm_sample *image = &subjects->image[first];
		for (end = first + 1; end < subjects->images && !(want & SUBJECTS_BY_IMAGE); end++) {
			const struct hmm_sample *other = &subjects->image[end];
			if (strcmp(other->subject, image->subject))
				break;
			if (want & SUBJECTS_UNIQUE && other->modality == other[-1].modality)
				return hmm_error("subject %s: several images of modality %s, want one",
				    image->subject, modalities->name[other->modality]);
		}
		if (want & SUBJECTS_COMPLETE && end - first < modalities->count)
			continue;
		subjects->set[subjects->count++] = (struct hmm_set){.image = image,
		    .count = end - first,
		    .subject = image->subject,
		    .label = image->label,
		    .weight = 1};
	}
	return 0;
}

int
subjects_open(struct subjects *subjects, const struct hmm_dataset *data,
    const struct modalities *modalities, const char *split, int want)
{
	*subjects = (struct subjects){0};
	subjects->image = training_samples(data, split, &subjects->images);
	if (!subjects->image)
		return -1;
	const size_t before = count_subjects(subjects);
	subjects->set = hmm_alloc(subjects->images, sizeof(*subjects->set));
	subjects->record = hmm_alloc(subjects->images, sizeof(*subjects->record));
	if (!subjects->set || !subjects->record || number_images(subjects, data, modalities, want) ||
	    group_images(subjects, modalities, want))
		return -1;
	const size_t after = want & SUBJECTS_BY_IMAGE ? count_subjects(subjects) : subjects->count;
	if (after < before)
		hmm_warn("%zu subjects%s%s lack a modality that the model wants and are left out",
		    before - after, split ? " of split " : "", split ? split : "");
	if (split && after == 0)
		return hmm_error("split '%s': no subject has what the model wants", split);
	return 0;
}

void
subjects_close(struct subjects *subjects)
{
	free(subjects->image);
	free(subjects->set);
	free(subjects->record);
	*subjects = (struct subjects){0};
}

void
subjects_weigh(struct subjects *subjects, int balanced)
{
	size_t positives = 0;
	double weight[2];
	for (size_t i = 0; i < subjects->count; i++)
		positives += (size_t)subjects->set[i].label;
	training_class_weights(weight, positives, subjects->count, balanced);
	for (size_t i = 0; i < subjects->count; i++)
		subjects->set[i].weight = weight[subjects->set[i].label];
}

int
subjects_write(FILE *file, const struct subjects *subjects, const struct hmm_set *set, double logit,
    double probability)
{
	const struct hmm_record *const *record = subjects->record + (set->image - subjects->image);
	char modalities[sizeof(record[0]->modality)] = "";
	for (size_t i = 0; i < set->count; i++)
		if ((i == 0 || strcmp(record[i]->modality, record[i - 1]->modality)) &&
		    hmm_record_join(modalities, sizeof(modalities), set->subject, record[i]->modality))
			return -1;
	const struct hmm_predicted row = {record[0]->subject, record[0]->group, record[0]->split,
	    modalities, set->label, logit, probability};
	hmm_predictions_write(file, &row);
	return 0;
}
