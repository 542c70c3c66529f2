/* What age, sex and site tell alone, or beside the logit of a system that looks at images: a
 * logistic regression with a ridge on columns of a manifest. */
#ifndef HMM_COVARIATES_H
#define HMM_COVARIATES_H

#include <stdint.h>

#include "hmm/data/list.h"
#include "hmm/data/predictions.h"

struct hmm_covariates_options {
	const char *columns;     /* of the manifest, such as "age,sex,site" */
	const char *predictions; /* of whose logit one more column is made; NULL: none */
	long folds;              /* of groups, to choose the ridge */
	uint64_t seed;           /* of the folds */
};

/* Fit on the subjects of split train, or with predictions on those of cal, or of val where there is
 * none, and write a row of predictions a subject. A column is numbers if all subjects that are
 * fitted have a number there, or nothing, and then so must all others: standardised by their mean
 * and standard deviation, and one that is missing is the mean, with an indicator where that is so
 * in the fit. Any other column is an indicator a value of the fit, to be missing among them. 0, or
 * -1 reported. */
int hmm_covariates_run(
    FILE *file, const struct hmm_table *manifest, const struct hmm_covariates_options *options);

#endif
