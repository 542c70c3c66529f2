/* The training loop with a scripted learner: its losses and AUCs are a script, and it notes
 * what it is given. */
#include <stdlib.h>
#include <string.h>

#include "hmm/learn/loop.h"
#include "test.h"

enum { MOST = 64, EPOCHS = 24, STEPS = 2048, RANKS = 10 };

/* What a learner is told of one step. */
struct noted {
	size_t first, items; /* into script.learned */
	uint32_t epoch;
	struct hmm_adam adam;
	int zero;
	const struct hmm_item *next;
};

struct script {
	double train[EPOCHS + 1], validation[EPOCHS + 1]; /* by epoch, from 1 */
	int rank[EPOCHS + 1];                             /* AUC in tenths; -1: of one class */
	struct noted step[STEPS];
	size_t steps, learned_count, predicted_count, groups, largest_group;
	size_t learned[STEPS], predicted[STEPS]; /* items, as numbers */
	struct hmm_place place[STEPS];           /* [learned_count] */
	const struct hmm_item *train_item, *validation_item;
	size_t train_count, validation_count;
	struct hmm_parameter parameter; /* its value: the epoch that trained it last */
};

static void
each(void *self, hmm_parameter_visit *visit, void *context)
{
	visit(&((struct script *)self)->parameter, context);
}

/* All of an epoch's loss is its first item's, so that no sum rounds it. */
static double
loss_of(double mean, size_t item, size_t count)
{
	return item == 0 ? mean * (double)count : 0;
}

static int
learn(void *self, const struct hmm_item *const *item, size_t items, const struct hmm_place *place,
    const struct hmm_learner_step *step, double *loss)
{
	struct script *script = self;
	CHECK(script->steps < STEPS && script->learned_count + items <= STEPS);
	script->step[script->steps++] = (struct noted){
	    script->learned_count, items, place[0].epoch, step->adam, step->zero, step->next};
	for (size_t b = 0; b < items; b++) {
		script->place[script->learned_count] = place[b];
		const size_t i = script->learned[script->learned_count++] =
		    (size_t)(item[b] - script->train_item);
		*loss += loss_of(script->train[place[b].epoch], i, script->train_count);
	}
	script->parameter.w[0] = (float)place[0].epoch;
	return 0;
}

static int
predict(void *self, const struct hmm_item *const *item, size_t items, double *logit, double *rest)
{
	struct script *script = self;
	const uint32_t epoch = script->step[script->steps - 1].epoch;
	script->groups++;
	script->largest_group = items > script->largest_group ? items : script->largest_group;
	for (size_t b = 0; b < items; b++) {
		const size_t i = (size_t)(item[b] - script->validation_item);
		script->predicted[script->predicted_count++ % STEPS] = i;
		rest[b] = loss_of(script->validation[epoch], i, script->validation_count);
		/* the one of label 1 stands above `rank` of the ten whole ones of label 0 */
		logit[b] = item[b]->label ? script->rank[epoch] - .5 : (double)(i % RANKS);
	}
	return 0;
}

static const struct hmm_learner learner_of_nobody = {
    NULL, &hmm_objective_binary, learn, predict, each, NULL};

/* ---- running it ---- */

struct study {
	struct script script;
	struct hmm_item train[MOST], validation[MOST];
	size_t train_count, validation_count;
	struct hmm_loop_options options;
	/* from the curve */
	long epochs;
	double rate[EPOCHS + 1], train_loss[EPOCHS + 1], validation_loss[EPOCHS + 1], auc[EPOCHS + 1];
	int kept[EPOCHS + 1];
	char name[MOST][16];
};

