#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/option.h"
#include "hmm/data/encoder.h"
#include "hmm/file/json_text.h"
#include "hmm/file/safetensors.h"

static const char key[] = "columns";
enum { NAME = 32 };

/* ---- writing ---- */

/* A string, or NULL where it is no UTF-8. */
static json_t *
column_json(const struct hmm_coded *coded, const char *name)
{
	json_t *values = json_array();
	for (size_t i = 0; !coded->numbers && i < coded->values.count; i++)
		if (json_array_append_new(values, json_string(coded->values.name[i]))) {
			json_decref(values);
			return NULL;
		}
	return json_pack("{s:s, s:b, s:o}", "name", name, "missing", coded->missing, "values", values);
}

static json_t *
modality_json(const struct hmm_encoded *of, const char *modality)
{
	if (!of->name)
		return json_pack("{s:s, s:I}", "modality", modality, "width", (json_int_t)of->columns);
	json_t *columns = json_array();
	for (size_t i = 0; i < of->columns; i++)
		if (json_array_append_new(columns, column_json(&of->coded[i], of->name[i]))) {
			json_decref(columns);
			return NULL;
		}
	return json_pack("{s:s, s:o}", "modality", modality, "columns", columns);
}

/* All columns as text, to free(); NULL, reported. */
static char *
describe(const struct hmm_encoder *encoder)
{
	json_t *all = json_array();
	for (size_t m = 0; m < encoder->modalities.count; m++)
		if (json_array_append_new(
		        all, modality_json(&encoder->of[m], encoder->modalities.name[m]))) {
			hmm_error("modality %s: names and values of its columns are no UTF-8",
			    encoder->modalities.name[m]);
			json_decref(all);
			return NULL;
		}
	return hmm_json_write(all);
}

int
hmm_encoder_save(struct hmm_output *output, struct hmm_encoder *encoder)
{
	const size_t modalities = encoder->modalities.count;
	struct hmm_weight *weight = hmm_alloc(2 * modalities + HMM_GROUPS_TENSORS, sizeof(*weight));
	char(*name)[NAME] = hmm_alloc(2 * modalities, sizeof(*name));
	char *text = describe(encoder);
	size_t count = 0, columns = 0;
	for (size_t m = 0; m < modalities; m++)
		columns += encoder->of[m].columns;
	double *number = hmm_alloc(columns, 2 * sizeof(*number)), *at = number;
	int bad = !weight || !name || !text || !number;
	for (size_t m = 0; m < modalities && !bad; m++)
		for (int part = 0; part < 2; part++) {
			const struct hmm_encoded *of = &encoder->of[m];
			snprintf(name[count], NAME, "%zu.%s", m, part ? "scale" : "mean");
			weight[count] = (struct hmm_weight){.name = name[count],
			    .x = {.dtype = HMM_F64, .dimensions = 1, .shape = {of->columns}, .data = at}};
			for (size_t c = 0; c < of->columns; c++)
				*at++ = part ? of->coded[c].scale : of->coded[c].mean;
			count++;
		}
	if (!bad)
		count += hmm_groups_weights(weight + count, &encoder->groups);
	const struct hmm_pair pair[] = {{"program", hmm_program}, {key, text}};
	bad = bad || hmm_weights_write(output, weight, count, pair, HMM_COUNT_OF(pair));
	free(weight);
	free(name);
	free(text);
	free(number);
	return bad ? -1 : 0;
}

/* ---- reading ---- */

/* One column of a table. -1: not as above; -2, reported. */
static int
read_column(struct hmm_coded *coded, char **name, json_t *json)
{
	const char *text;
	json_t *values;
	int missing;
	if (json_unpack(
	        json, "{s:s, s:b, s:o}", "name", &text, "missing", &missing, "values", &values) ||
	    !json_is_array(values))
		return -1;
	if (!(*name = hmm_strdup(text)))
		return -2;
	coded->numbers = json_array_size(values) == 0;
	coded->missing = missing != 0;
	for (size_t i = 0; i < json_array_size(values); i++) {
		const char *value = json_string_value(json_array_get(values, i));
		if (!value)
			return -1;
		if (hmm_names_add(&coded->values, value) < 0)
			return -2;
		if (coded->values.count != i + 1)
			return -1;
	}
	return 0;
}

