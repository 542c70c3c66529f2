/* What hmm-score prints: metrics, curves and paired tests, as tables. */
#ifndef HMM_SCORES_H
#define HMM_SCORES_H

#include <stdio.h>

#include "hmm/score/scoring.h"

/* Of one system, whose runs are the files paths[count]: a line a part and metric: split metric
 * value low high n interval over, with by and level behind split where they are asked for, and
 * where `runs` is not 0 it is a column, and the standard deviation over the runs another. Warnings
 * say what a reader should know. 0, or -1 reported. */
int hmm_scores_write(
    FILE *file, char *const *paths, size_t count, struct hmm_scoring *scoring, size_t runs);

/* A line a part and point of a curve. Likewise. */
int hmm_scores_write_curve(FILE *file, char *const *paths, size_t count,
    struct hmm_scoring *scoring, enum hmm_curve curve);

/* A line a system and metric: system metric n value other difference low high test p p_holm
 * p_holm_least. The
 * files, `against` and then paths[count], stand system by system, each with `runs` of them; the
 * first system is the reference of all others, which are named by their first file. `scoring` names
 * a split. Likewise. */
int hmm_scores_write_tests(FILE *file, const char *against, char *const *paths, size_t count,
    size_t runs, struct hmm_scoring *scoring);

#endif
