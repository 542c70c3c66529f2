/* The shares of slices against the Shapley value of a maximum over all orders; paths against the
 * difference of their ends, feature by feature. */
#include <stdlib.h>
#include <string.h>

#include "hmm/learn/path.h"
#include "hmm/learn/slice_rule.h"
#include "ref.h"
#include "test.h"

enum { SLICES = 5, INPUTS = 20, IMAGES = 3 };

static float
most_of(const float *x, unsigned set)
{
	float most = 0;
	for (size_t i = 0; i < SLICES; i++)
		if (set >> i & 1 && x[i] > most)
			most = x[i];
	return most;
}

static void
check_rule(const float *x)
{
	static const double factorial[] = {1, 1, 2, 6, 24, 120};
	struct hmm_slice_value value[SLICES];
	double share[SLICES] = {0}, winner[SLICES] = {0};
	size_t winners = 0;
	for (size_t i = 0; i < SLICES; i++)
		winners += x[i] >= most_of(x, 31);
	for (int rule = HMM_WINNER; rule <= HMM_AIRPORT; rule++) {
		for (size_t i = 0; i < SLICES; i++)
			value[i] = (struct hmm_slice_value){x[i], i};
		hmm_slice_rule_share(
		    rule == HMM_WINNER ? winner : share, value, SLICES, -3, (enum hmm_slice_rule)rule);
	}
	for (size_t i = 0; i < SLICES; i++) {
		double want = 0;
		for (unsigned set = 0; set < 1u << SLICES; set++) {
			size_t size = 0;
			for (size_t k = 0; k < SLICES; k++)
				size += set >> k & 1;
			if (!(set >> i & 1))
				want += factorial[size] * factorial[SLICES - size - 1] / factorial[SLICES] *
				        (double)(most_of(x, set | 1u << i) - most_of(x, set));
		}
		CHECK(fabs(share[i] - -3 * want / (double)most_of(x, 31)) < 1e-6);
		CHECK(winner[i] == (x[i] >= most_of(x, 31) ? -3 / (double)winners : 0));
	}
}

/* The element of a block; of a maximum the block itself. */
static void
element_of(double *element, const struct hmm_game *game, const float *x)
{
	CHECK(hmm_game_elements(game, element, &x, 1) == 0);
}

static void
check_path(struct hmm_rho *rho, enum hmm_reduce reduce, struct hmm_pool *pool)
{
	struct hmm_game game;
	float y[IMAGES][INPUTS], bias[INPUTS], other[INPUTS], sum[INPUTS];
	const float *each[IMAGES];
	double rest[INPUTS], along[INPUTS];
	CHECK(hmm_game_open(&game, rho, reduce, pool) == 0);
	ref_random(bias, INPUTS, 2);
	ref_random(other, INPUTS, 3);
	for (size_t run = 0; run <= INPUTS; run++) { /* all features, then one alone */
		ref_random(y[0], IMAGES * INPUTS, 4);
		for (size_t i = 0; i < IMAGES; i++) {
			for (size_t k = 0; k < INPUTS; k++)
				y[i][k] = run == INPUTS || (run == k && i == 1) ? 4 * y[i][k] : 0;
			each[i] = y[i];
		}
		for (size_t k = 0; k < INPUTS; k++) {
			sum[k] = y[0][k] + y[1][k] + y[2][k];
			other[k] += reduce == HMM_MAX || run ? 0 : IMAGES * bias[k];
		}
		element_of(rest, &game, other);
		element_of(along, &game, sum);
		struct hmm_path path = {.game = &game,
		    .count = IMAGES,
		    .y = each,
		    .bias = bias,
		    .rest = rest,
		    .along = reduce == HMM_MAX ? NULL : along,
		    .images = IMAGES + 1};
		CHECK(hmm_path_run(&path) == 0);
		double worth = 0;
		for (size_t i = 0; i < IMAGES; i++)
			for (size_t k = 0; k < INPUTS; k++)
				worth += (double)y[i][k] * (double)path.slope[i * INPUTS + k];
		CHECK(fabs(worth - (path.to - path.from)) < 1.1e-3);
		CHECK(fabs(fabs(worth - (path.to - path.from)) - path.gap) < 1e-6);
		CHECK(path.points >= 64 && path.points <= HMM_PATH_POINTS);
		/* what the latents make, at both ends */
		for (int end = 0; end < 2; end++) {
			float x[INPUTS];
			for (size_t k = 0; k < INPUTS; k++) {
				x[k] = other[k];
				for (size_t i = 0; i < IMAGES; i++) {
					const float with = bias[k] + (end ? y[i][k] : 0);
					x[k] = reduce != HMM_MAX ? x[k] + (end ? y[i][k] : 0)
					       : with > x[k]     ? with
					                         : x[k];
				}
				x[k] /= reduce == HMM_MEAN ? IMAGES + 1 : 1;
			}
			CHECK(fabs(hmm_rho_logit(rho, x) - (end ? path.to : path.from)) < 1e-5);
		}
		if (rho->mlp.layers == 1 && reduce != HMM_MAX) /* linear: exact */
			CHECK(path.gap < 1e-5);
		hmm_path_close(&path);
	}
	hmm_game_close(&game);
}

int
main(void)
{
	const float values[][SLICES] = {
	    {1, 2, 3, 4, 5}, {5, 4, 0, 0, 1}, {2, 2, 2, 2, 2}, {0, 0, 7, 0, 7}, {.1f, 3, .5f, 3, 2}};
	const size_t hidden[] = {9, 5};
	struct hmm_pool *pool = hmm_pool_open(2);
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		check_rule(values[i]);
	for (size_t layers = 0; layers <= 2; layers++) {
		struct hmm_rho rho;
		CHECK(hmm_rho_open(&rho, pool, &hmm_objective_binary, INPUTS, hidden, layers, 0) == 0);
		hmm_mlp_init(&rho.mlp, 4);
		for (size_t l = 0; l <= layers; l++)
			for (size_t k = 0; k < rho.mlp.weight[l].rows * rho.mlp.weight[l].columns; k++)
				rho.mlp.weight[l].w[k] *= 3;
		for (int reduce = HMM_MEAN; reduce <= HMM_MAX; reduce++)
			check_path(&rho, (enum hmm_reduce)reduce, pool);
		hmm_rho_close(&rho);
	}
	hmm_pool_close(pool);
	return test_end();
}
