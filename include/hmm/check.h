/* The audit of a manifest: what would make its results look better than they are. */
#ifndef HMM_CHECK_H
#define HMM_CHECK_H

#include "hmm/error.h"
#include "hmm/table.h"

enum hmm_severity {
	HMM_NOTE,    /* a fact, no finding */
	HMM_WARNING, /* doubtful */
	HMM_SEVERE   /* "error": a leak or a contradiction */
};

/* An empty table of findings, with the columns check, severity, what and found. NULL,
 * reported. */
struct hmm_table *hmm_check_new(void);

/* A line more: the name of the check, who or what it is about, and what was found.
 * 0, or -1 reported. */
int hmm_check_add(struct hmm_table *findings, const char *check, enum hmm_severity severity,
    const char *what, const char *format, ...) HMM_PRINTF(5, 6);

/* How many findings are no notes. */
size_t hmm_check_count(const struct hmm_table *findings);

/* Whether a manifest can be audited: it has lines, a subject in each, a path in each
 * if there is that column, and labels 0, 1 or n/a. 0, or -1 reported. */
int hmm_check_valid(const struct hmm_table *manifest);

/* Audit such a manifest: a line an image, with the column subject and others as
 * hmm-manifest writes them. A column `content` has what tells images apart, or n/a,
 * where the path does. `trained` is the manifest of an earlier training, or NULL:
 * nobody of its train and val may be in test here. The lines follow from the
 * manifest alone. 0, or -1 reported. */
int hmm_check_run(
    struct hmm_table *findings, const struct hmm_table *manifest, const struct hmm_table *trained);

#endif
