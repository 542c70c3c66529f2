#include "hmm/score/covariates.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/manifest.h"
#include "hmm/data/names.h"
#include "hmm/data/split.h"
#include "hmm/kernel/ridge.h"
#include "covariate.h"

/* ---- the fit ---- */

/* Fold every subject that is fitted by its group. 0, or -1 reported. */
static int
deal(size_t *fold, const struct hmm_covariates *all, const struct hmm_covariates_options *options)
{
	static const enum hmm_stratum strata[] = {HMM_UNKNOWN, HMM_ALL_0, HMM_ALL_1, HMM_MIXED};
	struct hmm_names names = {0};
	unsigned *seen = hmm_alloc(all->subjects, sizeof(*seen));
	size_t *of_group = hmm_alloc(all->subjects, sizeof(*of_group));
	struct hmm_split_unit *units = hmm_alloc(all->subjects, sizeof(*units));
	int bad = !seen || !of_group || !units;
	for (size_t i = 0; i < all->subjects && !bad; i++) {
		const long group = all->subject[i].fits ? hmm_names_add(&names, all->subject[i].group) : 0;
		bad = group < 0;
		if (!bad && all->subject[i].fits)
			seen[group] |= 1u << all->subject[i].label;
	}
	for (size_t g = 0; g < names.count && !bad; g++)
		units[g] =
		    (struct hmm_split_unit){.name = names.name[g], .index = g, .stratum = strata[seen[g]]};
	bad = bad || hmm_split_folds(of_group, units, names.count, options->folds, options->seed);
	for (size_t i = 0, row = 0; i < all->subjects && !bad; i++)
		if (all->subject[i].fits)
			fold[row++] = of_group[hmm_names_find(&names, all->subject[i].group)];
	hmm_names_close(&names);
	free(seen);
	free(of_group);
	free(units);
	return bad ? -1 : 0;
}

static int
fit(double *coefficient, const struct hmm_covariates *all,
    const struct hmm_covariates_options *options)
{
	const size_t size = all->width;
	size_t rows = 0, ones = 0;
	double *x = hmm_alloc(all->subjects, size * sizeof(*x)), loss = 0, ridge = -1;
	double *target = hmm_alloc(all->subjects, sizeof(*target));
	double *scratch = hmm_alloc(hmm_ridge_scratch(all->subjects, size), sizeof(*scratch));
	size_t *fold = hmm_alloc(all->subjects, sizeof(*fold));
	int bad = !x || !target || !scratch || !fold || deal(fold, all, options);
	for (size_t i = 0; i < all->subjects && !bad; i++) {
		if (!all->subject[i].fits)
			continue;
		hmm_covariates_encode(x + rows * size, all, &all->subject[i]);
		target[rows++] = all->subject[i].label;
		ones += all->subject[i].label == 1;
	}
	const struct hmm_ridge_rows of = {.x = x, .target = target, .count = rows, .size = size};
	if (!bad)
		ridge = hmm_ridge_choose(&loss, &of, fold, (size_t)options->folds, scratch);
	if (!bad && (ridge < 0 || hmm_ridge_fit(coefficient, &of, ridge, scratch)))
		bad = hmm_error("%s: no regression of %zu subjects, %zu of label 1: want some of both, in "
		                "more than one fold",
		    all->table->name, rows, ones);
	if (!bad)
		hmm_say("%zu subjects, %zu of label 1: lambda %g of %g to %g, log loss %.3f in %ld inner "
		        "folds",
		    rows, ones, ridge, hmm_ridges[HMM_RIDGES - 1], hmm_ridges[0], loss, options->folds);
	free(x);
	free(target);
	free(scratch);
	free(fold);
	return bad ? -1 : 0;
}

/* ---- subjects ---- */

/* Whether a system was taught and measured on the subject as the manifest has it: a logit of its
 * training knows the label. 0, or -1 reported. */
static int
check_same(const struct hmm_covariates *all, const struct hmm_covariates_subject *subject,
    const struct hmm_predictions *predictions, const struct hmm_prediction *prediction)
{
	const char *split = subject->split ? subject->split : "n/a";
	if (strcmp(split, prediction->split))
		return hmm_error("%s: subject '%s' is of split '%s', want '%s' as in %s",
		    predictions->table->name, subject->name, prediction->split, split, all->table->name);
	if (subject->label >= 0 && subject->label != prediction->label)
		return hmm_error("%s: subject '%s' has label %d, want %d as in %s",
		    predictions->table->name, subject->name, prediction->label, subject->label,
		    all->table->name);
	return 0;
}

/* Give every subject its logit; who has none is left out. 0, or -1 reported. */
static int
join(struct hmm_covariates *all, const struct hmm_predictions *predictions)
{
	struct hmm_names names = {0};
	size_t kept = 0;
	int bad = 0;
	for (size_t i = 0; i < predictions->count && !bad; i++) {
		const struct hmm_prediction *of = &predictions->prediction[i];
		bad = hmm_names_add(&names, of->subject) < 0;
		if (!bad && names.count != i + 1)
			bad = hmm_error("%s: subject '%s' stands there twice, want one run of whole sets",
			    predictions->table->name, of->subject);
		else if (!bad && !isfinite(of->logit))
			bad = hmm_error(
			    "%s: subject '%s' has no finite logit", predictions->table->name, of->subject);
	}
	for (size_t i = 0; i < all->subjects && !bad; i++) {
		const long found = hmm_names_find(&names, all->subject[i].name);
		if (found < 0)
			continue;
		bad = check_same(all, &all->subject[i], predictions, &predictions->prediction[found]);
		all->subject[kept] = all->subject[i];
		all->subject[kept].logit = predictions->prediction[found].logit;
		all->subject[kept++].modalities = predictions->prediction[found].modalities;
	}
	if (!bad && kept < all->subjects)
		hmm_warn("%s: %zu of %zu subjects have no prediction with a label, and are left out",
		    predictions->table->name, all->subjects - kept, all->subjects);
	all->subjects = kept;
	hmm_names_close(&names);
	return bad ? -1 : 0;
}

