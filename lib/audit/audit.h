/* What the parts of hmm_check_run() share. */
#ifndef AUDIT_H
#define AUDIT_H

#include "hmm/data/column.h"
#include "hmm/data/target.h"
#include "hmm/audit/findings.h"
#include "hmm/audit/trained.h"

struct hmm_audit {
	const struct hmm_table *manifest;
	enum hmm_target target;
	int label, event, group, split, modality, path, content, imputed; /* columns; -1: none */
	/* What a label is, by number: "label 0" and "label 1"; classes by name; of a time the event, of
	 * a value below or from the median of the lines on. */
	struct hmm_names strata;
	int *labels; /* [rows]: the number, -1: it has none */
	struct hmm_column subjects, groups;
	struct hmm_table *findings; /* not owned */
};

/* Find the columns of the labels, their strata and numbers. 0, or -1 reported; close them in either
 * case. */
int hmm_audit_labels_open(struct hmm_audit *audit);
void hmm_audit_labels_close(struct hmm_audit *audit);

/* The parts: each appends what it finds. 0, or -1 reported. */
int hmm_audit_twins(struct hmm_audit *audit);
int hmm_audit_imputed(struct hmm_audit *audit);
int hmm_audit_presence(struct hmm_audit *audit);
int hmm_audit_trained(struct hmm_audit *audit, struct hmm_trained *trained);
int hmm_audit_breakhis(struct hmm_audit *audit);

#endif
