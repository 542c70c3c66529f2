/* Values of sets against a plain network in double precision, shares against the definition over
 * all orders, samples against the exact shares. With an argument: time and memory of 13 modalities
 * of 25088 values. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hmm/learn/shapley.h"
#include "ref.h"
#include "test.h"

enum { PLAYERS = 8, INPUTS = 24, IMAGES = 3 }; /* more than are dealt out among threads */

struct subject {
	float x[PLAYERS][IMAGES][INPUTS], nothing[PLAYERS][INPUTS];
	size_t images[PLAYERS];
};

static void
make_subject(struct subject *subject, unsigned seed)
{
	ref_random(subject->x[0][0], PLAYERS * IMAGES * INPUTS, seed);
	ref_random(subject->nothing[0], PLAYERS * INPUTS, seed + 50);
	for (size_t i = 0; i < PLAYERS; i++)
		subject->images[i] = 1 + (i + seed) % IMAGES;
}

/* rho of a set; of player `hollow`, unless it is PLAYERS, nothing is seen. */
static double
plain_value(const struct hmm_mlp *mlp, const struct subject *s, enum hmm_reduce reduce, size_t set,
    size_t hollow)
{
	double in[INPUTS], out[INPUTS], count = 0;
	for (size_t k = 0; k < INPUTS; k++)
		in[k] = reduce == HMM_MAX ? -(double)INFINITY : 0;
	for (size_t i = 0; i < PLAYERS; i++)
		for (size_t e = 0; (set >> i & 1) && e < s->images[i]; e++) {
			count++;
			for (size_t k = 0; k < INPUTS; k++) {
				const double x = (double)(i == hollow ? s->nothing[i][k] : s->x[i][e][k]);
				in[k] = reduce == HMM_MAX ? fmax(in[k], x) : in[k] + x;
			}
		}
	for (size_t k = 0; k < INPUTS && reduce == HMM_MEAN; k++)
		in[k] /= count;
	for (size_t l = 0; l < mlp->layers; l++) {
		for (size_t r = 0; r < mlp->width[l + 1]; r++) {
			out[r] = (double)mlp->bias[l].w[r];
			for (size_t k = 0; k < mlp->width[l]; k++)
				out[r] += (double)mlp->weight[l].w[r * mlp->width[l] + k] * in[k];
			out[r] = l + 1 < mlp->layers ? fmax(0, out[r]) : out[r];
		}
		memcpy(in, out, sizeof(in));
	}
	return in[0];
}

struct elements {
	double *element, *absent;
};

static struct elements
make_elements(const struct hmm_game *game, const struct subject *s)
{
	struct elements made = {malloc(PLAYERS * game->size * sizeof(double)),
	    malloc(PLAYERS * game->size * sizeof(double))};
	for (size_t i = 0; i < PLAYERS; i++) {
		float sum[INPUTS], hollow[INPUTS];
		const float *all[IMAGES], *one = sum, *none = hollow;
		const float *nothing[IMAGES];
		for (size_t e = 0; e < IMAGES; e++) {
			all[e] = s->x[i][e];
			nothing[e] = s->nothing[i];
		}
		const enum hmm_reduce reduce = game->reduce == HMM_MAX ? HMM_MAX : HMM_SUM;
		hmm_setsum(sum, all, s->images[i], INPUTS, reduce);
		hmm_setsum(hollow, nothing, s->images[i], INPUTS, reduce);
		CHECK(hmm_game_elements(game, made.element + i * game->size, &one, 1) == 0);
		CHECK(hmm_game_elements(game, made.absent + i * game->size, &none, 1) == 0);
	}
	return made;
}

/* ---- orders ---- */

/* The next order of count numbers: 1, or 0 behind the last. */
static int
next_order(size_t *order, size_t count)
{
	size_t i = count - 1, k = count - 1;
	while (i > 0 && order[i - 1] > order[i])
		i--;
	if (i == 0)
		return 0;
	while (order[k] < order[i - 1])
		k--;
	size_t kept = order[k];
	order[k] = order[i - 1];
	order[i - 1] = kept;
	for (size_t a = i, b = count - 1; a < b; a++, b--) {
		kept = order[a];
		order[a] = order[b];
		order[b] = kept;
	}
	return 1;
}

