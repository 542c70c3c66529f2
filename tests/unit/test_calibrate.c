/* Calibration maps against statsmodels and scipy (tests/golden/make_calibrate.py), ranks against
 * exact fractions, draws, and how often sets hold the label where modalities go missing at random,
 * by the label and by what they show. With the argument "coverage" that is simulated at length. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/option.h"
#include "hmm/base/random.h"
#include "hmm/data/table.h"
#include "hmm/score/calibrators.h"
#include "hmm/score/sets.h"
#include "test.h"

enum { MOST = 301 };

/* k is the least with k / (n + 1) >= 1 - alpha, in whole numbers. */
static void
check_ranks(void)
{
	for (size_t percent = 1; percent < 100; percent++) {
		const double alpha = (double)percent / 100;
		size_t least = 0;
		for (size_t n = 1; n <= 300; n++) {
			size_t k = 1;
			while (100 * k < (n + 1) * (100 - percent))
				k++;
			CHECK(hmm_conformal_rank(n, alpha) == k);
			least = !least && k <= n ? n : least;
		}
		CHECK(hmm_conformal_least(alpha) == least);
	}
}

/* By hand: ten of each label, alpha of .2, so that the ninth score of eleven counts. */
static void
check_sets(void)
{
	struct hmm_conformal conformal;
	double probability[20], scratch[20];
	int label[20];
	for (int i = 0; i < 20; i++) {
		label[i] = i % 2;
		probability[i] = label[i] ? 1 - (i / 2) * .05 : (i / 2) * .0625;
	}
	hmm_conformal_fit(&conformal, probability, label, 20, .2, 0, scratch);
	CHECK(conformal.count[0] == 10 && conformal.count[1] == 10);
	CHECK(conformal.quantile[0] == .5 && fabs(conformal.quantile[1] - .4) < 1e-15);
	CHECK(hmm_conformal_set(&conformal, .5) == HMM_CONFORMAL_0);
	CHECK(hmm_conformal_set(&conformal, .5000001) == HMM_CONFORMAL_NONE);
	CHECK(hmm_conformal_set(&conformal, .6) == HMM_CONFORMAL_1); /* though 1 - .6 > .4 */
	CHECK(hmm_conformal_set(&conformal, .5999999) == HMM_CONFORMAL_NONE);
	/* together the ceil(21 * .8) = 17th of twenty: 0 0 .05 .0625 .. .4 .4375 .45 .5 .5625 */
	hmm_conformal_fit(&conformal, probability, label, 20, .2, 1, scratch);
	CHECK(conformal.quantile[0] == .4375 && conformal.quantile[1] == .4375);
	/* three of a label are not enough, but six together are */
	hmm_conformal_fit(&conformal, probability, label, 6, .2, 0, scratch);
	CHECK(!hmm_conformal_enough(&conformal));
	CHECK(hmm_conformal_set(&conformal, .01) == HMM_CONFORMAL_BOTH);
	hmm_conformal_fit(&conformal, probability, label, 6, .2, 1, scratch);
	CHECK(hmm_conformal_enough(&conformal));
	/* one label alone can be enough where the other is not: no set says so */
	for (int enough = 0; enough < 2; enough++) {
		for (int i = 0; i < 7; i++)
			label[i] = enough;
		for (int i = 0; i < 7; i++)
			probability[i] = .5;
		hmm_conformal_fit(&conformal, probability, label, 7, .2, 0, scratch);
		CHECK(isfinite(conformal.quantile[enough]) && !isfinite(conformal.quantile[!enough]));
		CHECK(hmm_conformal_set(&conformal, .99) == HMM_CONFORMAL_BOTH);
		CHECK(hmm_conformal_set(&conformal, .01) == HMM_CONFORMAL_BOTH);
	}
}

/* The numbers of make_calibrate.py. */
static unsigned
scramble(size_t i, unsigned seed)
{
	uint32_t h = (uint32_t)((i + seed * 1000003u) * 2654435761u);
	h = (h ^ h >> 15) * 2246822519u;
	return h >> 24;
}

