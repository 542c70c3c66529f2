/* What each player of a game is worth (Shapley, 1953), and each pair (Grabisch, Roubens, 1999). */
#ifndef HMM_SHAPLEY_H
#define HMM_SHAPLEY_H

#include "hmm/base/random.h"
#include "hmm/learn/game.h"

/* A player's share of v(all) - v(empty): the mean over all orders of v(S+i) - v(S), S being those
 * before i. With i0 for what stands for nothing seen of i, its content v(S+i) - v(S+i0) and its
 * presence v(S+i0) - v(S) make it up, as means over the same orders. */
struct hmm_share {
	double phi, content, presence; /* the last two NaN: not asked for */
	double error;                  /* of phi: standard error over the orders drawn; 0: exact */
};

/* share[count] for the values of hmm_game_walk(); absent may be NULL. */
void hmm_shapley(struct hmm_share *share, const double *value, const double *absent, size_t count);

/* pair[count][count]: sum over S without a and b of |S|! (count-|S|-2)! / (count-1)! times
 * v(S+a+b) - v(S+a) - v(S+b) + v(S); 0 on the diagonal. */
void hmm_shapley_pairs(double *pair, const double *value, size_t count);

/* The same shares for any number of players from `orders` random orders, 2 or more, which are drawn
 * at `place`, epoch by epoch. v(empty) is `base`; *all becomes v(all). 0, or -1 reported. */
int hmm_shapley_sample(struct hmm_share *share, double *all, const struct hmm_game *game,
    const struct hmm_players *players, double base, size_t orders, struct hmm_place place);

#endif