/* The definition: the mean over all orders. */
static void
check_shares(const double *value, const double *absent, size_t count)
{
	struct hmm_share share[PLAYERS], want[PLAYERS] = {{0}};
	size_t order[PLAYERS];
	double orders = 0, sum = 0;
	for (size_t i = 0; i < count; i++)
		order[i] = i;
	do {
		size_t set = 0;
		orders++;
		for (size_t k = 0; k < count; k++) {
			const size_t i = order[k], more = set | (size_t)1 << i;
			const double middle = absent[i << count | set];
			want[i].phi += value[more] - value[set];
			want[i].content += value[more] - middle;
			want[i].presence += middle - value[set];
			set = more;
		}
	} while (next_order(order, count));
	hmm_shapley(share, value, absent, count);
	for (size_t i = 0; i < count; i++) {
		CHECK(fabs(share[i].phi - want[i].phi / orders) < 1e-12);
		CHECK(fabs(share[i].content - want[i].content / orders) < 1e-12);
		CHECK(fabs(share[i].presence - want[i].presence / orders) < 1e-12);
		CHECK(fabs(share[i].content + share[i].presence - share[i].phi) < 1e-12);
		CHECK(share[i].error == 0);
		sum += share[i].phi;
	}
	CHECK(fabs(sum - (value[((size_t)1 << count) - 1] - value[0])) < 1e-12);
}

/* A pair is a block of its own among the others, in all orders: what comes before it is S. */
static void
check_pairs(const double *value, size_t count)
{
	double pair[PLAYERS * PLAYERS];
	hmm_shapley_pairs(pair, value, count);
	for (size_t a = 0; a < count; a++)
		for (size_t b = 0; b < count; b++) {
			const size_t one = (size_t)1 << a, other = (size_t)1 << b;
			size_t order[PLAYERS], length = 0;
			double sum = 0, orders = 0;
			if (a == b) {
				CHECK(pair[a * count + b] == 0);
				continue;
			}
			for (size_t i = 0; i < count; i++)
				if (i != b)
					order[length++] = i;
			do {
				size_t set = 0;
				for (size_t k = 0; order[k] != a; k++)
					set |= (size_t)1 << order[k];
				sum +=
				    value[set | one | other] - value[set | one] - value[set | other] + value[set];
				orders++;
			} while (next_order(order, length));
			CHECK(fabs(pair[a * count + b] - sum / orders) < 1e-12);
			CHECK(pair[a * count + b] == pair[b * count + a] ||
			      fabs(pair[a * count + b] - pair[b * count + a]) < 1e-12);
		}
}

/* ---- games ---- */

static void
check_sample(const struct hmm_game *game, const struct hmm_players *players, const double *value,
    const double *absent)
{
	const struct hmm_place place = {.seed = 5, .subject = 7};
	struct hmm_share exact[PLAYERS], some[PLAYERS], more[PLAYERS];
	double all, again, sum = 0;
	hmm_shapley(exact, value, absent, players->count);
	CHECK(hmm_shapley_sample(some, &all, game, players, value[0], 400, place) == 0);
	CHECK(hmm_shapley_sample(more, &again, game, players, value[0], 6400, place) == 0);
	CHECK(fabs(all - value[((size_t)1 << players->count) - 1]) < 1e-9);
	for (size_t i = 0; i < players->count; i++) {
		CHECK(fabs(some[i].phi - exact[i].phi) < 4 * some[i].error + 1e-9);
		CHECK(fabs(more[i].phi - exact[i].phi) < 4 * more[i].error + 1e-9);
		CHECK(fabs(more[i].content + more[i].presence - more[i].phi) < 1e-9);
		CHECK(fabs(more[i].content - exact[i].content) < .2 * fabs(exact[i].content) + .02);
		if (players->count > 1) /* a quarter with 16 times as many */
			CHECK(fabs(some[i].error / more[i].error - 4) < 1);
		sum += some[i].phi;
	}
	CHECK(fabs(sum - (all - value[0])) < 1e-9);
}

