#include "hmm/learn/training.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

static void
fill(int *choice, int value)
{
	*choice = *choice == HMM_UNSET ? value : *choice;
}

void
training_fill(struct training_options *given, const struct training_preset *preset)
{
	given->epochs = given->epochs < 0 ? preset->epochs : given->epochs;
	given->patience = given->patience < 0 ? preset->patience : given->patience;
	given->batch = given->batch < 0 ? 1 : given->batch;
	given->learning_rate = given->learning_rate < 0 ? 1e-4 : given->learning_rate;
	given->weight_decay = given->weight_decay < 0 ? 5e-4 : given->weight_decay;
	fill(&given->schedule, HMM_PLATEAU);
	fill(&given->stop_on, preset->stop_on);
	fill(&given->checkpoint, preset->checkpoint);
	fill(&given->round_losses, preset->round_losses);
	if (given->epochs == 0 || given->patience == 0 || given->batch == 0)
		hmm_option_misuse("--epochs, --patience and --batch want 1 or more");
}

struct hmm_train_options
training_options(const struct training_options *given)
{
	struct hmm_train_options options = {.epochs = given->epochs,
	    .min_epochs = given->min_epochs,
	    .patience = given->patience,
	    .batch = given->batch,
	    .learning_rate = given->learning_rate,
	    .weight_decay = given->weight_decay,
	    .round_losses = given->round_losses,
	    .seed = (uint64_t)given->seed};
	options.schedule = given->schedule;
	options.stop_on = given->stop_on;
	options.checkpoint = given->checkpoint;
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
		if (split && strcmp(record->split, split))
			continue;
		if (split && record->label < 0) {
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
	if (samples && split && *count == 0) {
		hmm_error(
		    "no labelled records of split '%s' (hmm-split assigns train, val and test)", split);
		free(samples);
		return NULL;
	}
	return samples;
}

size_t
training_hidden(size_t widths[HMM_MLP_LAYERS - 1], const char *text)
{
	size_t count = 0;
	for (const char *at = text; *at;) {
		char *end;
		const long width = strtol(at, &end, 10);
		if (end == at || width < 1 || width > 1 << 20 || count == HMM_MLP_LAYERS - 1 ||
		    (*end && *end != ','))
			hmm_option_misuse("--hidden: found '%s', want up to %d widths, such as 512,128", text,
			    HMM_MLP_LAYERS - 1);
		widths[count++] = (size_t)width;
		at = *end ? end + 1 : end;
	}
	return count;
}

void
training_class_weights(double weight[2], size_t positives, size_t count, int balanced)
{
	const size_t of_class[2] = {count - positives, positives};
	for (int i = 0; i < 2; i++)
		weight[i] = balanced ? (double)count / (2 * (double)of_class[i]) : 1;
}

int
training_run(enum hmm_kind kind, int (*work)(const struct hmm_dataset *data, struct hmm_pool *pool),
    struct hmm_pool *pool)
{
	struct hmm_dataset data = {0};
	struct hmm_reader *reader = hmm_reader_open(stdin, "standard input", kind);
	const int bad = !reader || hmm_dataset_read(&data, reader) || work(&data, pool);
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

/* ---- models ---- */

struct views {
	struct hmm_weight *view; /* NULL: they are only counted */
	size_t count;
};

static void
gather(struct hmm_parameter *parameter, void *context)
{
	struct views *views = context;
	if (views->view)
		views->view[views->count] = hmm_parameter_view(parameter);
	views->count++;
}

static int
write_views(const char *path, const struct views *views, const struct hmm_pair *pairs, size_t count)
{
	struct hmm_output output;
	if (hmm_output_open(&output, path))
		return -1;
	if (!hmm_weights_write(&output, views->view, views->count, pairs, count))
		return hmm_output_finish(&output);
	hmm_output_abandon(&output);
	return -1;
}

int
training_save(const char *path, const struct hmm_usage *usage, training_each *each, void *self,
    const struct hmm_pair *pairs, size_t count)
{
	char made_by[1024];
	struct views views = {NULL, 0};
	each(self, gather, &views);
	views.view = hmm_alloc(views.count, sizeof(*views.view));
	struct hmm_pair *all = hmm_alloc(count + 2, sizeof(*all));
	int bad = -1;
	if (views.view && all && !hmm_option_history(made_by, sizeof(made_by), usage)) {
		views.count = 0;
		each(self, gather, &views);
		all[0] = (struct hmm_pair){"program", hmm_program};
		all[1] = (struct hmm_pair){"options", made_by};
		for (size_t i = 0; i < count; i++)
			all[i + 2] = pairs[i];
		bad = write_views(path, &views, all, count + 2);
	}
	free(views.view);
	free(all);
	return bad;
}

struct load {
	const struct hmm_weights *weights;
	int bad;
};

static void
load_one(struct hmm_parameter *parameter, void *context)
{
	struct load *load = context;
	if (!load->bad)
		load->bad = hmm_parameter_load(parameter, load->weights->weight, load->weights->count);
}

int
training_load(const struct hmm_weights *weights, training_each *each, void *self)
{
	struct load load = {weights, 0};
	each(self, load_one, &load);
	return load.bad;
}

size_t
training_layers(
    size_t width[HMM_MLP_LAYERS + 1], const struct hmm_weights *weights, const char *prefix)
{
	size_t layers = 0;
	for (; layers < HMM_MLP_LAYERS; layers++) {
		char name[64];
		snprintf(name, sizeof(name), "%s.%zu.weight", prefix, layers);
		const struct hmm_weight *found = hmm_weight_find(weights->weight, weights->count, name);
		if (!found || found->x.dimensions != 2)
			break;
		if (layers == 0)
			width[0] = found->x.shape[1];
		width[layers + 1] = found->x.shape[0];
	}
	return layers;
}
