#include "hmm/stream/weights_text.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "hmm/base/memory.h"
#include "hmm/data/table.h"

/* The keys that lead to a value of the metadata. */
struct path {
	const struct path *above;
	const char *key;
};

static int
is_plain(const json_t *value)
{
	return !json_is_object(value) && !json_is_array(value);
}

static void
print_keys(FILE *file, const struct path *path)
{
	if (path->above)
		print_keys(file, path->above);
	else
		fputs("# ", file);
	hmm_table_show(file, path->key, !path->above);
}

/* "key=value", or the value alone where it has no key, as a cell. */
static void
print_plain(FILE *file, const char *key, const json_t *value)
{
	char *number = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY);
	const char *text = number ? number : json_string_value(value);
	const size_t size = (key ? strlen(key) + 1 : 0) + (text ? strlen(text) : 0) + 1;
	char *cell = hmm_alloc(size, 1);
	if (cell)
		snprintf(cell, size, "%s%s%s", key ? key : "", key ? "=" : "", text ? text : "");
	hmm_table_show(file, cell, 0);
	free(cell);
	free(number);
}

static void print_value(FILE *file, const struct path *path, json_t *value);

static void
print_object(FILE *file, const struct path *path, json_t *object)
{
	const char *key;
	json_t *value;
	int plain = 0;
	json_object_foreach(object, key, value)
	{
		if (!is_plain(value))
			continue;
		if (!plain++)
			print_keys(file, path);
		print_plain(file, key, value);
	}
	if (plain)
		fputc('\n', file);
	json_object_foreach(object, key, value)
	{
		const struct path below = {path, key};
		if (!is_plain(value))
			print_value(file, &below, value);
	}
}

static void
print_value(FILE *file, const struct path *path, json_t *value)
{
	size_t i;
	json_t *item;
	if (json_is_object(value)) {
		print_object(file, path, value);
	} else if (json_is_array(value)) {
		json_array_foreach(value, i, item) print_value(file, path, item);
	} else {
		print_keys(file, path);
		print_plain(file, NULL, value);
		fputc('\n', file);
	}
}

void
hmm_weights_text_print(FILE *file, const struct hmm_weights *weights)
{
	for (size_t i = 0; i < weights->pairs; i++) {
		const struct path path = {NULL, weights->pair[i].key};
		json_t *parsed = json_loads(weights->pair[i].value, JSON_REJECT_DUPLICATES, NULL);
		json_t *value = parsed ? parsed : json_string(weights->pair[i].value);
		print_value(file, &path, value);
		json_decref(value);
	}
	fputs("name\tdtype\tshape\tmean\tmin\tmax\n", file);
	for (size_t i = 0; i < weights->count; i++) {
		const struct hmm_weight *weight = &weights->weight[i];
		char shape[128];
		hmm_table_show(file, weight->name, 1);
		hmm_table_show(
		    file, weight->foreign ? weight->foreign : hmm_dtype_name(weight->x.dtype), 0);
		hmm_shape_text(shape, sizeof(shape), weight->x.shape, weight->x.dimensions);
		hmm_table_show(file, shape, 0);
		if (weight->foreign) {
			fputs("\tn/a\tn/a\tn/a\n", file);
			continue;
		}
		const struct hmm_summary summary = hmm_field_summary(&weight->x);
		fprintf(file, "\t%.6g\t%.6g\t%.6g\n", summary.mean, summary.least, summary.most);
	}
}

static void
print_line(FILE *file, json_t *object)
{
	json_dumpf(object, file, JSON_COMPACT);
	fputc('\n', file);
	json_decref(object);
}

void
hmm_weights_text_json(FILE *file, const struct hmm_weights *weights)
{
	json_t *metadata = json_object();
	for (size_t i = 0; i < weights->pairs; i++) {
		json_t *parsed = json_loads(weights->pair[i].value, JSON_REJECT_DUPLICATES, NULL);
		json_object_set_new(
		    metadata, weights->pair[i].key, parsed ? parsed : json_string(weights->pair[i].value));
	}
	print_line(file, json_pack("{so}", "metadata", metadata));
	for (size_t i = 0; i < weights->count; i++) {
		const struct hmm_weight *weight = &weights->weight[i];
		json_t *shape = json_array();
		for (int d = 0; d < weight->x.dimensions; d++)
			json_array_append_new(shape, json_integer((json_int_t)weight->x.shape[d]));
		json_t *object = json_pack("{ss ss so}", "name", weight->name, "dtype",
		    weight->foreign ? weight->foreign : hmm_dtype_name(weight->x.dtype), "shape", shape);
		if (!weight->foreign) {
			const struct hmm_summary summary = hmm_field_summary(&weight->x);
			json_object_set_new(object, "mean", json_real(summary.mean));
			json_object_set_new(object, "min", json_real(summary.least));
			json_object_set_new(object, "max", json_real(summary.most));
		}
		print_line(file, object);
	}
}