/* Eight items to learn from; for the validation ten of label 0, one of label 1, five subsets. */
static struct study *
new_study(void)
{
	struct study *study = calloc(1, sizeof(*study));
	study->train_count = 8;
	study->validation_count = 16;
	for (size_t i = 0; i < MOST; i++) {
		snprintf(study->name[i], sizeof(study->name[i]), "sub-%zu", i);
		study->train[i] = (struct hmm_item){
		    .subject = study->name[i], .key = 100 + (uint32_t)i, .weight = 1, .whole = 1};
		study->validation[i] = (struct hmm_item){
		    .subject = study->name[i], .label = i >= RANKS, .whole = i <= RANKS}; /* no weight */
	}
	for (size_t i = 0; i <= EPOCHS; i++) {
		study->script.train[i] = study->script.validation[i] = 1;
		study->script.rank[i] = 5;
	}
	study->options = (struct hmm_loop_options){.epochs = EPOCHS,
	    .patience = EPOCHS,
	    .batch = 1,
	    .learning_rate = .5,
	    .weight_decay = .25,
	    .schedule = HMM_CONSTANT,
	    .checkpoint = HMM_KEEP_LAST};
	return study;
}

static int
run(struct study *study)
{
	struct script *script = &study->script;
	struct hmm_learner learner = learner_of_nobody;
	const struct hmm_items train = {.item = study->train, .count = study->train_count};
	const struct hmm_items validation = {
	    .item = study->validation, .count = study->validation_count};
	char *text = NULL;
	size_t size = 0;
	script->steps = script->learned_count = script->predicted_count = 0;
	script->groups = script->largest_group = 0;
	script->train_item = study->train;
	script->train_count = study->train_count;
	script->validation_count = study->validation_count;
	script->validation_item = study->validation;
	CHECK(hmm_parameter_open(&script->parameter, "p", 1, 0, HMM_DENSE) == 0);
	learner.self = script;
	study->options.curve = open_memstream(&text, &size);
	struct hmm_loop_result result;
	const int bad = hmm_loop_run(&learner, &train, &validation, &study->options, &result);
	fclose(study->options.curve);
	study->epochs = 0;
	const char *line = strchr(text, '\n') + 1;
	CHECK(!strncmp(text,
	    "epoch\tlearning_rate\ttrain_loss\tval_loss\tval_auc\tkept\ttrain_mse\ttrain_ce\tval_"
	    "mse\tval_ce\n",
	    (size_t)(line - text)));
	for (long e = 1; *line; line = strchr(line, '\n') + 1, e++) {
		long number;
		CHECK(sscanf(line, "%ld\t%lf\t%lf\t%lf\t%lf\t%d\n", &number, &study->rate[e],
		          &study->train_loss[e], &study->validation_loss[e], &study->auc[e],
		          &study->kept[e]) == 6);
		CHECK(number == e);
		study->epochs = e;
	}
	free(text);
	return bad;
}

static void
free_study(struct study *study)
{
	hmm_parameter_close(&study->script.parameter);
	free(study);
}

static void
rerun(struct study *study)
{
	hmm_parameter_close(&study->script.parameter);
	CHECK(run(study) == 0);
}

static int
near(double have, double want)
{
	return fabs(have / want - 1) < 1e-8;
}

/* The epoch whose values are in place. */
static long
weights_of(const struct study *study)
{
	return (long)study->script.parameter.w[0];
}

/* The epochs' rates, as the steps had them and as the curve says. */
static void
check_rates(const struct study *study, const double *want, long count)
{
	const struct script *script = &study->script;
	CHECK(study->epochs >= count);
	for (long e = 1; e <= count; e++)
		CHECK(near(study->rate[e], want[e - 1]));
	for (size_t s = 0; s < script->steps && (long)script->step[s].epoch <= count; s++) {
		const struct hmm_adam adam = hmm_adam_at(
		    (long)s + 1, study->rate[script->step[s].epoch], study->options.weight_decay);
		CHECK(fabs((double)(script->step[s].adam.rate / adam.rate) - 1) < 1e-6);
		CHECK(!memcmp(&script->step[s].adam.weight_decay, &adam.weight_decay, sizeof(float)));
		CHECK(!memcmp(&script->step[s].adam.root, &adam.root, sizeof(float)));
	}
}

/* ---- order and batches ---- */

/* The items of an epoch as one list of numbers: how many. */
static size_t
epoch_order(size_t *order, const struct study *study, uint32_t epoch)
{
	const struct script *script = &study->script;
	size_t count = 0;
	for (size_t s = 0; s < script->steps; s++)
		for (size_t b = 0; script->step[s].epoch == epoch && b < script->step[s].items; b++)
			order[count++] = script->learned[script->step[s].first + b];
	return count;
}