static void
check_game(struct hmm_rho *rho, enum hmm_reduce reduce, size_t count, struct hmm_pool *pool)
{
	const size_t sets = (size_t)1 << count;
	static double value[1 << PLAYERS], absent[PLAYERS << PLAYERS];
	struct hmm_game game;
	struct subject subject;
	make_subject(&subject, (unsigned)count);
	CHECK(hmm_game_open(&game, rho, reduce, pool) == 0);
	const struct elements made = make_elements(&game, &subject);
	const struct hmm_players players = {count, made.element, made.absent, subject.images};
	value[0] = -.7;
	CHECK(hmm_game_walk(&game, &players, value, absent) == 0);
	CHECK(value[0] == -.7);
	for (size_t set = 0; set < sets; set++) {
		if (set)
			CHECK(fabs(value[set] - plain_value(&rho->mlp, &subject, reduce, set, PLAYERS)) < 1e-6);
		for (size_t i = 0; i < count; i++)
			if (!(set >> i & 1))
				CHECK(fabs(absent[i << count | set] - plain_value(&rho->mlp, &subject, reduce,
				                                          set | (size_t)1 << i, i)) < 1e-6);
	}
	check_shares(value, absent, count);
	check_pairs(value, count);
	check_sample(&game, &players, value, absent);
	free(made.element);
	free(made.absent);
	hmm_game_close(&game);
}

/* The same bits for any number of threads. */
static void
check_threads(struct hmm_rho *rho, enum hmm_reduce reduce)
{
	double value[2][1 << PLAYERS], absent[2][PLAYERS << PLAYERS], all[2];
	struct hmm_share share[2][PLAYERS];
	struct subject subject;
	make_subject(&subject, 9);
	memset(absent, 0, sizeof(absent));
	for (size_t t = 0; t < 2; t++) {
		struct hmm_pool *pool = hmm_pool_open(1 + 2 * t), *kept = rho->pool;
		struct hmm_game game;
		rho->pool = pool;
		CHECK(hmm_game_open(&game, rho, reduce, pool) == 0);
		const struct elements made = make_elements(&game, &subject);
		const struct hmm_players players = {PLAYERS, made.element, made.absent, subject.images};
		value[t][0] = 0;
		CHECK(hmm_game_walk(&game, &players, value[t], absent[t]) == 0);
		CHECK(hmm_shapley_sample(
		          share[t], &all[t], &game, &players, 0, 50, (struct hmm_place){.seed = 1}) == 0);
		free(made.element);
		free(made.absent);
		hmm_game_close(&game);
		hmm_pool_close(pool);
		rho->pool = kept;
	}
	CHECK(!memcmp(value[0], value[1], sizeof(value[0])));
	CHECK(!memcmp(absent[0], absent[1], sizeof(absent[0])));
	CHECK(!memcmp(share[0], share[1], sizeof(share[0])) && all[0] == all[1]);
}

/* A sum that goes into one linear layer: each player is worth what it adds. */
static void
check_linear(struct hmm_rho *rho, struct hmm_pool *pool)
{
	double value[1 << PLAYERS];
	struct hmm_share share[PLAYERS];
	struct hmm_game game;
	struct subject subject;
	make_subject(&subject, 3);
	CHECK(hmm_game_open(&game, rho, HMM_SUM, pool) == 0);
	const struct elements made = make_elements(&game, &subject);
	const struct hmm_players players = {PLAYERS, made.element, NULL, subject.images};
	value[0] = (double)rho->mlp.bias[0].w[0];
	CHECK(hmm_game_walk(&game, &players, value, NULL) == 0);
	hmm_shapley(share, value, NULL, PLAYERS);
	for (size_t i = 0; i < PLAYERS; i++) {
		double want = 0;
		for (size_t e = 0; e < subject.images[i]; e++)
			for (size_t k = 0; k < INPUTS; k++)
				want += (double)rho->mlp.weight[0].w[k] * (double)subject.x[i][e][k];
		CHECK(fabs(share[i].phi - want) < 1e-6);
		CHECK(isnan(share[i].content) && isnan(share[i].presence));
	}
	free(made.element);
	free(made.absent);
	hmm_game_close(&game);
}

