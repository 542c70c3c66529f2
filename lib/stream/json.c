#include "hmm/stream/json.h"

#include <jansson.h>
#include <stdlib.h>

#include "fields.h"
#include "hmm/base/utf8.h"

static json_t *
json_text(const char *text)
{
	char *mended = hmm_utf8_mend(text);
	json_t *string = mended ? json_string(mended) : NULL;
	free(mended);
	return string;
}

static void
print_line(FILE *file, json_t *object)
{
	json_dumpf(object, file, JSON_COMPACT);
	fputc('\n', file);
	json_decref(object);
}

static json_t *
step_object(const struct hmm_step *step)
{
	struct hmm_step own = *step;
	struct hmm_step_field fields[HMM_STEP_FIELDS];
	json_t *object = json_object();
	hmm_step_fields(fields, &own);
	for (size_t i = 0; i < HMM_STEP_FIELDS; i++)
		if (fields[i].text[0])
			json_object_set_new(object, fields[i].key, json_text(fields[i].text));
	return object;
}

void
hmm_json_step(FILE *file, const struct hmm_step *step)
{
	print_line(file, step_object(step));
}

void
hmm_json_head(FILE *file, const struct hmm_reader *reader)
{
	const struct hmm_step *steps;
	const size_t count = hmm_reader_history(reader, &steps);
	json_t *history = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(history, step_object(&steps[i]));
	print_line(file,
	    json_pack("{ss so}", "kind", hmm_kind_name(hmm_reader_kind(reader)), "history", history));
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
			json_object_set_new(object, hmm_field_names[column], json_text(text));
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
		json_object_set_new(object, "npy", json_text(npy));
	print_line(file, object);
}
