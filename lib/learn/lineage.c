#include "hmm/learn/lineage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/version.h"

static const char words[] = "mean|sum|max"; /* enum hmm_reduce */

int
hmm_lineage_reduction(enum hmm_reduce *reduce, const struct hmm_model *rho, int given)
{
	char word[64], wanted[64];
	int known = HMM_UNSET;
	for (size_t c = 0; c < rho->history.chains; c++) {
		const struct hmm_chain *chain = &rho->history.chain[c];
		for (size_t i = 0; i < chain->count; i++)
			if (!strcmp(chain->step[i].program, "hmm-setsum") &&
			    hmm_step_option(word, sizeof(word), &chain->step[i], "reduce"))
				known = hmm_option_place(words, word);
	}
	*reduce = given != HMM_UNSET   ? (enum hmm_reduce)given
	          : known != HMM_UNSET ? (enum hmm_reduce)known
	                               : HMM_MEAN;
	if (given == HMM_UNSET || known == HMM_UNSET || given == known || hmm_any_history)
		return 0;
	return hmm_error("--reduce %s: %s was trained on sets of --reduce %s",
	    hmm_option_word(wanted, sizeof(wanted), words, given), rho->weights->path,
	    hmm_option_word(word, sizeof(word), words, known));
}

static struct hmm_step *
add_step(struct hmm_lineage *lineage, const char *program)
{
	struct hmm_step *step = &lineage->step[lineage->steps++];
	snprintf(step->program, sizeof(step->program), "%s", program);
	snprintf(step->version, sizeof(step->version), "%s", HMM_VERSION);
	snprintf(step->numerics, sizeof(step->numerics), "%s", HMM_NUMERICS);
	return step;
}

void
hmm_lineage_open(struct hmm_lineage *lineage, const struct hmm_model *rho, enum hmm_reduce reduce,
    const char *phi)
{
	char word[64];
	*lineage = (struct hmm_lineage){.rho = rho, .per_slice = phi != NULL};
	struct hmm_step *step;
	if (phi) {
		step = add_step(lineage, "hmm-condition");
		snprintf(step->weights, sizeof(step->weights), "%s", phi);
	}
	step = add_step(lineage, "hmm-setsum");
	snprintf(step->options, sizeof(step->options), "reduce=%s",
	    hmm_option_word(word, sizeof(word), words, (int)reduce));
}

void
hmm_lineage_close(struct hmm_lineage *lineage)
{
	hmm_history_free(&lineage->history);
	*lineage = (struct hmm_lineage){0};
}

/* Take the word of a flag out of an entry. */
static void
forget(struct hmm_step *step, const char *word)
{
	char *at = strstr(step->options, word);
	const size_t length = strlen(word);
	if (!at || (at > step->options && at[-1] != ' ') || (at[length] && at[length] != ' '))
		return;
	char *end = at + length;
	if (at > step->options)
		at--; /* the blank before it */
	else if (*end)
		end++; /* or behind it */
	memmove(at, end, strlen(end) + 1);
}

/* What the chains of a stream will be. */
static int
follow(struct hmm_lineage *lineage, const struct hmm_history *history)
{
	hmm_history_free(&lineage->history);
	for (size_t c = 0; c < history->chains; c++) {
		const struct hmm_chain *chain = &history->chain[c];
		const size_t more = hmm_history_known(chain) ? lineage->steps : 0;
		struct hmm_step *step = hmm_alloc(chain->count + more, sizeof(*step));
		if (!step)
			return -1;
		memcpy(step, chain->step, chain->count * sizeof(*step));
		memcpy(step + chain->count, lineage->step, more * sizeof(*step));
		for (size_t i = 0; i < chain->count && lineage->per_slice; i++)
			if (!strcmp(step[i].program, "hmm-vgg"))
				forget(&step[i], "per-slice");
		const int bad =
		    hmm_history_add(&lineage->history, chain->modality, step, chain->count + more);
		free(step);
		if (bad)
			return -1;
	}
	return 0;
}

int
hmm_lineage_fits(
    struct hmm_lineage *lineage, const struct hmm_reader *reader, const struct hmm_record *record)
{
	const long stream = hmm_reader_streams(reader);
	if (lineage->of != reader || lineage->stream != stream) {
		lineage->of = reader;
		lineage->stream = stream;
		if (follow(lineage, hmm_reader_history(reader)))
			return -1;
	}
	return hmm_model_fits(&lineage->rho->history, lineage->rho->weights->path, &lineage->history,
	    record, hmm_reader_number(reader));
}
