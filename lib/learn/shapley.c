#include "hmm/learn/shapley.h"

#include <math.h>
#include <stdlib.h>

#include "hmm/base/memory.h"
#include "hmm/base/number.h"

/* weight[s] = s! (players - s - 1)! / players!, the share of the orders of so many players in which
 * a given set of s comes right before a given player. */
static void
weigh(double weight[HMM_GAME_PLAYERS], size_t players)
{
	weight[0] = 1 / (double)players;
	for (size_t s = 1; s < players; s++)
		weight[s] = weight[s - 1] * (double)s / (double)(players - s);
}

void
hmm_shapley(struct hmm_share *share, const double *value, const double *absent, size_t count)
{
	double weight[HMM_GAME_PLAYERS];
	weigh(weight, count);
	for (size_t i = 0; i < count; i++) {
		const size_t bit = (size_t)1 << i;
		struct hmm_share sum = {0};
		for (size_t set = 0; set < (size_t)1 << count; set++) {
			if (set & bit)
				continue;
			const double w = weight[hmm_bits_count(set)];
			const double middle = absent ? absent[i << count | set] : (double)NAN;
			sum.phi += w * (value[set | bit] - value[set]);
			sum.content += w * (value[set | bit] - middle);
			sum.presence += w * (middle - value[set]);
		}
		share[i] = sum;
	}
}

void
hmm_shapley_pairs(double *pair, const double *value, size_t count)
{
	double weight[HMM_GAME_PLAYERS];
	if (count > 1)
		weigh(weight, count - 1);
	for (size_t a = 0; a < count; a++)
		for (size_t b = 0; b < count; b++) {
			const size_t one = (size_t)1 << a, other = (size_t)1 << b, both = one | other;
			double sum = 0;
			for (size_t set = 0; set < (size_t)1 << count && a != b; set++)
				if (!(set & both))
					sum += weight[hmm_bits_count(set)] *
					       (value[set | both] - value[set | one] - value[set | other] + value[set]);
			pair[a * count + b] = sum;
		}
}

/* ---- drawn orders ---- */

struct sample {
	const struct hmm_game *game;
	const struct hmm_players *players;
	struct hmm_place place;
	double base;
	double *value;  /* [orders][count + 1]: v of the first k players of an order */
	double *absent; /* [orders][count]: with what stands for nothing seen as the one behind them */
	size_t *order;  /* [orders][count] */
	struct hmm_seat *seat; /* [threads] */
};

static void
sample_part(void *job, size_t part, size_t thread)
{
	const struct sample *sample = job;
	const struct hmm_game *game = sample->game;
	const struct hmm_players *players = sample->players;
	const size_t count = players->count, size = game->size;
	struct hmm_seat *seat = &sample->seat[thread];
	struct hmm_place place = sample->place;
	size_t *order = sample->order + part * count, images = 0;
	double *value = sample->value + part * (count + 1), *absent = sample->absent + part * count;
	place.epoch = (uint32_t)part;
	hmm_random_shuffle(order, count, place);
	hmm_game_clear(game, seat->sum);
	value[0] = sample->base;
	for (size_t k = 0; k < count; k++) {
		const size_t i = order[k];
		if (players->absent) {
			hmm_game_add(game, seat->sum + size, seat->sum, players->absent + i * size);
			hmm_game_put(game, seat, seat->sum + size, images + players->images[i], &absent[k]);
		}
		hmm_game_add(game, seat->sum, seat->sum, players->element + i * size);
		images += players->images[i];
		hmm_game_put(game, seat, seat->sum, images, &value[k + 1]);
	}
	hmm_game_settle(game, seat);
}

/* Means, and the standard error from the squares of the distances to them. */
static void
summarise(struct hmm_share *share, const struct sample *sample, size_t orders)
{
	const size_t count = sample->players->count;
	const double n = (double)orders;
	for (size_t i = 0; i < count; i++)
		share[i] = (struct hmm_share){0};
	for (int pass = 0; pass < 2; pass++) {
		for (size_t r = 0; r < orders; r++)
			for (size_t k = 0; k < count; k++) {
				struct hmm_share *of = &share[sample->order[r * count + k]];
				const double *v = sample->value + r * (count + 1) + k;
				const double middle =
				    sample->players->absent ? sample->absent[r * count + k] : (double)NAN;
				const double off = v[1] - v[0] - of->phi;
				if (pass == 0) {
					of->phi += (v[1] - v[0]) / n;
					of->content += (v[1] - middle) / n;
					of->presence += (middle - v[0]) / n;
				} else {
					of->error += off * off / (n - 1) / n;
				}
			}
		for (size_t i = 0; i < count && pass == 1; i++)
			share[i].error = sqrt(share[i].error);
	}
}

int
hmm_shapley_sample(struct hmm_share *share, double *all, const struct hmm_game *game,
    const struct hmm_players *players, double base, size_t orders, struct hmm_place place)
{
	const size_t threads = hmm_pool_threads(game->pool), count = players->count;
	size_t cells = 0;
	if (hmm_multiply(&cells, orders, count + 1))
		return hmm_memory_out();
	struct sample sample = {game, players, place, base, hmm_alloc_raw(cells, sizeof(double)),
	    hmm_alloc_raw(cells, sizeof(double)), hmm_alloc_raw(cells, sizeof(size_t)),
	    hmm_alloc(threads, sizeof(*sample.seat))};
	int bad = !sample.value || !sample.absent || !sample.order || !sample.seat;
	for (size_t t = 0; t < threads && !bad; t++)
		bad = hmm_seat_open(&sample.seat[t], game, 2);
	if (!bad) {
		hmm_pool_run(game->pool, sample_part, &sample, orders);
		summarise(share, &sample, orders);
		*all = sample.value[count];
	}
	for (size_t t = 0; t < threads && sample.seat; t++)
		hmm_seat_close(&sample.seat[t]);
	free(sample.value);
	free(sample.absent);
	free(sample.order);
	free(sample.seat);
	return bad ? -1 : 0;
}
