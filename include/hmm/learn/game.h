/* A model as a game whose players are a subject's modalities, a modality being all its images: the
 * logit of every set of them, without a whole pass for each.
 *
 * Of a sum or a mean rho's first layer is linear in the latents, so W1 x is computed once a
 * modality and sets only add vectors; of a maximum they take elementwise maxima. Nothing is ever
 * subtracted, so no rounding builds up. In double precision behind W1. */
#ifndef HMM_GAME_H
#define HMM_GAME_H

#include "hmm/learn/rho.h"
#include "hmm/learn/setsum.h"

enum { HMM_GAME_PLAYERS = 13 }; /* whose sets are walked in a second or so */

struct hmm_game {
	struct hmm_rho *rho;
	struct hmm_pool *pool;
	enum hmm_reduce reduce;
	size_t inputs, units;          /* of rho's first layer */
	size_t size;                   /* of an element: units, or inputs for a maximum */
	double *later[HMM_MLP_LAYERS]; /* the matrices of the layers behind it, [in][out] */
	struct hmm_parameter unbiased; /* [units] zeros */
};

/* The rho and the pool stay the caller's. 0, or -1 reported; close it in either case. */
int hmm_game_open(
    struct hmm_game *game, struct hmm_rho *rho, enum hmm_reduce reduce, struct hmm_pool *pool);
void hmm_game_close(struct hmm_game *game); /* legal on zeroes */

/* The elements [count][size] of blocks x[count] of `inputs` values, each the sum, or for a maximum
 * the maximum, of some images' latents. 0, or -1 reported. */
int hmm_game_elements(
    const struct hmm_game *game, double *element, const float *const *x, size_t count);

/* A subject. */
struct hmm_players {
	size_t count;
	const double *element; /* [count][size] */
	const double *absent;  /* [count][size] likewise, with what stands for nothing seen; or NULL */
	const size_t *images;  /* [count] */
};

/* Sets in the making, of one thread. */
struct hmm_seat {
	double *sum;    /* [levels][size], the caller's to use */
	double *layer;  /* what goes into the ReLUs of each layer, one behind the other */
	float *waiting; /* for a maximum: sets [..][inputs] whose W1 x is computed together, */
	float *first;   /* that, [..][units], */
	double **value; /* and where their logits go */
	size_t count;
};
int hmm_seat_open(struct hmm_seat *seat, const struct hmm_game *game, size_t levels);
void hmm_seat_close(struct hmm_seat *seat); /* legal on zeroes */

/* sum[size] of no images yet; and with one element more, to = from + element. */
void hmm_game_clear(const struct hmm_game *game, double *sum);
void hmm_game_add(
    const struct hmm_game *game, double *to, const double *from, const double *element);

/* Have the logit of a set of so many images in *value, by the next hmm_game_settle() at the
 * latest. */
void hmm_game_put(const struct hmm_game *game, struct hmm_seat *seat, const double *sum,
    size_t images, double *value);
void hmm_game_settle(const struct hmm_game *game, struct hmm_seat *seat);

/* The logit, where layer[units] holds the first layer's sums before their bias. Behind that, and
 * instead of what it left in `layer`: the logit's derivative by these. */
double hmm_game_top(const struct hmm_game *game, double *layer);
void hmm_game_slope(const struct hmm_game *game, double *layer);

/* value[set] for every set of at most HMM_GAME_PLAYERS players, bit i being player i: value[0] is
 * given, its own. If they have it, absent[i << count | set] is the value of a set without player i
 * and in its place what stands for nothing seen. The same whatever the number of threads. 0, or -1
 * reported. */
int hmm_game_walk(
    const struct hmm_game *game, const struct hmm_players *players, double *value, double *absent);

#endif