/* Mark who is learned from: of the split, with a label. How many. */
static size_t
mark(struct hmm_covariates *all, const char *split)
{
	size_t count = 0;
	for (size_t i = 0; i < all->subjects; i++) {
		struct hmm_covariates_subject *subject = &all->subject[i];
		subject->fits = subject->label >= 0 && subject->split && !strcmp(subject->split, split);
		count += (size_t)subject->fits;
	}
	return count;
}

/* Of the split that is to be learned from. 0, or -1 reported. */
static int
choose_split(struct hmm_covariates *all, int logits)
{
	if (!logits)
		return mark(all, "train")
		           ? 0
		           : hmm_error("%s: no labelled subject of split 'train'", all->table->name);
	if (mark(all, "cal"))
		return 0;
	hmm_warn("%s: no subject of split 'cal': those of 'val' are learned from, which has chosen the "
	         "system's epoch",
	    all->table->name);
	return mark(all, "val")
	           ? 0
	           : hmm_error("%s: no labelled subject of split 'cal' or 'val'", all->table->name);
}

static int
list_subjects(struct hmm_covariates *all, const struct hmm_column *subjects)
{
	const struct hmm_table *table = all->table;
	const int group = hmm_table_find(table, "group"), split = hmm_table_find(table, "split");
	const int label = hmm_table_find(table, "label");
	all->subjects = subjects->names.count;
	all->subject = hmm_alloc(all->subjects, sizeof(*all->subject));
	for (size_t i = 0; all->subject && i < all->subjects; i++) {
		const size_t row = hmm_column_first(subjects, i);
		const char *name = subjects->names.name[i], *of = hmm_table_cell(table, row, group);
		all->subject[i] = (struct hmm_covariates_subject){.name = name,
		    .group = of ? of : name,
		    .split = hmm_table_cell(table, row, split),
		    .row = row,
		    .label = hmm_table_label(table, row, label)};
	}
	return all->subject ? 0 : -1;
}

/* ---- all of it ---- */

/* The columns by their names, and the logits' first; all lines of a subject agree in them. 0, or -1
 * reported. */
static int
open_columns(struct hmm_covariates *all, const struct hmm_covariates_options *options)
{
	static const char *const agree[] = {"label", "group", "split"};
	struct hmm_list list = {0};
	int bad = hmm_list_open(&list, "columns", options->columns) ||
	          hmm_manifest_check(all->table, agree, 3) ||
	          hmm_manifest_check(all->table, (const char *const *)list.item, list.count);
	all->covariate = bad ? NULL : hmm_alloc(list.count + 1, sizeof(*all->covariate));
	bad = !all->covariate;
	if (!bad && options->predictions)
		all->covariate[all->count++].column = -1;
	for (size_t i = 0; i < list.count && !bad; i++) {
		bad = (all->covariate[all->count].column = hmm_table_want(all->table, list.item[i])) < 0;
		all->count++;
	}
	hmm_list_close(&list);
	return bad ? -1 : 0;
}

static void
write_all(FILE *file, const struct hmm_covariates *all, const double *coefficient, double *x)
{
	hmm_predictions_write_header(file, &hmm_predicted_binary);
	for (size_t i = 0; i < all->subjects; i++) {
		const struct hmm_covariates_subject *of = &all->subject[i];
		double logit = 0;
		hmm_covariates_encode(x, all, of);
		for (size_t j = 0; j < all->width; j++)
			logit += x[j] * coefficient[j];
		const struct hmm_predicted row = {of->name, of->group, of->split ? of->split : "",
		    of->modalities ? of->modalities : "", "", "",
		    of->label < 0 ? ""
		    : of->label   ? "1"
		                  : "0",
		    -1, (const double[]){logit, 1 / (1 + exp(-logit))}};
		hmm_predictions_write(file, &hmm_predicted_binary, &row);
	}
}

int
hmm_covariates_run(
    FILE *file, const struct hmm_table *manifest, const struct hmm_covariates_options *options)
{
	struct hmm_covariates all = {.table = manifest, .width = 1};
	struct hmm_predictions predictions = {0};
	struct hmm_column subjects = {0};
	double *coefficient = NULL;
	int bad = open_columns(&all, options) ||
	          hmm_column_open(&subjects, manifest, hmm_table_find(manifest, "subject"), -1) ||
	          list_subjects(&all, &subjects);
	if (!bad && options->predictions)
		bad =
		    hmm_predictions_open(&predictions, options->predictions, 0) || join(&all, &predictions);
	bad = bad || choose_split(&all, options->predictions != NULL);
	for (size_t k = 0; k < all.count && !bad; k++) {
		bad = hmm_covariate_open(&all.covariate[k], &all);
		all.width += hmm_coded_width(&all.covariate[k].coded);
	}
	bad = bad || !(coefficient = hmm_alloc(2 * all.width, sizeof(*coefficient))) ||
	      fit(coefficient, &all, options);
	if (!bad)
		write_all(file, &all, coefficient, coefficient + all.width);
	for (size_t k = 0; k < all.count; k++)
		hmm_covariate_close(&all.covariate[k]);
	free(all.covariate);
	free(all.subject);
	free(coefficient);
	hmm_column_close(&subjects);
	hmm_predictions_close(&predictions);
	return bad ? -1 : 0;
}
