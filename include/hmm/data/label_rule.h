/* Which values of a column are label 1 and which are label 0. */
#ifndef HMM_LABEL_RULE_H
#define HMM_LABEL_RULE_H

#include "hmm/data/table.h"

struct hmm_label_test;

struct hmm_label_rule {
	struct hmm_label_test *test; /* [count] */
	size_t count;
	char *column;            /* that the comparisons name; NULL: none */
	int compares, negatives; /* 1: has comparisons; says what is 0 */
};

/* Read what --positive and --negative were given, lists as in hmm_list_open(): values, and
 * comparisons [COLUMN]>=NUMBER, with >, <= and < too, unless they stand in quotes. NULL:
 * none. 0, or -1 reported; close it in either case. */
int hmm_label_rule_open(struct hmm_label_rule *rule, const char *positive, const char *negative);
void hmm_label_rule_close(struct hmm_label_rule *rule);

/* Turn the label column of a manifest of hmm_table_new(), which is sorted, to 0, 1 and missing.
 * What `positive` has is 1; where there are negatives those are 0 and other values are missing,
 * else other values are 0. Without a positive they must be 0 and 1 already. Each test must be
 * true of some row and none of two labels; what is compared must be a number. `name` and
 * `column` (NULL: none) say where the values come from. Into `text`: what became what, and of how
 * many subjects. 0, or -1 reported. */
int hmm_label_rule_apply(char *text, size_t size, struct hmm_label_rule *rule,
    struct hmm_table *table, const char *name, const char *column);

/* Choose the column of the labels: that of --label or of a comparison, which go with a rule and its
 * --positive, else that of --labels. `in_pattern`: it is {label} in a pattern, or a class. 0, or -1
 * reported. */
int hmm_label_rule_column(const struct hmm_label_rule *rule, const char **label, const char *labels,
    int positive, int folder, int in_pattern);

#endif