static void
fill(struct hmm_prediction *row, struct hmm_member *member, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const double z = scramble(i, 1) / 32. - 4;
		row[i] = (struct hmm_prediction){
		    .logit = z, .group = i, .label = scramble(i, 3) / 255. < 1 / (1 + exp(-.4 - .6 * z))};
		member[i] = (struct hmm_member){&row[i], 0};
	}
}

static double
cell(const struct hmm_table *table, size_t row, const char *column)
{
	return strtod(hmm_table_cell(table, row, hmm_table_want(table, column)), NULL);
}

static void
check_golden(void)
{
	static struct hmm_prediction prediction[MOST];
	static struct hmm_member member[MOST];
	static double scratch[7 * MOST];
	struct hmm_table *table = hmm_table_read("tests/golden/calibrate.tsv", '\t');
	CHECK(table != NULL);
	for (size_t row = 0; table && row < table->rows; row++) {
		const char *name = hmm_table_cell(table, row, hmm_table_want(table, "method"));
		const enum hmm_calibrator_method method =
		    strcmp(name, "platt") ? HMM_CALIBRATOR_TEMPERATURE : HMM_CALIBRATOR_PLATT;
		const size_t count = (size_t)cell(table, row, "count"),
		             own = (size_t)cell(table, row, "own");
		struct hmm_calibrator map, near;
		fill(prediction, member, count);
		CHECK(hmm_calibrator_scratch(count) <= HMM_COUNT_OF(scratch) + 8);
		CHECK(!hmm_calibrator_fit(&map, member, count, method, scratch));
		struct hmm_calibrator_pull pull = {.to = map, .ridge = cell(table, row, "ridge")};
		hmm_calibrator_targets(pull.target, member, count, method);
		CHECK(!hmm_calibrator_pull(&near, member, own, method, &pull, scratch));
		/* minimize_scalar knows the square root of the digits */
		const double close = method == HMM_CALIBRATOR_PLATT ? 1e-9 : 1e-6;
		CHECK(fabs(near.intercept - cell(table, row, "intercept")) < close);
		CHECK(fabs(near.slope - cell(table, row, "slope")) < close);
	}
	hmm_table_free(table);
}

/* What has no map: labels that the sign of the logits tells apart, for a temperature alone. */
static void
check_none(void)
{
	struct hmm_prediction row[20];
	struct hmm_member member[20];
	double scratch[200];
	struct hmm_calibrator map;
	for (int i = 0; i < 20; i++) {
		row[i] = (struct hmm_prediction){.logit = i - 9.5, .label = i >= 10};
		member[i] = (struct hmm_member){&row[i], 0};
	}
	CHECK(hmm_calibrator_fit(&map, member, 20, HMM_CALIBRATOR_TEMPERATURE, scratch));
	CHECK(!hmm_calibrator_fit(&map, member, 20, HMM_CALIBRATOR_PLATT, scratch));
	CHECK(map.slope > .3 && map.slope < 3);
	CHECK(fabs(hmm_calibrator_probability(&map, 1e300) - 1) < 1e-15);
	CHECK(hmm_calibrator_probability(&map, -1e300) == 0);
	for (int i = 0; i < 20; i++)
		row[i].logit = 2;
	CHECK(hmm_calibrator_fit(&map, member, 20, HMM_CALIBRATOR_PLATT, scratch));
	CHECK(!hmm_calibrator_fit(&map, member, 20, HMM_CALIBRATOR_TEMPERATURE, scratch));
}

static void
check_within(void)
{
	CHECK(hmm_patterns_within("B", "A+B+C") && hmm_patterns_within("C+A", "A+B+C"));
	CHECK(hmm_patterns_within("A+B", "A+B") && hmm_patterns_within("A", "A"));
	CHECK(!hmm_patterns_within("A+D", "A+B+C") && !hmm_patterns_within("A+B", "A"));
	CHECK(!hmm_patterns_within("A", "AB+BA") && !hmm_patterns_within("AB", "A+B"));
}

