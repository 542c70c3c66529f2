/* What stands for nothing seen of a modality, as an image is there and says nothing. */
#ifndef HMM_ABSENT_H
#define HMM_ABSENT_H

#include "hmm/learn/game.h"
#include "hmm/learn/model.h"
#include "hmm/learn/phi.h"
#include "hmm/learn/subjects.h"

struct hmm_absent { /* zeroes: nothing does */
	const struct hmm_game *game;
	struct hmm_model model; /* of phi: */
	struct hmm_phi phi;     /* what it makes of a block of zeros, its b(m) everywhere */
	char digest[HMM_HASH_SIZE];
	struct hmm_names names; /* whose elements there are, */
	void *element;          /* [names.count][game->size], of one image each */
	size_t capacity;
};

/* By the phi in a file, for latents of the shape of the first that is asked for. 0, or -1
 * reported; close it in any case. */
int hmm_absent_phi(struct hmm_absent *absent, const struct hmm_game *game, const char *path);

/* By the mean of a file's latents of split train. `accept` is asked of each. 0, or -1 reported. */
int hmm_absent_mean(struct hmm_absent *absent, const struct hmm_game *game, const char *path,
    hmm_subjects_accept *accept, void *self);

void hmm_absent_close(struct hmm_absent *absent); /* legal on zeroes */

/* Whether the phi is that which all of a stream's latents were made by. 0, or -1 reported; always 0
 * with --any-history. */
int hmm_absent_fits(const struct hmm_absent *absent, const struct hmm_reader *reader);

/* The element[size] of so many images, of this one's modality and shape, of which nothing is seen.
 * 0, or -1 reported. */
int hmm_absent_element(
    struct hmm_absent *absent, double *element, const struct hmm_record *image, size_t images);

#endif