static int
is_permutation(const size_t *order, size_t count)
{
	int seen[MOST] = {0};
	for (size_t i = 0; i < count; i++)
		if (order[i] >= count || seen[order[i]]++)
			return 0;
	return 1;
}

static void
check_shuffled(void)
{
	size_t order[3][MOST], other[MOST];
	struct study *study = new_study();
	study->train_count = 23;
	study->options.epochs = 3;
	study->options.seed = 7;
	CHECK(run(study) == 0);
	for (uint32_t e = 1; e <= 3; e++) {
		const struct hmm_place place = {.seed = 7, .epoch = e};
		CHECK(epoch_order(order[e - 1], study, e) == 23 && is_permutation(order[e - 1], 23));
		hmm_random_shuffle(other, 23, place);
		CHECK(!memcmp(order[e - 1], other, 23 * sizeof(*other)));
	}
	CHECK(memcmp(order[0], order[1], sizeof(other)) && memcmp(order[1], order[2], sizeof(other)));
	CHECK(study->script.steps == 69 && study->script.learned_count == 69);
	for (size_t s = 0; s < 69; s++) {
		const struct noted *step = &study->script.step[s];
		const struct hmm_place *place = &study->script.place[step->first];
		const size_t item = study->script.learned[step->first];
		CHECK(step->items == 1 && step->zero == 1 && step->epoch == 1 + s / 23);
		CHECK(place->seed == 7 && place->epoch == step->epoch && place->stream == 0);
		CHECK(place->subject == 100 + item);
		CHECK(s % 23 == 22 ? !step->next
		                   : step->next == &study->train[study->script.learned[step->first + 1]]);
	}
	study->options.seed = 8;
	rerun(study);
	epoch_order(other, study, 1);
	CHECK(is_permutation(other, 23) && memcmp(order[0], other, 23 * sizeof(*other)));
	free_study(study);
}

static void
check_batches(void)
{
	static const size_t batch[] = {1, 2, 5, 22, 23, 24, 1000};
	size_t order[MOST], other[MOST];
	for (size_t i = 0; i < sizeof(batch) / sizeof(batch[0]); i++) {
		struct study *study = new_study();
		study->train_count = 23;
		study->options.epochs = 2;
		study->options.batch = (long)batch[i];
		CHECK(run(study) == 0);
		const size_t steps = (23 + batch[i] - 1) / batch[i];
		CHECK(study->script.steps == 2 * steps);
		for (size_t s = 0; s < 2 * steps; s++) {
			const size_t left = 23 - s % steps * batch[i];
			const struct noted *step = &study->script.step[s];
			CHECK(step->items == (left < batch[i] ? left : batch[i]) && step->zero == 1);
			CHECK(batch[i] == 1 || !step->next);
			for (size_t b = 0; b < step->items; b++)
				CHECK(study->script.place[step->first + b].subject ==
				      100 + study->script.learned[step->first + b]);
		}
		/* the order is that of single items */
		hmm_random_shuffle(other, 23, (struct hmm_place){.epoch = 2});
		CHECK(epoch_order(order, study, 2) == 23 && !memcmp(order, other, 23 * sizeof(*other)));
		free_study(study);
	}
}

/* As they come, one a step, the gradients adding up within a subject, whatever the batch. */
static void
check_by_subject(void)
{
	static const char *const subject[] = {"a", "a", "b", "c", "c", "c", "b", "b"};
	static const int zero[] = {1, 0, 1, 1, 0, 0, 1, 0};
	for (long batch = 1; batch <= 3; batch += 2) {
		struct study *study = new_study();
		for (size_t i = 0; i < 8; i++)
			study->train[i].subject = subject[i];
		study->options.epochs = 3;
		study->options.batch = batch;
		study->options.order = HMM_BY_SUBJECT;
		CHECK(run(study) == 0 && study->script.steps == 24);
		for (size_t s = 0; s < 24; s++) {
			const struct noted *step = &study->script.step[s];
			CHECK(step->items == 1 && study->script.learned[step->first] == s % 8);
			CHECK(step->zero == zero[s % 8] && step->epoch == 1 + s / 8);
		}
		free_study(study);
	}
	struct study *study = new_study(); /* shuffled: never */
	for (size_t i = 0; i < 8; i++)
		study->train[i].subject = "a";
	CHECK(run(study) == 0);
	for (size_t s = 0; s < study->script.steps; s++)
		CHECK(study->script.step[s].zero == 1);
	free_study(study);
}

