/* The images of a BIDS tree (https://bids-specification.readthedocs.io) and what
 * its tables say of the subjects. */
#ifndef HMM_BIDS_H
#define HMM_BIDS_H

#include "hmm/data/table.h"

struct hmm_bids_options {
	const char *label;    /* the column with the labels; NULL: none */
	const char *suffixes; /* such as "T1w,pet"; NULL: all */
	const char *entities; /* those that tell modalities apart, such as "ce,trc" */
};

/* A manifest of sub-X[/ses-Y]/<datatype>/X.nii[.gz], in no order, its labels as the
 * tables have them: of sub-X_sessions.tsv where that has the column and the
 * session, else of participants.tsv, whose other columns follow (prefixed with
 * "participants_" where a manifest has one of that name). Warnings count the
 * subjects that lack images or a row, and the names that are not BIDS. NULL,
 * reported. */
struct hmm_table *hmm_bids_read(const char *folder, const struct hmm_bids_options *options);

#endif
