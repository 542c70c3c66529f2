#include <math.h>
#include <string.h>
#include <xxhash.h>

#include "hmm/base/error.h"
#include "hmm/base/version.h"
#include "hmm/data/split.h"
#include "hmm/file/output.h"
#include "hmm/learn/training.h"
#include "outputs.h"

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
	if (from && (fits(&from->history, from->weights->path, on->data, &part[0],
	                 from->modalities.count ? &from->modalities : NULL) ||
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

/* Warn of labels that teach nothing. 0, or -1 reported: they are all that would choose an epoch. */
static int
check_labels(const struct hmm_objective *objective, const struct hmm_items *items,
    const char *split, int chooses)
{
	size_t ones = 0;
	for (size_t i = 0; i < items->count; i++)
		ones += items->item[i].label == 1;
	if (items->count && ones == 0 && objective->loss == HMM_COX && chooses)
		return hmm_error("split %s has no event, and so no loss (without: --stop-on training "
		                 "--schedule constant --checkpoint last)",
		    split);
	if (items->count && ones == 0 && objective->target == HMM_TIME)
		hmm_warn("split %s has no event (of %zu)", split, items->count);
	if (items->count && (ones == 0 || ones == items->count) && objective->target == HMM_BINARY)
		hmm_warn("split %s has label %d alone (%zu of %zu)", split, ones != 0, items->count,
		    items->count);
	return 0;
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
		if (hmm_items_open(&part[i], on->data, on->modalities, on->objective, split[i], want) ||
		    (on->weight == HMM_BALANCED && hmm_items_balance(&part[i], on->objective)) ||
		    check_labels(on->objective, &part[i], split[i], i == 0 || validates))
			return -1;
	}
	return 0;
}

/* Numbers of a model's parameters, and of what training holds of them. */
struct size {
	size_t parameters, floats;
};

static void
add_size(struct hmm_parameter *parameter, void *context)
{
	struct size *size = context;
	const size_t count = parameter->rows * (parameter->columns ? parameter->columns : 1);
	size->parameters += count;
	/* its values, Adam's two moments, those kept, and a gradient that is written out */
	size->floats += count * (parameter->kind == HMM_DENSE ? 5 : 4);
}

/* What is to come, before it takes its time. */
static void
say_size(const struct hmm_learner *learner, const struct hmm_training_data *on,
    const struct hmm_items part[2], const struct hmm_loop_options *options)
{
	const struct hmm_dataset *data = on->data;
	struct size size = {0, 0};
	learner->each(learner->self, add_size, &size);
	const double blocks = data->sample[0].x ? (double)data->bytes * (double)data->count : 0;
	hmm_say(
	    "%zu to learn from, %zu to validate on, %ld a step; %.3g million parameters; threads %zu; "
	    "about %.0f MB",
	    part[0].count, part[1].count, options->batch, (double)size.parameters / 1e6,
	    hmm_pool_threads(on->pool), ((double)size.floats * sizeof(float) + blocks) / 1e6 + 10);
}

static void
say(const struct hmm_objective *objective, const struct hmm_loop_result *result)
{
	char validation[96] = "", measure[32];
	if (!isnan(result->validation_loss))
		snprintf(validation, sizeof(validation), ", validation loss %.4g", result->validation_loss);
	if (!isnan(result->auc))
		snprintf(validation + strlen(validation), sizeof(validation) - strlen(validation), "%s",
		    hmm_objective_auc_text(measure, objective, result->auc));
	hmm_say("epoch %ld of %ld kept: training loss %.4g%s", result->kept, result->epochs,
	    result->train_loss, validation);
}

/* A digest of all that is learned from and validated on: names, labels and blocks, in their
 * canonical order. */
static uint64_t
digest_data(const struct hmm_dataset *data)
{
	uint64_t digest = XXH3_64bits_withSeed(data->x.shape, sizeof(data->x.shape), data->count);
	for (size_t i = 0; i < data->count; i++) {
		const struct hmm_sample *sample = &data->sample[i];
		const char *const names[] = {
		    sample->subject, sample->modality, sample->observed, sample->split, sample->label};
		const uint64_t numbers[] = {digest, sample->hash, (uint64_t)sample->event};
		digest = XXH3_64bits(numbers, sizeof(numbers));
		for (size_t k = 0; k < HMM_COUNT_OF(names); k++)
			digest = XXH3_64bits_withSeed(names[k], strlen(names[k]), digest);
	}
	return digest;
}

/* All that decides a bit of what is trained. 0, or -1 reported: it does not fit. */
static int
identify(char *text, size_t size, const struct hmm_training_data *on)
{
	char options[1024], from[HMM_HASH_SIZE] = "nothing";
	if (hmm_option_history(options, sizeof(options), on->usage, HMM_NOTED) ||
	    (on->from && hmm_weights_digest(on->from->weights, from)))
		return -1;
	snprintf(text, size, "%s, numerics %s, %s, from %s, data %016llx", hmm_program, HMM_NUMERICS,
	    options, from, (unsigned long long)digest_data(on->data));
	return 0;
}

/* Of cox, the baseline of those who were trained on, as they are predicted by the weights that are
 * kept. 0, or -1 reported. */
static int
estimate_baseline(const struct hmm_learner *learner, const struct hmm_training_data *on)
{
	struct hmm_items items = {0};
	struct outputs of = {0};
	if (on->objective->loss != HMM_COX)
		return 0;
	hmm_warnings_off = 1; /* who is left out was said of the same */
	int bad = hmm_items_open(&items, on->data, on->modalities, on->objective, "train", on->want[2]);
	hmm_warnings_off = 0;
	bad = bad || outputs_open(&of, learner, &items) || outputs_make(&of) ||
	      hmm_objective_baseline(on->objective, of.item, items.count, of.output);
	outputs_close(&of);
	hmm_items_close(&items);
	return bad ? -1 : 0;
}

int
hmm_training_run(const struct hmm_learner *learner, const struct hmm_training_data *on,
    const struct hmm_loop_options *options, struct hmm_learned *learned)
{
	char identity[2048];
	struct hmm_items part[2] = {{0}, {0}};
	struct hmm_loop_result result;
	struct hmm_loop_options how = *options;
	how.identity = identity;
	*learned = (struct hmm_learned){0};
	/* of a model before, whose target nobody had to name */
	if (on->objective->target == HMM_VALUE && options->checkpoint == HMM_KEEP_AUC)
		return hmm_error("--checkpoint auc is for what has one, not for --target value");
	int bad = hmm_model_options_fit(on->usage) ||
	          hmm_objective_steps(
	              on->objective->loss, options->order == HMM_BY_SUBJECT ? 1 : options->batch) ||
	          open_items(part, on, options) || note_histories(&learned->history, on, part) ||
	          note_groups(&learned->groups, on, part, options) ||
	          (options->resume && identify(identity, sizeof(identity), on));
	if (!bad)
		say_size(learner, on, part, options);
	bad = bad || hmm_loop_run(learner, &part[0], &part[1], &how, &result) ||
	      estimate_baseline(learner, on);
	if (!bad)
		say(on->objective, &result);
	for (int i = 0; i < 2; i++)
		hmm_items_close(&part[i]);
	return bad ? -1 : 0;
}
