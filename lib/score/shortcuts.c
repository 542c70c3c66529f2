#include "hmm/score/shortcuts.h"

#include <math.h>
#include <stdlib.h>

#include "hmm/base/memory.h"
#include "hmm/kernel/interval.h"
#include "hmm/kernel/pvalue.h"
#include "hmm/score/bootstrap.h"
#include "presence.h"
#include "stress.h"

/* Of all modalities, in this order, then of each. */
enum { TABLE, LOGISTIC, MODEL, PRESENCE, PERMUTED = PRESENCE, SAME, ALL };
enum { GAIN, DROPPED, EACH = DROPPED + HMM_MECHANISMS };
static const char *const names[ALL + EACH] = {"presence_table", "presence_logistic",
    "presence_model", "permuted_presence", "same_pattern", "ipw_gain", "mnar_label_1",
    "mnar_label_0", "mnar_severity_high", "mnar_severity_low"};

static const double undefined = (double)NAN, level = .95, significant = .05, half = .5;

/* The checks of one cohort. */
struct checks {
	const struct hmm_patients *cohort;
	struct hmm_shortcuts_options options;
	size_t count;
	struct hmm_spread presence[PRESENCE];
	size_t *drawn; /* [presence[].count]: the subjects there */
	struct hmm_cuts patterns;
	struct hmm_stress *stress;   /* [modalities] */
	double *weight;              /* [subjects] */
	struct hmm_excess *measured; /* [count] */
};

size_t
hmm_shortcuts_count(size_t modalities)
{
	return ALL + EACH * modalities;
}

/* The scores of who was drawn. 0, or -1 reported. */
static int
open_presence(struct checks *checks, const double *model)
{
	const struct hmm_patients *cohort = checks->cohort;
	double *score = hmm_alloc(cohort->count, sizeof(*score));
	size_t *scratch = hmm_alloc(HMM_PRESENCE_SCRATCH, sizeof(*scratch)), count = 0;
	checks->drawn = hmm_alloc(cohort->count, sizeof(*checks->drawn));
	int bad = !score || !scratch || !checks->drawn;
	for (size_t i = 0; i < cohort->count && !bad; i++)
		if (cohort->subject[i].drawn)
			checks->drawn[count++] = i;
	for (int k = 0; k < PRESENCE && !bad; k++) {
		if (k == TABLE)
			hmm_presence_table(score, cohort, scratch);
		bad = (k == LOGISTIC && hmm_presence_logistic(score, cohort)) ||
		      hmm_spread_open(&checks->presence[k], count);
		for (size_t i = 0; i < count && !bad; i++) {
			const size_t of = checks->drawn[i];
			const double here = k < MODEL ? score[of] : model ? model[of] : undefined;
			if (!isnan(here)) /* else it is of all */
				hmm_spread_add(&checks->presence[k], cohort->subject[of].label, here);
		}
	}
	free(score);
	free(scratch);
	return bad ? -1 : 0;
}

static int
open_checks(struct checks *checks, const struct hmm_patients *cohort, const double *presence,
    const struct hmm_shortcuts_options *options)
{
	const size_t modalities = cohort->modalities.count;
	*checks = (struct checks){.cohort = cohort,
	    .options = *options,
	    .count = hmm_shortcuts_count(modalities),
	    .stress = hmm_alloc(modalities, sizeof(*checks->stress)),
	    .weight = hmm_alloc(cohort->count, sizeof(*checks->weight)),
	    .measured = hmm_alloc(hmm_shortcuts_count(modalities), sizeof(*checks->measured))};
	int bad = !checks->stress || !checks->weight || !checks->measured ||
	          open_presence(checks, presence) || hmm_cuts_open(&checks->patterns, cohort);
	for (size_t m = 0; m < modalities && !bad; m++)
		bad = hmm_stress_open(&checks->stress[m], cohort, m, options->rate, options->gamma);
	return bad ? -1 : 0;
}

static void
close_checks(struct checks *checks)
{
	for (size_t m = 0; m < checks->cohort->modalities.count && checks->stress; m++)
		hmm_stress_close(&checks->stress[m]);
	for (int k = 0; k < PRESENCE; k++)
		hmm_spread_close(&checks->presence[k]);
	hmm_cuts_close(&checks->patterns);
	free(checks->drawn);
	free(checks->stress);
	free(checks->weight);
	free(checks->measured);
}