/* The slope of the first layer's sums against differences. */
static void
check_slope(struct hmm_rho *rho, struct hmm_pool *pool)
{
	struct hmm_game game;
	struct hmm_seat seat;
	CHECK(hmm_game_open(&game, rho, HMM_SUM, pool) == 0);
	CHECK(hmm_seat_open(&seat, &game, 1) == 0);
	float start[INPUTS];
	double slope[INPUTS];
	ref_random(start, INPUTS, 8);
	for (size_t j = 0; j < game.units; j++)
		seat.layer[j] = (double)start[j];
	hmm_game_top(&game, seat.layer);
	hmm_game_slope(&game, seat.layer);
	memcpy(slope, seat.layer, game.units * sizeof(double));
	for (size_t i = 0; i < game.units; i++) {
		double side[2];
		for (int k = 0; k < 2; k++) {
			for (size_t j = 0; j < game.units; j++)
				seat.layer[j] = (double)start[j] + (i == j ? (k ? 1e-6 : -1e-6) : 0);
			side[k] = hmm_game_top(&game, seat.layer);
		}
		CHECK(fabs((side[1] - side[0]) / 2e-6 - slope[i]) < 1e-7);
	}
	hmm_seat_close(&seat);
	hmm_game_close(&game);
}

/* ---- time ---- */

static double
seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
measure(enum hmm_reduce reduce, int with_absent, struct hmm_pool *pool)
{
	enum { MANY = HMM_GAME_PLAYERS, WIDE = 25088 };
	const size_t hidden[] = {512, 128};
	const size_t one[MANY] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
	struct hmm_rho rho;
	struct hmm_game game;
	struct hmm_share share[MANY];
	CHECK(hmm_rho_open(&rho, pool, &hmm_objective_binary, WIDE, hidden, 2, 0) == 0);
	hmm_mlp_init(&rho.mlp, 1);
	CHECK(hmm_game_open(&game, &rho, reduce, pool) == 0);
	float *x = malloc(MANY * WIDE * sizeof(float));
	const float *each[MANY];
	ref_random(x, MANY * WIDE, 1);
	for (size_t i = 0; i < MANY; i++)
		each[i] = x + i * WIDE;
	double *element = malloc(MANY * game.size * sizeof(double)),
	       *value = calloc(1 << MANY, sizeof(double)),
	       *absent = malloc((MANY << MANY) * sizeof(double));
	const double start = seconds();
	CHECK(hmm_game_elements(&game, element, each, MANY) == 0);
	const struct hmm_players players = {MANY, element, with_absent ? element : NULL, one};
	CHECK(hmm_game_walk(&game, &players, value, absent) == 0);
	hmm_shapley(share, value, with_absent ? absent : NULL, MANY);
	printf("%d modalities, %s%s: %.2f s with %zu threads\n", MANY,
	    reduce == HMM_MAX ? "max" : "mean", with_absent ? ", content and presence" : "",
	    seconds() - start, hmm_pool_threads(pool));
	free(x);
	free(element);
	free(value);
	free(absent);
	hmm_game_close(&game);
	hmm_rho_close(&rho);
}

int
main(int argc, char **argv)
{
	(void)argv;
	const size_t hidden[] = {9, 5};
	struct hmm_pool *pool = hmm_pool_open(2);
	for (size_t layers = 0; layers <= 2; layers++) {
		struct hmm_rho rho;
		CHECK(hmm_rho_open(&rho, pool, &hmm_objective_binary, INPUTS, hidden, layers, 0) == 0);
		hmm_mlp_init(&rho.mlp, 4);
		for (int reduce = HMM_MEAN; reduce <= HMM_MAX; reduce++) {
			for (size_t count = 1; count <= PLAYERS; count++)
				check_game(&rho, (enum hmm_reduce)reduce, count, pool);
			check_threads(&rho, (enum hmm_reduce)reduce);
		}
		if (layers == 0)
			check_linear(&rho, pool);
		check_slope(&rho, pool);
		hmm_rho_close(&rho);
	}
	for (int i = 0; i < 3 && argc > 1; i++)
		measure(i < 2 ? HMM_MEAN : HMM_MAX, i % 2, pool);
	hmm_pool_close(pool);
	return test_end();
}
