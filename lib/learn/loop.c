#include "hmm/learn/loop.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hmm/base/denormals.h"
#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/progress.h"
#include "hmm/learn/feed.h"
#include "order.h"
#include "outputs.h"
#include "resume.h"

/* ReduceLROnPlateau(patience=3, factor=0.3, threshold=1e-4, 'rel') and
 * StepLR(3, 0.5), as the paper's code has them. */
enum { PLATEAU_PATIENCE = 3, STEP_EPOCHS = 3, AUC_FROM = 6 };
static const double plateau_factor = .3, plateau_threshold = 1e-4, step_factor = .5;
static const double least_change = 1e-8; /* PyTorch leaves smaller changes of lr undone */

struct epoch {
	long number; /* from 1 */
	struct line line;
};

struct loop {
	const struct hmm_learner *learner;
	const struct hmm_items *train, *validation;
	const struct hmm_loop_options *options;
	struct order order; /* of the epoch in hand */
	struct hmm_feed feed;
	struct outputs of_validation;
	/* of the items in hand */
	const struct hmm_item **batch; /* [most a step] */
	struct hmm_place *place;
	struct so_far far;
};

/* ---- an epoch ---- */

static const struct hmm_item *
item_at(const struct loop *loop, size_t i)
{
	return &loop->train->item[loop->order.item[i]];
}

/* One step on items first..first+count-1 of the order. */
static int
take_step(struct loop *loop, struct hmm_place place, size_t first, size_t count, double *loss)
{
	const struct hmm_loop_options *options = loop->options;
	const struct hmm_item *item = item_at(loop, first);
	const int adds = options->order == HMM_BY_SUBJECT && first > 0 &&
	                 !strcmp(item->subject, item_at(loop, first - 1)->subject);
	const int more = first + count < loop->train->count && options->batch == 1;
	const struct hmm_learner_step step = {
	    .adam = hmm_adam_at(++loop->far.steps, loop->far.rate, options->weight_decay),
	    .zero = !adds,
	    .next = more ? item_at(loop, first + 1) : NULL};
	for (size_t b = 0; b < count; b++) {
		loop->batch[b] = item_at(loop, first + b);
		place.subject = loop->batch[b]->key;
		loop->place[b] = place;
	}
	if (hmm_feed_next(&loop->feed, first, loop->batch, count, step.next))
		return -1;
	return loop->learner->learn(loop->learner->self, loop->batch, count, loop->place, &step, loss);
}

static void
begin_mse(const struct loop *loop)
{
	if (loop->learner->mse)
		*loop->learner->mse = 0;
}

static double
mean_mse(const struct loop *loop, size_t items)
{
	return loop->learner->mse ? *loop->learner->mse / (double)items : (double)NAN;
}

static int
train_epoch(struct loop *loop, struct epoch *epoch)
{
	const struct hmm_place place = {.seed = loop->options->seed, .epoch = (uint32_t)epoch->number};
	const int shuffled = loop->options->order == HMM_SHUFFLED;
	const size_t count = loop->train->count;
	const size_t batch = shuffled ? (size_t)loop->options->batch : 1;
	if (shuffled)
		order_shuffle(&loop->order, place);
	hmm_items_draw(loop->train, place);
	hmm_feed_begin(&loop->feed, loop->order.fetch, loop->order.buffer);
	epoch->line.train_loss = 0;
	begin_mse(loop);
	for (size_t i = 0; i < count; i += batch)
		if (take_step(
		        loop, place, i, count - i < batch ? count - i : batch, &epoch->line.train_loss))
			return -1;
	epoch->line.train_loss /= (double)count;
	epoch->line.train_mse = mean_mse(loop, count);
	return 0;
}

static int
validate(struct loop *loop, struct epoch *epoch)
{
	const struct outputs *of = &loop->of_validation;
	const size_t count = loop->validation->count;
	epoch->line.validation_loss = epoch->line.auc = epoch->line.validation_mse = (double)NAN;
	if (count == 0)
		return 0;
	epoch->line.validation_loss = 0;
	begin_mse(loop);
	if (outputs_make(&loop->of_validation))
		return -1;
	for (size_t i = 0; i < count; i++)
		epoch->line.validation_loss += of->rest[i] + of->loss[i];
	epoch->line.validation_loss /= (double)count;
	epoch->line.validation_mse = mean_mse(loop, count);
	return isfinite(epoch->line.validation_loss) /* else that is what is reported */
	           ? outputs_auc(&loop->of_validation, &epoch->line.auc)
	           : 0;
}

/* ---- between epochs ---- */

static double
rounded(double loss, int round_losses)
{
	return round_losses ? rint(loss * 1e4) / 1e4 : loss;
}

