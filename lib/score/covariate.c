#include "covariate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

/* A subject's cell; NULL: missing. */
static const char *
cell_of(const struct hmm_covariates *all, const struct hmm_covariate *of,
    const struct hmm_covariates_subject *subject)
{
	return hmm_table_cell(all->table, subject->row, of->column);
}

/* Learn the cells of the column, or the logits, of who is fitted. 0, or -1 reported. */
static int
learn(struct hmm_covariate *of, const struct hmm_covariates *all)
{
	struct hmm_coded_cell *cell = hmm_alloc(all->subjects, sizeof(*cell));
	double *logit = hmm_alloc(all->subjects, sizeof(*logit));
	size_t fitted = 0;
	int bad = !cell || !logit;
	for (size_t i = 0; i < all->subjects && !bad; i++) {
		const struct hmm_covariates_subject *subject = &all->subject[i];
		cell[i] = (struct hmm_coded_cell){
		    cell_of(all, of, subject), all->table, subject->row, subject->fits};
		if (subject->fits)
			logit[fitted++] = subject->logit;
	}
	if (!bad && of->column < 0) {
		of->coded.numbers = 1;
		hmm_coded_standardise(&of->coded, logit, fitted);
	} else if (!bad) {
		bad = hmm_coded_learn(&of->coded, all->table->header[of->column], cell, all->subjects);
	}
	free(cell);
	free(logit);
	return bad ? -1 : 0;
}

/* 1: every number of one label is below, or above, all of the other, of which there are some. */
static int
numbers_part(const struct hmm_covariates *all, const struct hmm_covariate *of)
{
	double value, least[2] = {(double)INFINITY, (double)INFINITY};
	double most[2] = {-(double)INFINITY, -(double)INFINITY};
	for (size_t i = 0; i < all->subjects; i++) {
		const struct hmm_covariates_subject *subject = &all->subject[i];
		const char *cell = cell_of(all, of, subject);
		if (!subject->fits || !cell || hmm_coded_number(&value, cell))
			continue;
		least[subject->label] = fmin(least[subject->label], value);
		most[subject->label] = fmax(most[subject->label], value);
	}
	return isfinite(least[0]) && isfinite(least[1]) && (most[0] < least[1] || most[1] < least[0]);
}

/* 1: no value, missing among them, stands at both labels, though values stand at several subjects;
 * 0; -1, reported. */
static int
values_part(const struct hmm_covariates *all, const struct hmm_covariate *of, size_t fitted)
{
	unsigned *seen = hmm_alloc(of->coded.values.count + 1, sizeof(*seen)), both = 0;
	int parts = 2 * of->coded.values.count <= fitted;
	for (size_t i = 0; seen && i < all->subjects; i++) {
		const struct hmm_covariates_subject *subject = &all->subject[i];
		const char *cell = cell_of(all, of, subject);
		if (!subject->fits)
			continue;
		unsigned *value =
		    &seen[cell ? (size_t)hmm_names_find(&of->coded.values, cell) : of->coded.values.count];
		*value |= 1u << subject->label;
		both |= *value;
		parts &= *value != 3;
	}
	const int bad = !seen;
	free(seen);
	return bad ? -1 : parts && both == 3;
}

/* Say what it was taken for, and warn of what it cannot be meant for. 0, or -1 reported. */
static int
judge(const struct hmm_covariate *of, const struct hmm_covariates *all)
{
	const struct hmm_coded *coded = &of->coded;
	const char *name = all->table->header[of->column];
	const char *missing = coded->missing ? ", or missing" : "";
	size_t fitted = 0;
	for (size_t i = 0; i < all->subjects; i++)
		fitted += (size_t)all->subject[i].fits;
	if (coded->numbers)
		hmm_say("%s: a number%s%s", name, coded->scale > 0 ? "" : ", the same in all", missing);
	else
		hmm_say("%s: %zu %s%s", name, coded->values.count,
		    coded->values.count == 1 ? "category" : "categories", missing);
	const int parts = values_part(all, of, fitted);
	if (parts > 0 || (coded->numbers && numbers_part(all, of)))
		hmm_warn("%s: %s tells the labels of all %zu subjects that are learned from apart: is the "
		         "label made of it?",
		    all->table->name, name, fitted);
	return parts < 0 ? -1 : 0;
}

int
hmm_covariate_open(struct hmm_covariate *of, const struct hmm_covariates *all)
{
	return learn(of, all) || (of->column >= 0 && judge(of, all)) ? -1 : 0;
}

void
hmm_covariate_close(struct hmm_covariate *of)
{
	hmm_coded_close(&of->coded);
}

void
hmm_covariates_encode(
    double *x, const struct hmm_covariates *all, const struct hmm_covariates_subject *subject)
{
	*x++ = 1;
	for (size_t k = 0; k < all->count; x += hmm_coded_width(&all->covariate[k++].coded)) {
		const struct hmm_covariate *of = &all->covariate[k];
		const char *cell = cell_of(all, of, subject);
		if (of->column < 0)
			x[0] = (subject->logit - of->coded.mean) * of->coded.scale;
		else if (hmm_coded_write(x, &of->coded, cell) && cell)
			hmm_warn_counted("%s: subject %s: %s '%s' was not learned, and counts nothing",
			    all->table->name, subject->name, all->table->header[of->column], cell);
	}
}
