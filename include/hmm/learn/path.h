/* Integrated gradients of a logit along the path on which some images' features go from 0 to what
 * they are, all others being there (Sundararajan, Taly, Yan, ICML 2017). */
#ifndef HMM_PATH_H
#define HMM_PATH_H

#include "hmm/learn/game.h"

struct hmm_path {
	const struct hmm_game *game;
	size_t count;          /* images that are on the way, */
	const float *const *y; /* [count][inputs] of each W(m) z, */
	const float *bias;     /* [inputs] of each b(m) at every position */
	const double *rest;    /* [game->size] the element of all others: for a sum or a mean with these
	                        * biases, */
	const double *along;   /* [game->size] and the element of the sum of y; NULL for a maximum */
	size_t images;         /* of the set */
	/* what comes out */
	float *slope;    /* [count][inputs] the mean derivative by each image's latent */
	double from, to; /* the logits at both ends */
	double gap;      /* of to - from, how much y times slope does not say */
	long points;     /* midpoints it took */
	/* private */
	double *layer, *mean; /* a seat's; [units] */
	float *x, *first;     /* [inputs], [units] */
	size_t *who;          /* [inputs] which image has the maximum; count: another */
};

/* Midpoints are doubled from 64 until the gap is at most HMM_PATH_GAP, or there are
 * HMM_PATH_POINTS. 0, or -1 reported; close it in either case. */
#define HMM_PATH_GAP 1e-3
enum { HMM_PATH_POINTS = 4096 };
int hmm_path_run(struct hmm_path *path);
void hmm_path_close(struct hmm_path *path); /* legal on zeroes */

#endif
