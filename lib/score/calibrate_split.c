#include "calibrate_split.h"

#include <string.h>

#include "hmm/base/error.h"

const char *
hmm_calibrate_split(const struct hmm_predictions *predictions)
{
	const char *found = NULL;
	for (size_t i = 0; i < predictions->count; i++) {
		const struct hmm_prediction *row = &predictions->prediction[i];
		if (row->label >= 0 && !row->observed && !strcmp(row->split, "cal"))
			return row->split;
		if (row->label >= 0 && !row->observed && !strcmp(row->split, "val"))
			found = row->split;
	}
	if (found)
		hmm_warn("%s: no labelled row of split cal: calibrating on val, which has chosen the model "
		         "already, so that its sets may hold too little",
		    predictions->table->name);
	else
		hmm_error("%s: no labelled whole set of split cal, nor of val, to calibrate on",
		    predictions->table->name);
	return found;
}
