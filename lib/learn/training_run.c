#include <math.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/data/split.h"
#include "hmm/file/output.h"
#include "hmm/learn/training.h"

/* Whether the images of features may be taken; of sets hmm-condition has seen to it. */
static int
takes(const struct hmm_dataset *data, enum hmm_kind kind)
{
	struct hmm_record record;
	for (size_t i = 0; i < data->count && kind == HMM_FEATURES; i++) {
		hmm_sample_fields(&record, &data->sample[i]);
		if (hmm_model_takes(&record, 0))
			return -1;
	}
	return 0;
}

int
hmm_training_read(enum hmm_kind kind, const char *model, const char *output, const char *curve,
    hmm_training_work *work, struct hmm_pool *pool)
{
	struct hmm_output file = {0}, lines = {0};
	struct hmm_dataset data = {0};
	struct hmm_reader *reader = NULL;
	int bad = hmm_output_open(&file, output) || (curve && hmm_output_open(&lines, curve)) ||
	          hmm_output_spares(&file, model);
	if (!bad && curve && hmm_output_same(&file, &lines))
		bad = hmm_error("%s: of the model and of the curve, want two files", output);
	bad = bad || !(reader = hmm_reader_open(stdin, "standard input", kind)) ||
	      hmm_dataset_read(&data, reader) || takes(&data, kind) ||
	      work(&data, &file, lines.file, pool) || hmm_output_finish(&file) ||
	      (curve && hmm_output_finish(&lines));
	hmm_output_abandon(&file);
	hmm_output_abandon(&lines);
	hmm_dataset_free(&data);
	hmm_reader_close(reader);
	return bad ? 1 : 0;
}

/* ---- what is learned from ---- */

void
hmm_learned_free(struct hmm_learned *learned)
{
	hmm_history_free(&learned->history);
	hmm_groups_close(&learned->groups);
}

static int
fits(const struct hmm_history *learned, const char *name, const struct hmm_dataset *data,
    const struct hmm_items *items, const struct hmm_names *only)
{
	struct hmm_record record;
	for (size_t i = 0; i < items->count; i++)
		for (size_t k = 0; k < items->item[i].count; k++) {
			const struct hmm_sample *sample = items->item[i].image[k].sample;
			hmm_sample_fields(&record, sample);
			if ((!only || hmm_names_find(only, sample->modality) >= 0) &&
			    hmm_model_fits(learned, name, &data->past.history[sample->history], &record, 0))
				return -1;
		}
	return 0;
}

int
hmm_training_fits(
    const struct hmm_model *model, const struct hmm_dataset *data, const struct hmm_items *items)
{
	return fits(&model->history, model->weights->path, data, items, NULL);
}

/* Gather what the items went through. A model that is trained further takes a modality of its own
 * only as it knows it; the validation is to be what is trained on. 0, or -1 reported. */
static int
note_histories(
    struct hmm_history *learned, const struct hmm_training_data *on, const struct hmm_items part[2])
{
	const struct hmm_model *from = on->from;
	struct hmm_record record;
	if (from && (fits(&from->history, from->weights->path, on->data, &part[0], &from->modalities) ||
	                hmm_history_copy(learned, &from->history)))
		return -1;
	for (size_t i = 0; i < part[0].count; i++)
		for (size_t k = 0; k < part[0].item[i].count; k++) {
			const struct hmm_sample *sample = part[0].item[i].image[k].sample;
			hmm_sample_fields(&record, sample);
			if (hmm_model_note(learned, &on->data->past.history[sample->history], &record))
				return -1;
		}
	hmm_model_warn(learned);
	return fits(learned, "the model", on->data, &part[1], NULL);
}

/* Gather whose items they are, of the validation where it chooses anything. What is trained further
 * has seen all that the model before has. 0, or -1 reported. */
static int
note_groups(struct hmm_groups *learned, const struct hmm_training_data *on,
    const struct hmm_items part[2], const struct hmm_loop_options *options)
{
	static const enum hmm_seen seen[2] = {HMM_SEEN_TRAINING, HMM_SEEN_VALIDATION};
	const struct hmm_model *from = on->from;
	learned->unknown = from && !hmm_groups_stand(from->weights);
	if (learned->unknown)
		hmm_warn("%s does not say whom it was trained on, nor will what it becomes",
		    from->weights->path);
	else if (from && hmm_groups_read(learned, from->weights))
		return -1;
	for (int p = 0; p < 1 + hmm_loop_validates(options); p++)
		for (size_t i = 0; i < part[p].count; i++) {
			const struct hmm_sample *sample = part[p].item[i].image[0].sample;
			if (hmm_groups_add(learned, seen[p], sample->group, sample->subject))
				return -1;
		}
	return 0;
}

/* ---- training ---- */

static void
warn_of_classes(const struct hmm_items *items, const char *split)
{
	size_t ones = 0;
	for (size_t i = 0; i < items->count; i++)
		ones += items->item[i].label == 1;
	if (items->count && (ones == 0 || ones == items->count))
		hmm_warn("split %s has label %d alone (%zu of %zu)", split, ones != 0, items->count,
		    items->count);
}

/* Records that no split of a training takes, though they name one. */
static void
warn_of_splits(const struct hmm_dataset *data)
{
	for (size_t i = 0; i < data->count; i++) {
		const char *split = data->sample[i].split;
		int known = !split[0];
		for (int p = 0; p < HMM_PARTS; p++)
			known |= !strcmp(split, hmm_part_names[p]);
		if (!known)
			hmm_warn_counted("subject %s is of split '%s', want train, val, cal or test: it counts "
			                 "for nothing",
			    data->sample[i].subject, split);
	}
}

static int
open_items(struct hmm_items part[2], const struct hmm_training_data *on,
    const struct hmm_loop_options *options)
{
	static const char *const split[2] = {"train", "val"};
	const int validates = hmm_loop_validates(options);
	warn_of_splits(on->data);
	for (int i = 0; i < 2; i++) {
		const int want = on->want[i] | (i == 1 && !validates ? HMM_OR_NONE : 0);
		if (hmm_items_open(&part[i], on->data, on->modalities, split[i], want))
			return -1;
		if (on->weight == HMM_BALANCED)
			hmm_items_balance(&part[i]);
		warn_of_classes(&part[i], split[i]);
	}
	return 0;
}

static void
say(const struct hmm_loop_result *result)
{
	char validation[64] = "";
	if (!isnan(result->validation_loss))
		snprintf(validation, sizeof(validation), ", validation loss %.4g", result->validation_loss);
	if (!isnan(result->auc))
		snprintf(validation + strlen(validation), sizeof(validation) - strlen(validation),
		    ", AUC %.3f", result->auc);
	hmm_say("epoch %ld of %ld kept: training loss %.4g%s", result->kept, result->epochs,
	    result->train_loss, validation);
}

int
hmm_training_run(const struct hmm_learner *learner, const struct hmm_training_data *on,
    const struct hmm_loop_options *options, struct hmm_learned *learned)
{
	struct hmm_items part[2] = {{0}, {0}};
	struct hmm_loop_result result;
	*learned = (struct hmm_learned){0};
	const int bad = open_items(part, on, options) || note_histories(&learned->history, on, part) ||
	                note_groups(&learned->groups, on, part, options) ||
	                hmm_loop_run(learner, &part[0], &part[1], options, &result);
	if (!bad)
		say(&result);
	for (int i = 0; i < 2; i++)
		hmm_items_close(&part[i]);
	return bad ? -1 : 0;
}
