#include "hmm/learn/game.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/memory.h"
#include "hmm/kernel/linear.h"

enum { WAITING = 16 }; /* sets for which W1 is read once */

int
hmm_game_open(
    struct hmm_game *game, struct hmm_rho *rho, enum hmm_reduce reduce, struct hmm_pool *pool)
{
	const struct hmm_mlp *mlp = &rho->mlp;
	*game = (struct hmm_game){.rho = rho,
	    .pool = pool,
	    .reduce = reduce,
	    .inputs = mlp->width[0],
	    .units = mlp->width[1]};
	game->size = reduce == HMM_MAX ? game->inputs : game->units;
	for (size_t i = 1; i < mlp->layers; i++) {
		const size_t in = mlp->width[i], out = mlp->width[i + 1];
		if (!(game->later[i] = hmm_alloc_raw(in * out, sizeof(double))))
			return -1;
		for (size_t j = 0; j < in; j++)
			for (size_t k = 0; k < out; k++)
				game->later[i][j * out + k] = (double)mlp->weight[i].w[k * in + j];
	}
	return hmm_parameter_open(&game->unbiased, "", game->units, 0, HMM_DENSE);
}

void
hmm_game_close(struct hmm_game *game)
{
	for (size_t i = 0; i < HMM_MLP_LAYERS; i++)
		free(game->later[i]);
	hmm_parameter_close(&game->unbiased);
	*game = (struct hmm_game){0};
}

int
hmm_game_elements(const struct hmm_game *game, double *element, const float *const *x, size_t count)
{
	const size_t units = game->units;
	if (game->reduce == HMM_MAX) {
		for (size_t i = 0; i < count; i++)
			for (size_t k = 0; k < game->inputs; k++)
				element[i * game->inputs + k] = (double)x[i][k];
		return 0;
	}
	float *y = hmm_alloc_raw(count * units, sizeof(float));
	if (!y)
		return -1;
	hmm_parameter_forward(&game->rho->mlp.weight[0], game->pool, y, x, &game->unbiased, count);
	for (size_t i = 0; i < count * units; i++)
		element[i] = (double)y[i];
	free(y);
	return 0;
}

/* ---- a set ---- */

int
hmm_seat_open(struct hmm_seat *seat, const struct hmm_game *game, size_t levels)
{
	const struct hmm_mlp *mlp = &game->rho->mlp;
	size_t widths = 0;
	for (size_t i = 1; i <= mlp->layers; i++)
		widths += mlp->width[i];
	*seat = (struct hmm_seat){.sum = hmm_alloc_raw(levels * game->size, sizeof(double)),
	    .layer = hmm_alloc_raw(widths, sizeof(double))};
	if (!seat->sum || !seat->layer)
		return -1;
	if (game->reduce != HMM_MAX)
		return 0;
	seat->waiting = hmm_alloc_raw(WAITING * game->inputs, sizeof(float));
	seat->first = hmm_alloc_raw(WAITING * game->units, sizeof(float));
	seat->value = hmm_alloc(WAITING, sizeof(*seat->value));
	return seat->waiting && seat->first && seat->value ? 0 : -1;
}

void
hmm_seat_close(struct hmm_seat *seat)
{
	free(seat->sum);
	free(seat->layer);
	free(seat->waiting);
	free(seat->first);
	free(seat->value);
	*seat = (struct hmm_seat){0};
}

void
hmm_game_clear(const struct hmm_game *game, double *sum)
{
	for (size_t i = 0; i < game->size; i++)
		sum[i] = game->reduce == HMM_MAX ? -(double)INFINITY : 0;
}

void
hmm_game_add(const struct hmm_game *game, double *to, const double *from, const double *element)
{
	if (game->reduce == HMM_MAX)
		for (size_t i = 0; i < game->size; i++)
			to[i] = element[i] > from[i] ? element[i] : from[i];
	else
		for (size_t i = 0; i < game->size; i++)
			to[i] = from[i] + element[i];
}

double
hmm_game_top(const struct hmm_game *game, double *layer)
{
	const struct hmm_mlp *mlp = &game->rho->mlp;
	double *in = layer;
	for (size_t j = 0; j < game->units; j++)
		in[j] += (double)mlp->bias[0].w[j];
	for (size_t i = 1; i < mlp->layers; i++) {
		const size_t width = mlp->width[i + 1];
		const double *row = game->later[i];
		double *out = in + mlp->width[i];
		for (size_t k = 0; k < width; k++)
			out[k] = (double)mlp->bias[i].w[k];
		for (size_t j = 0; j < mlp->width[i]; j++, row += width)
			if (!(in[j] <= 0)) /* ReLU; NaN goes on */
				for (size_t k = 0; k < width; k++)
					out[k] += in[j] * row[k];
		in = out;
	}
	return in[0];
}

void
hmm_game_slope(const struct hmm_game *game, double *layer)
{
	const struct hmm_mlp *mlp = &game->rho->mlp;
	double *out = layer;
	for (size_t i = 1; i < mlp->layers; i++)
		out += mlp->width[i];
	out[0] = 1;
	for (size_t i = mlp->layers; i-- > 1;) {
		const size_t width = mlp->width[i + 1];
		double *in = out - mlp->width[i];
		for (size_t j = 0; j < mlp->width[i]; j++) {
			const double *row = game->later[i] + j * width;
			double sum = 0;
			for (size_t k = 0; k < width; k++)
				sum += row[k] * out[k];
			in[j] = in[j] > 0 ? sum : 0;
		}
		out = in;
	}
}

