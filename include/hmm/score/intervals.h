/* Which interval a metric has: a formula's, or the bootstrap's. */
#ifndef HMM_INTERVALS_H
#define HMM_INTERVALS_H

#include "hmm/kernel/delong.h"
#include "hmm/kernel/interval.h"
#include "hmm/score/system.h"

enum hmm_interval_kind {
	HMM_INTERVAL_NONE,
	HMM_INTERVAL_WILSON,
	HMM_INTERVAL_DELONG,
	HMM_INTERVAL_WALD,
	HMM_INTERVAL_BOOTSTRAP
};
extern const char *const hmm_interval_names[]; /* "n/a", "wilson", ... */

/* The kind of a metric's interval. Wilson's of a proportion whose rows are independent and counted
 * as they are, and of auc_hard, the mean of two; the area's by DeLong or Obuchowski (named delong)
 * on the logit's scale in one run; Wald's of what is fitted; none of counts; else the bootstrap's.
 */
enum hmm_interval_kind hmm_intervals_kind(
    enum hmm_metric metric, int independent, size_t runs, double prevalence);

/* The 95 % interval of a proportion, or of the area, of a sorted system whose kind that is; none
 * where it is not defined. 0, or -1 reported. */
int hmm_intervals_of(struct hmm_interval *interval, const struct hmm_system *system,
    enum hmm_metric metric, size_t groups);

#endif
