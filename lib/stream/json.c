#include "hmm/stream/json.h"

#include <jansson.h>
#include <stdlib.h>

#include "fields.h"
#include "history_json.h"

static void
print_line(FILE *file, json_t *object)
{
	json_dumpf(object, file, JSON_COMPACT);
	fputc('\n', file);
	json_decref(object);
}

void
hmm_json_step(FILE *file, const struct hmm_step *step)
{
	print_line(file, hmm_json_of_step(step));
}

void
hmm_json_head(FILE *file, const struct hmm_reader *reader)
{
	static const struct hmm_chain none;
	const struct hmm_history *history = hmm_reader_history(reader);
	const int by_modality = history->chains && history->chain[0].modality;
	print_line(
	    file, json_pack("{ss so}", "kind", hmm_kind_name(hmm_reader_kind(reader)),
	              by_modality ? "histories" : "history",
	              by_modality ? hmm_json_of_history(history)
	                          : hmm_json_of_chain(history->chains ? &history->chain[0] : &none)));
}

void
hmm_json_record(FILE *file, const struct hmm_record *record, const char *npy)
{
	const struct hmm_summary summary = hmm_field_summary(&record->x);
	json_t *object = json_object(), *shape = json_array();
	int column = 0;
	for (; column < HMM_FIELD_TEXTS; column++) {
		const char *text = hmm_field_get_text(record, column);
		if (text)
			json_object_set_new(object, hmm_field_names[column], hmm_json_text(text));
	}
	for (; column < HMM_FIELD_TEXTS + HMM_FIELD_NUMBERS; column++) {
		const long number = hmm_field_get_number(record, column);
		if (number >= 0)
			json_object_set_new(object, hmm_field_names[column], json_integer(number));
	}
	for (int i = 0; i < record->x.dimensions; i++)
		json_array_append_new(shape, json_integer((json_int_t)record->x.shape[i]));
	json_object_set_new(object, "shape", shape);
	json_object_set_new(object, "dtype", json_string(hmm_dtype_name(record->x.dtype)));
	json_object_set_new(object, "mean", json_real(summary.mean));
	json_object_set_new(object, "min", json_real(summary.least));
	json_object_set_new(object, "max", json_real(summary.most));
	if (npy)
		json_object_set_new(object, "npy", hmm_json_text(npy));
	print_line(file, object);
}