/* The logit of a sum or a mean. */
static double
linear_top(const struct hmm_game *game, struct hmm_seat *seat, const double *sum, size_t images)
{
	const double count = game->reduce == HMM_MEAN ? (double)images : 1;
	for (size_t j = 0; j < game->units; j++)
		seat->layer[j] = sum[j] / count;
	return hmm_game_top(game, seat->layer);
}

void
hmm_game_put(const struct hmm_game *game, struct hmm_seat *seat, const double *sum, size_t images,
    double *value)
{
	if (game->reduce != HMM_MAX) {
		*value = linear_top(game, seat, sum, images);
		return;
	}
	float *x = seat->waiting + seat->count * game->inputs;
	for (size_t i = 0; i < game->inputs; i++)
		x[i] = (float)sum[i];
	seat->value[seat->count++] = value;
	if (seat->count == WAITING)
		hmm_game_settle(game, seat);
}

void
hmm_game_settle(const struct hmm_game *game, struct hmm_seat *seat)
{
	const float *x[WAITING];
	for (size_t i = 0; i < seat->count; i++)
		x[i] = seat->waiting + i * game->inputs;
	if (seat->count)
		hmm_linear_forward(seat->first, game->units, game->rho->mlp.weight[0].w, x,
		    game->unbiased.w, game->units, game->inputs, seat->count);
	for (size_t i = 0; i < seat->count; i++) {
		for (size_t j = 0; j < game->units; j++)
			seat->layer[j] = (double)seat->first[i * game->units + j];
		*seat->value[i] = hmm_game_top(game, seat->layer);
	}
	seat->count = 0;
}

/* ---- all sets ---- */

enum { PREFIX = 5 }; /* players whose sets are dealt out among the threads */

struct walk {
	const struct hmm_game *game;
	const struct hmm_players *players;
	double *value, *absent;
	struct hmm_seat *seat; /* [threads] */
};

static double *
level(const struct walk *walk, const struct hmm_seat *seat, size_t number)
{
	return seat->sum + number * walk->game->size;
}

/* The set whose sum stands at that level, and it with what stands for nothing seen. */
static void
value_set(const struct walk *walk, struct hmm_seat *seat, size_t at, size_t set, size_t images)
{
	const struct hmm_game *game = walk->game;
	const struct hmm_players *players = walk->players;
	double *sum = level(walk, seat, at), *with = level(walk, seat, players->count + 1);
	if (set)
		hmm_game_put(game, seat, sum, images, &walk->value[set]);
	for (size_t i = 0; walk->absent && i < players->count; i++)
		if (!(set >> i & 1)) {
			hmm_game_add(game, with, sum, players->absent + i * game->size);
			hmm_game_put(game, seat, with, images + players->images[i],
			    &walk->absent[i << players->count | set]);
		}
}

/* That set and all that have players from `next` on besides. */
static void
visit(const struct walk *walk, struct hmm_seat *seat, size_t at, size_t set, size_t images,
    size_t next)
{
	const struct hmm_players *players = walk->players;
	value_set(walk, seat, at, set, images);
	for (size_t i = next; i < players->count; i++) {
		hmm_game_add(walk->game, level(walk, seat, at + 1), level(walk, seat, at),
		    players->element + i * walk->game->size);
		visit(walk, seat, at + 1, set | (size_t)1 << i, images + players->images[i], i + 1);
	}
}

static size_t
prefix_of(const struct hmm_players *players)
{
	return players->count < PREFIX ? players->count : PREFIX;
}

/* All sets that have these of the first players. */
static void
walk_part(void *job, size_t part, size_t thread)
{
	const struct walk *walk = job;
	const struct hmm_players *players = walk->players;
	struct hmm_seat *seat = &walk->seat[thread];
	double *sum = level(walk, seat, 0);
	size_t images = 0;
	hmm_game_clear(walk->game, sum);
	for (size_t i = 0; i < prefix_of(players); i++)
		if (part >> i & 1) {
			hmm_game_add(walk->game, sum, sum, players->element + i * walk->game->size);
			images += players->images[i];
		}
	visit(walk, seat, 0, part, images, prefix_of(players));
	hmm_game_settle(walk->game, seat);
}

int
hmm_game_walk(
    const struct hmm_game *game, const struct hmm_players *players, double *value, double *absent)
{
	const size_t threads = hmm_pool_threads(game->pool);
	struct walk walk = {game, players, value, players->absent ? absent : NULL,
	    hmm_alloc(threads, sizeof(*walk.seat))};
	int bad = !walk.seat;
	for (size_t t = 0; t < threads && !bad; t++)
		bad = hmm_seat_open(&walk.seat[t], game, players->count + 2);
	if (!bad)
		hmm_pool_run(game->pool, walk_part, &walk, (size_t)1 << prefix_of(players));
	for (size_t t = 0; t < threads && walk.seat; t++)
		hmm_seat_close(&walk.seat[t]);
	free(walk.seat);
	return bad ? -1 : 0;
}
