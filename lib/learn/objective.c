#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/kernel/loss.h"
#include "hmm/kernel/target_loss.h"
#include "hmm/learn/items.h"
#include "objective.h"

int
hmm_objective_truth(const struct hmm_objective *objective, const struct hmm_sample *sample,
    int *number, double *truth)
{
	static const char *const want[] = {
	    "0 or 1 (--target says what labels are)", "a class", "a number", "a time, 0 or more"};
	char classes[512];
	struct hmm_known known;
	const enum hmm_target target = objective->target;
	const int is = hmm_target_read(&known, target, sample->label, sample->event);
	*number = -1;
	if (is < 0)
		return hmm_error(
		    "subject %s: label '%s', want %s", sample->subject, sample->label, want[target]);
	if (!is)
		return 0;
	*truth = known.number;
	*number = target == HMM_BINARY ? (int)known.number : known.event;
	if (target != HMM_CLASSES)
		return 1;
	*number = (int)hmm_names_find(&objective->classes, sample->label);
	return *number >= 0
	           ? 1
	           : hmm_error(
	                 "subject %s: class '%s' is of no subject that is trained on, which are %s",
	                 sample->subject, sample->label,
	                 hmm_names_list(classes, sizeof(classes), &objective->classes));
}

/* ---- losses ---- */

static double
standardised(const struct hmm_objective *objective, double value)
{
	return (value - objective->mean) / objective->sd;
}

/* The loss of one item, and slope[outputs]. */
static double
loss_of(const struct hmm_objective *objective, const struct hmm_item *item, const double *z,
    double *slope)
{
	switch (objective->loss) {
	case HMM_CROSS_ENTROPY:
		return hmm_loss_cross_entropy(slope, z, objective->outputs, (size_t)item->label);
	case HMM_GAUSSIAN:
		return hmm_loss_gaussian(slope, z, standardised(objective, item->truth));
	case HMM_HUBER:
		return hmm_loss_huber(slope, z[0], standardised(objective, item->truth));
	case HMM_SQUARED: {
		const double off = z[0] - standardised(objective, item->truth);
		slope[0] = 2 * off;
		return off * off;
	}
	case HMM_HAZARDS:
		return hmm_loss_hazards(
		    slope, z, objective->time, objective->times, item->truth, item->label);
	default:
		slope[0] = hmm_loss_bce_gradient(z[0], item->label);
		return hmm_loss_bce(z[0], item->label);
	}
}

/* The partial likelihood of items, one output each, a event: of every item its mean. 0, or -1
 * reported. */
static int
cox(const struct hmm_item *const *item, size_t items, const double *output, double *loss,
    double *slope)
{
	struct objective_rows rows;
	if (objective_rows_open(&rows, item, items))
		return -1;
	const double events = (double)rows.events;
	const double sum = events > 0 ? hmm_cox_loss(&rows.cox, output, slope) : 0;
	for (size_t i = 0; i < items; i++) {
		loss[i] = events > 0 ? sum / events : 0;
		slope[i] = events > 0 ? slope[i] * (double)items / events : 0;
	}
	objective_rows_close(&rows);
	return 0;
}

int
hmm_objective_losses(const struct hmm_objective *objective, const struct hmm_item *const *item,
    size_t items, const double *output, double *loss, double *slope)
{
	const size_t K = objective->outputs;
	double *own = slope ? NULL : hmm_alloc(items, K * sizeof(*own));
	double *to = slope ? slope : own;
	int bad = !to;
	if (!bad && objective->loss == HMM_COX)
		bad = cox(item, items, output, loss, to);
	else
		for (size_t i = 0; i < items && !bad; i++) {
			loss[i] = loss_of(objective, item[i], output + i * K, to + i * K) * item[i]->weight;
			for (size_t k = 0; k < K; k++)
				to[i * K + k] *= item[i]->weight;
		}
	free(own);
	return bad ? -1 : 0;
}

/* ---- the mean of several predictions ---- */

