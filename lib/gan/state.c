#include "state.h"

#include <math.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/learn/saved.h"

enum { NETS = 2 * HMM_GAN_SIDES };
enum { EPOCH, STEP, STEPS, POOLS, SUMS = POOLS + HMM_GAN_SIDES, PROGRESS = SUMS + HMM_GAN_LOSSES };

static struct hmm_net *
net_of(const struct hmm_gan *gan, size_t number)
{
	const size_t side = number / 2;
	return (struct hmm_net *)(number % 2 ? &gan->discriminator[side] : &gan->generator[side]);
}

/* Every net's values and moments and the pools, then progress, and the curve of so many epochs. */
static void
add_all(struct hmm_saved *saved, const struct hmm_gan *gan, double *progress,
    const struct state *state, long epochs)
{
	static const char *const names[NETS] = {"G_A", "D_A", "G_B", "D_B"};
	static const char *const pools[HMM_GAN_SIDES] = {"pool_A", "pool_B"};
	for (size_t n = 0; n < 2 * gan->sides; n++) {
		const struct hmm_net *net = net_of(gan, n);
		hmm_saved_add(saved, names[n], ".w", HMM_F32, net->w, net->floats);
		hmm_saved_add(saved, names[n], ".m", HMM_F32, net->m, net->floats);
		hmm_saved_add(saved, names[n], ".v", HMM_F32, net->v, net->floats);
	}
	for (size_t side = 0; side < gan->sides; side++)
		hmm_saved_add(saved, pools[side], "", HMM_F32, gan->pool[side].image,
		    gan->options.method == HMM_CYCLEGAN ? gan->options.pool_size * gan->floats : 0);
	hmm_saved_add(saved, "progress", "", HMM_F64, progress, PROGRESS);
	hmm_saved_add(saved, "curve", "", HMM_F64, state->curve, (size_t)epochs * state->losses);
}

int
state_write(
    const char *path, const struct hmm_gan *gan, const struct state *state, const char *identity)
{
	double progress[PROGRESS] = {[EPOCH] = (double)state->epoch,
	    [STEP] = (double)state->step,
	    [STEPS] = (double)gan->generator[0].steps};
	struct hmm_saved saved = {0};
	for (size_t side = 0; side < gan->sides; side++)
		progress[POOLS + side] = (double)gan->pool[side].count;
	memcpy(progress + SUMS, state->sum, sizeof(state->sum));
	add_all(&saved, gan, progress, state, state->epoch);
	const int bad = hmm_saved_write(&saved, path, identity);
	hmm_saved_close(&saved);
	return bad;
}

static int
check_finite(const char *path, const char *name, const double *value, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!isfinite(value[i]))
			return hmm_error("%s: tensor %s holds a value that is not finite", path, name);
	return 0;
}

/* The numbers first, which say how long the curve is. 0, or -1 reported. */
static int
take_all(const struct hmm_weights *file, struct hmm_gan *gan, struct state *state, long epochs)
{
	double progress[PROGRESS], *const pools = progress + POOLS;
	const struct hmm_weight numbers = {.name = (char *)"progress",
	    .x = {.dtype = HMM_F64, .dimensions = 1, .shape = {PROGRESS}, .data = progress}};
	struct hmm_saved saved = {0};
	if (hmm_saved_take(file, &numbers))
		return -1;
	if (!hmm_saved_is_count(progress[EPOCH], (double)epochs) ||
	    !hmm_saved_is_count(progress[STEP], 1e15) || !hmm_saved_is_count(progress[STEPS], 1e15) ||
	    !hmm_saved_is_count(pools[0], (double)gan->options.pool_size) ||
	    !hmm_saved_is_count(pools[1], (double)gan->options.pool_size))
		return hmm_error("%s: a checkpoint of no step of this training", file->path);
	state->epoch = (long)progress[EPOCH];
	state->step = (long)progress[STEP];
	add_all(&saved, gan, progress, state, state->epoch);
	const int bad = hmm_saved_take_all(file, &saved);
	hmm_saved_close(&saved);
	memcpy(state->sum, progress + SUMS, sizeof(state->sum));
	for (size_t side = 0; side < gan->sides; side++)
		gan->pool[side].count = (size_t)pools[side];
	for (size_t n = 0; n < 2 * gan->sides; n++)
		net_of(gan, n)->steps = (long)progress[STEPS];
	return bad || check_finite(file->path, "progress", progress, PROGRESS) ||
	       check_finite(file->path, "curve", state->curve, (size_t)state->epoch * state->losses);
}

int
state_read(
    const char *path, struct hmm_gan *gan, struct state *state, long epochs, const char *identity)
{
	struct hmm_weights *file;
	if (hmm_saved_open(&file, path, identity))
		return -1;
	if (!file)
		return 0;
	const int bad = take_all(file, gan, state, epochs);
	hmm_weights_close(file);
	return bad ? -1 : 1;
}
