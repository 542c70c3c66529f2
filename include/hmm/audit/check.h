/* The audit of a manifest: what would make its results look better than they are. */
#ifndef HMM_CHECK_H
#define HMM_CHECK_H

#include "hmm/audit/findings.h"
#include "hmm/audit/trained.h"
#include "hmm/data/target.h"

/* Whether a manifest can be audited: it has lines, a subject in each, a path in each
 * if there is that column, labels of the target, and generators as digests. 0, or -1 reported. */
int hmm_check_valid(const struct hmm_table *manifest, enum hmm_target target);

/* Audit such a manifest: a line an image, with the column subject and others as
 * hmm-manifest writes them. A column `content` has what tells images apart, or n/a,
 * where the path does. Nobody whom an earlier training has seen may be in test here, nor whom it
 * learned from in val; NULL: none is known. The lines follow from the manifest and that alone. 0,
 * or -1 reported. */
int hmm_check_run(struct hmm_table *findings, const struct hmm_table *manifest,
    enum hmm_target target, struct hmm_trained *trained);

/* A line "ok" of each check of these parts that found nothing. 0, or -1 reported. */
int hmm_check_say_clean(struct hmm_table *findings, const struct hmm_table *manifest,
    enum hmm_target target, int images, int trained);

#endif
