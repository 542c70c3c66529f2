#include "hmm/learn/train.h"

#include <math.h>

#include "hmm/base/denormals.h"
#include "hmm/base/error.h"

/* ReduceLROnPlateau(patience=3, factor=0.3, threshold=1e-4, 'rel') and
 * StepLR(3, 0.5), as the paper's code has them. */
enum { PLATEAU_PATIENCE = 3, STEP_EPOCHS = 3, AUC_FROM = 6 };
static const double plateau_factor = .3, plateau_threshold = 1e-4, step_factor = .5;
static const double least_change = 1e-8; /* PyTorch leaves smaller changes of lr undone */

struct state {
	double rate;
	double plateau_best, stop_best, keep_best;
	long plateau_bad, stop_bad;
};

static double
rounded(double loss, int round_losses)
{
	return round_losses ? rint(loss * 1e4) / 1e4 : loss;
}

static void
schedule(struct state *state, const struct hmm_train_options *options, long epoch, double loss)
{
	if (options->schedule == HMM_STEP && epoch % STEP_EPOCHS == 0)
		state->rate *= step_factor;
	if (options->schedule != HMM_PLATEAU)
		return;
	if (loss < state->plateau_best * (1 - plateau_threshold)) {
		state->plateau_best = loss;
		state->plateau_bad = 0;
	} else if (epoch > options->min_epochs && ++state->plateau_bad > PLATEAU_PATIENCE) {
		if (state->rate * (1 - plateau_factor) > least_change)
			state->rate *= plateau_factor;
		state->plateau_bad = 0;
	}
}

/* 1 when this epoch's weights are the best so far. */
static int
is_best(struct state *state, const struct hmm_train_options *options, const struct hmm_epoch *epoch)
{
	double score = -rounded(epoch->validation_loss, options->round_losses);
	if (options->checkpoint == HMM_KEEP_LAST)
		return 1;
	if (options->checkpoint == HMM_KEEP_AUC) {
		/* before epoch 6 only so that there is something to keep */
		score = isnan(epoch->validation_auc) ? -2 : epoch->validation_auc;
		score -= epoch->epoch < AUC_FROM ? 10 : 0;
	}
	if (!(score > state->keep_best))
		return 0;
	state->keep_best = score;
	return 1;
}

static void
keep(struct hmm_parameter *parameter, void *context)
{
	(void)context;
	hmm_parameter_keep(parameter);
}

static void
restore(struct hmm_parameter *parameter, void *context)
{
	(void)context;
	hmm_parameter_restore(parameter);
}

static int
train(const struct hmm_learner *learner, const struct hmm_train_options *options)
{
	struct state state = {.rate = options->learning_rate,
	    .plateau_best = (double)INFINITY,
	    .stop_best = (double)INFINITY,
	    .keep_best = -(double)INFINITY};
	const int copies = options->checkpoint != HMM_KEEP_LAST; /* the last are in place anyway */
	for (long i = 1; i <= options->epochs && state.stop_bad < options->patience; i++) {
		struct hmm_epoch epoch = {.epoch = i, .learning_rate = state.rate};
		if (learner->train(learner->self, i, state.rate, &epoch.train_loss) ||
		    learner->validate(learner->self, &epoch.validation_loss, &epoch.validation_auc))
			return -1;
		if (!isfinite(epoch.train_loss) || !isfinite(epoch.validation_loss))
			return hmm_error(
			    "epoch %ld: the loss is not finite (training %g, validation %g): try a "
			    "smaller --learning-rate",
			    i, epoch.train_loss, epoch.validation_loss);
		epoch.kept = is_best(&state, options, &epoch);
		if (epoch.kept && copies)
			learner->each(learner->self, keep, NULL);
		schedule(&state, options, i, epoch.validation_loss);
		const double watched = rounded(
		    options->stop_on == HMM_STOP_TRAINING ? epoch.train_loss : epoch.validation_loss,
		    options->round_losses);
		state.stop_bad = watched < state.stop_best ? 0 : state.stop_bad + (i > options->min_epochs);
		state.stop_best = watched < state.stop_best ? watched : state.stop_best;
		learner->report(learner->report_context, &epoch);
	}
	if (copies)
		learner->each(learner->self, restore, NULL);
	return 0;
}

int
hmm_train(const struct hmm_learner *learner, const struct hmm_train_options *options)
{
	const unsigned before = hmm_denormals_flush();
	const int bad = train(learner, options);
	hmm_denormals_restore(before);
	return bad;
}

size_t
hmm_train_most(const struct hmm_train_options *options, size_t train_count)
{
	const size_t asked = (size_t)options->batch;
	const size_t batch = asked < train_count ? asked : train_count;
	return batch > HMM_TRAIN_GROUP ? batch : HMM_TRAIN_GROUP;
}

static void
prepare_one(struct hmm_parameter *parameter, void *context)
{
	if (hmm_parameter_train(parameter))
		*(int *)context = -1;
}

int
hmm_train_prepare(void *self, void (*each)(void *, hmm_parameter_visit *, void *))
{
	int bad = 0;
	each(self, prepare_one, &bad);
	return bad;
}

struct step {
	struct hmm_pool *pool;
	struct hmm_adam adam;
};

static void
step_one(struct hmm_parameter *parameter, void *context)
{
	const struct step *step = context;
	hmm_parameter_step(parameter, step->pool, &step->adam);
}

void
hmm_train_step(struct hmm_pool *pool, long step, double learning_rate, double weight_decay,
    void *self, void (*each)(void *, hmm_parameter_visit *, void *))
{
	struct step job = {pool, hmm_adam_at(step, learning_rate, weight_decay)};
	each(self, step_one, &job);
}

static void
zero_one(struct hmm_parameter *parameter, void *context)
{
	(void)context;
	hmm_parameter_zero(parameter);
}

void
hmm_train_zero(void *self, void (*each)(void *, hmm_parameter_visit *, void *))
{
	each(self, zero_one, NULL);
}