/* Every item in every place alike: Pearson's statistic of items by places, a shuffle an epoch. */
static void
check_uniform(void)
{
	enum { ITEMS = 12, SHUFFLES = 4800 };
	static size_t count[ITEMS][ITEMS], follows[ITEMS][ITEMS];
	size_t order[ITEMS];
	double places = 0, pairs = 0;
	for (uint64_t seed = 0; seed < 4; seed++)
		for (uint32_t epoch = 1; epoch <= SHUFFLES / 4; epoch++) {
			hmm_random_shuffle(order, ITEMS, (struct hmm_place){.seed = seed, .epoch = epoch});
			for (size_t i = 0; i < ITEMS; i++)
				count[order[i]][i]++;
			for (size_t i = 1; i < ITEMS; i++)
				follows[order[i - 1]][order[i]]++;
		}
	for (size_t i = 0; i < ITEMS; i++)
		for (size_t j = 0; j < ITEMS; j++) {
			const double want = (double)SHUFFLES / ITEMS, off = (double)count[i][j] - want;
			const double next = (double)follows[i][j] - want;
			places += off * off / want;
			pairs += i == j ? 0 : next * next / want;
		}
	printf(
	    "shuffles: statistics %.1f, %.1f of about %d\n", places, pairs, (ITEMS - 1) * (ITEMS - 1));
	CHECK(places > 70 && places < 185); /* 121 degrees of freedom, 4 deviations of 15.6 */
	CHECK(pairs > 60 && pairs < 200);
}

/* ---- validation ---- */

static void
check_validation(void)
{
	struct study *study = new_study();
	study->options.epochs = 2;
	study->validation_count = 37;
	for (size_t i = 0; i < 37; i++) {
		study->validation[i].label = i == 36;
		study->validation[i].whole = i < RANKS || i == 36;
	}
	study->script.train[1] = .75;
	study->script.validation[1] = 3;
	study->script.validation[2] = 2;
	study->script.rank[1] = 3;
	study->script.rank[2] = 10;
	CHECK(run(study) == 0);
	CHECK(study->script.predicted_count == 74 && study->script.groups == 6);
	CHECK(study->script.largest_group == 16);
	for (size_t i = 0; i < 74; i++)
		CHECK(study->script.predicted[i] == i % 37);
	CHECK(near(study->validation_loss[1], 3) && near(study->validation_loss[2], 2));
	CHECK(near(study->train_loss[1], .75) && near(study->train_loss[2], 1));
	CHECK(near(study->auc[1], .3) && near(study->auc[2], 1)); /* subsets are not of it */
	free_study(study);
}

/* ---- schedules ---- */

static void
check_plateau(void)
{
	struct study *study = new_study();
	study->options.schedule = HMM_PLATEAU;
	CHECK(run(study) == 0); /* a best and then four that are not lower */
	check_rates(study, (const double[]){.5, .5, .5, .5, .5, .15, .15, .15, .15, .045, .045}, 11);

	study->script.validation[5] = .5; /* lower in time, and then not again */
	rerun(study);
	check_rates(study, (const double[]){.5, .5, .5, .5, .5, .5, .5, .5, .5, .15}, 10);

	/* lower by less than 1e-4 of the best is not lower; the training loss is not looked at */
	const double best = 1 - 1e-4;
	for (size_t e = 2; e <= EPOCHS; e++) {
		study->script.validation[e] = best + 1e-7;
		study->script.train[e] = 1 / (double)e;
	}
	rerun(study);
	check_rates(study, (const double[]){.5, .5, .5, .5, .5, .15}, 6);
	study->script.validation[5] = best;
	rerun(study);
	check_rates(study, (const double[]){.5, .5, .5, .5, .5, .15}, 6);
	study->script.validation[5] = best - 1e-7;
	rerun(study);
	check_rates(study, (const double[]){.5, .5, .5, .5, .5, .5, .5, .5, .5, .15}, 10);

	for (size_t e = 1; e <= EPOCHS; e++) /* relative to the best */
		study->script.validation[e] = e == 1 ? 1000 : 1000 - .09;
	rerun(study);
	check_rates(study, (const double[]){.5, .5, .5, .5, .5, .15}, 6);
	study->script.validation[5] = 1000 - .11;
	rerun(study);
	check_rates(study, (const double[]){.5, .5, .5, .5, .5, .5, .5, .5, .5, .15}, 10);
	free_study(study);
}

