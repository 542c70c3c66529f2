#include "hmm/stream/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

static void
free_chain(struct hmm_chain *chain)
{
	free(chain->modality);
	free(chain->step);
}

void
hmm_history_free(struct hmm_history *history)
{
	for (size_t i = 0; i < history->chains; i++)
		free_chain(&history->chain[i]);
	free(history->chain);
	*history = (struct hmm_history){0};
}

static int
same_steps(const struct hmm_chain *a, const struct hmm_chain *b)
{
	return a->count == b->count &&
	       (a->count == 0 || !memcmp(a->step, b->step, a->count * sizeof(*a->step)));
}

static int
same_chain(const struct hmm_chain *a, const struct hmm_chain *b)
{
	const int named = a->modality && b->modality;
	return (named ? !strcmp(a->modality, b->modality) : a->modality == b->modality) &&
	       same_steps(a, b);
}

int
hmm_history_same(const struct hmm_history *a, const struct hmm_history *b)
{
	size_t same = 0;
	while (same < a->chains && same < b->chains && same_chain(&a->chain[same], &b->chain[same]))
		same++;
	return same == a->chains && same == b->chains;
}

int
hmm_history_add(
    struct hmm_history *history, const char *modality, const struct hmm_step *step, size_t count)
{
	const struct hmm_chain like = {(char *)modality, (struct hmm_step *)step, count};
	struct hmm_chain chain = {0};
	void *list = history->chain;
	for (size_t i = 0; i < history->chains; i++)
		if (same_chain(&history->chain[i], &like))
			return 0;
	if (history->chains == HMM_MAX_CHAINS)
		return hmm_error("more than %d histories of modalities", HMM_MAX_CHAINS);
	if (hmm_grow(&list, &history->capacity, (history->chains + 1) * sizeof(chain)))
		return -1;
	history->chain = list;
	chain.step = hmm_alloc(count, sizeof(*step));
	chain.modality = modality ? hmm_strdup(modality) : NULL;
	if (!chain.step || (modality && !chain.modality)) {
		free_chain(&chain);
		return -1;
	}
	chain.count = count;
	if (count)
		memcpy(chain.step, step, count * sizeof(*step));
	history->chain[history->chains++] = chain;
	return 0;
}

int
hmm_history_copy(struct hmm_history *to, const struct hmm_history *from)
{
	for (size_t i = 0; i < from->chains; i++)
		if (hmm_history_add(to, from->chain[i].modality, from->chain[i].step, from->chain[i].count))
			return -1;
	return 0;
}

int
hmm_history_take(struct hmm_history *history, const struct hmm_history *from, const char *modality)
{
	size_t found = 0;
	for (size_t i = 0; i < from->chains; i++) {
		const struct hmm_chain *chain = &from->chain[i];
		if (chain->modality && strcmp(chain->modality, modality))
			continue;
		found++;
		if (hmm_history_add(history, modality, chain->step, chain->count))
			return -1;
	}
	return found ? 0 : hmm_history_add(history, modality, NULL, 0);
}

void
hmm_history_simplify(struct hmm_history *history)
{
	for (size_t i = 1; i < history->chains; i++)
		if (!same_steps(&history->chain[i], &history->chain[0]))
			return;
	for (size_t i = 1; i < history->chains; i++)
		free_chain(&history->chain[i]);
	if (history->chains) {
		free(history->chain[0].modality);
		history->chain[0].modality = NULL;
		history->chains = 1;
	}
}

void
hmm_histories_free(struct hmm_histories *histories)
{
	for (size_t i = 0; i < histories->count; i++)
		hmm_history_free(&histories->history[i]);
	free(histories->history);
	*histories = (struct hmm_histories){0};
}

int
hmm_histories_number(
    struct hmm_histories *histories, size_t *number, const struct hmm_history *history)
{
	void *list = histories->history;
	for (*number = 0; *number < histories->count; ++*number)
		if (hmm_history_same(&histories->history[*number], history))
			return 0;
	if (hmm_grow(&list, &histories->capacity, (*number + 1) * sizeof(*history)))
		return -1;
	histories->history = list;
	histories->history[histories->count++] = (struct hmm_history){0};
	return hmm_history_copy(&histories->history[*number], history);
}

/* ---- differences ---- */

/* The next step from `at` on that decides numbers, or NULL. */
static const struct hmm_step *
next_step(const struct hmm_chain *chain, size_t *at)
{
	while (*at < chain->count) {
		const struct hmm_step *step = &chain->step[(*at)++];
		if (step->numerics[0] || step->options[0] || step->weights[0])
			return step;
	}
	return NULL;
}

int
hmm_history_known(const struct hmm_chain *chain)
{
	size_t at = 0;
	return next_step(chain, &at) != NULL;
}

/* Whether one of the steps that decide numbers is that program's. */
static int
has_program(const struct hmm_chain *chain, const char *program)
{
	size_t at = 0;
	const struct hmm_step *step;
	while ((step = next_step(chain, &at)))
		if (!strcmp(step->program, program))
			return 1;
	return 0;
}

