#include "hmm/vgg/random_weights.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/random.h"

/* torchvision's configurations: convolutions in each of the five blocks. */
static const struct {
	const char *name;
	int convolutions[5];
} architectures[] = {{"vgg11", {1, 1, 2, 2, 2}}, {"vgg13", {2, 2, 2, 2, 2}},
    {"vgg16", {2, 2, 3, 3, 3}}, {"vgg19", {2, 2, 4, 4, 4}}};
static const size_t channels[5] = {64, 128, 256, 512, 512};

enum { MOST_TENSORS = 16 * 6, NAME = 48 };

struct list {
	struct hmm_weight *weight;
	size_t count;
	uint64_t seed;
};

/* A tensor of normal values with this deviation around `mean`. */
static int
add(struct list *list, int index, const char *what, const size_t *shape, int dimensions,
    double mean, double deviation)
{
	struct hmm_weight *weight = &list->weight[list->count++];
	size_t count;
	weight->name = hmm_alloc(NAME, 1);
	if (!weight->name || hmm_tensor_resize(&weight->x, HMM_F32, shape, dimensions) ||
	    hmm_tensor_count(&weight->x, &count))
		return -1;
	snprintf(weight->name, NAME, "features.%d.%s", index, what);
	const struct hmm_place place = {.seed = list->seed, .subject = hmm_random_name(weight->name)};
	float *values = weight->x.data;
	for (size_t i = 0; i < count; i++)
		values[i] =
		    (float)(mean + (deviation > 0 ? deviation * hmm_random_normal(place, (uint32_t)i) : 0));
	return 0;
}

static int
add_layer(struct list *list, int index, size_t in, size_t out, int norm)
{
	const size_t shape[4] = {out, in, 3, 3};
	if (add(list, index, "weight", shape, 4, 0, sqrt(2 / (9 * (double)out))) ||
	    add(list, index, "bias", &out, 1, 0, 0))
		return -1;
	return norm && (add(list, index + 1, "weight", &out, 1, 1, 0) ||
	                   add(list, index + 1, "bias", &out, 1, 0, 0) ||
	                   add(list, index + 1, "running_mean", &out, 1, 0, 0) ||
	                   add(list, index + 1, "running_var", &out, 1, 1, 0))
	           ? -1
	           : 0;
}

struct hmm_weight *
hmm_random_weights_make(const char *architecture, double width, uint64_t seed, size_t *count)
{
	const size_t length = strcspn(architecture, "_");
	const int norm = !strcmp(architecture + length, "_bn");
	size_t found = 0;
	while (found < 4 && (strncmp(architectures[found].name, architecture, length) || length != 5))
		found++;
	if (found == 4 || (architecture[length] && !norm)) {
		hmm_error("architecture '%s', want vgg11, vgg13, vgg16 or vgg19, or one of them with _bn",
		    architecture);
		return NULL;
	}
	struct list list = {hmm_alloc(MOST_TENSORS, sizeof(struct hmm_weight)), 0, seed};
	int index = 0, bad = !list.weight;
	size_t in = 3;
	for (int block = 0; block < 5; block++) {
		for (int c = 0; c < architectures[found].convolutions[block] && !bad; c++) {
			size_t out = (size_t)rint((double)channels[block] * width);
			out = out ? out : 1;
			bad = add_layer(&list, index, in, out, norm);
			index += 2 + norm;
			in = out;
		}
		index++; /* the pool */
	}
	*count = list.count;
	if (!bad)
		return list.weight;
	hmm_random_weights_free(list.weight, list.count);
	return NULL;
}

void
hmm_random_weights_free(struct hmm_weight *weight, size_t count)
{
	for (size_t i = 0; weight && i < count; i++) {
		free(weight[i].name);
		hmm_tensor_free(&weight[i].x);
	}
	free(weight);
}
