#include <stdlib.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/random.h"
#include "vgg_plan.h"

/* What tiles are tried on: a small picture, which costs a tenth of a slice, but of whole tiles down
 * to the fourth pool. */
enum { SIDE = 64, PIXELS = SIDE * SIDE };

/* How far they may take its features from those of plain convolutions. */
static const double limit = 1e-6;

/* A grey disc with a grain on black, as slices are, and below it to the right noise in colours. */
static void
draw(unsigned char picture[COLOURS][SIDE][SIDE])
{
	for (int c = 0; c < COLOURS; c++)
		for (int y = 0; y < SIDE; y++)
			for (int x = 0; x < SIDE; x++) {
				const uint32_t place = (uint32_t)((c * SIDE + y) * SIDE + x);
				const int across = 2 * x + 1 - SIDE, down = 2 * y + 1 - SIDE;
				const int inside = across * across + down * down < PIXELS * 3 / 4;
				const int grey = inside ? 64 + x + y + x * y * 7 % 64 : 0;
				const double noise = 256 * hmm_random_uniform((struct hmm_place){.seed = 1}, place);
				picture[c][y][x] = (unsigned char)(across > 0 && down > 0 ? (int)noise : grey);
			}
}

/* The picture's features. 0, or -1 reported. */
static int
run(float *features, const struct hmm_vgg *vgg)
{
	unsigned char picture[COLOURS][SIDE][SIDE];
	const struct hmm_tensor slice = {
	    .dtype = HMM_U8, .dimensions = 3, .shape = {COLOURS, SIDE, SIDE}, .data = picture};
	struct hmm_vgg_scratch *scratch = hmm_vgg_scratch_open(vgg, SIDE, SIDE);
	if (!scratch)
		return -1;
	draw(picture);
	hmm_vgg_features(features, vgg, &(const struct hmm_tensor *){&slice}, 1, scratch);
	hmm_vgg_scratch_close(scratch);
	return 0;
}

/* Whether features are within the limit. What is not finite is not; and where all are 0 nothing
 * was tried. */
static int
are_near(const float *have, const float *want, size_t count)
{
	double off = 0, all = 0;
	for (size_t i = 0; i < count; i++) {
		const double difference = (double)have[i] - (double)want[i];
		off += difference * difference;
		all += (double)want[i] * (double)want[i];
	}
	return all > 0 && off <= limit * limit * all;
}

/* The layers that can have the tiles of `tiled`: all or, one after the other from the largest
 * on, those with which the features stay near. 0; 1, and none, where features tell nothing; or -1
 * reported. */
static int
choose(uint64_t *layers, const struct hmm_vgg *plain, const struct hmm_vgg *tiled, size_t count)
{
	struct hmm_vgg trial = *plain;
	float *want = hmm_alloc(count, sizeof(float));
	float *have = want ? hmm_alloc(count, sizeof(float)) : NULL;
	int bad = !have || run(want, plain) || run(have, tiled) ? -1 : !are_near(want, want, count);
	*layers = bad ? 0 : UINT64_MAX;
	if (!bad && !are_near(have, want, count)) {
		*layers = 0;
		for (size_t i = 0; !bad && i < plain->layers; i++) {
			if (!tiled->conv[i].tile)
				continue;
			trial.conv[i] = tiled->conv[i];
			bad = run(have, &trial);
			if (!bad && are_near(have, want, count))
				*layers |= (uint64_t)1 << i;
			else
				trial.conv[i] = plain->conv[i];
		}
	}
	free(want);
	free(have);
	return bad;
}

/* The floats of the picture's features, or 0 where it is too small for the pools. */
static size_t
features_of(const struct hmm_vgg *vgg)
{
	size_t side = SIDE;
	for (size_t i = 0; i < vgg->layers; i++)
		side >>= vgg->conv[i].pool;
	return vgg->conv[vgg->layers - 1].out * side * side;
}

struct hmm_vgg *
hmm_vgg_open(const struct hmm_weight *weight, size_t count, int exact, struct hmm_pool *pool)
{
	struct hmm_vgg_way way = {.exact = exact, .layers = UINT64_MAX};
	struct hmm_vgg *tiled = hmm_vgg_make(weight, count, way, pool);
	if (!tiled || !exact || !hmm_vgg_tiled(tiled))
		return tiled;
	way.layers = 0;
	struct hmm_vgg *plain = hmm_vgg_make(weight, count, way, pool), *kept = NULL;
	const size_t all = hmm_vgg_tiled(tiled), features = features_of(tiled);
	int bad = plain ? 1 : -1;
	if (plain && features)
		bad = choose(&way.layers, plain, tiled, features);
	if (bad >= 0)
		kept = way.layers == UINT64_MAX ? tiled : way.layers ? NULL : plain;
	if (kept != tiled)
		hmm_vgg_close(tiled);
	if (kept != plain)
		hmm_vgg_close(plain);
	if (bad >= 0 && !kept)
		kept = hmm_vgg_make(weight, count, way, pool);
	if (kept && !bad && hmm_vgg_tiled(kept) < all)
		hmm_say("%zu of %zu layers err too much with tiles and stay plain: four times slower",
		    all - hmm_vgg_tiled(kept), all);
	return kept;
}
