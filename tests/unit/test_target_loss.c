/* Losses of classes, values and times, their means and what predictions say, against PyTorch's and
 * scikit-learn's (tests/golden/make_target_loss.py); Harrell's C against its enumeration. */
#include <string.h>

#include "hmm/base/option.h"
#include "hmm/learn/items.h"
#include "refuse.h"
#include "regressed.h"
#include "test.h"

enum { MOST = 64, K = 4, NUMBERS = 256 };
static const double ends[K] = {1, 2.5, 4, 8}, baseline[K] = {.05, .2, .7, 1.5};
static const double times[] = {.3, 1, 1.75, 2.5, 2.500001, 4, 7, 8, 9, 0, .4, .5, .6, 1.7, 3.25, 6};
static char risk[] = "risk", one[] = "1", two[] = "2", three[] = "3", four[] = "4";
static char *columns[] = {risk, one, two, three, four};

/* ---- against PyTorch ---- */

static struct hmm_table *table;

static struct hmm_objective
make(enum hmm_loss loss)
{
	static const size_t width[] = {1, K, 2, 1, 1, K, 1}, count[] = {2, K, 2, 1, 1, 1 + K, 1 + K};
	static const enum hmm_target target[] = {
	    HMM_BINARY, HMM_CLASSES, HMM_VALUE, HMM_VALUE, HMM_VALUE, HMM_TIME, HMM_TIME};
	struct hmm_objective objective = {.target = target[loss],
	    .loss = loss,
	    .outputs = width[loss],
	    .mean = 30,
	    .sd = 4,
	    .columns = {.count = count[loss], .name = columns}};
	objective.times = target[loss] == HMM_TIME ? K : 0;
	memcpy(objective.time, ends, sizeof(ends));
	memcpy(objective.baseline, baseline, sizeof(baseline));
	return objective;
}

static void
fill(double *output, size_t count, unsigned seed, double scale)
{
	for (size_t i = 0; i < count; i++)
		output[i] = scale * (scramble(i, seed) / 64 - 2);
}

/* Whether these are the numbers of that case, all of them. */
static int
agrees(const char *what, size_t of, const double *have, size_t count)
{
	size_t found = 0;
	for (size_t row = 0; row < table->rows; row++) {
		if (strcmp(hmm_table_cell(table, row, hmm_table_want(table, "what")), what) ||
		    cell(table, row, "case") != (double)of)
			continue;
		const size_t place = (size_t)cell(table, row, "place");
		const double want = cell(table, row, "number");
		const double off = place < count ? fabs(have[place] - want) : 1;
		if (!(off <= 1e-12 * fabs(want) + 1e-15)) {
			printf("%s, case %zu, %zu: %.17g, want %.17g\n", what, of, place,
			    place < count ? have[place] : 0, want);
			return 0;
		}
		found++;
	}
	return found == count;
}

/* The mean loss of items and its slopes, which were something else before. */
static void
check_batch(const char *what, size_t of, const struct hmm_objective *objective,
    const struct hmm_item *item, size_t count, const double *output)
{
	const struct hmm_item *batch[MOST];
	double have[1 + MOST * K], loss[MOST], again[MOST];
	const size_t numbers = count * objective->outputs;
	for (size_t i = 0; i < count; i++)
		batch[i] = &item[i];
	for (size_t i = 0; i < numbers; i++)
		have[1 + i] = (double)NAN;
	CHECK(hmm_objective_losses(objective, batch, count, output, loss, have + 1) == 0);
	CHECK(hmm_objective_losses(objective, batch, count, output, again, NULL) == 0);
	CHECK(!memcmp(loss, again, count * sizeof(*loss)));
	have[0] = 0;
	for (size_t i = 0; i < count; i++)
		have[0] += loss[i] / (double)count;
	for (size_t i = 0; i < numbers; i++)
		have[1 + i] /= (double)count;
	CHECK(agrees(what, of, have, 1 + numbers));
}

