#include "hmm/learn/absent.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/learn/latents.h"
#include "hmm/learn/means.h"

/* One element more, of that block. 0, or -1 reported. */
static int
add(struct hmm_absent *absent, const char *modality, const float *x)
{
	const size_t size = absent->game->size, at = absent->names.count;
	if (hmm_names_add(&absent->names, modality) < 0 ||
	    hmm_grow(&absent->element, &absent->capacity, (at + 1) * size * sizeof(double)))
		return -1;
	return hmm_game_elements(absent->game, (double *)absent->element + at * size, &x, 1);
}

void
hmm_absent_close(struct hmm_absent *absent)
{
	hmm_model_close(&absent->model);
	hmm_phi_close(&absent->phi);
	hmm_names_close(&absent->names);
	free(absent->element);
	*absent = (struct hmm_absent){0};
}

/* ---- phi of zeros ---- */

int
hmm_absent_phi(struct hmm_absent *absent, const struct hmm_game *game, const char *path)
{
	*absent = (struct hmm_absent){.game = game};
	return hmm_model_open(&absent->model, path) ||
	               hmm_weights_digest(absent->model.weights, absent->digest)
	           ? -1
	           : 0;
}

/* Whether a chain has this phi in it. */
static int
has_phi(const struct hmm_absent *absent, const struct hmm_chain *chain)
{
	for (size_t i = 0; i < chain->count; i++)
		if (!strcmp(chain->step[i].program, "hmm-condition") &&
		    !strcmp(chain->step[i].weights, absent->digest))
			return 1;
	return 0;
}

int
hmm_absent_fits(const struct hmm_absent *absent, const struct hmm_reader *reader)
{
	const struct hmm_history *history = hmm_reader_history(reader);
	for (size_t i = 0; absent->model.weights && !hmm_any_history && i < history->chains; i++)
		if (!has_phi(absent, &history->chain[i]))
			return hmm_error(
			    "record %ld: latents that were not made by %s (--any-history takes any)",
			    hmm_reader_number(reader), absent->model.weights->path);
	return 0;
}

/* What phi makes of zeros, of an image's modality and shape. 0, or -1 reported. */
static int
add_bias(struct hmm_absent *absent, const struct hmm_record *image)
{
	const size_t positions = image->x.shape[1] * image->x.shape[2];
	const long modality = hmm_names_find(&absent->model.modalities, image->modality);
	if (modality < 0)
		return hmm_error("subject %s: modality '%s' is unknown to %s", image->subject,
		    image->modality, absent->model.weights->path);
	if (!absent->phi.channels && hmm_latents_open(&absent->phi, &absent->model))
		return -1;
	const size_t latent = absent->phi.latent;
	if (image->x.shape[0] != latent)
		return hmm_error("subject %s: %zu channels, but %s makes %zu", image->subject,
		    image->x.shape[0], absent->model.weights->path, latent);
	float *x = hmm_alloc_raw(latent * positions, sizeof(float));
	if (!x)
		return -1;
	const float *bias = hmm_phi_generate(&absent->phi, absent->game->pool, (size_t)modality).bias;
	for (size_t i = 0; i < latent * positions; i++)
		x[i] = bias[i / positions];
	const int bad = add(absent, image->modality, x);
	free(x);
	return bad;
}

/* ---- means ---- */

int
hmm_absent_mean(struct hmm_absent *absent, const struct hmm_game *game, const char *path,
    hmm_subjects_accept *accept, void *self)
{
	struct hmm_means means;
	*absent = (struct hmm_absent){.game = game};
	int bad = hmm_means_read(&means, path, accept, self);
	for (size_t m = 0; m < means.names.count && !bad; m++)
		bad = add(absent, means.names.name[m], means.mean + m * means.size);
	hmm_means_close(&means);
	return bad ? -1 : 0;
}

int
hmm_absent_element(
    struct hmm_absent *absent, double *element, const struct hmm_record *image, size_t images)
{
	const struct hmm_game *game = absent->game;
	long at = hmm_names_find(&absent->names, image->modality);
	if (at < 0 && !absent->model.weights)
		return hmm_error("subject %s: no latents of split train have modality '%s'", image->subject,
		    image->modality);
	if (at < 0 && add_bias(absent, image))
		return -1;
	at = hmm_names_find(&absent->names, image->modality);
	const double *of = (const double *)absent->element + (size_t)at * game->size;
	for (size_t i = 0; i < game->size; i++)
		element[i] = of[i] * (game->reduce == HMM_MAX ? 1 : (double)images);
	return 0;
}
