/* The 1x1 convolution of blocks that keeps the number of channels,
 *
 *   y [C][S] = W [out][in] z [C][S] + b [C],      C channels, S positions,
 *
 * for W and b that a hypernetwork generated or that are parameters themselves.
 *
 * The products run over positions, y^T [S][C] = z^T [S][C] W^T [C][C]: a tile of the kernel is
 * 14 rows by 32 columns, and 512 x 49 would waste a fifth of its columns. */
#ifndef HMM_CONV1X1_H
#define HMM_CONV1X1_H

#include "hmm/base/parallel.h"
#include "hmm/learn/parameter.h"

/* Memory for the convolutions of blocks of one shape. */
struct hmm_conv1x1 {
	size_t channels, positions;
	struct hmm_pool *pool; /* not owned */
	float *packed;         /* the right-hand side of a product */
	float **scratch;       /* [threads] some positions of a block, transposed: in, out */
	size_t threads;
};

/* 0, or -1 reported. */
int hmm_conv1x1_open(
    struct hmm_conv1x1 *conv, size_t channels, size_t positions, struct hmm_pool *pool);
void hmm_conv1x1_close(struct hmm_conv1x1 *conv);

/* y[b] = W z[b] + bias, for b in 0..blocks-1; no y is a z. */
void hmm_conv1x1_forward(struct hmm_conv1x1 *conv, float *const *y, const float *const *z,
    const float *weight, const float *bias, size_t blocks);

/* Add the gradients for dy[b] = d loss / d y[b]: those of z to dz[b] unless dz is NULL (weight is
 * read for them only), of W to dweight [out][in], of b to dbias. */
void hmm_conv1x1_backward(struct hmm_conv1x1 *conv, float *const *dz, float *dweight, float *dbias,
    const float *const *dy, const float *const *z, const float *weight, size_t blocks);

/* The forward pass in two, for a W of many blocks: W^T, packed into hmm_tile_packed_size(C, C)
 * floats, and one block after the other, y[0] = W z[0] + bias, by different threads at once.
 * Here y may be z. The bits are those of hmm_conv1x1_forward(). */
void hmm_conv1x1_pack(float *packed, const float *weight, size_t channels);
void hmm_conv1x1_block(const struct hmm_conv1x1 *conv, float *y, const float *z,
    const float *packed, const float *bias, size_t thread);

/* W and b that are parameters, named <prefix>.weight and .bias; all values 0. 0, or -1 reported. */
struct hmm_conv1x1_layer {
	struct hmm_parameter weight, bias;
};
int hmm_conv1x1_layer_open(struct hmm_conv1x1_layer *layer, const char *prefix, size_t channels);
void hmm_conv1x1_layer_close(struct hmm_conv1x1_layer *layer);

/* torch.nn.Conv2d's own: uniform within 1 / sqrt(channels). */
void hmm_conv1x1_layer_init(struct hmm_conv1x1_layer *layer, uint64_t seed);

void hmm_conv1x1_layer_each(
    struct hmm_conv1x1_layer *layer, hmm_parameter_visit *visit, void *context);

#endif
