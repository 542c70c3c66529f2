#include <stdlib.h>

#include "audit.h"
#include "hmm/base/memory.h"
#include "hmm/kernel/pvalue.h"

/* A finding below this, after Holm's correction. */
static const double level = .01;

/* Subjects: of one label without and with the modality, then of the other. */
struct presence {
	size_t of[4];
};

/* Each subject's first label that is known, to free(); NULL, reported. */
static int *
subject_labels(const struct hmm_audit *audit)
{
	const struct hmm_column *subjects = &audit->subjects;
	int *labels = hmm_alloc(subjects->names.count, sizeof(*labels));
	for (size_t s = 0; labels && s < subjects->names.count; s++) {
		labels[s] = -1;
		for (size_t i = subjects->start[s]; i < subjects->start[s + 1] && labels[s] < 0; i++)
			labels[s] = audit->labels[subjects->row[i]];
	}
	return labels;
}

/* Which labels are compared, by number: `one`, and `other`, or with -1 all others. */
struct pair {
	int one, other;
};

/* Where a label stands in a pair, 0 or 1; -1: nowhere. */
static int
side_of(int label, struct pair pair)
{
	return label < 0 ? -1 : label == pair.one ? 0 : pair.other < 0 || label == pair.other ? 1 : -1;
}

/* `seen`: the number of the last test that a subject was counted for, from 1. */
static void
count_presence(struct presence *presence, const struct hmm_audit *audit,
    const struct hmm_column *modalities, size_t modality, const int *labels, struct pair pair,
    size_t *seen, size_t test)
{
	size_t *of = presence->of, all[2] = {0, 0};
	for (size_t s = 0; s < audit->subjects.names.count; s++)
		if (side_of(labels[s], pair) >= 0)
			all[side_of(labels[s], pair)]++;
	of[1] = of[3] = 0;
	for (size_t i = modalities->start[modality]; i < modalities->start[modality + 1]; i++) {
		const size_t subject = audit->subjects.of[modalities->row[i]];
		const int side = side_of(labels[subject], pair);
		if (hmm_table_cell(audit->manifest, modalities->row[i], audit->imputed))
			continue; /* it was not observed */
		if (seen[subject] != test + 1 && side >= 0)
			of[2 * side + 1]++;
		seen[subject] = test + 1;
	}
	of[0] = all[0] - of[1];
	of[2] = all[1] - of[3];
}

static int
report(struct hmm_audit *audit, const char *modality, const struct presence *presence,
    struct pair pair, double p)
{
	const size_t *n = presence->of;
	const char *before = audit->target == HMM_CLASSES ? "label " : "";
	return p < level ? hmm_findings_add(audit->findings, "presence", HMM_WARNING, modality,
	                       "missing in %zu of %zu subjects of %s%s and %zu of %zu of %s%s: "
	                       "p = %.3g (Fisher, Holm)",
	                       n[0], n[0] + n[1], before, audit->strata.name[pair.one], n[2],
	                       n[2] + n[3], pair.other < 0 ? "" : before,
	                       pair.other < 0 ? "others" : audit->strata.name[pair.other], p)
	                 : 0;
}

/* Test m is of modality m / pairs; of two labels there is one pair, of more each against all
 * others. */
static int
test_presence(
    struct hmm_audit *audit, const struct hmm_column *modalities, const int *labels, size_t *seen)
{
	const size_t strata = audit->strata.count, pairs = strata > 2 ? strata : strata == 2;
	const size_t count = modalities->names.count * pairs;
	struct presence *presence = hmm_alloc(count, sizeof(*presence));
	double *p = hmm_alloc(count, 2 * sizeof(*p));
	int bad = !presence || !p;
	for (size_t m = 0; m < count && !bad; m++) {
		const struct pair pair = {(int)(m % pairs), strata > 2 ? -1 : 1};
		count_presence(&presence[m], audit, modalities, m / pairs, labels, pair, seen, m);
		p[m] = hmm_pvalue_fisher(presence[m].of);
	}
	if (!bad)
		hmm_pvalue_holm(p + count, p, count);
	for (size_t m = 0; m < count && !bad; m++) {
		const struct pair pair = {(int)(m % pairs), strata > 2 ? -1 : 1};
		bad = report(audit, modalities->names.name[m / pairs], &presence[m], pair, p[count + m]);
	}
	free(presence);
	free(p);
	return bad;
}

int
hmm_audit_presence(struct hmm_audit *audit)
{
	struct hmm_column modalities = {0};
	for (size_t row = 0; row < audit->manifest->rows; row++)
		if (!hmm_table_cell(audit->manifest, row, audit->modality))
			return 0;
	int *labels = subject_labels(audit);
	size_t *seen = hmm_alloc(audit->subjects.names.count, sizeof(*seen));
	const int bad = !labels || !seen ||
	                hmm_column_open(&modalities, audit->manifest, audit->modality, -1) ||
	                test_presence(audit, &modalities, labels, seen);
	hmm_column_close(&modalities);
	free(labels);
	free(seen);
	return bad;
}