/* The first epochs do not lower the rate, but may be the best. */
static void
check_plateau_later(void)
{
	struct study *study = new_study();
	study->options.schedule = HMM_PLATEAU;
	study->options.min_epochs = 3;
	CHECK(run(study) == 0);
	check_rates(study, (const double[]){.5, .5, .5, .5, .5, .5, .5, .15}, 8);
	study->script.validation[1] = .5;
	rerun(study);
	check_rates(study, (const double[]){.5, .5, .5, .5, .5, .5, .5, .15}, 8);
	free_study(study);
}

/* PyTorch leaves a change of at most 1e-8 undone. */
static void
check_least_change(void)
{
	struct study *study = new_study();
	study->options.schedule = HMM_PLATEAU;
	study->options.learning_rate = 1.45e-8; /* times .7: 1.015e-8 */
	CHECK(run(study) == 0);
	check_rates(study, (const double[]){1.45e-8, 1.45e-8, 1.45e-8, 1.45e-8, 1.45e-8, 4.35e-9}, 6);
	CHECK(near(study->rate[10], 4.35e-9) && near(study->rate[EPOCHS], 4.35e-9));
	study->options.learning_rate = 1.42e-8; /* times .7: .994e-8 */
	rerun(study);
	CHECK(near(study->rate[6], 1.42e-8) && near(study->rate[EPOCHS], 1.42e-8));
	free_study(study);
}

static void
check_step_and_constant(void)
{
	struct study *study = new_study();
	study->options.schedule = HMM_STEP;
	study->options.min_epochs = 20; /* which a step does not wait for */
	CHECK(run(study) == 0);
	check_rates(
	    study, (const double[]){.5, .5, .5, .25, .25, .25, .125, .125, .125, .0625, .0625}, 11);
	study->options.schedule = HMM_CONSTANT;
	rerun(study);
	CHECK(near(study->rate[1], .5) && near(study->rate[EPOCHS], .5));
	free_study(study);
}

/* ---- the end ---- */

static void
check_patience(void)
{
	struct study *study = new_study();
	study->options.patience = 4;
	CHECK(run(study) == 0 && study->epochs == 5);
	study->options.patience = 1;
	rerun(study);
	CHECK(study->epochs == 2);
	study->options.patience = 4;
	study->script.validation[5] = .999999; /* any lower loss */
	rerun(study);
	CHECK(study->epochs == 9);
	study->script.validation[5] = 1;
	study->script.validation[6] = 0; /* too late */
	rerun(study);
	CHECK(study->epochs == 5);
	study->options.min_epochs = 2; /* epoch 2 is not held against it */
	rerun(study);
	CHECK(study->epochs == 10);
	study->options.epochs = 7;
	rerun(study);
	CHECK(study->epochs == 7);
	study->options.min_epochs = 0;
	study->script.validation[1] = 2; /* lower than what was before, but not than the best */
	study->script.validation[2] = .5;
	for (size_t e = 3; e <= EPOCHS; e++)
		study->script.validation[e] = 2 - (double)e / 100;
	rerun(study);
	CHECK(study->epochs == 6);
	free_study(study);
}

static void
check_stop_on(void)
{
	struct study *study = new_study();
	study->options.patience = 3;
	for (size_t e = 1; e <= EPOCHS; e++)
		study->script.train[e] = 1 / (double)e;
	CHECK(run(study) == 0 && study->epochs == 4);
	study->options.stop_on = HMM_STOP_TRAINING;
	rerun(study);
	CHECK(study->epochs == EPOCHS);
	for (size_t e = 1; e <= EPOCHS; e++) {
		study->script.validation[e] = 1 / (double)e;
		study->script.train[e] = 1;
	}
	rerun(study);
	CHECK(study->epochs == 4);
	free_study(study);
}

