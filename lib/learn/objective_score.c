#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/number.h"
#include "hmm/kernel/metrics.h"
#include "hmm/kernel/survival.h"
#include "hmm/kernel/target_loss.h"
#include "hmm/learn/items.h"
#include "objective.h"

/* The area of scores that tell the items of a class, or of label 1, from the others. */
static double
area(struct hmm_scored *scored, const struct hmm_item *const *item, size_t count,
    const double *score, size_t width, int label)
{
	for (size_t i = 0; i < count; i++)
		scored[i] = (struct hmm_scored){
		    .score = score[i * width], .label = item[i]->label == label, .weight = 1};
	hmm_metrics_sort(scored, count);
	return hmm_metrics_auc(scored, count);
}

static int
macro_area(const struct hmm_objective *objective, double *auc, struct hmm_scored *scored,
    const struct hmm_item *const *item, size_t count, const double *output)
{
	const size_t K = objective->outputs;
	double sum = 0;
	size_t classes = 0;
	double *probability = hmm_alloc(count, K * sizeof(*probability));
	for (size_t i = 0; probability && i < count; i++)
		hmm_loss_softmax(probability + i * K, output + i * K, K);
	for (size_t k = 0; probability && k < K; k++) {
		const double one = area(scored, item, count, probability + k, K, (int)k);
		sum += isnan(one) ? 0 : one;
		classes += isnan(one) ? 0 : 1;
	}
	*auc = classes ? sum / (double)classes : (double)NAN;
	free(probability);
	return probability ? 0 : -1;
}

/* Harrell's C of risks. 0, or -1 reported. */
static int
concordance(double *c, struct hmm_scored *scored, const struct hmm_item *const *item, size_t count,
    const double *risk)
{
	static const struct hmm_measured metric = {.metric = HMM_TIME_HARRELL};
	size_t ranks[2] = {0, 0};
	double *sorted = hmm_alloc(count, sizeof(*sorted));
	struct hmm_outcome *outcome = hmm_alloc(count, sizeof(*outcome));
	size_t(*rank)[2] = hmm_alloc(count, sizeof(*rank));
	struct hmm_outcomes outcomes = {
	    .width = 1, .ranked = 2, .ranks = ranks, .time = &(double){0}, .tau = (double)INFINITY};
	int bad = !sorted || !outcome || !rank;
	if (!bad) {
		memcpy(sorted, risk, count * sizeof(*sorted));
		ranks[0] = ranks[1] = hmm_numbers_distinct(sorted, count);
		outcomes.scratch = hmm_alloc(hmm_survival_scratch(&outcomes, count), sizeof(double));
		bad = !outcomes.scratch;
	}
	for (size_t i = 0; i < count && !bad; i++) {
		rank[i][1] = hmm_numbers_rank(sorted, ranks[1], risk[i]);
		outcome[i] = (struct hmm_outcome){item[i]->truth, &risk[i], rank[i], 1};
		scored[i] = (struct hmm_scored){
		    .score = item[i]->truth, .label = item[i]->label, .weight = 1, .outcome = &outcome[i]};
	}
	if (!bad) {
		hmm_metrics_sort(scored, count);
		const struct hmm_measuring measuring = {
		    .metric = &metric, .count = 1, .outcomes = &outcomes};
		hmm_survival_measure(c, scored, count, &measuring);
	}
	free(sorted);
	free(outcome);
	free(rank);
	free(outcomes.scratch);
	return bad ? -1 : 0;
}

/* The risks of a time: of each item its only output, or what a table of predictions has. To free();
 * NULL, reported. */
static double *
risks_of(const struct hmm_objective *objective, size_t count, const double *output)
{
	const size_t K = objective->outputs;
	double *risk = hmm_alloc(count, sizeof(*risk));
	for (size_t i = 0; risk && i < count; i++) {
		double number[1 + HMM_OBJECTIVE_TIMES];
		if (hmm_objective_numbers(objective, number, output + i * K, "")) {
			free(risk);
			return NULL;
		}
		risk[i] = number[0];
	}
	return risk;
}

int
hmm_objective_auc(const struct hmm_objective *objective, double *auc,
    const struct hmm_item *const *item, size_t count, const double *output)
{
	struct hmm_scored *scored = hmm_alloc(count, sizeof(*scored));
	double *risk = NULL;
	int bad = !scored;
	*auc = (double)NAN;
	if (!bad && objective->target == HMM_BINARY)
		*auc = area(scored, item, count, output, 1, 1);
	else if (!bad && objective->target == HMM_CLASSES)
		bad = macro_area(objective, auc, scored, item, count, output);
	else if (!bad && objective->target == HMM_TIME)
		bad = !(risk = risks_of(objective, count, output)) ||
		      concordance(auc, scored, item, count, risk);
	free(risk);
	free(scored);
	return bad ? -1 : 0;
}

const char *
hmm_objective_auc_text(char text[32], const struct hmm_objective *objective, double auc)
{
	text[0] = '\0';
	if (objective->target != HMM_VALUE)
		snprintf(text, 32, ", %s %.3f", objective->target == HMM_TIME ? "C" : "AUC", auc);
	return text;
}

int
hmm_objective_baseline(struct hmm_objective *objective, const struct hmm_item *const *item,
    size_t count, const double *output)
{
	struct objective_rows rows;
	if (objective_rows_open(&rows, item, count))
		return -1;
	hmm_cox_baseline(objective->baseline, objective->time, objective->times, &rows.cox, output);
	objective_rows_close(&rows);
	return 0;
}
