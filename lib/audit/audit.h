/* What the parts of hmm_check_run() share. */
#ifndef AUDIT_H
#define AUDIT_H

#include "hmm/data/column.h"
#include "hmm/audit/findings.h"
#include "hmm/audit/trained.h"

struct hmm_audit {
	const struct hmm_table *manifest;
	int label, group, split, modality, path, content, imputed; /* columns; -1: none */
	int *labels;                                               /* [rows]: 0, 1, -1 */
	struct hmm_column subjects, groups;
	struct hmm_table *findings; /* not owned */
};

/* The parts: each appends what it finds. 0, or -1 reported. */
int hmm_audit_twins(struct hmm_audit *audit);
int hmm_audit_imputed(struct hmm_audit *audit);
int hmm_audit_presence(struct hmm_audit *audit);
int hmm_audit_trained(struct hmm_audit *audit, struct hmm_trained *trained);
int hmm_audit_breakhis(struct hmm_audit *audit);

#endif