static void
schedule(struct loop *loop, const struct epoch *epoch)
{
	const struct hmm_loop_options *options = loop->options;
	const double loss = epoch->line.validation_loss;
	if (options->schedule == HMM_STEP && epoch->number % STEP_EPOCHS == 0)
		loop->far.rate *= step_factor;
	if (options->schedule != HMM_PLATEAU)
		return;
	if (loss < loop->far.plateau_best * (1 - plateau_threshold)) {
		loop->far.plateau_best = loss;
		loop->far.plateau_bad = 0;
	} else if (epoch->number > options->min_epochs && ++loop->far.plateau_bad > PLATEAU_PATIENCE) {
		if (loop->far.rate * (1 - plateau_factor) > least_change)
			loop->far.rate *= plateau_factor;
		loop->far.plateau_bad = 0;
	}
}

/* 1 when this epoch's weights are the best so far. */
static int
is_best(struct loop *loop, const struct epoch *epoch)
{
	double score = -rounded(epoch->line.validation_loss, loop->options->round_losses);
	if (loop->options->checkpoint == HMM_KEEP_LAST)
		return 1;
	if (loop->options->checkpoint == HMM_KEEP_AUC) {
		/* before epoch 6 only so that there is something to keep */
		score = isnan(epoch->line.auc) ? -2 : epoch->line.auc;
		score -= epoch->number < AUC_FROM ? 10 : 0;
	}
	if (!(score > loop->far.keep_best))
		return 0;
	loop->far.keep_best = score;
	return 1;
}

/* Count the epochs without a lower loss. */
static void
count_bad(struct loop *loop, const struct epoch *epoch)
{
	const struct hmm_loop_options *options = loop->options;
	const double watched =
	    rounded(options->stop_on == HMM_STOP_TRAINING ? epoch->line.train_loss
	                                                  : epoch->line.validation_loss,
	        options->round_losses);
	if (watched < loop->far.stop_best) {
		loop->far.stop_best = watched;
		loop->far.stop_bad = 0;
	} else if (epoch->number > options->min_epochs) {
		loop->far.stop_bad++;
	}
}

/* ---- all epochs ---- */

static void
write_line(FILE *curve, const struct line *line, long number)
{
	fprintf(curve, "%ld\t%.9g\t%.9g\t%.9g\t%.9g\t%d\t%.9g\t%.9g\t%.9g\t%.9g\n", number, line->rate,
	    line->train_loss, line->validation_loss, line->auc, line->kept != 0, line->train_mse,
	    line->train_loss - line->train_mse, line->validation_mse,
	    line->validation_loss - line->validation_mse);
}

/* A line on a log; a terminal has a bar. */
static void
say_epoch(const struct loop *loop, const struct line *line, long number)
{
	const struct hmm_objective *objective = loop->learner->objective;
	char parts[96] = "", validation[96] = "", measure[32];
	if (isatty(STDERR_FILENO))
		return;
	if (!isnan(line->train_mse))
		snprintf(parts, sizeof(parts), " (MSE %.4g, %s %.4g)", line->train_mse,
		    hmm_objective_loss_name(objective), line->train_loss - line->train_mse);
	if (!isnan(line->validation_loss))
		snprintf(validation, sizeof(validation), ", validation loss %.4g%s", line->validation_loss,
		    hmm_objective_auc_text(measure, objective, line->auc));
	hmm_say("epoch %ld of %ld: learning rate %.3g, training loss %.4g%s%s%s", number,
	    loop->options->epochs, line->rate, line->train_loss, parts, validation,
	    line->kept != 0 ? ", the best so far" : "");
}

static void
note_kept(struct hmm_loop_result *result, const struct epoch *epoch)
{
	result->kept = epoch->number;
	result->train_loss = epoch->line.train_loss;
	result->validation_loss = epoch->line.validation_loss;
	result->auc = epoch->line.auc;
}

static int
refuse_loss(long epoch, const char *what, double loss)
{
	return hmm_error("epoch %ld: the %s loss is not finite (%g): try a smaller --learning-rate",
	    epoch, what, loss);
}

/* Where nothing is validated, the last step's weights were never tried: whether they give finite
 * losses. 0, or -1 reported. */
static int
try_last(struct loop *loop, long epoch)
{
	struct outputs of;
	int bad = outputs_open(&of, loop->learner, loop->train) || outputs_make(&of);
	for (size_t i = 0; i < loop->train->count && !bad; i++)
		if (!isfinite(of.rest[i] + of.loss[i]))
			bad = refuse_loss(epoch, "last", of.rest[i] + of.loss[i]);
	outputs_close(&of);
	return bad;
}

/* What becomes of an epoch: whether it is kept, the rate, the patience, a line. 0, or -1
 * reported. */
