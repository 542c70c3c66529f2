#include "hmm/score/ensemble.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

enum { NUMBER = 32 };

static int
differ(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) : a != b;
}

/* 0 when two rows are of the same, or -1 reported. */
static int
check_row(const struct hmm_prediction *row, const struct hmm_prediction *first, const char *name,
    const char *other)
{
	const char *what = differ(row->subject, first->subject)         ? "subject"
	                   : differ(row->split, first->split)           ? "split"
	                   : differ(row->run, first->run)               ? "run"
	                   : differ(row->modalities, first->modalities) ? "modalities"
	                   : differ(row->observed, first->observed)     ? "observed"
	                   : row->label != first->label                 ? "label"
	                                                                : NULL;
	if (what)
		return hmm_error(
		    "%s: row %zu (%s): another %s than in %s, want the same rows of every member", name,
		    row->row + 1, row->subject, what, other);
	if (!isfinite(row->logit))
		return hmm_error("%s: row %zu: probability %g has no finite logit, want a column logit",
		    name, row->row + 1, row->probability);
	return 0;
}

/* Add the logits of one member to those of the first. 0, or -1 reported. */
static int
add_member(struct hmm_predictions *sum, char *path)
{
	struct hmm_predictions one;
	int bad = hmm_predictions_open(&one, path, HMM_PREDICTIONS_EVERY);
	if (!bad && one.count != sum->count)
		bad = hmm_error(
		    "%s: %zu rows, want %zu as %s", path, one.count, sum->count, sum->table->name);
	for (size_t i = 0; i < sum->count && !bad; i++) {
		bad = check_row(&one.prediction[i], &sum->prediction[i], path, sum->table->name);
		sum->prediction[i].logit += one.prediction[i].logit;
	}
	hmm_predictions_close(&one);
	return bad;
}

/* Turn the sums into means, and write these into the table. 0, or -1 reported. */
static int
divide(struct hmm_ensemble *ensemble, size_t members)
{
	struct hmm_predictions *predictions = &ensemble->predictions;
	struct hmm_table *table = predictions->table;
	const size_t rows = table->rows;
	char **cells = hmm_alloc(rows, 2 * sizeof(*cells));
	ensemble->text = hmm_alloc(rows, 2 * NUMBER);
	int bad = !cells || !ensemble->text;
	for (size_t i = 0; i < predictions->count && !bad; i++) {
		struct hmm_prediction *row = &predictions->prediction[i];
		char *text = ensemble->text + 2 * NUMBER * row->row;
		row->logit /= (double)members;
		row->probability = 1 / (1 + exp(-row->logit));
		snprintf(text, NUMBER, "%.9g", row->logit);
		snprintf(text + NUMBER, NUMBER, "%.9g", row->probability);
		cells[row->row] = text;
		cells[rows + row->row] = text + NUMBER;
	}
	bad = bad || hmm_table_set_column(table, "logit", cells) ||
	      hmm_table_set_column(table, "probability", cells + rows);
	free(cells);
	return bad ? -1 : 0;
}

int
hmm_ensemble_open(struct hmm_ensemble *ensemble, char *const *paths, size_t count)
{
	struct hmm_predictions *predictions = &ensemble->predictions;
	*ensemble = (struct hmm_ensemble){0};
	int bad = count > 1 ? hmm_predictions_open(predictions, paths[0], HMM_PREDICTIONS_EVERY)
	                    : hmm_predictions_open_runs(predictions, paths, 1, HMM_PREDICTIONS_EVERY);
	for (size_t i = 0; count > 1 && i < predictions->count && !bad; i++)
		bad =
		    check_row(&predictions->prediction[i], &predictions->prediction[i], paths[0], paths[0]);
	for (size_t i = 1; i < count && !bad; i++)
		bad = add_member(predictions, paths[i]);
	return bad || (count > 1 && divide(ensemble, count)) ? -1 : 0;
}

void
hmm_ensemble_close(struct hmm_ensemble *ensemble)
{
	hmm_predictions_close(&ensemble->predictions);
	free(ensemble->text);
	*ensemble = (struct hmm_ensemble){0};
}
