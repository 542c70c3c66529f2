/* One column of a manifest, or the logit of a system, as numbers of a regression. */
#ifndef HMM_COVARIATE_H
#define HMM_COVARIATE_H

#include "hmm/data/coded.h"

struct hmm_covariate {
	int column; /* of the manifest; -1: the logits */
	struct hmm_coded coded;
};

/* A subject of the manifest. */
struct hmm_covariates_subject {
	const char *name, *group, *split, *modalities;
	size_t row; /* its first one */
	int label;  /* -1: not known */
	int fits;   /* 1: it is learned from */
	double logit;
};

struct hmm_covariates {
	const struct hmm_table *table;
	struct hmm_covariate *covariate;
	size_t count, width; /* of covariates; of the numbers of a subject, with the intercept */
	struct hmm_covariates_subject *subject;
	size_t subjects;
};

/* Find what a column is, and say it. Cells that are numbers but for some, values of which nearly
 * each stands once, and none at all are errors; one that tells the labels apart is a warning. 0, or
 * -1 reported; close it in either case. */
int hmm_covariate_open(struct hmm_covariate *of, const struct hmm_covariates *all);
void hmm_covariate_close(struct hmm_covariate *of); /* legal on zeroes */

/* A subject's numbers, x[all->width], the first 1 for the intercept. */
void hmm_covariates_encode(
    double *x, const struct hmm_covariates *all, const struct hmm_covariates_subject *subject);

#endif