static void
check_single(size_t of)
{
	static const char *const names[] = {"bce", "cross-entropy", "gaussian", "huber", "squared"};
	double output[K];
	for (enum hmm_loss loss = HMM_CROSS_ENTROPY; loss <= HMM_SQUARED; loss++) {
		const struct hmm_objective objective = make(loss);
		/* in units of the deviation, off the mean */
		const struct hmm_item item = {
		    .label = (int)of % K, .truth = 30 + 4 * (scramble(of, 3) / 32 - 4), .weight = 1};
		fill(output, objective.outputs, (unsigned)of + 10, of < 20 ? 1 : 8);
		check_batch(names[loss], of, &objective, &item, 1, output);
		/* twice the weight */
		const struct hmm_item heavy = {.label = item.label, .truth = item.truth, .weight = 2};
		double loss_of[2], slope[2][K];
		hmm_objective_losses(
		    &objective, &(const struct hmm_item *){&item}, 1, output, &loss_of[0], slope[0]);
		hmm_objective_losses(
		    &objective, &(const struct hmm_item *){&heavy}, 1, output, &loss_of[1], slope[1]);
		CHECK(loss_of[1] == 2 * loss_of[0] && slope[1][0] == 2 * slope[0][0]);
	}
}

static void
check_times(void)
{
	static const struct {
		size_t count;
		double of;
	} batch[] = {{1, 256}, {5, 160}, {12, 160}, {40, 160}, {6, 0}};
	const struct hmm_objective hazards = make(HMM_HAZARDS), cox = make(HMM_COX);
	struct hmm_item item[MOST];
	double output[MOST];
	for (size_t i = 0; i < 2 * HMM_COUNT_OF(times); i++) {
		item[0] = (struct hmm_item){.label = i % 2, .truth = times[i / 2], .weight = 1};
		fill(output, K, (unsigned)i / 2 + 10, 1);
		check_batch("hazards", i, &hazards, item, 1, output);
	}
	for (size_t b = 0; b < HMM_COUNT_OF(batch); b++) {
		for (size_t i = 0; i < batch[b].count; i++)
			item[i] = (struct hmm_item){.label = scramble(i, 71) < batch[b].of,
			    .truth = floor(scramble(i, 70) / 32),
			    .weight = 1};
		fill(output, batch[b].count, 60 + (unsigned)b, 1);
		check_batch("cox", b, &cox, item, batch[b].count, output);
	}
}

static void
check_means(void)
{
	static const char *const names[] = {
	    "bce", "cross-entropy", "gaussian", "huber", "squared", "hazards", "cox"};
	char what[40];
	double output[3 * K], up[K], have[NUMBERS];
	for (enum hmm_loss loss = HMM_BCE; loss <= HMM_COX; loss++) {
		const struct hmm_objective objective = make(loss);
		const size_t width = objective.outputs;
		for (size_t of = 0; of < 2; of++) {
			const size_t count = 1 + 2 * of;
			fill(output, count * width, 80 + (unsigned)of, 2);
			fill(up, width, 90, 1);
			hmm_objective_mean(&objective, have, output, count);
			for (size_t i = 0; i < count; i++)
				hmm_objective_mean_slope(
				    &objective, have + width * (1 + i), up, have, output + i * width, count);
			snprintf(what, sizeof(what), "mean of %s", names[loss]);
			CHECK(agrees(what, of, have, width * (1 + count)));
		}
		fill(output, width, 100, 2);
		CHECK(hmm_objective_numbers(&objective, have, output, "s") == 0);
		snprintf(what, sizeof(what), "numbers of %s", names[loss]);
		CHECK(agrees(what, 0, have, objective.columns.count));
	}
	/* of classes that are out of the question for one, or for all */
	const struct hmm_objective classes = make(HMM_CROSS_ENTROPY);
	static const double far[2][K] = {{0, -800, -2000, 0}, {-900, -800, -2000, 0}};
	static const double ones[K] = {1, 1, 1, 1};
	double mean[K], slope[K], sum = 0;
	hmm_objective_mean(&classes, mean, far[0], 2);
	CHECK(fabs(mean[0] - log(.25)) < 1e-12 && fabs(mean[3] - log(.75)) < 1e-12);
	CHECK(fabs(mean[1] / -800.2876820724518 - 1) < 1e-12 && mean[2] < -1999);
	hmm_objective_mean_slope(&classes, slope, ones, mean, far[1], 2);
	for (size_t k = 0; k < K; k++)
		sum += slope[k];
	CHECK(fabs(sum) < 1e-12 && fabs(slope[1] - 2. / 3) < 1e-2);
	/* what is not finite is said to be so, by its column */
	const struct hmm_objective squared = make(HMM_SQUARED);
	refuse_begin();
	CHECK(hmm_objective_numbers(&squared, have, &(double){(double)INFINITY}, "s7") == -1);
	CHECK(refuse_end("subject s7: the risk is not finite"));
}

