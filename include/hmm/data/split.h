/* Train, validation, calibration and test by group: the split of an experiment. */
#ifndef HMM_SPLIT_H
#define HMM_SPLIT_H

#include <stddef.h>
#include <stdint.h>

#include "hmm/data/target.h"

enum hmm_part { HMM_TRAIN, HMM_VAL, HMM_CAL, HMM_TEST, HMM_PARTS };
extern const char *const hmm_part_names[HMM_PARTS]; /* "train", ... */

/* What a group's labels are; every stratum is split alike. Of other targets than the binary one
 * there are other strata, of any number. */
enum hmm_stratum { HMM_ALL_0, HMM_ALL_1, HMM_MIXED, HMM_UNKNOWN, HMM_STRATA };

struct hmm_split_unit { /* of 32 bytes: qsort(3) goes through pointers to larger ones */
	const char *name;   /* all differ */
	size_t index;       /* the caller's */
	uint64_t key;       /* the order within the stratum */
	unsigned stratum;   /* enum hmm_stratum, or any number */
	enum hmm_part part; /* the result */
};

/* Read "6:1:1:2", or "6:1:3", which has no part to calibrate on, or "8:2", which has no validation
 * either: whole numbers up to a million, of which 0 leaves a part out, but not train. 0, or -1 (not
 * reported). */
int hmm_split_parse(long ratio[HMM_PARTS], const char *text);

/* The same where test is what is held out: "6", "6:1" or "6:1:1" are train, val and cal. */
int hmm_split_parse_rest(long ratio[HMM_PARTS], const char *text);

/* Both of these reorder the units: within a stratum by a random number that depends on
 * seed, repeat and name alone, so that neither the order of the units nor other
 * groups change it. */

/* Split by whole numbers, such as 6:1:3; 0 leaves a part out. The totals are
 * those of the largest remainder (ties to the earlier part), and in every stratum
 * each part has its share rounded down or up. A part without a unit is an error.
 * 0, or -1 reported. */
int hmm_split_ratio(struct hmm_split_unit *units, size_t count, const long ratio[HMM_PARTS],
    uint64_t seed, uint32_t repeat);

/* Deal the units to `folds` folds, stratum after stratum; `fold`, from 1, is the
 * test part, the next one (the first after the last) validation, and the one behind that is to
 * calibrate on, if `cal`. 0, or -1 reported. */
int hmm_split_fold(struct hmm_split_unit *units, size_t count, long folds, long fold, int cal,
    uint64_t seed, uint32_t repeat);

/* The fold, from 0, of every unit by its index, dealt as above. 0, or -1 reported. */
int hmm_split_folds(
    size_t *fold, struct hmm_split_unit *units, size_t count, long folds, uint64_t seed);

struct hmm_split_options {
	long ratio[HMM_PARTS]; /* used where folds is 0 */
	long folds, fold;
	uint64_t seed;
	uint32_t repeat;
	int by_subject; /* 1: groups may come apart, with a warning */
	int no_val;     /* 1: what would be validation in a fold is train */
	int cal;        /* 1: one of the folds is to calibrate on */
	enum hmm_target target;
	/* The groups with a value in this column are test, and the others are divided by the ratio,
	 * which is train, val and cal; NULL: nobody is held out. The value is `value`, or with NULL
	 * number `fold` of the column's, bytewise ascending, from 1. */
	const char *column, *value;
};

/* The part of each row of a manifest, a static text, so that no group (a subject
 * without one is its own) is divided. The strata are the labels; of classes a stratum each, those
 * of groups of several, and of unknown ones; of values blocks of neighbours, of times first of
 * those without an event, then of those with one: 10 groups or more a block, as many as make whole
 * parts, and at most 100 blocks. A train part without a class or an event is a warning. 0, or -1
 * reported. */
int hmm_split_table(
    char **parts, const struct hmm_table *table, const struct hmm_split_options *options);

/* Deal the labels, with the events if `event`, of the subjects that have one anew among them, in
 * place, by a permutation that depends on seed, repeat and the subjects' names alone: images that
 * tell a label tell it no longer. 0, or -1 reported. */
int hmm_split_permute_labels(
    struct hmm_table *table, enum hmm_target target, uint64_t seed, uint32_t repeat);

#endif
