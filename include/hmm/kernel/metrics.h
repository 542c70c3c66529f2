/* Metrics of predictions. Those of binary classification are by scikit-learn's definitions but
 * where it says otherwise: precision, npv, recall, specificity and F1 with a zero denominator, and
 * mcc with a zero factor, are 0; what needs both classes is NaN without them. */
#ifndef HMM_METRICS_H
#define HMM_METRICS_H

#include <stddef.h>

struct hmm_scored {
	double score;       /* a probability, or for the areas alone any number */
	int label;          /* 0, 1 */
	double weight;      /* how often it counts: 1, or a bootstrap's multiplicity */
	size_t group;       /* the caller's */
	double logit, loss; /* of the score; minus the log of the probability of its label */
	unsigned called;    /* 1: predicted positive */
	unsigned pattern;   /* of modalities: its number, below hmm_measuring's patterns */
	const struct hmm_outcome *outcome; /* of targets but the binary one, see outcome.h; else NULL */
};

enum hmm_metric {
	HMM_ACC,
	HMM_AUC,      /* Mann-Whitney, ties half */
	HMM_AUC_HARD, /* of the thresholded predictions: balanced accuracy */
	HMM_F1,
	HMM_PRECISION,
	HMM_RECALL,
	HMM_BRIER,
	HMM_COMPARED, /* the seven above are those of the paper and its code, and of paired tests */
	HMM_SPECIFICITY = HMM_COMPARED,
	HMM_NPV,
	HMM_BALANCED_ACCURACY,
	HMM_MCC,
	HMM_AVERAGE_PRECISION, /* sum of steps of recall by the precision there; ties enter together */
	HMM_AUC_WITHIN,        /* of the pairs with equal patterns alone */
	HMM_LOG_LOSS,
	HMM_SCALED_BRIER, /* 1 - brier / (pi (1 - pi)), pi the prevalence of the same rows */
	HMM_ECE,          /* calibration.h, as are the next three */
	HMM_RMSCE_DEBIASED,
	HMM_CITL,
	HMM_SLOPE,
	HMM_TN,
	HMM_FP,
	HMM_FN,
	HMM_TP,
	HMM_METRICS,
	HMM_NET_BENEFIT = HMM_METRICS, /* TP/n - FP/n t/(1-t) at a threshold t of the score */
	HMM_NET_BENEFIT_STANDARDISED,  /* the same over pi */
	/* of classes: multiclass.h */
	HMM_CLASS_ACC,
	HMM_CLASS_BALANCED_ACCURACY,
	HMM_CLASS_AUC_MACRO,
	HMM_CLASS_F1_MACRO,
	HMM_CLASS_LOG_LOSS,
	HMM_CLASS_BRIER,
	HMM_CLASS_PRECISION_MACRO,
	HMM_CLASS_RECALL_MACRO,
	HMM_CLASS_AUC_WEIGHTED,
	HMM_CLASS_F1_WEIGHTED,
	HMM_CLASS_PRECISION_WEIGHTED,
	HMM_CLASS_RECALL_WEIGHTED,
	HMM_CLASS_MCC,
	HMM_CLASS_KAPPA,
	HMM_CLASS_ECE,
	HMM_CLASS_END,
	/* of a value: regression.h */
	HMM_VALUE_R2 = HMM_CLASS_END,
	HMM_VALUE_MAE,
	HMM_VALUE_RMSE,
	HMM_VALUE_CRPS,
	HMM_VALUE_COVERAGE_90,
	HMM_VALUE_BIAS,
	HMM_VALUE_PEARSON,
	HMM_VALUE_SPEARMAN,
	HMM_VALUE_END,
	/* of a time: survival.h */
	HMM_TIME_HARRELL = HMM_VALUE_END,
	HMM_TIME_UNO,
	HMM_TIME_INTEGRATED_BRIER,
	HMM_TIME_END,
	HMM_TIME_BRIER = HMM_TIME_END /* at a time */
};

extern const char *const hmm_metric_names[HMM_METRICS]; /* "acc", ... */

/* Order by score, ascending, which the functions below want; ties by label, group and the rest,
 * so that no sum depends on the order of the rows. */
void hmm_metrics_sort(struct hmm_scored *scored, size_t count);

/* Say of each row whether it is predicted positive: its score exceeds the threshold. */
void hmm_metrics_call(struct hmm_scored *scored, size_t count, double threshold);

/* Whether a score is NaN: then all that is made of them is. */
int hmm_metrics_lost(const struct hmm_scored *scored, size_t count);

/* The area under the ROC curve of sorted scores. */
double hmm_metrics_auc(const struct hmm_scored *sorted, size_t count);

/* What to measure, and in which population. */
struct hmm_measured {
	enum hmm_metric metric;
	double at; /* the threshold of a net benefit, the time of a brier */
};
struct hmm_measuring {
	const struct hmm_measured *metric; /* [count] */
	size_t count;
	double prevalence; /* the share of positives that they are weighted to; NaN: as they are. It
	                      touches neither what is within one label, nor areas nor counts */
	double *below;     /* [2][patterns]: scratch of auc_within; else NULL */
	size_t patterns;
	/* 1: where the label is missing that a metric divides by, it is NaN, as it must be of one
	 * sample of many: recall and f1 without a positive, specificity without a negative, mcc without
	 * either, precision and npv without anything to find and found. 0: it is 0, as in scikit-learn.
	 */
	int strict;
	const struct hmm_outcomes *outcomes; /* of targets but the binary one; else NULL */
};

/* Measure sorted rows: a value a metric, as the outcomes do where there are any. Of citl and slope,
 * which weights do not have, NaN. */
void hmm_metrics_measure(double *values, const struct hmm_scored *sorted, size_t count,
    const struct hmm_measuring *measuring);

#endif
