#include "curves.h"

#include <math.h>
#include <stdlib.h>

#include "hmm/base/error.h"

static int
write_points(const struct hmm_scoring_part *part, void *context)
{
	const struct hmm_curve_writing *writing = context;
	FILE *file = writing->file;
	struct hmm_score points[HMM_CURVE_POINTS];
	if (hmm_score_curve(points, writing->curve, part->system, part->groups,
	        part->scoring->replicates, hmm_scoring_place(part->scoring, part->prediction->split)))
		return -1;
	for (int k = 0; k < HMM_CURVE_POINTS; k++) {
		hmm_scoring_write_part(file, part);
		hmm_table_write_number(file, k / (HMM_CURVE_POINTS - 1.));
		hmm_table_write_number(file, points[k].value);
		hmm_table_write_number(file, points[k].low);
		hmm_table_write_number(file, points[k].high);
		putc('\n', file);
	}
	return 0;
}

/* What a row of a label counts, that the share of positives is the prevalence; 1 where it is what
 * it is. */
static void
find_share(double share[2], const struct hmm_system *system, double prevalence)
{
	double of[2] = {0, 0};
	for (size_t i = 0; i < system->count; i++)
		of[system->rows[i].label]++;
	share[0] = share[1] = 1;
	if (!isnan(prevalence) && of[0] > 0 && of[1] > 0) {
		share[0] = (1 - prevalence) * (of[0] + of[1]) / of[0];
		share[1] = prevalence * (of[0] + of[1]) / of[1];
	}
}

/* Several runs' rows are one's, else the bins would be too small to say anything. */
static int
write_calibration(const struct hmm_scoring_part *part, void *context)
{
	FILE *file = ((const struct hmm_curve_writing *)context)->file;
	struct hmm_system *system = part->system;
	double share[2];
	const int pooled = system->runs > 1, weighted = !isnan(part->scoring->prevalence);
	hmm_system_pool(system);
	const int independent = hmm_system_is_independent(system, part->groups);
	if (independent < 0)
		return -1;
	if (!independent && !weighted)
		hmm_warn_counted("%s: rows of one patient depend on each other; no intervals", part->where);
	find_share(share, system, part->scoring->prevalence);
	hmm_curve_write_bins(file, &(struct hmm_curve_line){part, NULL, pooled}, system->rows,
	    system->count, share, independent && !weighted);
	return 0;
}

/* The net benefits at .01, .02, ... .99. */
enum { THRESHOLDS = 99 };

static void
choose_thresholds(struct hmm_measures *measures, enum hmm_metric metric)
{
	*measures = (struct hmm_measures){.count = THRESHOLDS};
	for (size_t k = 0; k < THRESHOLDS; k++)
		measures->metric[k] = (struct hmm_measured){metric, ((double)k + 1) / 100};
}

/* The mean over the runs of their shares of positives. */
static double
prevalence_of(const struct hmm_system *system, double prevalence)
{
	double sum = 0;
	for (size_t r = 0, start = 0; r < system->runs; start = system->end[r++]) {
		double positives = 0;
		for (size_t i = start; i < system->end[r]; i++)
			positives += system->rows[i].label;
		sum += positives / (double)(system->end[r] - start);
	}
	return isnan(prevalence) ? sum / (double)system->runs : prevalence;
}

static int
write_decision(const struct hmm_scoring_part *part, void *context)
{
	FILE *file = ((const struct hmm_curve_writing *)context)->file;
	const struct hmm_scoring *scoring = part->scoring;
	const size_t groups = part->groups, runs = part->system->runs;
	struct hmm_measures measures;
	struct hmm_score benefit[HMM_MEASURES], standardised[HMM_MEASURES];
	struct hmm_scores_of of = {&measures, scoring->prevalence, scoring->replicates,
	    hmm_scoring_place(scoring, part->prediction->split)};
	const double pi = prevalence_of(part->system, scoring->prevalence);
	choose_thresholds(&measures, HMM_NET_BENEFIT);
	if (hmm_score_run(benefit, part->system, groups, &of))
		return -1;
	choose_thresholds(&measures, HMM_NET_BENEFIT_STANDARDISED);
	of.replicates = 0;
	if (hmm_score_run(standardised, part->system, groups, &of))
		return -1;
	for (size_t k = 0; k < THRESHOLDS; k++) {
		const double threshold = measures.metric[k].at;
		hmm_scoring_write_part(file, part);
		hmm_table_write_number(file, threshold);
		hmm_table_write_number(file, benefit[k].value);
		hmm_table_write_number(file, benefit[k].low);
		hmm_table_write_number(file, benefit[k].high);
		hmm_table_write_number(file, pi - (1 - pi) * threshold / (1 - threshold));
		fputs("\t0", file);
		hmm_table_write_number(file, standardised[k].value);
		hmm_table_write(file, hmm_scoring_over(runs, 0), 0);
		putc('\n', file);
	}
	return 0;
}

