#include "hmm/learn/training.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/data/table.h"
#include "hmm/file/output.h"

static void
fill(int *choice, int value)
{
	*choice = *choice == HMM_UNSET ? value : *choice;
}

int
hmm_training_fill(struct hmm_training *given, const struct hmm_training_preset preset[HMM_PRESETS])
{
	const struct hmm_training_preset *of = &preset[given->preset];
	const int value = hmm_objective_target(&given->objective) == HMM_VALUE;
	const int checkpoint =
	    value && of->checkpoint == HMM_KEEP_AUC ? (int)HMM_KEEP_LOSS : of->checkpoint;
	if (value && given->checkpoint == HMM_KEEP_AUC)
		return hmm_error("--checkpoint auc is for what has one, not for --target value");
	given->epochs = given->epochs < 0 ? of->epochs : given->epochs;
	given->patience = given->patience < 0 ? of->patience : given->patience;
	given->batch = given->batch < 0 ? of->batch : given->batch;
	given->learning_rate = given->learning_rate < 0 ? of->learning_rate : given->learning_rate;
	given->weight_decay = given->weight_decay < 0 ? of->weight_decay : given->weight_decay;
	fill(&given->schedule, of->schedule);
	fill(&given->stop_on, of->stop_on);
	fill(&given->checkpoint, checkpoint);
	fill(&given->round_losses, of->round_losses);
	if (given->epochs == 0 || given->patience == 0 || given->batch == 0)
		return hmm_error("--epochs, --patience and --batch want 1 or more");
	if (given->shuffle_buffer == 0)
		return hmm_error("--shuffle-buffer wants 1 or more; without it, all are shuffled");
	return hmm_objective_fits(&given->objective, given->batch);
}

void
hmm_training_idle(const struct hmm_usage *usage, int train, const char *names)
{
	if (train)
		return;
	hmm_option_idle(usage, HMM_TRAINING_NAMES, "without --train");
	hmm_option_idle(usage, names, "without --train");
}

void
hmm_training_mode(const struct hmm_usage *usage, int train, const char *weights, const char *output,
    const char *names)
{
	if (train ? !output || weights : !weights)
		hmm_option_misuse("want either -w FILE or --train -o FILE");
	hmm_training_idle(usage, train, names);
}

struct hmm_loop_options
hmm_training_options(const struct hmm_training *given, FILE *curve)
{
	return (struct hmm_loop_options){.epochs = given->epochs,
	    .min_epochs = given->min_epochs,
	    .patience = given->patience,
	    .batch = given->batch,
	    .shuffle_buffer = given->shuffle_buffer,
	    .learning_rate = given->learning_rate,
	    .weight_decay = given->weight_decay,
	    .schedule = (enum hmm_loop_schedule)given->schedule,
	    .stop_on = (enum hmm_loop_stop)given->stop_on,
	    .checkpoint = (enum hmm_loop_checkpoint)given->checkpoint,
	    .round_losses = given->round_losses,
	    .seed = (uint64_t)given->seed,
	    .curve = curve,
	    .resume = given->resume};
}

int
hmm_training_show(const struct hmm_usage *usage)
{
	struct hmm_output output;
	if (hmm_output_open(&output, NULL))
		return 1;
	for (size_t i = 0; i < usage->count; i++) {
		char text[64];
		const struct hmm_option *option = &usage->options[i];
		if (option->note == HMM_UNNOTED)
			continue;
		hmm_table_write(output.file, option->name, 1);
		hmm_table_write(output.file, hmm_option_value(text, sizeof(text), option), 0);
		putc('\n', output.file);
	}
	return hmm_output_finish(&output) ? 1 : 0;
}

int
hmm_training_hidden(size_t width[HMM_MLP_LAYERS - 1], size_t *count, const char *text)
{
	*count = 0;
	if (!strcmp(text, "0"))
		return 0;
	for (const char *at = text; *at;) {
		char *end;
		const long value = strtol(at, &end, 10);
		if (end == at || value < 1 || value > 1 << 20 || *count == HMM_MLP_LAYERS - 1 ||
		    (*end && *end != ','))
			return hmm_error("--hidden: found '%s', want up to %d widths, such as 512,128, or 0",
			    text, HMM_MLP_LAYERS - 1);
		width[(*count)++] = (size_t)value;
		at = *end ? end + 1 : end;
	}
	return 0;
}
