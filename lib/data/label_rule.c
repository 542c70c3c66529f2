#include "hmm/data/label_rule.h"

#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/list.h"
#include "hmm/data/manifest.h"
#include "hmm/data/names.h"

/* ">=": not smaller */
enum sign { EQUAL, ABOVE, NOT_BELOW, BELOW, NOT_ABOVE };

struct hmm_label_test {
	char *text; /* as it was given, without quotes */
	enum sign sign;
	double number; /* what it compares with */
	int label;
	size_t rows; /* of which it is true */
};

static const char *const option_of[] = {"negative", "positive"};

/* ---- the rule ---- */

static const char of_comparisons[] =
    "a comparison is such as 'edss>=4' or '<=65', with >, >=, < or <=";

/* Take apart [COLUMN]>=NUMBER; a text that is none is a value. 0, or -1 reported. */
static int
read_comparison(struct hmm_label_rule *rule, struct hmm_label_test *test)
{
	const char *at = test->text + strcspn(test->text, "<>"), *number = at;
	if (!*at)
		return 0;
	const int above = *number++ == '>', equal = *number == '=';
	number += equal;
	while (hmm_cell_blank(number))
		number += hmm_cell_blank(number);
	if (hmm_cell_number(&test->number, number))
		return 0;
	if (at > test->text && at[-1] == '=')
		return hmm_error(
		    "--%s: found '%s'; %s", option_of[test->label], test->text, of_comparisons);
	test->sign = above ? equal ? NOT_BELOW : ABOVE : equal ? NOT_ABOVE : BELOW;
	rule->compares = 1;
	while (hmm_cell_blank_before(test->text, at))
		at -= hmm_cell_blank_before(test->text, at);
	const size_t length = (size_t)(at - test->text);
	if (!length)
		return 0;
	if (rule->column && (strncmp(rule->column, test->text, length) || rule->column[length]))
		return hmm_error("--%s: '%s' is of another column than '%s', want one column",
		    option_of[test->label], test->text, rule->column);
	if (!rule->column && (rule->column = hmm_alloc(length + 1, 1)))
		memcpy(rule->column, test->text, length);
	return rule->column ? 0 : -1;
}

static int
add_tests(struct hmm_label_rule *rule, const struct hmm_list *list, int label)
{
	for (size_t i = 0; i < list->count; i++) {
		struct hmm_label_test *test = &rule->test[rule->count];
		*test = (struct hmm_label_test){.text = hmm_strdup(list->item[i]), .label = label};
		if (!test->text)
			return -1;
		rule->count++;
		if (hmm_cell_missing(test->text))
			return hmm_error(
			    "--%s: found '%s', which stands for a missing value", option_of[label], test->text);
		if (!list->quoted[i] && read_comparison(rule, test))
			return -1;
	}
	return 0;
}

int
hmm_label_rule_open(struct hmm_label_rule *rule, const char *positive, const char *negative)
{
	struct hmm_list ones = {0}, zeros = {0};
	*rule = (struct hmm_label_rule){.negatives = negative != NULL};
	int bad = (positive && hmm_list_open(&ones, option_of[1], positive)) ||
	          (negative && hmm_list_open(&zeros, option_of[0], negative));
	rule->test = bad ? NULL : hmm_alloc(ones.count + zeros.count, sizeof(*rule->test));
	bad = bad || !rule->test || add_tests(rule, &ones, 1) || add_tests(rule, &zeros, 0);
	hmm_list_close(&ones);
	hmm_list_close(&zeros);
	return bad ? -1 : 0;
}

void
hmm_label_rule_close(struct hmm_label_rule *rule)
{
	for (size_t i = 0; i < rule->count; i++)
		free(rule->test[i].text);
	free(rule->test);
	free(rule->column);
	*rule = (struct hmm_label_rule){0};
}

/* ---- its use ---- */

enum { NONE = 2, CLASSES }; /* behind the labels 0 and 1 */

/* Which values became which label, and of how many subjects. */
struct tally {
	struct hmm_names values[CLASSES];
	size_t subjects[CLASSES];
};

static int
is_true(const struct hmm_label_test *test, const char *value, int is_number, double number)
{
	double wanted;
	switch (test->sign) {
	case ABOVE:
		return is_number && number > test->number;
	case NOT_BELOW:
		return is_number && number >= test->number;
	case BELOW:
		return is_number && number < test->number;
	case NOT_ABOVE:
		return is_number && number <= test->number;
	default: /* 1 and 1.0 are one value */
		return !strcmp(test->text, value) ||
		       (is_number && !hmm_cell_number(&wanted, test->text) && wanted == number);
	}
}

/* The kind of a value, and in *name what the tally calls it. -1, reported. */
static int
classify(struct hmm_label_rule *rule, const char *value, const char **name, const char *source)
{
	const struct hmm_label_test *found = NULL;
	double number = 0;
	const int is_number = !hmm_cell_number(&number, value);
	*name = value;
	for (size_t i = 0; i < rule->count; i++) {
		struct hmm_label_test *test = &rule->test[i];
		if (!is_true(test, value, is_number, number))
			continue;
		if (found && found->label != test->label)
			return hmm_error("%s: '%s' is both --positive and --negative", source, value);
		test->rows++;
		found = found ? found : test;
	}
	if (found) {
		*name = found->sign == EQUAL ? value : found->text;
		return found->label;
	}
	if (rule->compares && !is_number)
		return hmm_error(
		    "%s: found '%s', want a number, as it is compared with one", source, value);
	if (rule->compares)
		*name = "other numbers";
	if (rule->count)
		return rule->negatives ? NONE : 0;
	return is_number && (number == 0 || number == 1) ? (int)number : NONE;
}