static int
same_numbers(const struct hmm_step *a, const struct hmm_step *b)
{
	return !strcmp(a->program, b->program) && !strcmp(a->numerics, b->numerics) &&
	       !strcmp(a->options, b->options) && !strcmp(a->weights, b->weights);
}

int
hmm_history_imputes(const struct hmm_chain *chain)
{
	return has_program(chain, HMM_STEP_IMPUTES);
}

/* Where programs differ, and one chain has nothing of the other's, that step is one more. */
static void
find_more(
    struct hmm_difference *difference, const struct hmm_chain *have, const struct hmm_chain *want)
{
	const int more = !has_program(want, difference->have->program);
	const int less = !has_program(have, difference->want->program);
	if (more && !less)
		difference->want = NULL;
	else if (less && !more)
		difference->have = NULL;
}

/* The next step but those that impute. */
static const struct hmm_step *
next_real(const struct hmm_chain *chain, size_t *at)
{
	const struct hmm_step *step;
	while ((step = next_step(chain, at)) && !strcmp(step->program, HMM_STEP_IMPUTES))
		;
	return step;
}

typedef const struct hmm_step *next_of(const struct hmm_chain *chain, size_t *at);

static int
differ(struct hmm_difference *difference, const struct hmm_chain *have,
    const struct hmm_chain *want, next_of *next)
{
	size_t here = 0, there = 0;
	*difference = (struct hmm_difference){0};
	for (;; difference->depth++) {
		difference->have = next(have, &here);
		difference->want = next(want, &there);
		if (!difference->have && !difference->want)
			return 0;
		if (!difference->have || !difference->want)
			return 1;
		if (!same_numbers(difference->have, difference->want)) {
			find_more(difference, have, want);
			return 1;
		}
	}
}

int
hmm_history_differ(
    struct hmm_difference *difference, const struct hmm_chain *have, const struct hmm_chain *want)
{
	return differ(difference, have, want, next_step);
}

int
hmm_history_differ_real(
    struct hmm_difference *difference, const struct hmm_chain *have, const struct hmm_chain *want)
{
	return differ(difference, have, want, next_real);
}

static const char *
next_word(const char *at)
{
	at += strcspn(at, " ");
	return *at ? at + 1 : at;
}

static int
is_word(const char *at, const char *word, size_t length)
{
	return !strncmp(at, word, length) && (at[length] == '\0' || at[length] == ' ');
}

/* The word of `text` that begins with these bytes and ends there, or with a '=' behind them. */
static const char *
find_word(const char *text, const char *word, size_t length, int by_name)
{
	for (const char *at = text; *at; at = next_word(at))
		if (is_word(at, word, length) ||
		    (by_name && !strncmp(at, word, length) && at[length] == '='))
			return at;
	return NULL;
}

/* The first word of `text` that `other` lacks, or NULL. */
static const char *
own_word(const char *text, const char *other)
{
	for (const char *at = text; *at; at = next_word(at))
		if (!find_word(other, at, strcspn(at, " "), 0))
			return at;
	return NULL;
}

/* "with name=value", or "without name", of the option that is named by `word`. */
static void
tell_option(char *phrase, size_t size, const char *options, const char *word)
{
	const size_t name = strcspn(word, "= ");
	const char *found = find_word(options, word, name, 1);
	snprintf(phrase, size, found ? "with %.*s" : "without %.*s",
	    (int)(found ? strcspn(found, " ") : name), found ? found : word);
}

void
hmm_history_tell(
    char have[HMM_DIFFERENCE], char want[HMM_DIFFERENCE], const struct hmm_difference *difference)
{
	const struct hmm_step *a = difference->have, *b = difference->want;
	char with_a[HMM_DIFFERENCE / 2], with_b[HMM_DIFFERENCE / 2];
	if (!a || !b || strcmp(a->program, b->program)) {
		snprintf(have, HMM_DIFFERENCE, "made %s %s", a ? "by" : "without", (a ? a : b)->program);
		snprintf(want, HMM_DIFFERENCE, "made %s %s", b ? "by" : "without", (b ? b : a)->program);
		return;
	}
	if (strcmp(a->options, b->options)) { /* which may have numerics of their own */
		const char *word = own_word(a->options, b->options);
		word = word ? word : own_word(b->options, a->options);
		word = word ? word : a->options; /* the same words in another order */
		tell_option(with_a, sizeof(with_a), a->options, word);
		tell_option(with_b, sizeof(with_b), b->options, word);
	} else if (strcmp(a->numerics, b->numerics)) {
		snprintf(with_a, sizeof(with_a), "with numerics=%s", a->numerics);
		snprintf(with_b, sizeof(with_b), "with numerics=%s", b->numerics);
	} else {
		snprintf(with_a, sizeof(with_a), "with weights=%.12s", a->weights);
		snprintf(with_b, sizeof(with_b), "with weights=%.12s", b->weights);
	}
	snprintf(have, HMM_DIFFERENCE, "made by %s %s", a->program, with_a);
	snprintf(want, HMM_DIFFERENCE, "made %s", with_b);
}