/* log(e^a + e^b) */
static double
log_sum(double a, double b)
{
	return fmax(a, b) + log1p(exp(-fabs(a - b)));
}

void
hmm_objective_mean(
    const struct hmm_objective *objective, double *mean, const double *output, size_t count)
{
	const size_t K = objective->outputs;
	double share[HMM_OBJECTIVE_CLASSES];
	switch (objective->loss) {
	case HMM_BCE:
	case HMM_HAZARDS:
		for (size_t k = 0; k < K; k++)
			mean[k] = hmm_loss_mean_logit(output + k, count, K);
		return;
	case HMM_CROSS_ENTROPY: /* by logs: a probability may be too small for a number */
		hmm_loss_log_softmax(mean, output, K);
		for (size_t i = 1; i < count; i++) {
			hmm_loss_log_softmax(share, output + i * K, K);
			for (size_t k = 0; k < K; k++)
				mean[k] = log_sum(mean[k], share[k]);
		}
		for (size_t k = 0; k < K; k++)
			mean[k] -= log((double)count);
		return;
	default:
		memset(mean, 0, K * sizeof(*mean));
		for (size_t i = 0; i < count * K; i++)
			mean[i % K] += output[i] / (double)count;
	}
}

void
hmm_objective_mean_slope(const struct hmm_objective *objective, double *slope, const double *dmean,
    const double *mean, const double *output, size_t count)
{
	const size_t K = objective->outputs;
	double share[HMM_OBJECTIVE_CLASSES], sum = 0;
	switch (objective->loss) {
	case HMM_BCE:
	case HMM_HAZARDS:
		for (size_t k = 0; k < K; k++)
			slope[k] = dmean[k] * hmm_loss_mean_logit_gradient(mean[k], output[k], count);
		return;
	case HMM_CROSS_ENTROPY: /* mean[k] is the log of the mean probability */
		hmm_loss_log_softmax(share, output, K);
		for (size_t k = 0; k < K; k++)
			sum += slope[k] = dmean[k] * exp(share[k] - mean[k]) / (double)count;
		for (size_t k = 0; k < K; k++)
			slope[k] -= exp(share[k]) * sum;
		return;
	default:
		for (size_t k = 0; k < K; k++)
			slope[k] = dmean[k] / (double)count;
	}
}

/* ---- predictions ---- */

static void
put_numbers(const struct hmm_objective *objective, double *number, const double *output)
{
	const size_t times = objective->times;
	switch (objective->loss) {
	case HMM_BCE:
		number[0] = output[0];
		number[1] = hmm_loss_sigmoid(output[0]);
		return;
	case HMM_CROSS_ENTROPY:
		hmm_loss_softmax(number, output, objective->outputs);
		return;
	case HMM_GAUSSIAN:
		number[1] = objective->sd * exp(output[1] / 2); /* and, as of the two others, */
		                                                /* fall through */
	case HMM_HUBER:
	case HMM_SQUARED:
		number[0] = objective->mean + objective->sd * output[0];
		return;
	case HMM_HAZARDS:
		/* the risk is the sum of the hazards so far at the times, as that of a forest is (Ishwaran
		 * et al., Annals of Applied Statistics 2008) */
		number[0] = 0;
		hmm_loss_hazards_sum(number + 1, output, times);
		for (size_t k = 1; k <= times; k++) {
			number[0] += number[k];
			number[k] = exp(-number[k]);
		}
		return;
	case HMM_COX:
		number[0] = output[0];
		for (size_t k = 0; k < times; k++) /* which overflows nowhere */
			number[k + 1] = exp(-exp(log(objective->baseline[k]) + output[0]));
		return;
	}
}

int
hmm_objective_numbers(const struct hmm_objective *objective, double *number, const double *output,
    const char *subject)
{
	put_numbers(objective, number, output);
	for (size_t k = 0; k < objective->columns.count; k++)
		if (!isfinite(number[k]))
			return hmm_error(
			    "subject %s: the %s is not finite: the model's weights or the data are "
			    "too large",
			    subject, objective->columns.name[k]);
	return 0;
}
