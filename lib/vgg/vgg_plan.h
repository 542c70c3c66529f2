/* The layers of a VGG: made in vgg.c, by the way that vgg_open.c chooses, run in
 * vgg_features.c. */
#ifndef HMM_VGG_PLAN_H
#define HMM_VGG_PLAN_H

#include <stdint.h>

#include "hmm/kernel/conv.h"
#include "hmm/base/memory.h"
#include "hmm/vgg/vgg.h"

enum { MAX_LAYERS = 64, COLOURS = 3 };

struct hmm_vgg {
	size_t layers;
	struct hmm_conv conv[MAX_LAYERS]; /* the last one has a pool */
	float *packed[MAX_LAYERS], *bias[MAX_LAYERS];
	struct hmm_arena arena;    /* of the packed weights */
	float pixel[COLOURS][256]; /* a normalised value for every byte */
	/* The first layer for grey slices, on bytes / 255. Normalised, the three channels of a
	 * grey pixel g are slope * g + shift each, so their weights can be added up; what the
	 * shifts add is a bias, and less of one where the window reaches into the padding. */
	struct hmm_conv grey;
	float *grey_weights, *grey_bias;
};

/* The tiles of the layers that are wide enough for Winograd: the largest that pay or, exact,
 * those of F(4x4, 3x3) in the layers whose bit is set, and none in the others. */
struct hmm_vgg_way {
	int exact;
	uint64_t layers;
};

/* What hmm_vgg_open() does, in that way. */
struct hmm_vgg *hmm_vgg_make(
    const struct hmm_weight *weight, size_t count, struct hmm_vgg_way way, struct hmm_pool *pool);

#endif
