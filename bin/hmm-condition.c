/* hmm-gather -c cache manifest.tsv | hmm-condition --train -o phi.safetensors
 * hmm-gather -c cache manifest.tsv | hmm-condition -w phi.safetensors | hmm-setsum | ... */
#include <stdio.h>
#include <stdlib.h>

#include "hmm/learn/condition.h"
#include "hmm/base/option.h"
#include "hmm/learn/latents.h"
#include "hmm/learn/subjects.h"
#include "hmm/learn/training.h"

static int train;
static const char *weights_path, *output_path;
static int order = HMM_UNSET, init = HMM_UNSET; /* enum hmm_condition_order, hmm_phi_start */
static long threads;
static struct training_options given = TRAINING_UNSET;

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT('w', "weights", &weights_path, "FILE", "the trained phi to apply", HMM_UNNOTED),
    HMM_OPTION_FLAG(0, "train", &train, "step 1: train phi on the blocks instead", HMM_UNNOTED),
    HMM_OPTION_TEXT(
        'o', "output", &output_path, "FILE", "where --train writes phi, safetensors", HMM_UNNOTED),
    HMM_OPTION_COUNT(
        'j', "threads", &threads, "N", "threads (default: all processors)", HMM_UNNOTED),
    TRAINING_OPTIONS(given),
    HMM_OPTION_CHOICE(0, "order", &order, "images|subjects",
        "shuffled single images, or the paper's code", HMM_NOTED),
    HMM_OPTION_CHOICE(0, "init", &init, "hyperfan|pytorch", "of the hypernetwork", HMM_NOTED),
};
static const struct hmm_usage usage = {
    "-w FILE <features >latents\n       hmm-condition --train -o FILE [OPTION]... <features",
    "The 1x1 convolution that a hypernetwork generates from each block's modality.", options,
    HMM_COUNT_OF(options)};

static const struct training_preset paper = {100, 10, HMM_STOP_VALIDATION, HMM_KEEP_LOSS, 0};
static const struct training_preset code = {50, 10, HMM_STOP_TRAINING, HMM_KEEP_LAST, 1};

/* The samples of a split, each with its modality's number. */
static struct hmm_sample *
split_samples(
    const struct hmm_dataset *data, const struct hmm_phi *phi, const char *split, size_t *count)
{
	struct hmm_sample *samples = training_samples(data, split, count);
	for (size_t i = 0, n = 0; samples && i < data->count; i++) {
		const struct hmm_record *record = &data->record[i];
		if (n < *count && samples[n].x == record->x.data)
			samples[n++].modality = (size_t)hmm_phi_find(phi, record->modality);
	}
	return samples;
}

static void
each(void *phi, hmm_parameter_visit *visit, void *context)
{
	hmm_phi_each(phi, visit, context);
}

static int
learn(const struct hmm_dataset *data, struct hmm_pool *pool)
{
	const size_t *shape = data->record[0].x.shape;
	struct hmm_phi phi = {0};
	struct hmm_condition condition = {0};
	struct training_curve curve;
	const struct hmm_train_options how = training_options(&given);
	struct modalities known;
	size_t train_count, val_count;
	struct hmm_sample *training = NULL, *validation = NULL;

	int bad = modalities_of_data(&known, data) || modalities_name_pairs(&known) ||
	          hmm_phi_open(&phi, shape[0], known.name, known.count) ||
	          hmm_condition_open(&condition, &phi, shape[1] * shape[2], pool) ||
	          !(training = split_samples(data, &phi, "train", &train_count)) ||
	          !(validation = split_samples(data, &phi, "val", &val_count)) ||
	          training_curve_open(&curve, &given);
	if (!bad) {
		hmm_phi_init(&phi, (enum hmm_phi_start)init, how.seed);
		hmm_condition_init(&condition, how.seed);
		bad = hmm_condition_train(&condition, training, train_count, validation, val_count,
		    (enum hmm_condition_order)order, &how, training_curve_report, &curve);
		bad = training_curve_close(&curve, bad) || bad ||
		      training_save(output_path, &usage, each, &phi, known.pair, known.count);
	}
	modalities_close(&known);
	free(training);
	free(validation);
	hmm_condition_close(&condition);
	hmm_phi_close(&phi);
	return bad;
}

int
main(int argc, char **argv)
{
	threads = hmm_processors();
	if (hmm_option_parse(argc, argv, &usage) != argc)
		hmm_option_misuse("no operands wanted: features come on standard input");
	const int is_code = given.preset == TRAINING_CODE;
	training_fill(&given, is_code ? &code : &paper);
	if (order == HMM_UNSET)
		order = is_code ? HMM_BY_SUBJECT : HMM_SHUFFLED;
	if (init == HMM_UNSET)
		init = is_code ? HMM_PYTORCH : HMM_HYPERFAN;
	if (train ? !output_path || weights_path : !weights_path || output_path)
		hmm_option_misuse("want either -w FILE or --train -o FILE");

	struct hmm_pool *pool = hmm_pool_open((size_t)threads);
	const int status = !pool   ? 1
	                   : train ? training_run(HMM_FEATURES, learn, pool)
	                           : hmm_latents_run(weights_path, pool);
	hmm_pool_close(pool);
	return status;
}
