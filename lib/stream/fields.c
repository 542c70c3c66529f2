#include "fields.h"

#include "hmm/base/error.h"

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

int
hmm_field_read_label(struct hmm_input *input, struct hmm_record *record, long number)
{
	struct hmm_token token;
	const uint64_t offset = input->offset;
	if (hmm_token_next(input, &token))
		return -1;
	if (token.type == HMM_TOKEN_STRING)
		return hmm_token_text(input, record->label, sizeof(record->label), &token, "label");
	if (token.type != HMM_TOKEN_UNSIGNED)
		return hmm_error("%s: byte %llu: label is no string and no number from 0", input->name,
		    (unsigned long long)offset);
	if (token.unsigned_value > 1)
		return hmm_error("%s: record %ld: label %llu, want 0, 1 or a string", input->name, number,
		    (unsigned long long)token.unsigned_value);
	record->label[0] = (char)('0' + token.unsigned_value);
	record->label[1] = '\0';
	return 0;
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
