#include "covariate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

/* A column with more values than these may not have one for every other subject: it is a name, and
 * an indicator of each would tell nothing of others, in memory that grows with their square. */
enum { FEW_VALUES = 10 };

/* Of a number; its square is far from what a double holds. */
static const double largest = 1e100;

/* A subject's cell; NULL: missing; "" where it is a logit. */
static const char *
cell_of(const struct hmm_covariates *all, const struct hmm_covariate *of,
    const struct hmm_covariates_subject *subject)
{
	return of->column < 0 ? "" : hmm_table_cell(all->table, subject->row, of->column);
}

/* 1 where the cell, or the logit, is a number. */
static int
number_of(double *value, const struct hmm_covariates *all, const struct hmm_covariate *of,
    const struct hmm_covariates_subject *subject)
{
	const char *cell = cell_of(all, of, subject);
	char *end;
	if (of->column < 0) {
		*value = subject->logit;
		return 1;
	}
	if (!cell)
		return 0;
	*value = strtod(cell, &end);
	return end != cell && !*end && fabs(*value) <= largest;
}

/* Mean and deviation of the numbers of who is fitted. */
static void
standardise(struct hmm_covariate *of, const struct hmm_covariates *all)
{
	static const double rounding = 1e-9;
	double value, sum = 0, squares = 0;
	size_t count = 0;
	for (size_t i = 0; i < all->subjects; i++)
		if (all->subject[i].fits && number_of(&value, all, of, &all->subject[i])) {
			sum += value;
			count++;
		}
	of->mean = count ? sum / (double)count : 0;
	for (size_t i = 0; i < all->subjects; i++)
		if (all->subject[i].fits && number_of(&value, all, of, &all->subject[i]))
			squares += (value - of->mean) * (value - of->mean);
	const double deviation = count ? sqrt(squares / (double)count) : 0;
	of->scale = deviation > rounding * fabs(of->mean) ? 1 / deviation : 0;
}

/* ---- what it is ---- */

/* List the values of who is fitted, and see whether they are numbers. A column of numbers has
 * nothing else in any subject: a slip of the pen is not to make categories of all. 0, or -1
 * reported. */
static int
look_at(struct hmm_covariate *of, const struct hmm_covariates *all)
{
	const struct hmm_covariates_subject *word = NULL;
	size_t numbers = 0, words = 0;
	double value;
	of->numbers = 1;
	for (size_t i = 0; i < all->subjects; i++) {
		const struct hmm_covariates_subject *subject = &all->subject[i];
		const char *cell = cell_of(all, of, subject);
		const int is_number = cell && number_of(&value, all, of, subject);
		if (cell && !is_number && !words++)
			word = subject;
		numbers += (size_t)is_number;
		if (!subject->fits)
			continue;
		of->missing |= !cell;
		of->numbers &= !cell || is_number;
		if (cell && hmm_names_add(&of->values, cell) < 0)
			return -1;
	}
	if (of->values.count == 0)
		return hmm_error("%s: nobody who is learned from has a value of '%s'", all->table->name,
		    all->table->header[of->column]);
	if (word && (of->numbers || numbers > words))
		return hmm_error("%s: row %zu: %s '%s', want a number as in %zu of %zu subjects, or n/a",
		    all->table->name, word->row + 1, all->table->header[of->column], cell_of(all, of, word),
		    numbers, numbers + words);
	return 0;
}

/* 1: every number of one label is below, or above, all of the other, of which there are some. */
static int
numbers_part(const struct hmm_covariates *all, const struct hmm_covariate *of)
{
	double value, least[2] = {(double)INFINITY, (double)INFINITY};
	double most[2] = {-(double)INFINITY, -(double)INFINITY};
	for (size_t i = 0; i < all->subjects; i++) {
		const struct hmm_covariates_subject *subject = &all->subject[i];
		if (!subject->fits || !number_of(&value, all, of, subject))
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
	unsigned *seen = hmm_alloc(of->values.count + 1, sizeof(*seen)), both = 0;
	int parts = 2 * of->values.count <= fitted;
	for (size_t i = 0; seen && i < all->subjects; i++) {
		const struct hmm_covariates_subject *subject = &all->subject[i];
		const char *cell = cell_of(all, of, subject);
		if (!subject->fits)
			continue;
		unsigned *value =
		    &seen[cell ? (size_t)hmm_names_find(&of->values, cell) : of->values.count];
		*value |= 1u << subject->label;
		both |= *value;
		parts &= *value != 3;
	}
	const int bad = !seen;
	free(seen);
	return bad ? -1 : parts && both == 3;
}

/* Say what it was taken for, and refuse or warn of what it cannot be meant for. 0, or -1
 * reported. */
static int
judge(const struct hmm_covariate *of, const struct hmm_covariates *all)
{
	const char *name = all->table->header[of->column], *missing = of->missing ? ", or missing" : "";
	size_t fitted = 0;
	for (size_t i = 0; i < all->subjects; i++)
		fitted += (size_t)all->subject[i].fits;
	if (!of->numbers && of->values.count > FEW_VALUES && 2 * of->values.count > fitted)
		return hmm_error("%s: %s has %zu values in %zu subjects, want numbers or categories that "
		                 "many share",
		    all->table->name, name, of->values.count, fitted);
	if (of->numbers)
		hmm_say("%s: a number%s%s", name, of->scale > 0 ? "" : ", the same in all", missing);
	else
		hmm_say("%s: %zu %s%s", name, of->values.count,
		    of->values.count == 1 ? "category" : "categories", missing);
	const int parts = values_part(all, of, fitted);
	if (parts > 0 || (of->numbers && numbers_part(all, of)))
		hmm_warn("%s: %s tells the labels of all %zu subjects that are learned from apart: is the "
		         "label made of it?",
		    all->table->name, name, fitted);
	return parts < 0 ? -1 : 0;
}

int
hmm_covariate_open(struct hmm_covariate *of, const struct hmm_covariates *all)
{
	if (look_at(of, all))
		return -1;
	if (of->numbers)
		standardise(of, all);
	return (of->column >= 0 && judge(of, all)) || hmm_names_sort(&of->values, NULL) ? -1 : 0;
}

void
hmm_covariate_close(struct hmm_covariate *of)
{
	hmm_names_close(&of->values);
}

/* ---- its numbers ---- */

size_t
hmm_covariate_width(const struct hmm_covariate *of)
{
	return (of->numbers ? 1 : of->values.count) + (size_t)of->missing;
}

void
hmm_covariates_encode(
    double *x, const struct hmm_covariates *all, const struct hmm_covariates_subject *subject)
{
	memset(x, 0, all->width * sizeof(*x));
	*x++ = 1;
	for (size_t k = 0; k < all->count; x += hmm_covariate_width(&all->covariate[k++])) {
		const struct hmm_covariate *of = &all->covariate[k];
		const char *cell = cell_of(all, of, subject);
		double value = 0;
		if (!cell && of->missing)
			x[hmm_covariate_width(of) - 1] = 1;
		if (!cell)
			continue;
		const int known = of->numbers ? number_of(&value, all, of, subject)
		                              : hmm_names_find(&of->values, cell) >= 0;
		if (known && of->numbers)
			x[0] = (value - of->mean) * of->scale;
		else if (known)
			x[hmm_names_find(&of->values, cell)] = 1;
		else
			hmm_warn_counted("%s: subject %s: %s '%s' was not learned, and counts nothing",
			    all->table->name, subject->name, all->table->header[of->column], cell);
	}
}
