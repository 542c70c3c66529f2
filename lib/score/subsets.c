#include "hmm/score/subsets.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/number.h"
#include "hmm/data/table.h"
#include "modalities.h"
#include "subset_summary.h"

enum { FEW = 10 };

/* What is written of a split. */
struct writing {
	FILE *file;
	const struct hmm_predictions *predictions;
	const struct hmm_scoring *scoring;
	const struct hmm_thresholds *thresholds;
	const char *split;
	size_t runs;
	struct hmm_names modalities; /* of the whole sets, ascending */
};

static void
write_begin(const struct writing *writing, const char *protocol, const char *modalities, int size,
    const char *metric)
{
	FILE *file = writing->file;
	hmm_table_write(file, writing->split, 1);
	hmm_table_write(file, protocol, 0);
	hmm_table_write(file, modalities, 0);
	if (size)
		fprintf(file, "\t%d", size);
	else
		hmm_table_write(file, NULL, 0);
	hmm_table_write(file, metric, 0);
}

static void
write_end(const struct writing *writing, double value, struct hmm_interval interval, size_t n,
    enum hmm_interval_kind kind, const char *over)
{
	hmm_table_write_number(writing->file, value);
	hmm_table_write_number(writing->file, interval.low);
	hmm_table_write_number(writing->file, interval.high);
	fprintf(writing->file, "\t%zu\t%s\t%s\n", n,
	    hmm_interval_names[isnan(interval.low) ? HMM_INTERVAL_NONE : kind], over);
}

/* The system of sets that lie together. */
static int
open_sets(struct hmm_system *system, const struct writing *writing,
    const struct hmm_modality_set *sets, size_t count)
{
	struct hmm_prediction *rows = hmm_alloc(count, sizeof(*rows));
	int bad = !rows;
	for (size_t i = 0; i < count && !bad; i++)
		rows[i] = *sets[i].prediction;
	*system = (struct hmm_system){0};
	bad = bad || hmm_scoring_open_system(system, writing->scoring, writing->thresholds,
	                 writing->predictions, rows, rows, count);
	free(rows);
	return bad ? -1 : 0;
}

/* The metrics of sets of one pattern; where `few` they are n/a. */
static int
write_sets(const struct writing *writing, const char *protocol, const struct hmm_modality_set *sets,
    size_t count, int few)
{
	static const struct hmm_interval none = {(double)NAN, (double)NAN};
	const struct hmm_scoring *scoring = writing->scoring;
	const struct hmm_measures *measures = &scoring->measures;
	const struct hmm_scores_of of = {measures, scoring->prevalence, scoring->replicates,
	    hmm_scoring_place(scoring, writing->split)};
	struct hmm_score scores[HMM_MEASURES];
	struct hmm_system system;
	char *modalities = hmm_modalities_name(&writing->modalities, sets->mask);
	int bad = !modalities || open_sets(&system, writing, sets, count);
	const size_t runs = bad ? 0 : system.runs;
	if (!bad && !few)
		bad = hmm_score_run(scores, &system, writing->predictions->groups.names.count, &of);
	for (size_t m = 0; m < measures->count && !bad; m++) {
		const struct hmm_interval interval = {scores[m].low, scores[m].high};
		write_begin(
		    writing, protocol, modalities, (int)hmm_bits_count(sets->mask), measures->name[m]);
		if (few)
			write_end(
			    writing, (double)NAN, none, count, HMM_INTERVAL_NONE, hmm_scoring_over(runs, 0));
		else
			write_end(writing, scores[m].value, interval, count, scores[m].interval,
			    hmm_scoring_over(runs, scores[m].pooled));
	}
	if (modalities)
		hmm_system_close(&system);
	free(modalities);
	return bad ? -1 : 0;
}

