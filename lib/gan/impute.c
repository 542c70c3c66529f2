#include "hmm/gan/impute.h"

#include <string.h>

#include "hmm/base/error.h"

struct impute {
	struct hmm_imputer *imputer;
	const struct hmm_imputer_options *options;
	const struct hmm_model *model;
	const char *digest;
	struct hmm_writer *writer;
};

static int
take(void *self, struct hmm_reader *reader, struct hmm_record *slice)
{
	const struct impute *impute = self;
	const struct hmm_imputer_options *options = impute->options;
	const long number = hmm_reader_number(reader);
	char place[600];
	hmm_record_place(place, sizeof(place), slice, number);
	if (strcmp(slice->modality, options->from))
		return hmm_error("%s: modality '%s', want %s to make %s of", place, slice->modality,
		    options->from, options->to);
	if (slice->imputed[0])
		return hmm_error("%s: is imputed itself, want a real image", place);
	if (hmm_model_fits(&impute->model->history, impute->model->weights->path,
	        hmm_reader_history(reader), slice, number) ||
	    hmm_imputer_run(impute->imputer, slice, place) ||
	    hmm_record_set(slice->modality, sizeof(slice->modality), "modality", options->to) ||
	    hmm_record_set(slice->imputed, sizeof(slice->imputed), "imputed", impute->digest))
		return -1;
	return hmm_writer_put(impute->writer, slice);
}

int
hmm_impute_run(const char *path, struct hmm_imputer_options *options,
    int (*make)(struct hmm_step *step, const char *digest), struct hmm_pool *pool)
{
	char digest[HMM_HASH_SIZE];
	struct hmm_step step;
	struct hmm_model model = {0};
	struct hmm_filter filter = {0};
	struct impute impute = {.options = options, .model = &model, .digest = digest};
	int bad = hmm_filter_open(&filter, HMM_SLICES) || hmm_model_open(&model, path) ||
	          !(impute.imputer = hmm_imputer_open(&model, options, pool)) ||
	          hmm_weights_digest(model.weights, digest) || make(&step, digest) ||
	          hmm_filter_step(&filter, &step);
	impute.writer = filter.writer;
	bad = bad || hmm_filter_run(&filter, HMM_SLICES, take, NULL, &impute);
	hmm_imputer_close(impute.imputer);
	hmm_model_close(&model);
	return hmm_filter_close(&filter, bad);
}
