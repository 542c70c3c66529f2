/* What learning an objective and reading one have in common. */
#ifndef OBJECTIVE_H
#define OBJECTIVE_H

#include "hmm/kernel/cox.h"
#include "hmm/learn/objective.h"

extern const enum hmm_target objective_target_of[]; /* [loss] */

/* What target, loss, classes and times say of the outputs and the columns. 0, or -1 reported. */
int objective_finish(struct hmm_objective *objective);

/* Items as rows of times. */
struct objective_rows {
	struct hmm_cox cox;
	size_t events;
	double *time, *scratch;
	int *event;
};
/* 0, or -1 reported. */
int objective_rows_open(
    struct objective_rows *rows, const struct hmm_item *const *item, size_t items);
void objective_rows_close(struct objective_rows *rows);

#endif
