/* hmm-record --train -o encoder.safetensors manifest.tsv
 * hmm-record -w encoder.safetensors manifest.tsv | hmm-condition --train -o phi.safetensors */
#include <stdlib.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/option.h"
#include "hmm/data/encoder.h"
#include "hmm/data/manifest.h"
#include "hmm/stream/filter.h"
#include "hmm/stream/stamp.h"

static int train, complete;
static const char *weights_path, *output_path;

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT(
        'w', "weights", &weights_path, "FILE", "the trained encoder to apply", HMM_UNNOTED),
    HMM_OPTION_FLAG(0, "train", &train, "learn the columns on split train instead", HMM_UNNOTED),
    HMM_OPTION_TEXT(
        'o', "output", &output_path, "FILE", "where --train writes the encoder", HMM_UNNOTED),
    HMM_OPTION_FLAG(
        0, "complete", &complete, "a missing cell within a vector is an error", HMM_NOTED),
    HMM_OPTION_SHOW_HISTORY,
};
static const struct hmm_usage usage = {"-w FILE [OPTION]... [MANIFEST] >features\n       "
                                       "hmm-record --train -o FILE [OPTION]... [MANIFEST]",
    "Vectors of tables and of .npz files as feature records, each column coded as on split train.",
    options, HMM_COUNT_OF(options)};

static int
learn(const char *path)
{
	struct hmm_output output = {0};
	struct hmm_encoder encoder = {0};
	struct hmm_encoder_rows rows = {0};
	struct hmm_table *table = NULL;
	const int bad = hmm_output_open(&output, output_path) || hmm_output_spares(&output, path) ||
	                !(table = hmm_table_read(path, '\t')) ||
	                hmm_manifest_check_target(table, HMM_CLASSES, NULL, 0) ||
	                hmm_encoder_rows_open(&rows, table, complete) ||
	                hmm_encoder_learn(&encoder, &rows) || hmm_encoder_save(&output, &encoder) ||
	                hmm_output_finish(&output);
	hmm_output_abandon(&output);
	hmm_encoder_close(&encoder);
	hmm_encoder_rows_close(&rows);
	hmm_table_free(table);
	return bad ? 1 : 0;
}

/* A record a row. 0, or -1 reported. */
static int
write_rows(struct hmm_filter *filter, const struct hmm_encoder *encoder,
    struct hmm_encoder_rows *rows, const struct hmm_stamp *stamp)
{
	float *x = hmm_alloc(HMM_ENCODER_WIDTH, sizeof(*x));
	int bad = !x;
	for (size_t i = 0; i < rows->manifest->rows && !bad; i++) {
		struct hmm_record *record = &filter->record;
		const size_t row = rows->order[i],
		             shape[] = {hmm_encoder_write(x, encoder, rows, row), 1, 1};
		hmm_record_clear(record);
		bad = !shape[0] || hmm_tensor_resize(&record->x, HMM_F32, shape, 3);
		for (size_t k = 0; k < shape[0] && !bad; k++)
			((float *)record->x.data)[k] = x[k];
		bad =
		    bad || hmm_stamp_put(stamp, record, row, "") || hmm_writer_put(filter->writer, record);
	}
	free(x);
	return bad ? -1 : 0;
}

static int
apply(const char *path)
{
	char digest[HMM_HASH_SIZE];
	struct hmm_filter filter = {0};
	struct hmm_encoder encoder = {0};
	struct hmm_encoder_rows rows = {0};
	struct hmm_table *table = NULL;
	struct hmm_stamp stamp;
	struct hmm_step step;
	const int bad =
	    hmm_filter_open(&filter, HMM_FEATURES) || hmm_encoder_open(&encoder, weights_path) ||
	    hmm_hash_file(digest, weights_path) || hmm_step_make(&step, &usage, digest) ||
	    hmm_filter_step(&filter, &step) || !(table = hmm_table_read(path, '\t')) ||
	    hmm_stamp_open(&stamp, table) || hmm_encoder_rows_open(&rows, table, complete) ||
	    write_rows(&filter, &encoder, &rows, &stamp);
	hmm_encoder_close(&encoder);
	hmm_encoder_rows_close(&rows);
	hmm_table_free(table);
	return hmm_filter_close(&filter, bad);
}

int
main(int argc, char **argv)
{
	const int first = hmm_option_parse(argc, argv, &usage);
	const char *path = first < argc ? argv[first] : "-";
	if (argc - first > 1)
		hmm_option_misuse("one manifest wanted, found %d", argc - first);
	if (train ? !output_path || weights_path || hmm_show_history : !weights_path || output_path)
		hmm_option_misuse("want either -w FILE or --train -o FILE");
	return train ? learn(path) : apply(path);
}
