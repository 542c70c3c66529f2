#include "hmm/stream/weights_text.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "hmm/base/error.h"
#include "hmm/data/table.h"
#include "hmm/file/json_text.h"

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
	hmm_table_write(file, path->key, !path->above);
}

/* "key=value", or the value alone where it has no key, as a cell. */
static void
print_plain(FILE *file, const char *key, const json_t *value)
{
	if (key) {
		hmm_table_write(file, key, 0);
		putc('=', file);
	}
	if (json_is_string(value)) {
		hmm_table_write(file, json_string_value(value), key != NULL);
		return;
	}
	if (!key)
		putc('\t', file);
	json_dumpf(value, file, JSON_ENCODE_ANY);
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

static int
print_pair(FILE *file, const struct hmm_pair *pair)
{
	const struct path path = {NULL, pair->key};
	json_t *value;
	if (hmm_json_read(&value, pair->value, strlen(pair->value), NULL))
		return -1;
	if (value) {
		print_value(file, &path, value);
		json_decref(value);
		return 0;
	}
	print_keys(file, &path);
	hmm_table_write(file, pair->value, 0);
	fputc('\n', file);
	return 0;
}

int
hmm_weights_text_print(FILE *file, const struct hmm_weights *weights)
{
	for (size_t i = 0; i < weights->pairs; i++)
		if (print_pair(file, &weights->pair[i]))
			return -1;
	fputs("name\tdtype\tshape\tmean\tmin\tmax\n", file);
	for (size_t i = 0; i < weights->count; i++) {
		const struct hmm_weight *weight = &weights->weight[i];
		char shape[128];
		hmm_table_write(file, weight->name, 1);
		hmm_table_write(
		    file, weight->foreign ? weight->foreign : hmm_dtype_name(weight->x.dtype), 0);
		hmm_shape_text(shape, sizeof(shape), weight->x.shape, weight->x.dimensions);
		hmm_table_write(file, shape, 0);
		if (weight->foreign) {
			fputs("\tn/a\tn/a\tn/a\n", file);
			continue;
		}
		const struct hmm_summary summary = hmm_field_summary(&weight->x);
		fprintf(file, "\t%.6g\t%.6g\t%.6g\n", summary.mean, summary.least, summary.most);
	}
	return 0;
}

/* ---- JSON ---- */

static int
print_metadata(FILE *file, const struct hmm_weights *weights)
{
	json_t *object = json_object(), *metadata = json_object();
	int bad = json_object_set_new(object, "metadata", metadata);
	for (size_t i = 0; i < weights->pairs && !bad; i++) {
		const struct hmm_pair *pair = &weights->pair[i];
		json_t *value = NULL;
		bad = hmm_json_read(&value, pair->value, strlen(pair->value), NULL) ||
		      json_object_set_new(metadata, pair->key, value ? value : json_string(pair->value));
	}
	return hmm_json_print(file, object, bad);
}

static int
print_weight(FILE *file, const struct hmm_weight *weight)
{
	json_t *object = json_object(), *shape = json_array();
	int bad = 0;
	for (int d = 0; d < weight->x.dimensions; d++)
		bad |= json_array_append_new(shape, json_integer((json_int_t)weight->x.shape[d]));
	bad |= json_object_set_new(object, "name", json_string(weight->name));
	bad |= json_object_set_new(object, "dtype",
	    json_string(weight->foreign ? weight->foreign : hmm_dtype_name(weight->x.dtype)));
	bad |= json_object_set_new(object, "shape", shape);
	if (!weight->foreign) {
		const struct hmm_summary summary = hmm_field_summary(&weight->x);
		bad |= json_object_set_new(object, "mean", json_real(summary.mean));
		bad |= json_object_set_new(object, "min", json_real(summary.least));
		bad |= json_object_set_new(object, "max", json_real(summary.most));
	}
	return hmm_json_print(file, object, bad);
}

int
hmm_weights_text_json(FILE *file, const struct hmm_weights *weights)
{
	if (print_metadata(file, weights))
		return -1;
	for (size_t i = 0; i < weights->count; i++)
		if (print_weight(file, &weights->weight[i]))
			return -1;
	return 0;
}
