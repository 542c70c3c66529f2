#include <stdio.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/utf8.h"
#include "hmm/learn/model.h"

int hmm_any_history, hmm_take_imputed;

static int
is_of(const struct hmm_chain *chain, const char *modality)
{
	return !chain->modality || !strcmp(chain->modality, modality);
}

/* The chain that was learned from and is nearest to this one of a modality, and how they differ:
 * 1 where none is of that modality, 0 where one decides the same numbers, else -1. */
static int
nearest(struct hmm_difference *difference, const struct hmm_history *learned,
    const struct hmm_chain *chain, const char *modality)
{
	struct hmm_difference other;
	int found = 1;
	for (size_t i = 0; i < learned->chains; i++) {
		if (!is_of(&learned->chain[i], modality))
			continue;
		if (!hmm_history_differ(&other, chain, &learned->chain[i]))
			return 0;
		if (found == 1 || other.depth > difference->depth)
			*difference = other;
		found = -1;
	}
	return found;
}

static const char *
place_of(char place[600], const struct hmm_record *record, long number)
{
	if (number)
		return hmm_record_place(place, 600, record, number);
	snprintf(place, 600, "subject %s", record->subject);
	return place;
}

int
hmm_model_takes(const struct hmm_record *record, long number)
{
	char place[600];
	if (!record->imputed[0] || hmm_take_imputed)
		return 0;
	return hmm_error("%s: %s was imputed by %.12s from %s, want real images (--imputed takes both)",
	    place_of(place, record, number), record->modality[0] ? record->modality : "it",
	    record->imputed, record->source[0] ? record->source : "another");
}

/* The modalities that were learned from, for a message. */
static const char *
list_learned(char *text, size_t size, const struct hmm_history *learned)
{
	size_t used = 0;
	text[0] = '\0';
	for (size_t i = 0; i < learned->chains && used < size; i++) {
		const char *name = learned->chain[i].modality;
		if (i == 0 || !name || strcmp(name, learned->chain[i - 1].modality))
			used += (size_t)snprintf(
			    text + used, size - used, "%s%s", used ? ", " : "", name ? name : "any");
	}
	return text;
}

static int
fits_modality(const struct hmm_history *learned, const char *name,
    const struct hmm_history *history, const char *modality, const char *place)
{
	struct hmm_difference difference;
	char have[HMM_DIFFERENCE], want[HMM_DIFFERENCE], all[256];
	int known = 0;
	for (size_t i = 0; i < history->chains; i++) {
		const struct hmm_chain *chain = &history->chain[i];
		if (!is_of(chain, modality))
			continue;
		known = hmm_history_known(chain);
		if (!known)
			break;
		const int found = nearest(&difference, learned, chain, modality);
		if (found == 1)
			return hmm_error("%s: modality '%s', but %s was trained on %s alone", place, modality,
			    name, list_learned(all, sizeof(all), learned));
		if (found == 0)
			continue;
		hmm_history_tell(have, want, &difference);
		return hmm_error("%s: %s was %s, but %s was trained on data %s (--any-history takes any)",
		    place, modality, have, name, want);
	}
	return known ? 0
	             : hmm_error("%s: no history says how %s was made (--any-history takes it)", place,
	                   modality);
}

/* Whether the two chains part at a step of one program; an import does not say how it was cut. */
static int
part(struct hmm_difference *difference, const struct hmm_chain *a, const struct hmm_chain *b)
{
	return hmm_history_differ_real(difference, a, b) && difference->have && difference->want &&
	       !strcmp(difference->have->program, difference->want->program);
}

int
hmm_model_pairs(const char *modality, const struct hmm_history *history, const char *partner,
    const struct hmm_history *other, const char *place)
{
	struct hmm_difference difference;
	char have[HMM_DIFFERENCE], want[HMM_DIFFERENCE];
	for (size_t i = 0; !hmm_any_history && i < history->chains; i++) {
		const struct hmm_chain *chain = &history->chain[i];
		int fits = !is_of(chain, modality), parts = 0;
		for (size_t k = 0; k < other->chains && !fits; k++)
			if (is_of(&other->chain[k], partner)) {
				const int here = part(&difference, chain, &other->chain[k]);
				fits = !here;
				parts |= here;
			}
		if (fits || !parts)
			continue;
		hmm_history_tell(have, want, &difference);
		return hmm_error(
		    "%s: %s was %s, but the %s that it is paired with %s (--any-history takes any)", place,
		    modality, have, partner, want);
	}
	return 0;
}

int
hmm_model_fits(const struct hmm_history *learned, const char *name,
    const struct hmm_history *history, const struct hmm_record *record, long number)
{
	char modality[HMM_RECORD_NAMES] = "", place[600];
	const char *at = record->modality;
	if (hmm_any_history)
		return 0;
	if (learned->chains == 0)
		return hmm_error("%s has no history: it does not say what it was trained on (--any-history "
		                 "takes it)",
		    name);
	place_of(place, record, number);
	do {
		const char *next = hmm_record_part(modality, at);
		if (fits_modality(learned, name, history, modality, place))
			return -1;
		at = next;
	} while (at && *at);
	return 0;
}

/* Add the chains of a modality: 1, or 0 where one of them is not known, or -1 reported. */
static int
note_modality(struct hmm_history *learned, const struct hmm_history *history, const char *modality)
{
	struct hmm_difference difference;
	int known = 0;
	for (size_t i = 0; i < history->chains; i++) {
		const struct hmm_chain *chain = &history->chain[i];
		if (!is_of(chain, modality))
			continue;
		known = hmm_history_known(chain);
		if (!known)
			break;
		if (nearest(&difference, learned, chain, modality) &&
		    hmm_history_add(learned, modality, chain->step, chain->count))
			return -1;
	}
	return known;
}

int
hmm_model_note(
    struct hmm_history *learned, const struct hmm_history *history, const struct hmm_record *record)
{
	char modality[HMM_RECORD_NAMES] = "";
	const char *at = record->modality;
	do {
		const char *next = hmm_record_part(modality, at);
		if (!hmm_utf8_valid(modality))
			return hmm_error("subject %s: modality '%s' is not UTF-8, which a model's file needs",
			    record->subject, modality);
		const int known = note_modality(learned, history, modality);
		if (known < 0)
			return -1;
		if (!known && !hmm_any_history)
			return hmm_error("subject %s: no history says how %s was made (--any-history takes it)",
			    record->subject, modality);
		at = next;
	} while (at && *at);
	return 0;
}

/* Whether two ways of making images differ, but for that one made real ones and the other imputed.
 */
static int
differ(struct hmm_difference *difference, const struct hmm_chain *a, const struct hmm_chain *b)
{
	return hmm_history_imputes(a) == hmm_history_imputes(b)
	           ? hmm_history_differ(difference, a, b)
	           : hmm_history_differ_real(difference, a, b);
}

void
hmm_model_warn(const struct hmm_history *learned)
{
	char first[HMM_DIFFERENCE], second[HMM_DIFFERENCE];
	struct hmm_difference difference;
	for (size_t i = 0; i < learned->chains; i++)
		for (size_t k = 0; k < i; k++) {
			const struct hmm_chain *a = &learned->chain[k], *b = &learned->chain[i];
			if (!a->modality || !b->modality || strcmp(a->modality, b->modality) ||
			    !differ(&difference, a, b))
				continue;
			hmm_history_tell(first, second, &difference);
			hmm_warn_counted(
			    "%s: some was %s, some %s: the model takes either", a->modality, first, second);
		}
}