static int
read_modality(struct hmm_encoder *encoder, size_t m, json_t *json)
{
	struct hmm_encoded *of = &encoder->of[m];
	const char *modality;
	json_int_t width = 0;
	json_t *columns = NULL;
	if (json_unpack(
	        json, "{s:s, s?I, s?o}", "modality", &modality, "width", &width, "columns", &columns) ||
	    !columns == !width || (columns && !json_is_array(columns)))
		return -1;
	if (hmm_names_add(&encoder->modalities, modality) < 0)
		return -2;
	const size_t count = columns ? json_array_size(columns) : (size_t)width;
	if (encoder->modalities.count != m + 1 || width < 0 || !count || count > HMM_ENCODER_WIDTH)
		return -1;
	of->coded = hmm_alloc(count, sizeof(*of->coded));
	of->name = columns ? hmm_alloc(count, sizeof(*of->name)) : NULL;
	if (!of->coded || (columns && !of->name))
		return -2;
	of->columns = count;
	for (size_t c = 0; c < count; c++) {
		of->coded[c].numbers = 1;
		const int bad =
		    columns ? read_column(&of->coded[c], &of->name[c], json_array_get(columns, c)) : 0;
		if (bad)
			return bad;
		of->width += hmm_coded_width(&of->coded[c]);
	}
	return of->width <= HMM_ENCODER_WIDTH ? 0 : -1;
}

static int
read_numbers(struct hmm_encoder *encoder, size_t m, const struct hmm_weights *file)
{
	struct hmm_encoded *of = &encoder->of[m];
	for (int part = 0; part < 2; part++) {
		char name[NAME];
		snprintf(name, sizeof(name), "%zu.%s", m, part ? "scale" : "mean");
		const struct hmm_weight *found = hmm_weight_find(file->weight, file->count, name);
		if (!found || found->x.dtype != HMM_F64 || found->x.dimensions != 1 ||
		    found->x.shape[0] != of->columns)
			return -1;
		for (size_t c = 0; c < of->columns; c++) {
			double value;
			memcpy(&value, (const double *)found->x.data + c, sizeof(value));
			if (!isfinite(value))
				return -1;
			*(part ? &of->coded[c].scale : &of->coded[c].mean) = value;
		}
	}
	return 0;
}

static int
read_all(struct hmm_encoder *encoder, const struct hmm_weights *file, json_t *all)
{
	const size_t count = json_array_size(all);
	int bad = json_is_array(all) && count ? 0 : -1;
	if (!bad && !(encoder->of = hmm_alloc(count, sizeof(*encoder->of))))
		return -2;
	for (size_t m = 0; m < count && !bad; m++) {
		bad = read_modality(encoder, m, json_array_get(all, m));
		bad = bad ? bad : read_numbers(encoder, m, file);
	}
	return bad;
}

int
hmm_encoder_open(struct hmm_encoder *encoder, const char *path)
{
	*encoder = (struct hmm_encoder){0};
	struct hmm_weights *file = hmm_weights_open(path);
	if (!file)
		return -1;
	const char *text = hmm_weights_metadata(file, key);
	json_t *all = NULL;
	int bad = text && hmm_json_read(&all, text, strlen(text), NULL) ? -2 : 0;
	bad = bad ? bad : all ? read_all(encoder, file, all) : -1;
	if (bad == -1)
		hmm_error("%s: not what hmm-record --train leaves", path);
	json_decref(all);
	hmm_weights_close(file);
	return bad ? -1 : 0;
}
