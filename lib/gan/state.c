#include "state.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hmm/base/error.h"

/* Tensors: four nets' values and moments, the pools, progress and the curve. */
enum { NETS = 2 * HMM_GAN_SIDES, PARTS = 3, TENSORS = NETS * PARTS + HMM_GAN_SIDES + 2, NAME = 16 };
enum { EPOCH, STEP, STEPS, POOLS, SUMS = POOLS + HMM_GAN_SIDES, PROGRESS = SUMS + HMM_GAN_LOSSES };

struct list {
	struct hmm_weight weight[TENSORS];
	char name[TENSORS][NAME];
	size_t count;
	double progress[PROGRESS];
};

static void
add(struct list *list, const char *name, const char *part, enum hmm_dtype dtype, void *data,
    size_t count)
{
	struct hmm_weight *weight = &list->weight[list->count];
	snprintf(list->name[list->count], NAME, "%s%s", name, part);
	*weight = (struct hmm_weight){.name = list->name[list->count],
	    .x = {.dtype = dtype, .dimensions = 1, .shape = {count}, .data = data}};
	list->count++;
}

static struct hmm_net *
net_of(const struct hmm_gan *gan, size_t number)
{
	const size_t side = number / 2;
	return (struct hmm_net *)(number % 2 ? &gan->discriminator[side] : &gan->generator[side]);
}

/* The tensors as views of what they are written from or read into. */
static void
list_tensors(struct list *list, const struct hmm_gan *gan, const struct state *state, size_t epochs)
{
	static const char *const names[NETS] = {"G_A", "D_A", "G_B", "D_B"};
	static const char *const pools[HMM_GAN_SIDES] = {"pool_A", "pool_B"};
	list->count = 0;
	for (size_t n = 0; n < 2 * gan->sides; n++) {
		const struct hmm_net *net = net_of(gan, n);
		add(list, names[n], ".w", HMM_F32, net->w, net->floats);
		add(list, names[n], ".m", HMM_F32, net->m, net->floats);
		add(list, names[n], ".v", HMM_F32, net->v, net->floats);
	}
	for (size_t side = 0; side < gan->sides; side++)
		add(list, pools[side], "", HMM_F32, gan->pool[side].image,
		    gan->options.method == HMM_CYCLEGAN ? gan->options.pool_size * gan->floats : 0);
	add(list, "progress", "", HMM_F64, list->progress, PROGRESS);
	add(list, "curve", "", HMM_F64, state->curve, epochs * state->losses);
}

int
state_write(
    const char *path, const struct hmm_gan *gan, const struct state *state, const char *identity)
{
	struct list list;
	struct hmm_output output = {0};
	const struct hmm_pair pair[] = {{"program", hmm_program}, {"checkpoint", identity}};
	list_tensors(&list, gan, state, (size_t)state->epoch);
	memset(list.progress, 0, sizeof(list.progress));
	list.progress[EPOCH] = (double)state->epoch;
	list.progress[STEP] = (double)state->step;
	list.progress[STEPS] = (double)gan->generator[0].steps;
	for (size_t side = 0; side < gan->sides; side++)
		list.progress[POOLS + side] = (double)gan->pool[side].count;
	memcpy(list.progress + SUMS, state->sum, sizeof(state->sum));
	const int bad = hmm_output_open(&output, path) ||
	                hmm_weights_write(&output, list.weight, list.count, pair, 2) ||
	                hmm_output_finish(&output);
	hmm_output_abandon(&output);
	return bad ? -1 : 0;
}

/* A tensor of exactly that type and size. */
static int
take(void *data, const struct hmm_weights *file, const struct hmm_weight *want)
{
	const struct hmm_weight *found = hmm_weight_find(file->weight, file->count, want->name);
	if (!found || found->x.dtype != want->x.dtype || found->x.dimensions != 1 ||
	    found->x.shape[0] != want->x.shape[0])
		return hmm_error("%s: no tensor %s of %zu values, as a checkpoint of this training has",
		    file->path, want->name, want->x.shape[0]);
	memcpy(data, found->x.data, want->x.shape[0] * hmm_dtype_size(want->x.dtype));
	return 0;
}

static int
check_finite(const struct hmm_weights *file, const struct hmm_weight *taken)
{
	const struct hmm_tensor *x = &taken->x;
	size_t i = 0;
	if (x->dtype == HMM_F32)
		i = hmm_first_not_finite(x->data, x->shape[0]);
	while (i < x->shape[0] && x->dtype == HMM_F64 && isfinite(((const double *)x->data)[i]))
		i++;
	return i == x->shape[0] ? 0
	                        : hmm_error("%s: tensor %s holds a value that is not finite",
	                              file->path, taken->name);
}

static int
is_count(double value, double most)
{
	return value >= 0 && value <= most && value == (double)(long)value;
}

/* Everything of the file; progress first, which says how long the curve is. */
static int
take_all(const struct hmm_weights *file, struct hmm_gan *gan, struct state *state, long epochs)
{
	struct list list;
	list_tensors(&list, gan, state, 0);
	const size_t last = list.count - 1;
	if (take(list.progress, file, &list.weight[last - 1]))
		return -1;
	const double *progress = list.progress, *pools = progress + POOLS;
	if (!is_count(progress[EPOCH], (double)epochs) || !is_count(progress[STEP], 1e15) ||
	    !is_count(progress[STEPS], 1e15) || !is_count(pools[0], (double)gan->options.pool_size) ||
	    !is_count(pools[1], (double)gan->options.pool_size))
		return hmm_error("%s: a checkpoint of no step of this training", file->path);
	list.weight[last].x.shape[0] = (size_t)progress[EPOCH] * state->losses;
	for (size_t i = 0; i < list.count; i++)
		if ((i != last - 1 && take(list.weight[i].x.data, file, &list.weight[i])) ||
		    check_finite(file, &list.weight[i]))
			return -1;
	state->epoch = (long)progress[EPOCH];
	state->step = (long)progress[STEP];
	memcpy(state->sum, progress + SUMS, sizeof(state->sum));
	for (size_t side = 0; side < gan->sides; side++)
		gan->pool[side].count = (size_t)pools[side];
	for (size_t n = 0; n < 2 * gan->sides; n++)
		net_of(gan, n)->steps = (long)progress[STEPS];
	return 0;
}

int
state_read(
    const char *path, struct hmm_gan *gan, struct state *state, long epochs, const char *identity)
{
	if (access(path, F_OK) && errno == ENOENT)
		return 0;
	struct hmm_weights *file = hmm_weights_open(path);
	if (!file)
		return -1;
	const char *found = hmm_weights_metadata(file, "checkpoint");
	int bad = 0;
	if (!found)
		bad = hmm_error("%s: no checkpoint of hmm-gan", path);
	else if (strcmp(found, identity))
		bad = hmm_error("%s: the checkpoint of another training: %.600s; this one is %.600s", path,
		    found, identity);
	bad = bad || take_all(file, gan, state, epochs);
	hmm_weights_close(file);
	return bad ? -1 : 1;
}
