/* Who is blamed for a shortcut, and who is not, of cohorts whose truth is known.
 *
 *   shortcuts WORLD COHORTS REPLICATES   many cohorts of one world: how often, check by check */
#include <stdlib.h>
#include <string.h>

#include "hmm/base/memory.h"
#include "hmm/base/random.h"
#include "hmm/score/shortcuts.h"
#include "test.h"

enum { MODALITIES = 3, SETS = 1 << MODALITIES, MOST = 400 };

/* How cohorts are made: patients of half and half, each modality of whom shows the label. */
struct world {
	size_t count;
	double depends; /* of the last modality's absence on the label, in the logit */
	double uses;    /* how much the model adds to a logit where that modality is there */
	double shows;   /* how far apart the labels are, in standard deviations */
};

struct people {
	struct hmm_patients_subject subject[MOST];
	struct hmm_patients_pattern train[MOST];
	double logit[MOST][SETS];
	double presence[MOST];
};

/* Which modalities somebody has: each .7 of the time, the last one as the label says. */
static unsigned
draw_own(const struct world *world, int label, struct hmm_place place)
{
	unsigned own = 0;
	for (uint32_t m = 0; m < MODALITIES; m++) {
		const double slope = m + 1 == MODALITIES ? world->depends * (label - .5) : 0;
		if (hmm_random_uniform(place, m) > 1 / (1 + exp(.85 - slope)))
			own |= 1U << m;
	}
	return own ? own : 1;
}

/* The mean of what is shown, and what presence adds. */
static double
predict(const struct world *world, const double *shown, unsigned set)
{
	double sum = 0, count = 0;
	for (unsigned m = 0; m < MODALITIES; m++)
		if (set >> m & 1) {
			sum += shown[m];
			count++;
		}
	return 2 * sum / count + (set >> (MODALITIES - 1) ? world->uses : 0);
}

static void
draw_people(
    struct hmm_patients *cohort, struct people *people, const struct world *world, size_t number)
{
	for (size_t i = 0; i < world->count; i++) {
		struct hmm_place place = {.seed = number, .subject = (uint32_t)i, .stream = 5};
		const int label = i % 2;
		double shown[MODALITIES], *logit = people->logit[i];
		const unsigned own = draw_own(world, label, place);
		for (uint32_t m = 0; m < MODALITIES; m++)
			shown[m] = hmm_random_normal(place, 10 + m) + world->shows * (label - .5);
		for (unsigned set = 1; set < SETS; set++)
			if (!(set & ~own))
				logit[hmm_patients_place(own, set)] = predict(world, shown, set);
		people->subject[i] = (struct hmm_patients_subject){.name = "",
		    .group = i,
		    .label = label,
		    .own = own,
		    .logit = predict(world, shown, own),
		    .subsets = logit};
		people->presence[i] = own >> (MODALITIES - 1) ? world->uses : 0;
		place.stream = 6; /* others */
		people->train[i] = (struct hmm_patients_pattern){draw_own(world, label, place), label};
	}
	cohort->subject = people->subject;
	cohort->train = people->train;
	cohort->count = cohort->trained = cohort->groups = world->count;
	cohort->subsets = 1;
	hmm_patients_draw(cohort, NULL, number);
}

/* What was found in many cohorts of a world. */
struct tally {
	size_t cohorts, any, checks;                         /* any: with a shortcut somewhere */
	size_t shortcut[64], ok[64], below[64], defined[64]; /* below: p <= .05 before Holm */
	double excess[64];
	const char *name[64], *modality[64];
};

static int
run(struct tally *tally, const struct world *world, size_t cohorts, size_t replicates)
{
	static const char *const names[] = {"a", "b", "c"};
	struct hmm_shortcut found[64];
	struct people *people = hmm_alloc(1, sizeof(*people));
	struct hmm_patients cohort = {0};
	struct hmm_shortcuts_options options = {
	    .rate = .5, .gamma = 2, .margin = .05, .replicates = replicates};
	int bad = !people;
	*tally = (struct tally){.checks = hmm_shortcuts_count(MODALITIES)};
	for (int m = 0; m < MODALITIES; m++)
		bad = bad || hmm_names_add(&cohort.modalities, names[m]) < 0;
	for (size_t c = 0; c < cohorts && !bad; c++) {
		draw_people(&cohort, people, world, 1000 + c);
		options.seed = c;
		bad = hmm_shortcuts_run(found, &cohort, people->presence, &options);
		size_t any = 0;
		for (size_t k = 0; k < tally->checks && !bad; k++) {
			any += found[k].verdict == HMM_VERDICT_SHORTCUT;
			tally->shortcut[k] +=
			    found[k].verdict == HMM_VERDICT_SHORTCUT || found[k].verdict == HMM_VERDICT_PRONE;
			tally->ok[k] += found[k].verdict == HMM_VERDICT_OK;
			tally->below[k] += found[k].p <= .05;
			tally->defined[k] += isnan(found[k].p) ? 0 : 1;
			tally->excess[k] += isnan(found[k].excess) ? 0 : found[k].excess;
			tally->name[k] = found[k].check;
			tally->modality[k] =
			    found[k].modality ? names[strchr("abc", *found[k].modality) - "abc"] : "n/a";
		}
		tally->any += any > 0;
		tally->cohorts++;
	}
	hmm_names_close(&cohort.modalities);
	free(people);
	return bad;
}

