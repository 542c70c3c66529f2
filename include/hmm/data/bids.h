/* The images of a BIDS tree (https://bids-specification.readthedocs.io) and what
 * its tables say of the subjects. */
#ifndef HMM_BIDS_H
#define HMM_BIDS_H

#include "hmm/data/table.h"

struct hmm_bids_options {
	const char *label;    /* the column with the labels; NULL: none */
	const char *labels;   /* a table that has it; NULL: the tree's */
	const char *suffixes; /* such as "T1w,pet"; NULL: all */
	const char *entities; /* those that tell modalities apart, such as "ce,trc" */
};

/* A manifest of sub-X[/ses-Y]/<datatype>/X.nii[.gz], and .png in micr/, in no order. Masks and the
 * like are images only where `suffixes` has them. Labels are as the tables have them: of `labels`,
 * with a row a participant_id [and session_id], a subject or a group; or else of
 * sub-X_sessions.tsv where that has the column and the session, and of participants.tsv, with a
 * row a participant_id [and session_id], whose other columns follow (prefixed with "participants_"
 * where the name has a meaning in a manifest). Warnings count what is left out, and the subjects
 * that lack images or a row. NULL, reported. */
struct hmm_table *hmm_bids_read(const char *folder, const struct hmm_bids_options *options);

#endif
