/* Do the intervals hold what they promise, and the tests their level? Two systems of equal skill,
 * whose scores are normal within a label, on simulated patients.
 *
 * build/unit/coverage KIND [STUDIES [REPLICATES]] prints a table: how often the 95 % interval of
 * each metric holds the truth, how often there is none, and how often the test of the difference
 * rejects at .05. KIND: single rows; 3 rows a patient with his label (repeated) or with labels of
 * their own (mixed); 3 runs on the same patients. */
#include <stdlib.h>
#include <string.h>

#include "hmm/kernel/distribution.h"
#include "hmm/kernel/power.h"
#include "hmm/score/compare.h"
#include "hmm/score/score.h"
#include "test.h"

enum { MOST = 90, EACH = 3, BRIER_STEPS = 4000 };
enum kind { SINGLE, REPEATED, MIXED, RUNS, KINDS };
static const char *const kinds[KINDS] = {"single", "repeated", "mixed", "runs"};

struct cell {
	enum kind kind;
	size_t patients;
	double prevalence, area;
	double gain; /* of the first system's area over that of the second */
};

struct study {
	struct hmm_scored rows[2][EACH * MOST]; /* by system */
	size_t end[EACH], count, runs;
};

/* What is counted of each metric. */
struct tally {
	double held[HMM_COMPARED], none[HMM_COMPARED], rejected[HMM_COMPARED], untested[HMM_COMPARED];
};

/* Labels are as far apart as the area says. */
static double
shift_of(double area)
{
	return hmm_distribution_normal_quantile(area) * sqrt(2);
}

/* Of every score .6 of the variance is the row's, the rest the system's; and of both one half is
 * the patient's, where he has several rows. */
static void
make(struct study *study, const struct cell *cell, uint64_t seed)
{
	const struct hmm_place place = {.seed = seed, .stream = 9};
	const size_t each = cell->kind == SINGLE ? 1 : EACH;
	const double part = each > 1 ? .5 : 0;
	const double shift[2] = {shift_of(cell->area + cell->gain), shift_of(cell->area)};
	uint32_t at = 0;
	study->count = each * cell->patients;
	study->runs = cell->kind == RUNS ? each : 1;
	for (size_t r = 0; r < study->runs; r++)
		study->end[r] = (r + 1) * study->count / study->runs;
	for (uint32_t g = 0; g < cell->patients; g++) {
		const int his = hmm_random_uniform(place, (1u << 30) + g) < cell->prevalence;
		double own[3], rest[3];
		for (int k = 0; k < 3; k++)
			own[k] = hmm_random_normal(place, at++);
		for (uint32_t i = 0; i < each; i++) {
			const size_t row = cell->kind == RUNS ? i * cell->patients + g : g * each + i;
			const double u = hmm_random_uniform(place, (2u << 30) + EACH * g + i);
			const int label = cell->kind == MIXED ? u < cell->prevalence : his;
			for (int k = 0; k < 3; k++)
				rest[k] = sqrt(part) * own[k] + sqrt(1 - part) * hmm_random_normal(place, at++);
			for (int k = 0; k < 2; k++) {
				const double score =
				    sqrt(.6) * rest[2] + sqrt(.4) * rest[k] + (label - .5) * shift[k];
				study->rows[k][row] = (struct hmm_scored){.score = 1 / (1 + exp(-score * shift[k])),
				    .label = label,
				    .weight = 1,
				    .group = g};
			}
		}
	}
	for (int k = 0; k < 2; k++)
		hmm_metrics_call(study->rows[k], study->count, .5);
}

/* The mean square of the probability less the label, which is the same for both, by Simpson's
 * rule. */
static double
brier(double shift)
{
	double sum = 0;
	for (int i = 0; i <= BRIER_STEPS; i++) {
		const double z = -10 + 20. * i / BRIER_STEPS, p = 1 / (1 + exp((z + shift / 2) * shift));
		const double weight = i == 0 || i == BRIER_STEPS ? 1 : i % 2 ? 4 : 2;
		sum += weight * p * p * exp(-z * z / 2);
	}
	return sum * 20 / BRIER_STEPS / 3 / sqrt(2 * 3.14159265358979323846);
}

static void
find_truth(double truth[HMM_COMPARED], const struct cell *cell)
{
	const double shift = shift_of(cell->area), right = hmm_distribution_normal(shift / 2);
	const double tp = cell->prevalence * right, fp = (1 - cell->prevalence) * (1 - right);
	truth[HMM_ACC] = truth[HMM_RECALL] = truth[HMM_AUC_HARD] = right;
	truth[HMM_AUC] = cell->area;
	truth[HMM_PRECISION] = tp / (tp + fp);
	truth[HMM_F1] = 2 * tp / (tp + fp + cell->prevalence);
	truth[HMM_BRIER] = brier(shift);
}