/* How the probabilities of each label are distributed. */
static int
write_risk(const struct hmm_scoring_part *part, void *context)
{
	enum { RISKS = 20 };
	FILE *file = ((const struct hmm_curve_writing *)context)->file;
	size_t seen[2][RISKS] = {{0}}, of[2] = {0, 0};
	for (size_t i = 0; i < part->system->count; i++) {
		const struct hmm_scored *row = &part->system->rows[i];
		const size_t k = (size_t)(row->score * RISKS);
		seen[row->label][k < RISKS ? k : RISKS - 1]++;
		of[row->label]++;
	}
	for (int label = 0; label < 2; label++)
		for (size_t k = 0; k < RISKS; k++) {
			hmm_scoring_write_part(file, part);
			fprintf(file, "\t%d", label);
			hmm_table_write_number(file, (double)k / RISKS);
			hmm_table_write_number(file, ((double)k + 1) / RISKS);
			fprintf(file, "\t%zu", seen[label][k]);
			hmm_table_write_number(file, (double)seen[label][k] / (double)of[label]);
			hmm_table_write(file, hmm_scoring_over(1, part->system->runs > 1), 0);
			putc('\n', file);
		}
	return 0;
}

/* What each curve prints, by target: NULL, there is none. */
static const struct {
	const char *header;
	hmm_scoring_visit *visit;
} curves[][HMM_TIME + 1] = {[HMM_ROC] = {{"fpr\ttpr\tlow\thigh", write_points}},
    [HMM_PR] = {{"recall\tprecision\tlow\thigh", write_points}},
    [HMM_CALIBRATION] = {{"bin\tn\tpredicted\tobserved\tlow\thigh\tover", write_calibration},
        [HMM_CLASSES] = {"class\tbin\tn\tpredicted\tobserved\tlow\thigh\tover", hmm_curve_classes},
        [HMM_TIME] = {"time\tbin\tn\tpredicted\tobserved\tlow\thigh\tover", hmm_curve_quarters}},
    [HMM_DECISION] = {{"threshold\tnet_benefit\tlow\thigh\tall\tnone\tstandardised\tover",
        write_decision}},
    [HMM_RISK] = {{"label\tfrom\tto\tn\tshare\tover", write_risk}},
    [HMM_CONFUSION] = {[HMM_CLASSES] = {"label\tpredicted\tn\tof_label\tof_predicted\tover",
                           hmm_curve_confusion}}};

static int
write_curve(const struct hmm_scoring_part *part, void *context)
{
	struct hmm_curve_writing *writing = context;
	const enum hmm_target target = part->predictions->kind;
	if (!writing->begun++) {
		hmm_scoring_write_header(writing->file, part->scoring);
		fprintf(writing->file, "\t%s\n", curves[writing->curve][target].header);
	}
	return curves[writing->curve][target].visit(part, context);
}

/* Whether there is such a curve of their target. 0, or -1 reported. */
static int
check_curve(
    const struct hmm_predictions *predictions, const struct hmm_asked *asked, enum hmm_curve curve)
{
	const char *name = predictions->table->name;
	if (!curves[curve][predictions->kind].visit)
		return hmm_error("%s: predictions of %s have no such --curve", name,
		    hmm_target_names[predictions->kind]);
	return curve == HMM_CALIBRATION && predictions->kind == HMM_TIME && !asked->times
	           ? hmm_error("%s: want --times beside --curve calibration", name)
	           : 0;
}

int
hmm_scores_write_curve(
    FILE *file, char *const *paths, size_t count, struct hmm_scoring *scoring, enum hmm_curve curve)
{
	struct hmm_curve_writing writing = {file, curve, 0};
	struct hmm_predictions predictions;
	const int bad = hmm_predictions_open_runs(&predictions, paths, count, 0) ||
	                check_curve(&predictions, &scoring->asked, curve) ||
	                hmm_scoring_settle(scoring, &predictions) ||
	                hmm_scoring_run(&predictions, scoring, write_curve, &writing);
	hmm_predictions_close(&predictions);
	return bad ? -1 : 0;
}
