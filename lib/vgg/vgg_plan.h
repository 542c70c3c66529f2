/* The layers of a VGG: made in vgg.c, run in vgg_features.c. */
#ifndef HMM_VGG_PLAN_H
#define HMM_VGG_PLAN_H

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

#endif