/* Who is drawn of these, as text. */
static const char *
list(char text[200], const struct hmm_member *drawn, size_t count)
{
	text[0] = 0;
	for (size_t i = 0; i < count; i++)
		snprintf(text + strlen(text), 200 - strlen(text), "%s%s:%s", i ? " " : "",
		    drawn[i].row->subject, drawn[i].row->modalities);
	return text;
}

/* Three patients: p with the studies p1 to p8, q with q1, r with r1; s is of another split and
 * run. */
static void
check_draws(void)
{
	enum { COUNT = 16 };
	static const char *const group[] = {"p", "q", "r", "s"};
	static const struct {
		const char *subject, *modalities, *observed;
		size_t group;
	} cases[COUNT] = {{"p1", "A", NULL, 0}, {"p2", "A+B", NULL, 0}, {"p2", "A", "A+B", 0},
	    {"p2", "B", "A+B", 0}, {"p3", "A", NULL, 0}, {"p4", "A", NULL, 0}, {"p5", "A", NULL, 0},
	    {"p6", "A", NULL, 0}, {"p7", "A", NULL, 0}, {"p8", "A", NULL, 0}, {"q1", "A+B", NULL, 1},
	    {"q1", "A", "A+B", 1}, {"r1", "A+B+C", NULL, 2}, {"r1", "B", "A+B+C", 2},
	    {"s1", "A", NULL, 3}, {"s2", "A", NULL, 3}};
	struct hmm_prediction row[COUNT];
	struct hmm_member drawn[COUNT];
	struct hmm_patterns patterns;
	char first[200], text[200];
	size_t seen = 0;
	for (uint64_t seed = 0; seed < 40; seed++) {
		struct hmm_cohort cohort;
		for (size_t i = 0; i < COUNT; i++) {
			const size_t at = seed % 2 ? i : COUNT - 1 - i; /* in any order */
			row[at] = (struct hmm_prediction){.subject = cases[i].subject,
			    .modalities = cases[i].modalities,
			    .observed = cases[i].observed,
			    .group = cases[i].group,
			    .split = i == 14 ? "val" : "cal",
			    .run = i == 15 ? "2" : "1",
			    .label = i == 9 ? -1 : 0};
		}
		CHECK(!hmm_patterns_open(&patterns, row, COUNT));
		CHECK(!hmm_cohort_open(&cohort, row, COUNT, group, &patterns, "1", "cal", seed / 2));
		CHECK(cohort.count == 13 && cohort.wholes == 9);
		CHECK(hmm_cohort_draw_whole(drawn, &cohort) == 3);
		list(text, drawn, 3);
		CHECK(seed % 2 == 0 || !strcmp(text, first));
		strcpy(first, text);
		CHECK(!strcmp(strchr(text, ' '), " q1:A+B r1:A+B+C"));
		seen |= (size_t)1 << (text[1] - '0');
		CHECK(hmm_cohort_draw_own(drawn, &cohort, 0) == 1);
		CHECK(!drawn[0].row->observed && drawn[0].pattern == 0);
		CHECK(hmm_cohort_draw_cut(drawn, &cohort, 0) == 2);
		CHECK(drawn[1].row->observed && !strcmp(drawn[1].row->subject, "q1"));
		CHECK(hmm_cohort_draw_own(drawn, &cohort, 3) == 0);
		CHECK(hmm_cohort_draw_cut(drawn, &cohort, 3) == 2);
		/* r has no row of A; q none of B; r none of A+B */
		CHECK(hmm_cohort_uncut(&cohort, &patterns, 0) == 1);
		CHECK(hmm_cohort_uncut(&cohort, &patterns, 1) == 1);
		CHECK(hmm_cohort_uncut(&cohort, &patterns, 2) == 0);
		CHECK(hmm_cohort_uncut(&cohort, &patterns, 3) == 1);
		hmm_cohort_close(&cohort);
		hmm_patterns_close(&patterns);
	}
	CHECK((seen & 0x1fe) == 0xfe); /* each but p8, who has no label */
}

