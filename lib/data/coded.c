#include "hmm/data/coded.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "hmm/base/error.h"
#include "hmm/base/memory.h"

/* A column with more values than these may not have one for every other cell. */
enum { FEW_VALUES = 10 };

static const double largest = 1e100;

/* Whether a cell is a number, be it too large. */
static int
is_number(double *value, const char *text)
{
	return !hmm_cell_decimal(value, text + strspn(text, " "));
}

int
hmm_coded_number(double *value, const char *text)
{
	return is_number(value, text) && fabs(*value) <= largest ? 0 : -1;
}

double
hmm_coded_scale(double mean, double squares, size_t count)
{
	static const double rounding = 1e-9;
	const double deviation = count ? sqrt(squares / (double)count) : 0;
	return deviation > rounding * fabs(mean) ? 1 / deviation : 0;
}

void
hmm_coded_standardise(struct hmm_coded *coded, const double *value, size_t count)
{
	double sum = 0, squares = 0;
	for (size_t i = 0; i < count; i++)
		sum += value[i];
	coded->mean = count ? sum / (double)count : 0;
	for (size_t i = 0; i < count; i++)
		squares += (value[i] - coded->mean) * (value[i] - coded->mean);
	coded->scale = hmm_coded_scale(coded->mean, squares, count);
}

/* Whether all values are of digits and signs between them, as decimal commas and dates are. */
static int
look_like_numbers(const struct hmm_names *values)
{
	for (size_t i = 0; i < values->count; i++) {
		const char *text = values->name[i];
		if (text[strspn(text, "+-0123456789.,/:")] || !strpbrk(text, "0123456789"))
			return 0;
	}
	return 1;
}

static int
check(const struct hmm_coded *coded, const char *column, const struct hmm_coded_cell *cell,
    size_t count)
{
	const struct hmm_coded_cell *word = NULL;
	size_t numbers = 0, words = 0, fitted = 0;
	double value;
	for (size_t i = 0; i < count; i++) {
		const int numeric = cell[i].text && is_number(&value, cell[i].text);
		if (cell[i].text && !numeric && !words++)
			word = &cell[i];
		if (numeric && fabs(value) > largest)
			return hmm_error("%s: row %zu: %s '%s', want a number of at most 1e100, or n/a",
			    cell[i].table->name, cell[i].row + 1, column, cell[i].text);
		numbers += (size_t)numeric;
		fitted += (size_t)cell[i].fits;
	}
	if (coded->values.count == 0)
		return hmm_error("%s: nobody who is learned from has a value of '%s'",
		    count ? cell->table->name : "", column);
	if (word && (coded->numbers || numbers > words))
		return hmm_error("%s: row %zu: %s '%s', want a number as in %zu of %zu subjects, or n/a",
		    word->table->name, word->row + 1, column, word->text, numbers, numbers + words);
	if (!coded->numbers && coded->values.count > FEW_VALUES && 2 * coded->values.count > fitted)
		return hmm_error("%s: %s has %zu values in %zu subjects, want numbers or categories that "
		                 "many share",
		    cell->table->name, column, coded->values.count, fitted);
	if (word && numbers)
		hmm_warn("%s: %s has %zu numbers and %zu words such as '%s': all are taken for categories",
		    cell->table->name, column, numbers, words, word->text);
	else if (!coded->numbers && look_like_numbers(&coded->values))
		hmm_warn("%s: %s has values such as '%s', which are taken for categories: a number has a "
		         "point, and a date is none",
		    cell->table->name, column, word ? word->text : coded->values.name[0]);
	return 0;
}

int
hmm_coded_learn(
    struct hmm_coded *coded, const char *column, const struct hmm_coded_cell *cell, size_t count)
{
	double *value = hmm_alloc(count, sizeof(*value));
	size_t values = 0;
	*coded = (struct hmm_coded){.numbers = 1};
	int bad = !value;
	for (size_t i = 0; i < count && !bad; i++) {
		if (!cell[i].fits)
			continue;
		coded->missing |= !cell[i].text;
		if (!cell[i].text)
			continue;
		if (!hmm_coded_number(&value[values], cell[i].text))
			values++;
		else
			coded->numbers = 0;
		bad = hmm_names_add(&coded->values, cell[i].text) < 0;
	}
	bad = bad || check(coded, column, cell, count) || hmm_names_sort(&coded->values, NULL);
	if (!bad && coded->numbers)
		hmm_coded_standardise(coded, value, values);
	free(value);
	return bad ? -1 : 0;
}

void
hmm_coded_close(struct hmm_coded *coded)
{
	hmm_names_close(&coded->values);
}

size_t
hmm_coded_width(const struct hmm_coded *coded)
{
	return (coded->numbers ? 1 : coded->values.count) + (size_t)coded->missing;
}

int
hmm_coded_write(double *x, const struct hmm_coded *coded, const char *text)
{
	const size_t width = hmm_coded_width(coded);
	double value = 0;
	memset(x, 0, width * sizeof(*x));
	if (!text) {
		if (coded->missing)
			x[width - 1] = 1;
		return !coded->missing;
	}
	if (coded->numbers) {
		if (hmm_coded_number(&value, text))
			return -1;
		x[0] = (value - coded->mean) * coded->scale;
		return 0;
	}
	const long found = hmm_names_find(&coded->values, text);
	if (found < 0)
		return 1;
	x[found] = 1;
	return 0;
}
