#include "training.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/error.h"
#include "hmm/memory.h"

static void
fill_text(const char **text, const char *value)
{
	*text = *text ? *text : value;
}

void
training_fill(struct training_options *given, const struct training_preset *preset)
{
	given->epochs = given->epochs < 0 ? preset->epochs : given->epochs;
	given->patience = given->patience < 0 ? preset->patience : given->patience;
	given->batch = given->batch < 0 ? 1 : given->batch;
	given->learning_rate = given->learning_rate < 0 ? 1e-4 : given->learning_rate;
	given->weight_decay = given->weight_decay < 0 ? 5e-4 : given->weight_decay;
	fill_text(&given->schedule, "plateau");
	fill_text(&given->stop_on, preset->stop_on);
	fill_text(&given->checkpoint, preset->checkpoint);
	fill_text(&given->round_losses, preset->round_losses);
	if (given->epochs == 0 || given->patience == 0 || given->batch == 0)
		hmm_option_misuse("--epochs, --patience and --batch want 1 or more");
}

struct hmm_train_options
training_options(const struct training_options *given)
{
	struct hmm_train_options options = {.epochs = given->epochs,
	    .patience = given->patience,
	    .batch = given->batch,
	    .learning_rate = given->learning_rate,
	    .weight_decay = given->weight_decay,
	    .round_losses = given->round_losses[0] == 'y',
	    .seed = (uint64_t)given->seed};
	options.schedule = given->schedule[0] == 'p'   ? HMM_PLATEAU
	                   : given->schedule[0] == 's' ? HMM_STEP
	                                               : HMM_CONSTANT;
	options.stop_on = given->stop_on[0] == 'v' ? HMM_STOP_VALIDATION : HMM_STOP_TRAINING;
	options.checkpoint = given->checkpoint[0] == 'a'          ? HMM_KEEP_AUC
	                     : !strcmp(given->checkpoint, "last") ? HMM_KEEP_LAST
	                                                          : HMM_KEEP_LOSS;
	return options;
}

struct hmm_sample *
training_samples(const struct hmm_dataset *dataset, const char *split, size_t *count)
{
	struct hmm_sample *samples = hmm_alloc(dataset->count, sizeof(*samples));
	size_t unlabelled = 0;
	*count = 0;
	for (size_t i = 0; samples && i < dataset->count; i++) {
		const struct hmm_record *record = &dataset->record[i];
		if (strcmp(record->split, split))
			continue;
		if (record->label < 0) {
			unlabelled++;
			continue;
		}
		samples[(*count)++] = (struct hmm_sample){.subject = record->subject,
		    .label = record->label,
		    .x = record->x.data,
		    .weight = 1,
		    .whole = !record->observed[0]};
	}
	if (unlabelled)
		hmm_warn("%zu records of split %s have no label and are left out", unlabelled, split);
	if (samples && *count == 0) {
		hmm_error(
		    "no labelled records of split '%s' (hmm-split assigns train, val and test)", split);
		free(samples);
		return NULL;
	}
	return samples;
}

int
training_run(enum hmm_kind kind,
    int (*learn)(const struct hmm_dataset *data, struct hmm_pool *pool), struct hmm_pool *pool)
{
	struct hmm_dataset data = {0};
	struct hmm_reader *reader = hmm_reader_open(stdin, "standard input", kind);
	const int bad = !reader || hmm_dataset_read(&data, reader) || learn(&data, pool);
	hmm_dataset_free(&data);
	hmm_reader_close(reader);
	return bad ? 1 : 0;
}

int
training_curve_open(struct training_curve *curve, const struct training_options *given)
{
	*curve = (struct training_curve){0};
	hmm_progress_start(&curve->progress, "epochs", given->epochs);
	if (!given->curve)
		return 0;
	if (hmm_output_open(&curve->output, given->curve))
		return -1;
	curve->open = 1;
	fputs("epoch\tlearning_rate\ttrain_loss\tval_loss\tval_auc\tkept\n", curve->output.file);
	return 0;
}

void
training_curve_report(void *self, const struct hmm_epoch *epoch)
{
	struct training_curve *curve = self;
	hmm_progress_step(&curve->progress, epoch->epoch);
	if (curve->open)
		fprintf(curve->output.file, "%ld\t%.9g\t%.9g\t%.9g\t%.9g\t%d\n", epoch->epoch,
		    epoch->learning_rate, epoch->train_loss, epoch->validation_loss, epoch->validation_auc,
		    epoch->kept);
}

int
training_curve_close(struct training_curve *curve, int bad)
{
	hmm_progress_end(&curve->progress);
	if (!curve->open)
		return 0;
	if (!bad)
		return hmm_output_finish(&curve->output);
	hmm_output_abandon(&curve->output);
	return 0;
}

void
training_view(struct hmm_parameter *parameter, void *context)
{
	struct training_views *views = context;
	views->view[views->count++] = hmm_parameter_view(parameter);
}