static int
end_epoch(struct loop *loop, struct epoch *epoch, int copies)
{
	const struct hmm_loop_options *options = loop->options;
	const struct hmm_learner *learner = loop->learner;
	struct so_far *far = &loop->far;
	const int kept = is_best(loop, epoch);
	if (kept && copies)
		hmm_learner_keep(learner->each, learner->self);
	far->epochs = far->result.epochs = epoch->number;
	if (kept)
		note_kept(&far->result, epoch);
	schedule(loop, epoch);
	count_bad(loop, epoch);
	if (hmm_grow((void **)&far->line, &far->capacity, (size_t)far->epochs * sizeof(*far->line)))
		return -1;
	epoch->line.kept = kept;
	far->line[far->epochs - 1] = epoch->line;
	if (options->curve)
		write_line(options->curve, &epoch->line, epoch->number);
	say_epoch(loop, &epoch->line, epoch->number);
	return options->resume ? resume_write(options->resume, options->identity, learner, far) : 0;
}

static int
run_epochs(struct loop *loop, struct hmm_progress *progress)
{
	const struct hmm_loop_options *options = loop->options;
	const struct hmm_learner *learner = loop->learner;
	struct so_far *far = &loop->far;
	const int copies = options->checkpoint != HMM_KEEP_LAST; /* the last are in place anyway */
	if (options->resume && resume_read(options->resume, options->identity, learner, far))
		return -1;
	if (far->epochs)
		hmm_say("%s: going on behind epoch %ld", options->resume, far->epochs);
	progress->begun = far->epochs;
	if (options->curve)
		fputs("epoch\tlearning_rate\ttrain_loss\tval_loss\tval_auc\tkept\ttrain_mse\ttrain_ce\t"
		      "val_mse\tval_ce\n",
		    options->curve);
	for (long i = 0; i < far->epochs && options->curve; i++)
		write_line(options->curve, &far->line[i], i + 1);
	while (far->epochs < options->epochs && far->stop_bad < options->patience) {
		struct epoch epoch = {.number = far->epochs + 1, .line = {.rate = far->rate}};
		if (train_epoch(loop, &epoch) || validate(loop, &epoch))
			return -1;
		if (!isfinite(epoch.line.train_loss))
			return refuse_loss(epoch.number, "training", epoch.line.train_loss);
		if (loop->validation->count && !isfinite(epoch.line.validation_loss))
			return refuse_loss(epoch.number, "validation", epoch.line.validation_loss);
		if (end_epoch(loop, &epoch, copies))
			return -1;
		hmm_progress_step(progress, epoch.number);
	}
	if (copies)
		hmm_learner_restore(learner->each, learner->self);
	return loop->validation->count ? 0 : try_last(loop, far->epochs);
}

int
hmm_loop_validates(const struct hmm_loop_options *options)
{
	return options->stop_on == HMM_STOP_VALIDATION || options->schedule == HMM_PLATEAU ||
	       options->checkpoint != HMM_KEEP_LAST;
}

/* Room for the items in hand. 0, or -1 reported. */
static int
open_loop(struct loop *loop)
{
	const size_t count = loop->train->count, asked = (size_t)loop->options->batch;
	const size_t batch = asked < count ? asked : count;
	loop->batch = hmm_alloc(batch, sizeof(*loop->batch));
	loop->place = hmm_alloc(batch, sizeof(*loop->place));
	hmm_feed_open(&loop->feed, loop->train);
	if (!loop->batch || !loop->place ||
	    outputs_open(&loop->of_validation, loop->learner, loop->validation))
		return -1;
	return order_open(&loop->order, loop->train, loop->options->shuffle_buffer);
}

int
hmm_loop_run(const struct hmm_learner *learner, const struct hmm_items *train,
    const struct hmm_items *validation, const struct hmm_loop_options *options,
    struct hmm_loop_result *result)
{
	struct loop loop = {.learner = learner,
	    .train = train,
	    .validation = validation,
	    .options = options,
	    .far = {.rate = options->learning_rate,
	        .plateau_best = (double)INFINITY,
	        .stop_best = (double)INFINITY,
	        .keep_best = -(double)INFINITY}};
	struct hmm_progress progress;
	const unsigned before = hmm_denormals_flush();
	hmm_progress_start(&progress, "epochs", options->epochs);
	const int bad = open_loop(&loop) || hmm_learner_prepare(learner->each, learner->self) ||
	                run_epochs(&loop, &progress);
	*result = loop.far.result;
	hmm_progress_end(&progress);
	hmm_denormals_restore(before);
	order_close(&loop.order);
	hmm_feed_close(&loop.feed);
	outputs_close(&loop.of_validation);
	free(loop.batch);
	free(loop.place);
	free(loop.far.line);
	return bad ? -1 : 0;
}
