/* The bootstrap of whole groups of predictions, whatever is measured. */
#ifndef HMM_BOOTSTRAP_H
#define HMM_BOOTSTRAP_H

#include "hmm/base/random.h"
#include "hmm/kernel/interval.h"
#include "hmm/score/system.h"

struct hmm_bootstrap {
	size_t statistics, replicates;
	size_t groups;   /* how many a replicate draws */
	double *sample;  /* [statistics][replicates]: those defined, ascending, and */
	size_t *defined; /* [statistics]: how many these are */
};

/* What each replicate measures: values[statistics] where group g counts weight[g]
 * times. */
typedef void hmm_replicate(double *values, const double *weight, void *context);

/* Draw as many of the groups that occur in the rows as there are, `replicates` times; in
 * replicate b, from 0, the i-th draw stands at epoch b, index i of `place`. 0, or
 * -1 reported; close it in either case. */
int hmm_bootstrap_open(struct hmm_bootstrap *boot, const struct hmm_system *system, size_t groups,
    size_t statistics, hmm_replicate *replicate, void *context, size_t replicates,
    struct hmm_place place);
void hmm_bootstrap_close(struct hmm_bootstrap *boot);

/* numpy.percentile's default of one statistic; NaN without any replicate. */
double hmm_bootstrap_quantile(const struct hmm_bootstrap *boot, size_t statistic, double q);

/* The expanded percentiles for so many groups, see hmm_interval_expanded(): none without any
 * replicate, or of fewer than two groups. */
struct hmm_interval hmm_bootstrap_band(
    const struct hmm_bootstrap *boot, size_t statistic, size_t groups, double level);

/* The interval between them; none where all replicates are alike, which says nothing of what others
 * would be, or where they are so few that the test below could not reject at its level. */
struct hmm_interval hmm_bootstrap_interval(
    const struct hmm_bootstrap *boot, size_t statistic, size_t groups, double level);

/* The two-sided p that the statistic is 0, which is the interval's: of the smaller share of
 * replicates on either side, one more counted on both. Where all replicates are equal it is 1 if
 * they are 0, else NaN; NaN too of fewer than two groups. */
double hmm_bootstrap_p(const struct hmm_bootstrap *boot, size_t statistic);

/* The least p that so many replicates of so many groups can give; NaN of fewer than two groups or
 * without any. */
double hmm_bootstrap_least_p(size_t groups, size_t replicates);

/* As a number of replicates: as many as the tests want that are made of them. */
#define HMM_BOOTSTRAP_ENOUGH SIZE_MAX

/* The replicates that were asked for; where that is HMM_BOOTSTRAP_ENOUGH, so many that Holm's
 * correction of `tests` p can leave the least of the groups in these rows well below .05: from
 * 2000, and no more than 20000, for the time that they take. -1, reported. */
long hmm_bootstrap_replicates(
    size_t asked, const struct hmm_system *system, size_t groups, size_t tests);

#endif
