/* Cox's partial likelihood and Breslow's baseline against R's survival (tests/golden/make_cox.R);
 * the likelihood against its formula, its slopes and what bends them against differences. */
#include <string.h>

#include "hmm/kernel/cox.h"
#include "regressed.h"
#include "test.h"

enum { MOST = 200 };

struct rows {
	double time[MOST], eta[MOST], scratch[10 * MOST];
	int event[MOST];
	size_t count;
};

static struct rows
make(size_t count, size_t size)
{
	struct rows all = {.count = count};
	for (size_t i = 0; i < count; i++) {
		all.time[i] = time_of(i, size);
		all.event[i] = event_of(i);
		all.eta[i] = x_of(i, 0, size) + x_of(i, 1, size) / 2;
	}
	return all;
}

static void
check_golden(const struct hmm_table *table)
{
	const int what = hmm_table_want(table, "what");
	size_t checked = 0;
	for (size_t row = 0; row < table->rows; row++) {
		const char *is = hmm_table_cell(table, row, what);
		const double at = cell(table, row, "at"), want = cell(table, row, "value");
		struct rows all = make((size_t)cell(table, row, "count"), (size_t)cell(table, row, "size"));
		struct hmm_cox cox;
		double found;
		hmm_cox_open(&cox, all.time, all.event, NULL, all.count, all.scratch);
		if (!strcmp(is, "coefficient"))
			continue;
		for (size_t i = 0; i < all.count && !strcmp(is, "loss"); i++)
			all.eta[i] *= at;
		if (!strcmp(is, "loss"))
			found = hmm_cox_loss(&cox, all.eta, NULL);
		else
			hmm_cox_baseline(&found, &at, 1, &cox, all.eta);
		CHECK(fabs(found / want - 1) < 1e-11);
		checked++;
	}
	CHECK(checked == 24);
}

/* The formula: of every row whose event it is the l-th of those at its time. */
static double
plain_loss(const struct rows *all, const double *weight, const double *eta)
{
	double loss = 0;
	for (size_t i = 0; i < all->count; i++) {
		double risks = 0, dead = 0, place = 0, events = 0;
		if (!all->event[i] || weight[i] == 0)
			continue;
		for (size_t k = 0; k < all->count; k++) {
			const int at = all->time[k] == all->time[i] && all->event[k] && weight[k] != 0;
			risks += all->time[k] >= all->time[i] ? weight[k] * exp(eta[k]) : 0;
			dead += at ? exp(eta[k]) : 0;
			events += at;
			place += at && k < i;
		}
		loss += log(risks - place / events * dead) - eta[i];
	}
	return loss;
}

/* With rows that are not there; the slopes and their own by differences. */
static void
check_slopes(void)
{
	enum { COUNT = 60 };
	static const double step = 1e-5;
	struct rows all = make(COUNT, 3);
	struct hmm_cox cox;
	double eta[COUNT], weight[COUNT], along[COUNT], bent[COUNT], slope[2][COUNT];
	size_t events = 0;
	for (size_t i = 0; i < COUNT; i++) {
		eta[i] = scramble(i, 7) / 64 - 2;
		along[i] = bent[i] = scramble(i, 8) / 64 - 1;
		weight[i] = i % 4 != 1;
		events += weight[i] > 0 && all.event[i];
	}
	CHECK(hmm_cox_open(&cox, all.time, all.event, weight, COUNT, all.scratch) == events);
	CHECK(fabs(hmm_cox_loss(&cox, eta, slope[0]) / plain_loss(&all, weight, eta) - 1) < 1e-12);
	hmm_cox_bend(bent, &cox);
	for (size_t i = 0; i < COUNT; i++) {
		const double middle = eta[i];
		eta[i] = middle + step;
		double difference = plain_loss(&all, weight, eta);
		eta[i] = middle - step;
		difference -= plain_loss(&all, weight, eta);
		eta[i] = middle;
		CHECK(fabs(slope[0][i] - difference / 2 / step) < 1e-8);
		CHECK(weight[i] > 0 || (slope[0][i] == 0 && bent[i] == 0));
	}
	for (size_t i = 0; i < COUNT; i++)
		eta[i] += step * along[i];
	hmm_cox_loss(&cox, eta, slope[0]);
	for (size_t i = 0; i < COUNT; i++)
		eta[i] -= 2 * step * along[i];
	hmm_cox_loss(&cox, eta, slope[1]);
	for (size_t i = 0; i < COUNT; i++)
		CHECK(fabs(bent[i] - (slope[0][i] - slope[1][i]) / 2 / step) < 1e-8);
}

/* No eta is too large: two that are far apart, and both far from 0. The later dies alone. */
static void
check_range(void)
{
	static const double time[] = {1, 2, 3, 4}, at[] = {0, 1, 2.5, 3, 4};
	static const int event[] = {1, 0, 1, 0};
	double scratch[40], slope[3], hazard[5], along[] = {1, 0, 0};
	struct hmm_cox cox;
	CHECK(hmm_cox_scratch(3) == 30);
	for (int sign = -1; sign <= 1; sign += 2) {
		const double eta[] = {2000 * sign, -1e5, -2000 * sign};
		CHECK(hmm_cox_open(&cox, time, event, NULL, 3, scratch) == 2);
		CHECK(hmm_cox_loss(&cox, eta, slope) == (sign > 0 ? 0 : 4000));
		CHECK(slope[0] == (sign > 0 ? 0 : -1) && slope[1] == 0 && slope[2] == (sign > 0 ? 0 : 1));
		hmm_cox_bend(along, &cox);
		CHECK(along[0] == 0 && along[1] == 0 && along[2] == 0);
		along[0] = 1;
	}
	/* the last is censored, and e^1000 is too large to be nothing times it */
	const double eta[] = {-400, 1000, -690, -1000}, last = exp(690);
	hmm_cox_open(&cox, time, event, NULL, 4, scratch);
	hmm_cox_baseline(hazard, at, 5, &cox, eta);
	CHECK(hazard[0] == 0 && hazard[1] == exp(-1000) && hazard[2] == exp(-1000));
	CHECK(fabs(hazard[3] / last - 1) < 1e-12 && hazard[4] == hazard[3]);
	/* nobody, nothing */
	static const double none[] = {0, 0, 0};
	CHECK(hmm_cox_open(&cox, time, event, none, 3, scratch) == 0);
	CHECK(hmm_cox_loss(&cox, eta, slope) == 0 && slope[0] == 0 && slope[2] == 0);
	hmm_cox_baseline(hazard, at, 5, &cox, eta);
	CHECK(hazard[0] == 0 && hazard[4] == 0);
}

int
main(void)
{
	struct hmm_table *table = hmm_table_read("tests/golden/cox.tsv", '\t');
	if (!table)
		return 1;
	check_golden(table);
	hmm_table_free(table);
	check_slopes();
	check_range();
	return test_end();
}