static void
simulate(struct tally *tally, const struct cell *cell, size_t studies, size_t replicates)
{
	static struct study study;
	double truth[HMM_COMPARED];
	struct hmm_measures measures;
	CHECK(!hmm_measures_choose(&measures, HMM_BINARY, NULL, 1, NULL));
	find_truth(truth, cell);
	*tally = (struct tally){{0}, {0}, {0}, {0}};
	for (size_t s = 0; s < studies; s++) {
		struct hmm_score scores[HMM_COMPARED];
		struct hmm_compared compared[HMM_COMPARED];
		const struct hmm_scores_of of = {
		    &measures, (double)NAN, replicates, {.seed = s, .subject = 1}};
		make(&study, cell, s + 1);
		struct hmm_system one = {study.rows[0], study.count, study.end, study.runs, 0, NULL};
		struct hmm_system two = {study.rows[1], study.count, study.end, study.runs, 0, NULL};
		CHECK(!hmm_compare_run(compared, &one, &two, MOST, &of));
		make(&study, cell, s + 1);
		CHECK(!hmm_score_run(scores, &one, MOST, &of));
		for (int m = 0; m < HMM_COMPARED; m++) {
			tally->none[m] += isnan(scores[m].low);
			tally->held[m] += scores[m].low <= truth[m] + 1e-9 && scores[m].high >= truth[m] - 1e-9;
			tally->untested[m] += isnan(compared[m].p);
			tally->rejected[m] += compared[m].p <= .05;
		}
	}
	for (int m = 0; m < HMM_COMPARED; m++) {
		tally->held[m] /= (double)studies - tally->none[m];
		tally->rejected[m] /= (double)studies - tally->untested[m];
		tally->none[m] /= (double)studies;
	}
}

/* Within the simulation's own error of what the table of many studies says. */
static void
check_few(void)
{
	static const struct cell cells[] = {{SINGLE, 11, .5, .7, 0}, {SINGLE, 33, .5, .85, 0},
	    {REPEATED, 11, .5, .7, 0}, {REPEATED, 33, .5, .7, 0}, {RUNS, 33, .5, .7, 0}};
	struct tally tally;
	for (size_t c = 0; c < sizeof(cells) / sizeof(cells[0]); c++) {
		simulate(&tally, &cells[c], 200, 200);
		for (int m = 0; m < HMM_COMPARED; m++) {
			/* of few patients with a label the bootstrap of what has that many rows is narrow */
			CHECK(tally.held[m] > (cells[c].patients < 20 ? .85 : .9));
			CHECK(tally.rejected[m] < .11);
		}
	}
}

/* The power that the formula promises is the share of studies that find the difference. */
static void
check_power(size_t studies, int print)
{
	static const size_t patients[] = {40, 75, 90};
	static struct study study;
	struct hmm_measures measures;
	CHECK(!hmm_measures_choose(&measures, HMM_BINARY, NULL, 1, NULL));
	const struct hmm_scores_of of = {&measures, (double)NAN, 0, {0}};
	for (size_t c = 0; c < 3; c++) {
		const struct cell cell = {SINGLE, patients[c], .5, .8, .1};
		double found = 0, promised = 0;
		for (size_t s = 0; s < studies; s++) {
			struct hmm_compared compared[HMM_COMPARED];
			make(&study, &cell, s + 1);
			struct hmm_system one = {study.rows[0], study.count, study.end, 1, 0, NULL};
			struct hmm_system two = {study.rows[1], study.count, study.end, 1, 0, NULL};
			CHECK(!hmm_compare_run(compared, &one, &two, MOST, &of));
			const struct hmm_compared *auc = &compared[HMM_AUC];
			found += auc->p <= .05;
			promised += hmm_power_of(.1, (auc->high - auc->low) / 2 / 1.959963984540054);
		}
		if (print)
			printf("power\t%zu\t%.3f\t%.3f\n", patients[c], found / (double)studies,
			    promised / (double)studies);
		CHECK(fabs(found - promised) / (double)studies < (studies < 1000 ? .09 : .05));
	}
}

static void
print_cells(enum kind kind, size_t studies, size_t replicates)
{
	static const size_t patients[] = {11, 33, MOST};
	struct tally tally;
	printf("kind\tn\tprevalence\tauc\tmetric\theld\tnone\trejected\n");
	for (int c = 0; c < 12; c++) {
		const struct cell cell = {kind, patients[c / 4], c / 2 % 2 ? .2 : .5, c % 2 ? .85 : .7, 0};
		simulate(&tally, &cell, studies, replicates);
		for (int m = 0; m < HMM_COMPARED; m++)
			printf("%s\t%zu\t%g\t%g\t%s\t%.3f\t%.2f\t%.3f\n", kinds[kind], cell.patients,
			    cell.prevalence, cell.area, hmm_metric_names[m], tally.held[m], tally.none[m],
			    tally.rejected[m]);
	}
}

int
main(int argc, char **argv)
{
	const size_t studies = argc > 2 ? (size_t)strtoul(argv[2], NULL, 10) : 1000;
	const size_t replicates = argc > 3 ? (size_t)strtoul(argv[3], NULL, 10) : 1000;
	for (int kind = 0; argc > 1 && kind < KINDS; kind++)
		if (!strcmp(argv[1], kinds[kind]))
			print_cells((enum kind)kind, studies, replicates);
	if (argc > 1 && !strcmp(argv[1], "power"))
		check_power(studies, 1);
	if (argc == 1) {
		check_few();
		check_power(200, 0);
	}
	return test_end();
}