/* How many groups have a row of that label. */
static int
count_groups(size_t *found, const struct writing *writing, const struct hmm_modality_set *sets,
    size_t count, int label)
{
	char *seen = hmm_alloc(writing->predictions->groups.names.count, 1);
	*found = 0;
	for (size_t i = 0; i < count && seen; i++)
		if (sets[i].prediction->label == label)
			*found += !seen[sets[i].prediction->group]++;
	free(seen);
	return seen ? 0 : -1;
}

/* The patterns that there are: how often, by label, and what is made of them. */
static int
write_natural(const struct writing *writing, struct hmm_modality_set *sets, size_t count)
{
	static const char *const names[] = {"negatives", "positives"};
	static const struct hmm_interval none = {(double)NAN, (double)NAN};
	int bad = 0;
	qsort(sets, count, sizeof(*sets), hmm_modalities_compare);
	for (size_t i = 0, end; i < count && !bad; i = end) {
		size_t groups[2], rows[2] = {0, 0};
		for (end = i; end < count && sets[end].mask == sets[i].mask; end++)
			rows[sets[end].prediction->label]++;
		char *modalities = hmm_modalities_name(&writing->modalities, sets[i].mask);
		bad = !modalities || count_groups(&groups[0], writing, sets + i, end - i, 0) ||
		      count_groups(&groups[1], writing, sets + i, end - i, 1);
		for (int label = 1; label >= 0 && !bad; label--) {
			write_begin(
			    writing, "natural", modalities, (int)hmm_bits_count(sets[i].mask), names[label]);
			write_end(writing, (double)rows[label], none, end - i, HMM_INTERVAL_NONE,
			    writing->runs > 1 ? "pooled" : "rows");
		}
		if (!bad && (groups[0] < FEW || groups[1] < FEW))
			hmm_warn(
			    "%s: split %s: %s is the pattern of %zu positive and %zu negative patients, want "
			    "%d of each: n/a",
			    writing->predictions->table->name, writing->split, modalities, groups[1], groups[0],
			    FEW);
		free(modalities);
		bad = bad ||
		      write_sets(writing, "natural", sets + i, end - i, groups[0] < FEW || groups[1] < FEW);
	}
	return bad ? -1 : 0;
}

/* ---- all subsets of those who have everything ---- */

/* Where the subsets were drawn, how many were: else 0. */
static int
write_summary(const struct writing *writing, const char *protocol, struct hmm_subset *subset,
    size_t count, size_t drawn)
{
	static const struct hmm_interval none = {(double)NAN, (double)NAN};
	const struct hmm_scoring *scoring = writing->scoring;
	const struct hmm_measures *measures = &scoring->measures;
	const struct hmm_scores_of of = {measures, scoring->prevalence, scoring->replicates,
	    hmm_scoring_place(scoring, writing->split)};
	struct hmm_subset_summary summaries[HMM_MEASURES];
	const size_t n = subset[0].system.count;
	const char *over = hmm_scoring_over(subset[0].system.runs, 0);
	if (hmm_subset_summarise(summaries, subset, count, writing->modalities.count,
	        writing->predictions->groups.names.count, &of))
		return -1;
	for (size_t m = 0; m < measures->count; m++) {
		const struct hmm_subset_summary *summary = &summaries[m];
		write_begin(writing, protocol, "mean", 0, measures->name[m]);
		write_end(writing, summary->mean, summary->mean_interval, n, HMM_INTERVAL_BOOTSTRAP, over);
		if (drawn) {
			write_begin(writing, protocol, "mean_error", 0, measures->name[m]);
			write_end(writing, summary->error, none, drawn, HMM_INTERVAL_NONE, over);
		}
		write_begin(writing, protocol, "worst", 0, measures->name[m]);
		write_end(
		    writing, summary->worst, summary->worst_interval, n, HMM_INTERVAL_BOOTSTRAP, over);
		write_begin(writing, protocol, "share_worse", 0, measures->name[m]);
		write_end(writing, summary->share_worse, none, summary->pairs, HMM_INTERVAL_NONE, over);
	}
	return 0;
}

/* Leave of every subset one set of each of the `complete` subjects and runs, the sets sorted, and
 * say how often each subject had it. The number of subsets, or -1 reported: a subject has not the
 * subsets that another has. */