/* Losses rounded to 4 decimals: .50004 and .49996 are one, .49994 is lower. */
static void
check_rounding(void)
{
	struct study *study = new_study();
	study->options.patience = 2;
	study->options.checkpoint = HMM_KEEP_LOSS;
	study->script.validation[1] = .50004;
	study->script.validation[2] = .49996;
	for (size_t e = 3; e <= EPOCHS; e++)
		study->script.validation[e] = .49996;
	CHECK(run(study) == 0 && study->epochs == 4 && weights_of(study) == 2);
	study->options.round_losses = 1;
	rerun(study);
	CHECK(study->epochs == 3 && weights_of(study) == 1);
	CHECK(near(study->validation_loss[1], .50004)); /* only what is compared */
	study->script.validation[3] = .49994;
	rerun(study);
	CHECK(study->epochs == 5 && weights_of(study) == 3);

	/* the plateau compares them as they are */
	for (size_t e = 1; e <= EPOCHS; e++)
		study->script.validation[e] = 4e-5 / (double)e;
	study->options.patience = EPOCHS;
	study->options.schedule = HMM_PLATEAU;
	rerun(study);
	CHECK(near(study->rate[EPOCHS], .5));
	free_study(study);
}

static void
check_checkpoint_loss(void)
{
	struct study *study = new_study();
	study->options.checkpoint = HMM_KEEP_LOSS;
	study->script.validation[3] = .5;
	study->script.validation[7] = .5; /* no lower */
	study->script.validation[9] = .6;
	study->script.train[5] = .1;
	study->script.rank[4] = 10;
	CHECK(run(study) == 0 && study->epochs == EPOCHS && weights_of(study) == 3);
	for (long e = 1; e <= EPOCHS; e++)
		CHECK(study->kept[e] == (e == 1 || e == 3));
	study->options.checkpoint = HMM_KEEP_LAST;
	rerun(study);
	CHECK(weights_of(study) == EPOCHS && study->kept[1] == 1 && study->kept[EPOCHS] == 1);
	free_study(study);
}

/* The AUC counts from epoch 6 on; before only so that there is something. */
static void
check_checkpoint_auc(void)
{
	struct study *study = new_study();
	study->options.checkpoint = HMM_KEEP_AUC;
	study->script.rank[2] = 7;
	study->script.rank[4] = 7;
	study->script.rank[5] = 10;
	for (size_t e = 6; e <= EPOCHS; e++)
		study->script.rank[e] = e == 8 || e == 11 ? 4 : 1;
	study->script.validation[13] = .5;
	CHECK(run(study) == 0 && weights_of(study) == 8);
	for (long e = 1; e <= EPOCHS; e++)
		CHECK(study->kept[e] == (e == 1 || e == 2 || e == 5 || e == 6 || e == 8));
	study->options.epochs = 4;
	rerun(study);
	CHECK(weights_of(study) == 2);
	study->options.epochs = 6; /* the worst of epoch 6 is better than the best of epoch 5 */
	study->script.rank[6] = 0;
	rerun(study);
	CHECK(weights_of(study) == 6);
	for (size_t i = 0; i < MOST; i++) /* one class alone: there is no AUC */
		study->validation[i].label = 0;
	rerun(study);
	CHECK(isnan(study->auc[6]) && weights_of(study) == 6);
	study->options.epochs = 10;
	rerun(study);
	CHECK(weights_of(study) == 6);
	free_study(study);
}

static void
check_not_finite(void)
{
	for (int which = 0; which < 2; which++) {
		struct study *study = new_study();
		(which ? study->script.validation : study->script.train)[3] =
		    which ? (double)NAN : (double)INFINITY;
		CHECK(run(study) == -1 && study->epochs == 2);
		free_study(study);
	}
}

/* The numbers in the stream of an epoch's items, which are a permutation. */
static void
list_numbers(size_t *number, const struct study *study, size_t epoch)
{
	const struct script *script = &study->script;
	const size_t count = study->train_count;
	char met[MOST] = {0};
	for (size_t i = 0; i < count; i++) {
		const struct hmm_item *item = &study->train[script->learned[epoch * count + i]];
		number[i] = item->image[item->count - 1].sample->number;
		CHECK(number[i] >= 1 && number[i] <= count && !met[number[i] - 1]++);
	}
}

