#include <stdlib.h>

#include "audit.h"
#include "hmm/base/memory.h"
#include "hmm/kernel/pvalue.h"

/* A finding below this, after Holm's correction. */
static const double level = .01;

/* Subjects: of label 0 without and with the modality, then of label 1. */
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

/* Subjects by their label. */
static void
count_labels(size_t count[2], const struct hmm_audit *audit, const int *labels)
{
	count[0] = count[1] = 0;
	for (size_t s = 0; s < audit->subjects.names.count; s++)
		if (labels[s] >= 0)
			count[labels[s]]++;
}

/* `seen`: the number of the last modality that a subject was counted for, from 1. */
static void
count_presence(struct presence *presence, const struct hmm_audit *audit,
    const struct hmm_column *modalities, size_t modality, const int *labels, const size_t all[2],
    size_t *seen)
{
	size_t *of = presence->of;
	of[1] = of[3] = 0;
	for (size_t i = modalities->start[modality]; i < modalities->start[modality + 1]; i++) {
		const size_t subject = audit->subjects.of[modalities->row[i]];
		if (hmm_table_cell(audit->manifest, modalities->row[i], audit->imputed))
			continue; /* it was not observed */
		if (seen[subject] != modality + 1 && labels[subject] >= 0)
			of[2 * labels[subject] + 1]++;
		seen[subject] = modality + 1;
	}
	of[0] = all[0] - of[1];
	of[2] = all[1] - of[3];
}

static int
report(struct hmm_audit *audit, const char *modality, const struct presence *presence, double p)
{
	const size_t *n = presence->of;
	return p < level ? hmm_findings_add(audit->findings, "presence", HMM_WARNING, modality,
	                       "missing in %zu of %zu subjects of label 0 and %zu of %zu of label 1: "
	                       "p = %.3g (Fisher, Holm)",
	                       n[0], n[0] + n[1], n[2], n[2] + n[3], p)
	                 : 0;
}

static int
test_presence(
    struct hmm_audit *audit, const struct hmm_column *modalities, const int *labels, size_t *seen)
{
	size_t all[2];
	const size_t count = modalities->names.count;
	struct presence *presence = hmm_alloc(count, sizeof(*presence));
	double *p = hmm_alloc(count, 2 * sizeof(*p));
	int bad = !presence || !p;
	count_labels(all, audit, labels);
	for (size_t m = 0; m < count && !bad; m++) {
		count_presence(&presence[m], audit, modalities, m, labels, all, seen);
		p[m] = hmm_pvalue_fisher(presence[m].of);
	}
	if (!bad)
		hmm_pvalue_holm(p + count, p, count);
	for (size_t m = 0; m < count && !bad; m++)
		bad = report(audit, modalities->names.name[m], &presence[m], p[count + m]);
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