static long
gather_subsets(struct hmm_subset *subset, const struct writing *writing,
    struct hmm_modality_set *sets, size_t count, size_t complete)
{
	long subsets = 0;
	size_t kept = 0;
	for (size_t i = 0, end; i < count; i = end) {
		for (end = i; end < count && sets[end].mask == sets[i].mask;)
			end++;
		const size_t times = (end - i) / complete;
		int even = times * complete == end - i;
		for (size_t k = i; k < end && even; k++)
			even = sets[k].subject == (k - i) / times + 1;
		if (!even)
			return hmm_error(
			    "%s: split %s: subset '%s' is not there of all %zu complete subjects, as "
			    "often of each; want them as of hmm-setsum --subsets all, or random "
			    "--draw-by modalities",
			    writing->predictions->table->name, writing->split, sets[i].prediction->modalities,
			    complete);
		subset[subsets].mask = sets[i].mask;
		subset[subsets++].times = (double)times;
		for (size_t k = i; k < end; k += times)
			sets[kept++] = sets[k];
	}
	return subsets;
}

/* What the subsets are: all, those of one modality and the full one, or drawn ones, where the full
 * set stands there once more than it was drawn, and counts so. */
static const char *
name_protocol(size_t *drawn, struct hmm_subset *subset, size_t subsets, size_t modalities)
{
	double rows = 0;
	size_t singles = 0;
	for (size_t s = 0; s < subsets; s++) {
		rows += subset[s].times;
		singles += hmm_bits_count(subset[s].mask) == 1;
	}
	*drawn = 0;
	if (rows <= (double)subsets && modalities < 63 && subsets == (UINT64_C(1) << modalities) - 1)
		return "all subsets";
	if (rows <= (double)subsets && subsets == singles + 1 && singles == modalities)
		return "single modalities";
	*drawn = (size_t)rows - 1;
	subset[subsets - 1].times--; /* the last is the full set */
	return "sampled subsets";
}

static int
write_subsets(
    const struct writing *writing, struct hmm_modality_set *sets, size_t count, size_t complete)
{
	size_t opened = 0, drawn = 0;
	qsort(sets, count, sizeof(*sets), hmm_modalities_compare);
	size_t masks = 0;
	for (size_t i = 0; i < count; i++)
		masks += i == 0 || sets[i].mask != sets[i - 1].mask;
	struct hmm_subset *subset = hmm_alloc(masks, sizeof(*subset));
	const long subsets = subset ? gather_subsets(subset, writing, sets, count, complete) : -1;
	const char *protocol =
	    subsets > 0 ? name_protocol(&drawn, subset, (size_t)subsets, writing->modalities.count)
	                : "";
	int bad = subsets < 0;
	for (size_t s = 0; !bad && s < (size_t)subsets; s++) {
		bad = open_sets(&subset[opened++].system, writing, sets + s * complete, complete) ||
		      write_sets(writing, protocol, sets + s * complete, complete, 0);
	}
	if (drawn && !bad)
		hmm_warn("%s: split %s: the subsets are taken as %zu draws",
		    writing->predictions->table->name, writing->split, drawn);
	bad = bad || write_summary(writing, protocol, subset, (size_t)subsets, drawn);
	for (size_t s = 0; s < opened; s++)
		hmm_system_close(&subset[s].system);
	free(subset);
	return bad ? -1 : 0;
}

/* Number the modalities of the split's whole sets. 0, or -1 reported. */
static int
number_modalities(struct hmm_names *names, const struct writing *writing, size_t first, size_t end)
{
	const struct hmm_prediction *prediction = writing->predictions->prediction;
	for (size_t i = first; i < end; i++)
		if (!prediction[i].observed && hmm_modalities_add(names, prediction[i].modalities))
			return -1;
	if (names->count > HMM_MODALITIES_MOST)
		return hmm_error("%s: split %s: %zu modalities, want at most %d",
		    writing->predictions->table->name, writing->split, names->count, HMM_MODALITIES_MOST);
	return hmm_names_sort(names, NULL);
}

