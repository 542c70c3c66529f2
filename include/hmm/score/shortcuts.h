/* Do predictions come from what a patient's modalities show, or from which of them there are? */
#ifndef HMM_SHORTCUTS_H
#define HMM_SHORTCUTS_H

#include <stdio.h>

#include "hmm/score/bootstrap.h"
#include "hmm/score/patients.h"

struct hmm_shortcuts_options {
	const char *split, *from, *run; /* see hmm_patients_open() */
	double rate, gamma; /* of what is dropped not at random: the share, and how much it depends */
	double margin;      /* an excess that is let pass; twice that of presence alone */
	size_t replicates;  /* of the bootstrap, and as many permutations; see HMM_BOOTSTRAP_ENOUGH */
	uint64_t seed;
};

enum hmm_verdict {
	HMM_VERDICT_NONE,
	HMM_VERDICT_OK,
	HMM_VERDICT_SHORTCUT,
	HMM_VERDICT_PRONE, /* it would be one if modalities went missing so */
	HMM_VERDICT_FEW
};

struct hmm_shortcut {             /* NaN: undefined */
	const char *check, *modality; /* NULL: of all modalities */
	double value, reference;      /* what it would be without a shortcut */
	double excess;                /* how far a shortcut parts the two */
	struct hmm_interval interval, excess_interval;
	double most;      /* the excess's upper percentile, also where none of its replicates differ */
	double p, p_holm; /* that a shortcut does not; corrected for all checks */
	double least;     /* what p_holm could be with so many replicates */
	size_t n, positives;
	double effective; /* n that as many rows of one weight would be */
	enum hmm_verdict verdict;
};

/* The number of checks of a cohort with so many modalities. */
size_t hmm_shortcuts_count(size_t modalities);

/* Make all checks. presence[subjects]: the model's logits where no modality shows anything; NULL:
 * not known. 0, or -1 reported. */
int hmm_shortcuts_run(struct hmm_shortcut *found, const struct hmm_patients *cohort,
    const double *presence, const struct hmm_shortcuts_options *options);

/* The same of predictions, and of others (NULL: none) whose logits are those of presence, as a
 * table: check modality value low high reference excess excess_low excess_high p p_holm n positives
 * n_effective verdict. 0, or -1 reported. */
int hmm_shortcuts_write(FILE *file, const struct hmm_predictions *predictions,
    const struct hmm_predictions *presence, const struct hmm_shortcuts_options *options);

#endif