/* Modalities A, B and C: bit m of a pattern. */
enum { MODALITIES = 3, FULL = 7, PATIENTS = 100, NEW = 100, ROWS = PATIENTS * FULL };
static const char *const names[FULL + 1] = {"", "A", "B", "A+B", "C", "A+C", "B+C", "A+B+C"};

struct patient {
	double x[MODALITIES];
	int label;
	unsigned has;
};

enum missing { AT_RANDOM, BY_LABEL, BY_FEATURE, MECHANISMS };

static void
draw_patient(struct patient *patient, enum missing missing, uint32_t trial, uint32_t number)
{
	const struct hmm_place place = {
	    .seed = 7, .epoch = trial, .subject = number, .stream = missing};
	uint32_t at = 0;
	patient->label = hmm_random_uniform(place, at++) < .35;
	patient->has = 0;
	for (int m = 0; m < MODALITIES; m++) {
		patient->x[m] = hmm_random_normal(place, at++) + (patient->label ? .6 : -.6);
		const double drop = missing == AT_RANDOM  ? .3
		                    : missing == BY_LABEL ? (patient->label ? .7 : .2)
		                                          : 1 / (1 + exp(-2 * patient->x[m] - .5));
		patient->has |= (unsigned)(hmm_random_uniform(place, at++) >= drop) << m;
	}
	if (!patient->has)
		patient->has = 1u << (unsigned)(hmm_random_uniform(place, at) * MODALITIES);
}

/* A good model's answer to some modalities. */
static struct hmm_prediction
predict(const struct patient *patient, unsigned set, size_t number)
{
	double z = -.6;
	for (int m = 0; m < MODALITIES; m++)
		z += set >> m & 1 ? 1.2 * patient->x[m] : 0;
	return (struct hmm_prediction){.subject = "",
	    .split = "cal",
	    .run = "n/a",
	    .modalities = names[set],
	    .observed = set == patient->has ? NULL : names[patient->has],
	    .group = number,
	    .label = patient->label,
	    .probability = 1 / (1 + exp(-z)),
	    .logit = z};
}

/* How often the sets of a pattern held the label, of those that were not refused. */
struct held {
	size_t held[2], made[2], refused, all;
};

static void
test_rules(struct held held[FULL + 1], const struct hmm_sets_options *options, enum missing missing,
    uint32_t trial, const struct hmm_cohort *cohort, const struct hmm_patterns *patterns)
{
	struct hmm_set_rule rule[FULL + 1];
	char wanted[FULL + 1];
	memset(wanted, 1, sizeof(wanted));
	CHECK(!hmm_sets_fit(rule, wanted, cohort, patterns, options));
	for (uint32_t i = 0; i < NEW; i++) {
		struct patient patient;
		draw_patient(&patient, missing, trial, PATIENTS + i);
		const long pattern = hmm_names_find(&patterns->names, names[patient.has]);
		const struct hmm_prediction row = predict(&patient, patient.has, i);
		struct held *of = &held[patient.has];
		of->all++;
		if (pattern < 0 || rule[pattern].by == HMM_SETS_FEW) {
			of->refused++;
			continue;
		}
		const int set = hmm_conformal_set(&rule[pattern].conformal, row.probability);
		of->made[row.label]++;
		of->held[row.label] += (size_t)(set >> row.label & 1);
	}
}

/* The lowest shares over the patterns of which there are `least` sets, and the largest that was
 * refused. */
struct lowest {
	double pattern, label, refused;
};

static struct lowest
find_lowest(const struct held held[FULL + 1], size_t least)
{
	struct lowest lowest = {(double)NAN, (double)NAN, 0};
	for (int p = 1; p <= FULL; p++) {
		const struct held *of = &held[p];
		const double made = (double)(of->made[0] + of->made[1]);
		if (made >= (double)least)
			lowest.pattern = fmin(lowest.pattern, (double)(of->held[0] + of->held[1]) / made);
		for (int label = 0; label < 2; label++)
			if (of->made[label] >= least)
				lowest.label =
				    fmin(lowest.label, (double)of->held[label] / (double)of->made[label]);
		lowest.refused = fmax(lowest.refused, (double)of->refused / (double)of->all);
	}
	return lowest;
}