/* Into checks->measured, where group g counts of[g] times; NULL: once. */
static void
measure(struct checks *checks, const double *of)
{
	const struct hmm_patients *cohort = checks->cohort;
	struct hmm_excess *to = checks->measured;
	double *weight = checks->weight;
	for (size_t i = 0; i < cohort->count; i++)
		weight[i] = of ? of[cohort->subject[i].group] : 1;
	for (int k = 0; k < PRESENCE; k++) {
		struct hmm_spread *spread = &checks->presence[k];
		for (size_t i = 0; i < spread->count; i++)
			spread->weight[i] = weight[checks->drawn[i]];
		const double auc = hmm_spread_auc(spread);
		to[k] = (struct hmm_excess){auc, half, auc - half};
	}
	to[PERMUTED] = hmm_cuts_permute(&checks->patterns, weight);
	to[SAME] = hmm_cuts_compare(&checks->patterns, weight);
	for (size_t m = 0; m < cohort->modalities.count; m++) {
		struct hmm_excess *each = to + ALL + EACH * m;
		each[GAIN] = hmm_stress_gain(&checks->stress[m], weight);
		for (int k = 0; k < HMM_MECHANISMS; k++)
			each[DROPPED + k] = hmm_stress_drop(&checks->stress[m], (enum hmm_mechanism)k, weight);
	}
}

static void
replicate(double *values, const double *weight, void *context)
{
	struct checks *checks = context;
	measure(checks, weight);
	for (size_t k = 0; k < checks->count; k++) {
		values[2 * k] = checks->measured[k].value;
		values[2 * k + 1] = checks->measured[k].excess;
	}
}

/* The modality that a check is about; -1: all. */
static long
modality_of(size_t check)
{
	return check < ALL ? -1 : (long)((check - ALL) / EACH);
}

static int
counts(const struct checks *checks, size_t check, size_t i)
{
	const struct hmm_patients_subject *subject = &checks->cohort->subject[i];
	const long m = modality_of(check);
	if (check < PRESENCE)
		return subject->drawn;
	return m < 0 || (check - ALL) % EACH != GAIN ||
	       ((subject->own >> m & 1) && subject->own != 1U << m);
}

/* What was measured, and of how many; how many groups these are. */
static size_t
describe(struct hmm_shortcut *found, const struct checks *checks, size_t check)
{
	const struct hmm_patients *cohort = checks->cohort;
	const long m = modality_of(check);
	const struct hmm_excess *measured = &checks->measured[check];
	size_t groups = 0, last = 0;
	*found = (struct hmm_shortcut){.check = names[m < 0 ? check : ALL + (check - ALL) % EACH],
	    .modality = m < 0 ? NULL : cohort->modalities.name[m],
	    .value = measured->value,
	    .reference = measured->reference,
	    .excess = measured->excess,
	    .interval = {undefined, undefined},
	    .excess_interval = {undefined, undefined},
	    .most = undefined,
	    .p = undefined,
	    .p_holm = undefined,
	    .least = undefined,
	    .effective = undefined};
	for (size_t i = 0; i < cohort->count; i++) {
		if (!counts(checks, check, i))
			continue;
		groups += !found->n || cohort->subject[i].group != last;
		last = cohort->subject[i].group;
		found->n++;
		found->positives += (size_t)cohort->subject[i].label;
	}
	if (m >= 0 && (check - ALL) % EACH == GAIN && !isnan(measured->value))
		found->effective = checks->stress[m].effective;
	return groups;
}

/* The chance of this much excess or more where there is none. */
static double
bootstrap_p(const struct hmm_bootstrap *boot, size_t statistic, size_t groups)
{
	static const double rounding = 1e-12;
	const double *values = boot->sample + statistic * boot->replicates;
	size_t below = 0;
	while (below < boot->defined[statistic] && values[below] <= rounding)
		below++;
	if (!boot->defined[statistic])
		return undefined;
	const double share = (double)(1 + below) / (double)(1 + boot->defined[statistic]);
	const double less = share < half ? share : 1 - share;
	const double p = hmm_interval_expanded_p(groups, less) / 2;
	return share < half ? p : 1 - p;
}

