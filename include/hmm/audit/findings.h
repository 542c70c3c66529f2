/* What an audit finds, a line each. */
#ifndef HMM_FINDINGS_H
#define HMM_FINDINGS_H

#include "hmm/base/error.h"
#include "hmm/data/table.h"

enum hmm_severity {
	HMM_OK,      /* the check found nothing */
	HMM_NOTE,    /* a fact, no finding */
	HMM_WARNING, /* doubtful */
	HMM_SEVERE   /* "error": a leak or a contradiction */
};

/* An empty table of findings, with the columns check, severity, what and found. NULL,
 * reported. */
struct hmm_table *hmm_findings_new(void);

/* A line more: the name of the check, who or what it is about, and what was found.
 * 0, or -1 reported. */
int hmm_findings_add(struct hmm_table *findings, const char *check, enum hmm_severity severity,
    const char *what, const char *format, ...) HMM_PRINTF(5, 6);

/* How many findings are doubtful or worse; whether a check has a line. */
size_t hmm_findings_count(const struct hmm_table *findings);
int hmm_findings_has(const struct hmm_table *findings, const char *check);

#endif
