/* Which patients the sets of each pattern of modalities are calibrated on.
 *
 *   own  those who have this pattern: right whatever makes a modality missing, where they are
 * enough cut  those who have at least it, cut down to it (CP-MDA-Exact of Zaffran, Dieuleveut,
 * Josse and Romano, ICML 2023, by predictions of subsets where theirs imputes): right if what is
 *        missing depends on nothing else, or by label if it depends on the label alone
 *   all  everybody with what they have: right on average over the patterns
 *   auto own where they are enough, else cut */
#ifndef HMM_SETS_H
#define HMM_SETS_H

#include "hmm/score/cohort.h"
#include "hmm/score/conformal.h"

enum hmm_sets_by { HMM_SETS_AUTO, HMM_SETS_OWN, HMM_SETS_CUT, HMM_SETS_ALL, HMM_SETS_FEW };

struct hmm_sets_options {
	enum hmm_sets_by by; /* not FEW */
	double alpha;        /* the share of true labels that may be missed */
	int together;        /* one quantile of both labels */
};

struct hmm_set_rule {
	enum hmm_sets_by by; /* not AUTO; FEW: too few patients, so the set is both labels */
	struct hmm_conformal conformal;
	size_t uncut; /* patients who have more than the pattern, and no row of it */
};

/* The rules of the patterns with wanted[patterns], into rule[patterns]. 0, or -1 reported. */
int hmm_sets_fit(struct hmm_set_rule *rule, const char *wanted, const struct hmm_cohort *cohort,
    const struct hmm_patterns *patterns, const struct hmm_sets_options *options);

#endif
