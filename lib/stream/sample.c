#include <string.h>

#include "dataset_block.h"
#include "fields.h"

const char **
hmm_sample_text(struct hmm_sample *sample, int column)
{
	const char **const texts[HMM_FIELD_TEXTS] = {&sample->subject, &sample->group,
	    &sample->modality, &sample->observed, &sample->split, &sample->source, &sample->imputed,
	    &sample->label};
	return texts[column];
}

void
hmm_sample_fields(struct hmm_record *record, const struct hmm_sample *sample)
{
	struct hmm_sample names = *sample;
	hmm_record_clear(record);
	for (int i = 0; i < HMM_FIELD_TEXTS; i++) {
		size_t size;
		char *field = hmm_field_text(record, i, &size);
		const char *text = *hmm_sample_text(&names, i);
		memcpy(field, text, strlen(text) + 1); /* it came from such a field */
	}
	record->event = sample->event;
	record->index = sample->index;
}