static const struct hmm_sets_options kinds[] = {{HMM_SETS_OWN, .1, 1}, {HMM_SETS_OWN, .1, 0},
    {HMM_SETS_CUT, .1, 1}, {HMM_SETS_CUT, .1, 0}, {HMM_SETS_AUTO, .1, 0}, {HMM_SETS_ALL, .1, 1}};
enum { OWN_TOGETHER, OWN, CUT_TOGETHER, CUT, AUTO, ALL_TOGETHER, KINDS };

static void
simulate(struct lowest lowest[KINDS], enum missing missing, uint32_t trials)
{
	static struct hmm_prediction row[ROWS];
	static const char *group[PATIENTS];
	static struct held held[KINDS][FULL + 1];
	memset(held, 0, sizeof(held));
	for (uint32_t trial = 0; trial < trials; trial++) {
		size_t count = 0;
		for (uint32_t i = 0; i < PATIENTS; i++) {
			struct patient patient;
			draw_patient(&patient, missing, trial, i);
			group[i] = "";
			for (unsigned set = 1; set <= FULL; set++)
				if (!(set & ~patient.has))
					row[count++] = predict(&patient, set, i);
		}
		struct hmm_patterns patterns;
		struct hmm_cohort cohort;
		CHECK(!hmm_patterns_open(&patterns, row, count));
		CHECK(!hmm_cohort_open(&cohort, row, count, group, &patterns, "n/a", "cal", 0));
		for (size_t kind = 0; kind < KINDS; kind++)
			test_rules(held[kind], &kinds[kind], missing, trial, &cohort, &patterns);
		hmm_cohort_close(&cohort);
		hmm_patterns_close(&patterns);
	}
	for (size_t kind = 0; kind < KINDS; kind++)
		lowest[kind] = find_lowest(held[kind], trials);
}

static void
check_coverage(void)
{
	struct lowest lowest[MECHANISMS][KINDS];
	for (int missing = 0; missing < MECHANISMS; missing++)
		simulate(lowest[missing], (enum missing)missing, 300);
	for (int missing = 0; missing < MECHANISMS; missing++) {
		CHECK(lowest[missing][OWN_TOGETHER].pattern > .88);
		CHECK(!(lowest[missing][OWN].label < .88)); /* where any has patients enough */
	}
	CHECK(lowest[AT_RANDOM][CUT_TOGETHER].pattern > .88);
	CHECK(lowest[AT_RANDOM][CUT_TOGETHER].refused == 0);
	CHECK(lowest[AT_RANDOM][OWN].refused > .1);
	CHECK(lowest[AT_RANDOM][AUTO].label > .88 && lowest[BY_LABEL][AUTO].label > .86);
	/* what the quantiles by label are for */
	CHECK(lowest[BY_LABEL][CUT_TOGETHER].pattern < .86 && lowest[BY_LABEL][CUT].pattern > .88);
	/* and the own pattern */
	CHECK(lowest[BY_FEATURE][CUT].label < .88);
}

static void
print_coverage(void)
{
	static const char *const mechanism[] = {"at random", "by label", "by feature"};
	static const char *const kind[] = {
	    "own together", "own each", "cut together", "cut each", "auto each", "all together"};
	printf("missing\tsets\tlowest_pattern\tlowest_label\tmost_refused\n");
	for (int missing = 0; missing < MECHANISMS; missing++) {
		struct lowest lowest[KINDS];
		simulate(lowest, (enum missing)missing, 3000);
		for (int i = 0; i < KINDS; i++)
			printf("%s\t%s\t%.4f\t%.4f\t%.4f\n", mechanism[missing], kind[i], lowest[i].pattern,
			    lowest[i].label, lowest[i].refused);
	}
}

int
main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "coverage")) {
		print_coverage();
		return test_end();
	}
	check_ranks();
	check_sets();
	check_golden();
	check_none();
	check_within();
	check_draws();
	check_coverage();
	return test_end();
}
