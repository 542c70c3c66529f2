#include "hmm/stream/json.h"

#include <jansson.h>
#include <string.h>

#include "fields.h"
#include "history_json.h"
#include "hmm/file/json_text.h"

int
hmm_json_step(FILE *file, const struct hmm_step *step)
{
	return hmm_json_print(file, hmm_json_of_step(step), 0);
}

int
hmm_json_head(FILE *file, const struct hmm_reader *reader)
{
	static const struct hmm_chain none;
	const struct hmm_history *history = hmm_reader_history(reader);
	const int by_modality = history->chains && history->chain[0].modality;
	json_t *object = json_object();
	int bad =
	    json_object_set_new(object, "kind", json_string(hmm_kind_name(hmm_reader_kind(reader))));
	bad |= by_modality ? json_object_set_new(object, "histories", hmm_json_of_history(history))
	                   : json_object_set_new(object, "history",
	                         hmm_json_of_chain(history->chains ? &history->chain[0] : &none));
	return hmm_json_print(file, object, bad);
}

/* The fields of a record that it has. 0, or not. */
static int
set_fields(json_t *object, const struct hmm_record *record)
{
	int bad = 0, column = 0;
	for (; column < HMM_FIELD_TEXTS; column++) {
		const char *text = hmm_field_get_text(record, column);
		const int binary =
		    column == HMM_FIELD_LABEL && text && (!strcmp(text, "0") || !strcmp(text, "1"));
		if (text) /* as in the stream */
			bad |= json_object_set_new(object, hmm_field_names[column],
			    binary ? json_integer(text[0] - '0') : hmm_json_text(text));
	}
	for (; column < HMM_FIELD_TEXTS + HMM_FIELD_NUMBERS; column++) {
		const long number = hmm_field_get_number(record, column);
		if (number >= 0)
			bad |= json_object_set_new(object, hmm_field_names[column], json_integer(number));
	}
	return bad;
}

int
hmm_json_record(FILE *file, const struct hmm_record *record, const char *npy)
{
	const struct hmm_summary summary = hmm_field_summary(&record->x);
	json_t *object = json_object(), *shape = json_array();
	int bad = set_fields(object, record);
	for (int i = 0; i < record->x.dimensions; i++)
		bad |= json_array_append_new(shape, json_integer((json_int_t)record->x.shape[i]));
	bad |= json_object_set_new(object, "shape", shape);
	bad |= json_object_set_new(object, "dtype", json_string(hmm_dtype_name(record->x.dtype)));
	bad |= json_object_set_new(object, "mean", json_real(summary.mean));
	bad |= json_object_set_new(object, "min", json_real(summary.least));
	bad |= json_object_set_new(object, "max", json_real(summary.most));
	if (npy)
		bad |= json_object_set_new(object, "npy", hmm_json_text(npy));
	return hmm_json_print(file, object, bad);
}
