/* How slices share what the maximum over them is worth. */
#ifndef HMM_SLICE_RULE_H
#define HMM_SLICE_RULE_H

#include <stddef.h>

/* How a feature's worth, the maximum over slices, is shared: its winner has it all, those who tie
 * alike; or as those who use a runway pay for its length (Littlechild, Owen, 1973), which is the
 * Shapley value of a maximum from 0 on. */
enum hmm_slice_rule { HMM_WINNER, HMM_AIRPORT };

/* Add each slice's part of `worth` to its share, for values of 0 or more of which the largest is
 * not 0. They are put in order. */
struct hmm_slice_value {
	float value;
	size_t slice;
};
void hmm_slice_rule_share(double *share, struct hmm_slice_value *value, size_t count, double worth,
    enum hmm_slice_rule rule);

#endif