/* ---- how well scores tell apart ---- */

/* Of the pairs whose earlier time is an event, the share in which it has the higher risk. */
static double
plain_concordance(const struct hmm_item *item, const double *score, size_t count)
{
	double pairs = 0, right = 0;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < count; k++)
			if (item[i].label == 1 && (item[i].truth < item[k].truth ||
			                              (item[i].truth == item[k].truth && item[k].label == 0))) {
				pairs++;
				right += (score[i] > score[k]) + (score[i] == score[k]) / 2.;
			}
	return right / pairs;
}

static void
check_areas(void)
{
	enum { COUNT = 60 };
	struct hmm_item item[COUNT];
	const struct hmm_item *of[COUNT];
	double output[COUNT * K], score[COUNT], have;
	const struct hmm_objective classes = make(HMM_CROSS_ENTROPY), value = make(HMM_GAUSSIAN);
	for (size_t i = 0; i < COUNT; i++)
		of[i] = &item[i];
	for (size_t c = 0; c < 2; c++) {
		for (size_t i = 0; i < COUNT; i++)
			item[i].label = (int)scramble(i, 112) % (c ? 3 : 4);
		fill(output, COUNT * K, 110 + (unsigned)c, 1);
		CHECK(hmm_objective_auc(&classes, &have, of, COUNT, output) == 0);
		CHECK(agrees("area", c, &have, 1));
	}
	for (size_t i = 0; i < COUNT; i++)
		item[i].label = 2;
	CHECK(hmm_objective_auc(&classes, &have, of, COUNT, output) == 0 && isnan(have));
	CHECK(hmm_objective_auc(&value, &have, of, COUNT, output) == 0 && isnan(have));
	for (enum hmm_loss loss = HMM_HAZARDS; loss <= HMM_COX; loss++) {
		const struct hmm_objective objective = make(loss);
		double numbers[1 + K];
		for (size_t i = 0; i < COUNT; i++) {
			item[i] = (struct hmm_item){
			    .label = scramble(i, 71) < 160, .truth = floor(scramble(i, 70) / 32)};
			for (size_t k = 0; k < objective.outputs; k++) /* few that differ */
				output[i * objective.outputs + k] = floor(scramble(i, 120) / 32) / 4 - 1;
			hmm_objective_numbers(&objective, numbers, output + i * objective.outputs, "s");
			score[i] = numbers[0];
		}
		CHECK(hmm_objective_auc(&objective, &have, of, COUNT, output) == 0);
		CHECK(fabs(have - plain_concordance(item, score, COUNT)) < 1e-12);
		for (size_t i = 0; i < COUNT; i++)
			item[i].label = 0;
		CHECK(hmm_objective_auc(&objective, &have, of, COUNT, output) == 0 && isnan(have));
	}
}

int
main(void)
{
	table = hmm_table_read("tests/golden/target_loss.tsv", '\t');
	if (!table)
		return 1;
	for (size_t of = 0; of < 40; of++)
		check_single(of);
	check_times();
	check_means();
	check_areas();
	hmm_table_free(table);
	return test_end();
}
