/* hmm-gather -c cache manifest.tsv | hmm-condition --train -o phi.safetensors
 * hmm-gather -c cache manifest.tsv | hmm-condition -w phi.safetensors | hmm-setsum | ... */
#include <stdio.h>
#include <stdlib.h>

#include "hmm/learn/condition.h"
#include "hmm/base/option.h"
#include "hmm/learn/conditioning.h"
#include "hmm/learn/subjects.h"
#include "hmm/learn/training.h"

static int train;
static const char *weights_path, *output_path, *order, *init;
static long threads;
static struct training_options given = TRAINING_UNSET;

static const struct hmm_option options[] = {
    {'w', "weights", HMM_STRING, &weights_path, "FILE", "the trained phi to apply", 0},
    {0, "train", HMM_FLAG, &train, NULL, "step 1: train phi on the blocks instead", 0},
    {'o', "output", HMM_STRING, &output_path, "FILE", "where --train writes phi, safetensors", 0},
    {'j', "threads", HMM_COUNT, &threads, "N", "threads (default: all processors)", 0},
    TRAINING_OPTIONS(given),
    {0, "order", HMM_CHOICE, &order, "images|subjects",
        "shuffled single images, or the paper's code", 1},
    {0, "init", HMM_CHOICE, &init, "hyperfan|pytorch", "of the hypernetwork", 1},
};
static const struct hmm_usage usage = {
    "-w FILE <features >latents\n       hmm-condition --train -o FILE [OPTION]... <features",
    "The 1x1 convolution that a hypernetwork generates from each block's modality.", options,
    HMM_COUNT_OF(options)};

static const struct training_preset paper = {100, 10, "validation", "loss", "no"};
static const struct training_preset code = {50, 10, "training", "last", "yes"};

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
	          hmm_phi_open(&phi, shape[0], shape[1] * shape[2], known.name, known.count) ||
	          hmm_condition_open(&condition, &phi, pool) ||
	          !(training = split_samples(data, &phi, "train", &train_count)) ||
	          !(validation = split_samples(data, &phi, "val", &val_count)) ||
	          training_curve_open(&curve, &given);
	if (!bad) {
		(init[0] == 'h' ? hmm_phi_init_hyperfan : hmm_phi_init_pytorch)(&phi, how.seed);
		hmm_condition_init(&condition, how.seed);
		bad = hmm_condition_train(&condition, training, train_count, validation, val_count,
		    order[0] == 'i' ? HMM_SHUFFLED : HMM_BY_SUBJECT, &how, training_curve_report, &curve);
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
	const int is_code = given.preset[0] == 'c';
	training_fill(&given, is_code ? &code : &paper);
	order = order ? order : is_code ? "subjects" : "images";
	init = init ? init : is_code ? "pytorch" : "hyperfan";
	if (train ? !output_path || weights_path : !weights_path || output_path)
		hmm_option_misuse("want either -w FILE or --train -o FILE");

	struct hmm_pool *pool = hmm_pool_open((size_t)threads);
	const int status = !pool   ? 1
	                   : train ? training_run(HMM_FEATURES, learn, pool)
	                           : conditioning_apply(weights_path, pool);
	hmm_pool_close(pool);
	return status;
}