/* The natural patterns of a split, then the subsets of who is complete. */
static int
write_split(struct writing *writing, size_t first, size_t end)
{
	const struct hmm_prediction *prediction = writing->predictions->prediction;
	struct hmm_modality_set *whole = hmm_alloc(end - first, sizeof(*whole));
	struct hmm_modality_set *sets = hmm_alloc(end - first, sizeof(*sets));
	size_t wholes = 0, count = 0, complete = 0;
	int bad = !whole || !sets || number_modalities(&writing->modalities, writing, first, end);
	int inside = 0; /* 1: the subject of the last whole set has all */
	for (size_t i = first; i < end && !bad; i++) {
		struct hmm_modality_set set = {.prediction = &prediction[i], .subject = i};
		bad = hmm_modalities_read(&set.mask, &writing->modalities, prediction[i].modalities);
		if (!prediction[i].observed) {
			whole[wholes++] = set;
			inside = hmm_bits_count(set.mask) == writing->modalities.count;
			complete += (size_t)inside;
		} else if (inside && (strcmp(prediction[i].subject, prediction[i - 1].subject) ||
		                         strcmp(prediction[i].run, prediction[i - 1].run)))
			inside = 0;
		set.subject = complete;
		if (inside)
			sets[count++] = set;
	}
	if (!bad && complete && count == complete && writing->modalities.count > 1)
		bad = hmm_error("%s: split %s: no rows of subsets, want those of hmm-setsum --subsets all",
		    writing->predictions->table->name, writing->split);
	bad = bad || write_natural(writing, whole, wholes);
	if (!bad && !complete)
		hmm_warn("%s: split %s: nobody has all %zu modalities", writing->predictions->table->name,
		    writing->split, writing->modalities.count);
	else
		bad = bad || write_subsets(writing, sets, count, complete);
	free(whole);
	free(sets);
	hmm_names_close(&writing->modalities);
	return bad ? -1 : 0;
}

static int
write_splits(
    FILE *file, const struct hmm_predictions *predictions, const struct hmm_scoring *scoring)
{
	struct hmm_thresholds thresholds;
	int bad = hmm_thresholds_open(&thresholds, &scoring->threshold, predictions), found = 0;
	for (size_t i = 0, end; i < predictions->count && !bad; i = end) {
		struct writing writing = {.file = file,
		    .predictions = predictions,
		    .scoring = scoring,
		    .thresholds = &thresholds,
		    .split = predictions->prediction[i].split};
		end = hmm_predictions_end(predictions, i);
		if (scoring->split && strcmp(writing.split, scoring->split))
			continue;
		if (!found++)
			fputs(
			    "split\tprotocol\tmodalities\tsize\tmetric\tvalue\tlow\thigh\tn\tinterval\tover\n",
			    file);
		for (size_t k = i; k < end; k++)
			writing.runs += k == i || strcmp(predictions->prediction[k].run,
			                              predictions->prediction[k - 1].run) != 0;
		bad = write_split(&writing, i, end);
	}
	hmm_thresholds_close(&thresholds);
	return bad ? -1 : found ? 0 : hmm_predictions_no_split(predictions, scoring->split);
}

int
hmm_subsets_write(FILE *file, char *const *paths, size_t count, struct hmm_scoring *scoring)
{
	struct hmm_predictions predictions;
	int bad = hmm_predictions_open_runs(&predictions, paths, count, HMM_PREDICTIONS_SUBSETS);
	if (!bad && predictions.kind != HMM_BINARY)
		bad = hmm_error("%s: predictions of %s have no --subsets", predictions.table->name,
		    hmm_target_names[predictions.kind]);
	bad = bad || hmm_scoring_settle(scoring, &predictions) ||
	      write_splits(file, &predictions, scoring);
	hmm_predictions_close(&predictions);
	return bad ? -1 : 0;
}