static void
show(const struct world *world, const struct tally *tally)
{
	const double all = (double)tally->cohorts;
	printf("n %zu, absence by label %g, used by the model %g, shown %g: any shortcut %.3f\n",
	    world->count, world->depends, world->uses, world->shows, (double)tally->any / all);
	for (size_t k = 0; k < tally->checks; k++)
		printf("  %-18s %-3s p <= .05 %.3f  shortcut %.3f  ok %.3f  excess %.4f  defined %.3f\n",
		    tally->name[k], tally->modality[k], (double)tally->below[k] / all,
		    (double)tally->shortcut[k] / all, (double)tally->ok[k] / all, tally->excess[k] / all,
		    (double)tally->defined[k] / all);
}

/* The tally of one check. */
static size_t
blamed(const struct tally *tally, const char *check, char modality)
{
	size_t k = 0;
	while (strcmp(tally->name[k], check) || *tally->modality[k] != modality)
		k++;
	return tally->shortcut[k];
}

static void
check_worlds(void)
{
	enum { COHORTS = 4, REPLICATES = 1000 };
	/* nothing depends on anything; the same, and the model looks at presence; presence tells, and
	 * it looks; presence tells, and it does not look */
	static const struct world clean = {100, 0, 0, 1}, looks = {100, 0, 2, 1},
	                          planted = {100, 4, -2, 1}, blind = {100, 3, 0, 1};
	struct tally tally;
	CHECK(!run(&tally, &clean, COHORTS, REPLICATES) && tally.any == 0);
	size_t below = 0, defined = 0;
	for (size_t k = 0; k < tally.checks; k++) {
		below += tally.below[k];
		defined += tally.defined[k];
	}
	CHECK(defined == COHORTS * tally.checks && below * 10 < defined);
	CHECK(!run(&tally, &looks, COHORTS, REPLICATES));
	CHECK(blamed(&tally, "permuted_presence", 'n') == 0 &&
	      blamed(&tally, "presence_model", 'n') == 0);
	CHECK(blamed(&tally, "mnar_label_0", 'c') >= COHORTS - 1);
	CHECK(blamed(&tally, "mnar_label_1", 'c') == 0);
	CHECK(!run(&tally, &planted, COHORTS, REPLICATES) && tally.any == COHORTS);
	CHECK(blamed(&tally, "presence_table", 'n') == COHORTS);
	CHECK(blamed(&tally, "presence_logistic", 'n') == COHORTS);
	CHECK(blamed(&tally, "presence_model", 'n') == COHORTS);
	CHECK(blamed(&tally, "permuted_presence", 'n') >= COHORTS - 1);
	CHECK(!run(&tally, &blind, COHORTS, REPLICATES));
	CHECK(blamed(&tally, "presence_table", 'n') == COHORTS);
	CHECK(blamed(&tally, "presence_model", 'n') == 0);
	CHECK(
	    blamed(&tally, "permuted_presence", 'n') == 0 && blamed(&tally, "same_pattern", 'n') == 0);
	CHECK(blamed(&tally, "mnar_label_0", 'c') == 0 && blamed(&tally, "mnar_label_1", 'c') == 0);
}

int
main(int argc, char **argv)
{
	static const struct world worlds[] = {{100, 0, 0, 1}, {100, 0, 1, 1}, {100, 0, 0, 0},
	    {100, 3, -1.5, 1}, {100, 3, 0, 1}, {40, 0, 0, 1}, {40, 3, -1.5, 1}, {300, 0, 0, 1},
	    {300, 0, 1, 1}, {300, 1.5, -1, 1}};
	struct tally tally;
	if (argc < 4) {
		check_worlds();
		return test_end();
	}
	const struct world *world =
	    &worlds[strtoul(argv[1], NULL, 10) % (sizeof(worlds) / sizeof(*worlds))];
	if (run(&tally, world, strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10)))
		return 1;
	show(world, &tally);
	return 0;
}