/* Intervals and p of one check. -1, reported. */
static int
judge(struct hmm_shortcut *found, struct checks *checks, size_t check, size_t groups,
    const struct hmm_bootstrap *boot)
{
	if (isnan(found->excess) || groups < 2 || !checks->options.replicates)
		return 0;
	found->interval = hmm_bootstrap_interval(boot, 2 * check, groups, level);
	found->excess_interval = hmm_bootstrap_interval(boot, 2 * check + 1, groups, level);
	found->most = hmm_bootstrap_band(boot, 2 * check + 1, groups, level).high;
	found->p = bootstrap_p(boot, 2 * check + 1, groups);
	found->least = hmm_bootstrap_least_p(groups, boot->defined[2 * check + 1]) / 2;
	if (check < PRESENCE) {
		enum { PERMUTATIONS = 2 };
		const struct hmm_place place = {.seed = checks->options.seed, .stream = PERMUTATIONS};
		found->p = hmm_presence_p(&checks->presence[check], checks->options.replicates, place);
		found->least = 1 / ((double)checks->options.replicates + 1);
	}
	return found->p < 0 ? -1 : 0;
}

/* Every model answers a little to what is missing, whoever lacks it: of what is dropped on purpose
 * a rise counts that may be more than the margin. Presence alone may tell twice that. */
static enum hmm_verdict
verdict(const struct hmm_shortcut *found, size_t check, double margin)
{
	const int dropped = check >= ALL && (check - ALL) % EACH >= DROPPED;
	const int slight = found->most < (check < PRESENCE ? 2 : 1) * margin;
	if (isnan(found->p_holm) || isnan(found->most))
		return HMM_VERDICT_NONE;
	if (found->p_holm <= significant && !(dropped && slight))
		return dropped ? HMM_VERDICT_PRONE : HMM_VERDICT_SHORTCUT;
	return slight ? HMM_VERDICT_OK : HMM_VERDICT_FEW;
}

/* Holm's correction of all p, and the verdicts. 0, or -1 reported. */
static int
correct(struct hmm_shortcut *found, size_t count, double margin)
{
	double *p = hmm_alloc(count, 2 * sizeof(*p));
	if (!p)
		return -1;
	size_t tests = 0;
	for (size_t k = 0; k < count; k++) {
		p[k] = found[k].p;
		tests += isnan(p[k]) ? 0 : 1;
	}
	hmm_pvalue_holm(p + count, p, count);
	for (size_t k = 0; k < count; k++) {
		found[k].p_holm = p[count + k];
		found[k].least *= (double)tests;
		found[k].verdict = verdict(&found[k], k, margin);
	}
	free(p);
	return 0;
}

/* Of a cohort the bootstrap wants the groups alone. 0, or -1 reported. */
static int
open_system(struct hmm_system *system, const struct hmm_patients *cohort)
{
	*system = (struct hmm_system){
	    .rows = hmm_alloc(cohort->count, sizeof(*system->rows)), .count = cohort->count};
	for (size_t i = 0; system->rows && i < cohort->count; i++)
		system->rows[i].group = cohort->subject[i].group;
	return system->rows ? 0 : -1;
}

int
hmm_shortcuts_run(struct hmm_shortcut *found, const struct hmm_patients *cohort,
    const double *presence, const struct hmm_shortcuts_options *options)
{
	struct checks checks;
	struct hmm_system system = {0};
	struct hmm_bootstrap boot = {0};
	const struct hmm_place place = {
	    .seed = options->seed, .subject = options->split ? hmm_random_name(options->split) : 0};
	int bad = open_checks(&checks, cohort, presence, options) || open_system(&system, cohort);
	size_t *groups = hmm_alloc(checks.count, sizeof(*groups));
	bad = bad || !groups;
	if (!bad)
		measure(&checks, NULL);
	size_t tests = 0;
	for (size_t k = 0; k < checks.count && !bad; k++) {
		groups[k] = describe(&found[k], &checks, k);
		tests += isnan(found[k].excess) ? 0 : 1;
	}
	const long replicates =
	    bad ? -1 : hmm_bootstrap_replicates(options->replicates, &system, cohort->groups, tests);
	checks.options.replicates = (size_t)replicates;
	bad = bad || replicates < 0;
	bad = bad || hmm_bootstrap_open(&boot, &system, cohort->groups, 2 * checks.count, replicate,
	                 &checks, checks.options.replicates, place);
	for (size_t k = 0; k < checks.count && !bad; k++)
		bad = judge(&found[k], &checks, k, groups[k], &boot);
	bad = bad || correct(found, checks.count, options->margin);
	hmm_bootstrap_close(&boot);
	hmm_system_close(&system);
	close_checks(&checks);
	free(groups);
	return bad ? -1 : 0;
}
