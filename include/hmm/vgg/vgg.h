/* The frozen feature extractor: torchvision's vgg11/13/16/19(_bn).features of
 * any width. Which one follows from the names and shapes of its tensors:
 * features.N.weight are 3x3 convolutions, and a gap in N is a 2x2 max-pool. */
#ifndef HMM_VGG_H
#define HMM_VGG_H

#include <stddef.h>

#include "hmm/base/parallel.h"
#include "hmm/base/tensor.h"
#include "hmm/base/version.h"

/* What decides the numbers of `exact`, in histories and caches: the kernels' version and one of its
 * own, which changes whenever its tiles or the choice of its layers do. */
#define HMM_VGG_EXACT_NUMERICS HMM_NUMERICS ".1"

struct hmm_vgg;
struct hmm_vgg_scratch;
struct hmm_vgg_batch;

/* Slices that a thread takes together at most: they share the passes over the weights
 * of the small layers. */
enum { HMM_VGG_GROUP = 16 };

/* Plan the layers, fold batch normalisation, pack the weights (copied) on the threads of the
 * pool. `exact`: a relative error below 1e-6 instead of some 1e-5, by smaller tiles; layers with
 * which two pictures that it has come out further than that from plain convolutions stay plain.
 * NULL, reported, when the tensors are no VGG. */
struct hmm_vgg *hmm_vgg_open(
    const struct hmm_weight *weight, size_t count, int exact, struct hmm_pool *pool);
void hmm_vgg_close(struct hmm_vgg *vgg); /* NULL is legal */

/* Of so many layers Winograd's tiles are used. */
size_t hmm_vgg_tiled(const struct hmm_vgg *vgg);

/* The shape (channels, height, width) of the features of height x width slices.
 * -1, reported, when the slice is too small for the pools. */
int hmm_vgg_shape(const struct hmm_vgg *vgg, size_t shape[3], size_t height, size_t width);

/* One thread's activations for a group of slices of that size; NULL, reported. */
struct hmm_vgg_scratch *hmm_vgg_scratch_open(
    const struct hmm_vgg *vgg, size_t height, size_t width);
void hmm_vgg_scratch_close(struct hmm_vgg_scratch *scratch); /* NULL is legal */

/* features[count][channels][height][width] of 1 to HMM_VGG_GROUP slices, uint8
 * (1|3, height, width), grey being repeated to RGB; normalised as torchvision's
 * ImageNet transforms: (x / 255 - mean) / std. The bits of a slice's features do
 * not depend on the others. No allocation. */
void hmm_vgg_features(float *features, const struct hmm_vgg *vgg,
    const struct hmm_tensor *const *slices, size_t count, struct hmm_vgg_scratch *scratch);

/* Many slices at once, in groups on the threads of the pool; the bits do not depend
 * on the number of threads. Up to `capacity` slices; vgg and pool are kept
 * by reference. NULL, reported. */
struct hmm_vgg_batch *hmm_vgg_batch_open(
    const struct hmm_vgg *vgg, struct hmm_pool *pool, size_t capacity);
void hmm_vgg_batch_close(struct hmm_vgg_batch *batch); /* NULL is legal */

/* The features of these slices, uint8 (1|3, height, width) and all of one height
 * and width: [count][channels * height * width] in memory that the batch owns,
 * and their shape. NULL, reported. */
const float *hmm_vgg_batch_run(struct hmm_vgg_batch *batch, size_t shape[3],
    const struct hmm_tensor *const *slices, size_t count);

/* into[i] = max(into[i], features[i]): the block of an image from its slices. */
void hmm_vgg_max(float *into, const float *features, size_t count);

#endif