/* Of a buffer each piece is there whole: how many stand side by side, as they lie in the stream. */
static size_t
count_neighbours(const size_t *number, size_t count, size_t buffer, size_t piece)
{
	size_t neighbours = 0;
	for (size_t i = 0; i < count; i++) {
		const size_t first = i / buffer * buffer, of = (number[i] - 1) / piece;
		size_t mates = 0;
		for (size_t k = first; k < first + buffer && k < count; k++)
			mates += (number[k] - 1) / piece == of;
		CHECK(mates == piece);
		neighbours += i > first && number[i] == number[i - 1] + 1;
	}
	return neighbours;
}

/* Where in a buffer the other one of each piece of two stands. */
static void
find_mates(size_t *mate, const size_t *number, size_t buffer)
{
	for (size_t i = 0; i < buffer; i++)
		for (size_t k = 0; k < buffer; k++)
			if (k != i && (number[k] - 1) / 2 == (number[i] - 1) / 2)
				mate[i] = k;
}

/* A buffer at a time: pieces of the stream from all over it, shuffled among each other. An item is
 * where the first of its images lies. */
static void
check_buffers(void)
{
	enum { ALL = 60, PIECE = 2, BUFFER = 20 };
	struct study *study = new_study();
	static struct hmm_sample sample[MOST][2];
	static struct hmm_item_image image[MOST][2];
	size_t before[MOST], number[MOST], again[MOST], mate[2][BUFFER], moved = 0, buffers_met = 0;
	study->train_count = ALL;
	study->options.epochs = 4;
	study->options.shuffle_buffer = BUFFER;
	for (size_t i = 0; i < ALL; i++) {
		sample[i][0].number = 1000 + i;
		sample[i][1].number = i * 17 % ALL + 1; /* the one that counts */
		for (size_t k = 0; k < 2; k++)
			image[i][k].sample = &sample[i][k];
		study->train[i].image = image[i];
		study->train[i].count = 2;
	}
	CHECK(run(study) == 0);
	for (size_t epoch = 0; epoch < 4; epoch++) {
		list_numbers(number, study, epoch);
		CHECK(count_neighbours(number, ALL, BUFFER, PIECE) < ALL / 4);
		find_mates(mate[0], number, BUFFER);
		find_mates(mate[1], number + BUFFER, BUFFER);
		CHECK(memcmp(mate[0], mate[1], sizeof(mate[0])) != 0); /* each is shuffled anew */
		for (size_t i = 0; i < ALL && epoch; i++)
			moved += number[i] != before[i];
		for (size_t i = 1; i < BUFFER; i++)
			buffers_met += (number[i] - 1) / BUFFER != (number[0] - 1) / BUFFER;
		memcpy(before, number, sizeof(before));
	}
	CHECK(moved > 3 * ALL * 3 / 4 && buffers_met > BUFFER); /* other pieces, from all over */
	rerun(study);
	list_numbers(again, study, 3);
	CHECK(!memcmp(again, number, ALL * sizeof(*again)));
	study->options.seed = 1;
	rerun(study);
	list_numbers(again, study, 3);
	CHECK(memcmp(again, number, ALL * sizeof(*again)) != 0);
	const long odd[] = {1, 7, 16, 17, ALL - 1, ALL, ALL + 1, 1000000000};
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		study->options.shuffle_buffer = odd[i];
		rerun(study);
		list_numbers(again, study, 0);
		list_numbers(number, study, 1);
		CHECK(memcmp(again, number, ALL * sizeof(*again)) != 0);
	}
	free_study(study);
}

int
main(void)
{
	check_shuffled();
	check_buffers();
	check_batches();
	check_by_subject();
	check_uniform();
	check_validation();
	check_plateau();
	check_plateau_later();
	check_least_change();
	check_step_and_constant();
	check_patience();
	check_stop_on();
	check_rounding();
	check_checkpoint_loss();
	check_checkpoint_auc();
	check_not_finite();
	return test_end();
}
