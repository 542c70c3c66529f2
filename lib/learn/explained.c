#include "explained.h"

#include <math.h>
#include <stdio.h>

#include "hmm/base/error.h"
#include "hmm/data/table.h"

const char *
hmm_explained_modality(const struct hmm_explained *explained, size_t player)
{
	return explained->of->record[explained->of->first[player]].modality;
}

static void
write_text(FILE *file, const char *text, int first)
{
	hmm_table_write(file, text[0] ? text : NULL, first);
}

void
hmm_explained_write(FILE *file, const struct hmm_explained *explained)
{
	const struct hmm_record *record = explained->of->record;
	write_text(file, record->subject, 1);
	write_text(file, record->group, 0);
	write_text(file, record->split, 0);
	hmm_table_write(file, record->label[0] ? record->label : NULL, 0);
}

int
hmm_explained_finite(const struct hmm_explained *explained, const double *logit, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!isfinite(logit[i]))
			return hmm_error(
			    "subject %s: the logit of one of its sets is %g, want a finite number: "
			    "the model's weights or the data are too large",
			    explained->of->record->subject, logit[i]);
	return 0;
}
