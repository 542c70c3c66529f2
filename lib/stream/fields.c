#include "fields.h"

const char *const hmm_field_names[HMM_FIELDS] = {"subject", "group", "modality", "observed",
    "split", "source", "imputed", "label", "index", "count", "event", "shape", "dtype", "mean",
    "min", "max", "npy"};

char *
hmm_field_text(struct hmm_record *record, int column, size_t *size)
{
	const struct {
		char *text;
		size_t size;
	} fields[HMM_FIELD_TEXTS] = {{record->subject, sizeof(record->subject)},
	    {record->group, sizeof(record->group)}, {record->modality, sizeof(record->modality)},
	    {record->observed, sizeof(record->observed)}, {record->split, sizeof(record->split)},
	    {record->source, sizeof(record->source)}, {record->imputed, sizeof(record->imputed)},
	    {record->label, sizeof(record->label)}};
	*size = fields[column].size;
	return fields[column].text;
}

const char *
hmm_field_get_text(const struct hmm_record *record, int column)
{
	const char *const texts[HMM_FIELD_TEXTS] = {record->subject, record->group, record->modality,
	    record->observed, record->split, record->source, record->imputed, record->label};
	return texts[column][0] ? texts[column] : NULL;
}

long
hmm_field_get_number(const struct hmm_record *record, int column)
{
	const long numbers[HMM_FIELD_NUMBERS] = {record->index, record->count, record->event};
	return numbers[column - HMM_FIELD_TEXTS];
}

struct hmm_summary
hmm_field_summary(const struct hmm_tensor *x)
{
	struct hmm_summary summary = {0};
	size_t count = 0;
	hmm_tensor_count(x, &count);
	for (size_t i = 0; i < count; i++) {
		float element;
		hmm_tensor_floats(&element, x, i, 1);
		const double value = (double)element;
		summary.mean += value / (double)count;
		summary.least = i == 0 || value < summary.least ? value : summary.least;
		summary.most = i == 0 || value > summary.most ? value : summary.most;
	}
	return summary;
}