/* "AD, CN and 3 more", each in quotes where `quote` is "'". */
static void
list_values(char *text, size_t size, const struct hmm_names *names, const char *quote)
{
	enum { MOST = 8 };
	size_t used = 0;
	text[0] = '\0';
	for (size_t i = 0; i < names->count && i < MOST; i++) {
		const int length = snprintf(
		    text + used, size - used, "%s%s%s%s", i ? ", " : "", quote, names->name[i], quote);
		used += length > 0 && (size_t)length < size - used ? (size_t)length : 0;
	}
	if (names->count > MOST)
		snprintf(text + used, size - used, " and %zu more", names->count - MOST);
}

/* Put every label in its kind. 0, or -1 reported. */
static int
set_labels(
    struct tally *tally, struct hmm_label_rule *rule, struct hmm_table *table, const char *source)
{
	const char *subjects[CLASSES] = {NULL};
	for (size_t row = 0; row < table->rows; row++) {
		char **cells = table->cells + row * table->columns, **label = &cells[HMM_LABEL];
		char *value = *label && !hmm_cell_missing(*label) ? hmm_cell_trim(*label) : NULL;
		const char *name = "n/a";
		const int kind = value ? classify(rule, value, &name, source) : NONE;
		if (kind < 0 || hmm_names_add(&tally->values[kind], name) < 0)
			return -1;
		tally->subjects[kind] += !subjects[kind] || strcmp(subjects[kind], cells[HMM_SUBJECT]);
		subjects[kind] = cells[HMM_SUBJECT];
		if (kind == NONE) {
			free(*label);
			*label = NULL;
		} else {
			memcpy(*label, kind ? "1" : "0", 2);
		}
	}
	return 0;
}

/* Whether all tests were true of something, and all values were 0 and 1 where there are none. */
static int
check_tally(struct tally *tally, const struct hmm_label_rule *rule, const char *source)
{
	char found[1024];
	struct hmm_names all = {0}; /* values that are no test's */
	int bad = 0;
	for (int kind = 0; kind < CLASSES && !bad; kind++)
		for (size_t i = 0; i < tally->values[kind].count && !bad; i++) {
			const char *name = tally->values[kind].name[i];
			if (strcmp(name, "n/a") && (rule->count || kind == NONE))
				bad = hmm_names_add(&all, name) < 0;
		}
	bad = bad || hmm_names_sort(&all, NULL);
	list_values(found, sizeof(found), &all, "'");
	for (size_t i = 0; i < rule->count && !bad; i++) {
		const struct hmm_label_test *test = &rule->test[i];
		if (!test->rows && test->sign == EQUAL)
			bad = hmm_error("%s: found %s, want some '%s' (--%s%s%s)", source,
			    *found ? found : "no value", test->text, option_of[test->label],
			    strpbrk(test->text, "<>=") ? "; " : "",
			    strpbrk(test->text, "<>=") ? of_comparisons : "");
		else if (!test->rows)
			bad = hmm_error(
			    "%s: no value is '%s' (--%s)", source, test->text, option_of[test->label]);
	}
	if (!bad && !rule->count && all.count)
		bad = hmm_error("%s: found %s, want 0 and 1, or --positive VALUE", source, found);
	hmm_names_close(&all);
	return bad;
}

/* "AD -> 1 (12 subjects), CN, MCI -> 0 (30), none (4: n/a)" */
static void
describe(char *text, size_t size, struct tally *tally)
{
	static const int order[CLASSES] = {1, 0, NONE};
	static const char one[] = " subject", many[] = " subjects";
	char values[512];
	size_t used = 0;
	text[0] = '\0';
	for (int i = 0; i < CLASSES; i++) {
		const size_t count = tally->subjects[order[i]];
		const char *separator = used ? ", " : "", *unit = i ? "" : count == 1 ? one : many;
		int length = 0;
		list_values(values, sizeof(values), &tally->values[order[i]], "");
		if (order[i] != NONE)
			length = snprintf(text + used, size - used, "%s%s -> %d (%zu%s)", separator,
			    count ? values : "nothing", order[i], count, unit);
		else if (count)
			length =
			    snprintf(text + used, size - used, "%snone (%zu: %s)", separator, count, values);
		used += length > 0 && (size_t)length < size - used ? (size_t)length : 0;
	}
}

int
hmm_label_rule_apply(char *text, size_t size, struct hmm_label_rule *rule, struct hmm_table *table,
    const char *name, const char *column)
{
	char source[1024];
	struct tally tally = {.subjects = {0}};
	snprintf(source, sizeof(source), "%s: %s%s%s", name, column ? "column '" : "labels",
	    column ? column : "", column ? "'" : "");
	int bad = set_labels(&tally, rule, table, source);
	for (int kind = 0; kind < CLASSES && !bad; kind++)
		bad = hmm_names_sort(&tally.values[kind], NULL);
	bad = bad || check_tally(&tally, rule, source);
	if (!bad)
		describe(text, size, &tally);
	for (int kind = 0; kind < CLASSES; kind++)
		hmm_names_close(&tally.values[kind]);
	return bad ? -1 : 0;
}

int
hmm_label_rule_column(const struct hmm_label_rule *rule, const char **label, const char *labels,
    int positive, int folder, int in_pattern)
{
	if (rule->column && (in_pattern || (*label && strcmp(rule->column, *label))))
		return hmm_error("--positive compares column '%s', want that of %s", rule->column,
		    in_pattern ? "{label}, or the class" : "--label");
	*label = *label ? *label : rule->column ? rule->column : labels ? "label" : NULL;
	if (positive && !*label && !in_pattern)
		return hmm_error("--positive wants a --label, or a comparison such as 'edss>=4' "
		                 "(>, >=, <, <=)");
	return folder && *label && !labels ? hmm_error("--label wants a --labels FILE") : 0;
}
