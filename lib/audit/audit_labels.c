#include <math.h>
#include <stdlib.h>

#include "audit.h"
#include "hmm/base/memory.h"
#include "hmm/base/number.h"

/* Number a row's class, or the half that its number is in. */
static int
number_row(struct hmm_audit *audit, size_t row, const struct hmm_known *known, const double *median)
{
	switch (audit->target) {
	case HMM_CLASSES:
		return (int)hmm_names_find(&audit->strata, known->name);
	case HMM_VALUE:
		return known->number >= *median;
	case HMM_TIME:
		return known->event;
	default:
		return hmm_table_label(audit->manifest, row, audit->label);
	}
}

/* The median of the rows' values, the upper one of two; NaN: there is none. -1, reported. */
static int
find_median(double *median, const struct hmm_audit *audit)
{
	const struct hmm_table *table = audit->manifest;
	double *values = hmm_alloc(table->rows, sizeof(*values));
	size_t count = 0;
	for (size_t row = 0; values && row < table->rows; row++) {
		struct hmm_known known;
		if (hmm_target_known(&known, HMM_VALUE, table, row, audit->label, -1) == 1)
			values[count++] = known.number;
	}
	if (values)
		hmm_numbers_sort(values, count);
	*median = count ? values[count / 2] : (double)NAN;
	free(values);
	return values ? 0 : -1;
}

/* Name what the numbers stand for. */
static int
name_strata(struct hmm_audit *audit, double *median)
{
	char below[64], others[64];
	const char *names[2] = {"label 0", "label 1"};
	int bad = 0;
	if (audit->target == HMM_CLASSES) {
		for (size_t row = 0; row < audit->manifest->rows && !bad; row++) {
			const char *cell = hmm_table_cell(audit->manifest, row, audit->label);
			bad = cell && hmm_names_add(&audit->strata, cell) < 0;
		}
		return bad || hmm_names_sort(&audit->strata, NULL) ? -1 : 0;
	}
	if (audit->target == HMM_VALUE) {
		if (find_median(median, audit))
			return -1;
		snprintf(below, sizeof(below), "a label below %.6g", *median);
		snprintf(others, sizeof(others), "one of %.6g or more", *median);
		names[0] = below;
		names[1] = others;
	} else if (audit->target == HMM_TIME) {
		names[0] = "event 0";
		names[1] = "event 1";
	}
	return hmm_names_add(&audit->strata, names[0]) < 0 ||
	               hmm_names_add(&audit->strata, names[1]) < 0
	           ? -1
	           : 0;
}

int
hmm_audit_labels_open(struct hmm_audit *audit)
{
	const struct hmm_table *table = audit->manifest;
	double median = (double)NAN;
	audit->label = hmm_table_find(table, "label");
	audit->event = hmm_table_find(table, "event");
	audit->labels = hmm_alloc(table->rows, sizeof(*audit->labels));
	if (!audit->labels || name_strata(audit, &median))
		return -1;
	for (size_t row = 0; row < table->rows; row++) {
		struct hmm_known known;
		const int known_here =
		    hmm_target_known(&known, audit->target, table, row, audit->label, audit->event);
		audit->labels[row] = known_here == 1 ? number_row(audit, row, &known, &median) : -1;
	}
	return 0;
}

void
hmm_audit_labels_close(struct hmm_audit *audit)
{
	free(audit->labels);
	hmm_names_close(&audit->strata);
}
