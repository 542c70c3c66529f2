#include "hmm/learn/path.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/memory.h"
#include "hmm/kernel/linear.h"

enum { FIRST_POINTS = 64 };

static int
reserve(struct hmm_path *path, struct hmm_seat *seat)
{
	const struct hmm_game *game = path->game;
	size_t bytes = 0;
	hmm_multiply(&bytes, game->inputs, sizeof(float));
	path->slope = hmm_alloc_raw(path->count, bytes);
	path->mean = hmm_alloc_raw(game->units, sizeof(double));
	path->x = hmm_alloc_raw(1, bytes);
	path->first = hmm_alloc_raw(game->units, sizeof(float));
	path->who = hmm_alloc_raw(game->inputs, sizeof(*path->who));
	if (!path->slope || !path->mean || !path->x || !path->first || !path->who ||
	    hmm_seat_open(seat, game, 0))
		return -1;
	path->layer = seat->layer;
	return 0;
}

void
hmm_path_close(struct hmm_path *path)
{
	free(path->slope);
	free(path->mean);
	free(path->x);
	free(path->first);
	free(path->who);
	*path = (struct hmm_path){0};
}

/* The maximum where a share `at` of the way is gone, and whose it is. */
static void
find_most(struct hmm_path *path, double at)
{
	for (size_t k = 0; k < path->game->inputs; k++) {
		double most = path->rest[k];
		path->who[k] = path->count;
		for (size_t i = 0; i < path->count; i++) {
			const double x = at * (double)path->y[i][k] + (double)path->bias[k];
			if (x > most) {
				most = x;
				path->who[k] = i;
			}
		}
		path->x[k] = (float)most;
	}
}

/* The logit there. */
static double
value_at(struct hmm_path *path, double at)
{
	const struct hmm_game *game = path->game;
	const double count = game->reduce == HMM_MEAN ? (double)path->images : 1;
	if (path->along) {
		for (size_t j = 0; j < game->units; j++)
			path->layer[j] = (path->rest[j] + at * path->along[j]) / count;
	} else {
		const float *x = path->x;
		find_most(path, at);
		hmm_parameter_forward(
		    &game->rho->mlp.weight[0], game->pool, path->first, &x, &game->unbiased, 1);
		for (size_t j = 0; j < game->units; j++)
			path->layer[j] = (double)path->first[j];
	}
	return hmm_game_top(game, path->layer);
}

/* The derivative by the set's latent, into x, of what the first layer's sums have. */
static void
go_back(struct hmm_path *path, const double *slope, double share)
{
	const struct hmm_game *game = path->game;
	for (size_t j = 0; j < game->units; j++)
		path->first[j] = (float)(slope[j] * share);
	hmm_linear_backward(
	    path->x, game->rho->mlp.weight[0].w, path->first, game->units, game->inputs, game->inputs);
}

/* The mean slope over so many midpoints. */
static void
integrate(struct hmm_path *path, long points)
{
	const struct hmm_game *game = path->game;
	const size_t inputs = game->inputs;
	const double share = 1 / (double)points;
	memset(path->mean, 0, game->units * sizeof(double));
	memset(path->slope, 0, path->count * inputs * sizeof(float));
	for (long p = 0; p < points; p++) {
		value_at(path, ((double)p + .5) * share);
		hmm_game_slope(game, path->layer);
		for (size_t j = 0; j < game->units; j++)
			path->mean[j] += path->layer[j] * share;
		if (path->along)
			continue;
		go_back(path, path->layer, share);
		for (size_t k = 0; k < inputs; k++)
			if (path->who[k] < path->count)
				path->slope[path->who[k] * inputs + k] += path->x[k];
	}
	if (!path->along)
		return;
	go_back(path, path->mean, game->reduce == HMM_MEAN ? 1 / (double)path->images : 1);
	for (size_t i = 0; i < path->count; i++)
		memcpy(path->slope + i * inputs, path->x, inputs * sizeof(float));
}

int
hmm_path_run(struct hmm_path *path)
{
	const size_t inputs = path->game->inputs;
	struct hmm_seat seat = {0};
	if (reserve(path, &seat)) {
		hmm_seat_close(&seat);
		return -1;
	}
	path->from = value_at(path, 0);
	path->to = value_at(path, 1);
	for (path->points = FIRST_POINTS;; path->points *= 2) {
		double sum = 0;
		integrate(path, path->points);
		for (size_t i = 0; i < path->count; i++)
			for (size_t k = 0; k < inputs; k++)
				sum += (double)path->y[i][k] * (double)path->slope[i * inputs + k];
		path->gap = fabs(path->to - path->from - sum);
		if (!(path->gap > HMM_PATH_GAP) || path->points == HMM_PATH_POINTS)
			break;
	}
	hmm_seat_close(&seat);
	path->layer = NULL;
	return 0;
}
