/* The 1x1 convolution of blocks,
 *
 *   y [out][S] = W [out][in] z [in][S] + b [out],      S positions,
 *
 * for W and b that a hypernetwork generated or that are parameters themselves.
 *
 * The products run over positions, y^T [S][out] = z^T [S][in] W^T [in][out]: a tile of the kernel
 * is 14 rows by 32 columns, and 512 x 49 would waste a fifth of its columns. Of vectors, blocks of
 * one position, several are the rows of one product. */
#ifndef HMM_CONV1X1_H
#define HMM_CONV1X1_H

#include "hmm/base/parallel.h"
#include "hmm/kernel/tile.h"
#include "hmm/learn/parameter.h"

/* Memory for the convolutions of blocks of so many positions, to and from so many channels at most.
 */
struct hmm_conv1x1 {
	size_t channels, positions;
	struct hmm_pool *pool; /* not owned */
	float *packed;         /* the right-hand side of a product */
	float **scratch;       /* [threads] some positions, transposed: in, out */
	size_t threads;
};

/* 0, or -1 reported. */
int hmm_conv1x1_open(
    struct hmm_conv1x1 *conv, size_t channels, size_t positions, struct hmm_pool *pool);
void hmm_conv1x1_close(struct hmm_conv1x1 *conv);

/* W [out][in] and b [out]. */
struct hmm_matrix {
	const float *weight, *bias;
	size_t out, in;
};

/* y[b] = W z[b] + bias, for b in 0..blocks-1; no y is a z. */
void hmm_conv1x1_forward(struct hmm_conv1x1 *conv, float *const *y, const float *const *z,
    const struct hmm_matrix *by, size_t blocks);

/* Add the gradients for dy[b] = d loss / d y[b]: those of z to dz[b] unless dz is NULL (by->weight
 * is read for them only), of W to dweight [out][in], of b to dbias. */
void hmm_conv1x1_backward(struct hmm_conv1x1 *conv, float *const *dz, float *dweight, float *dbias,
    const float *const *dy, const float *const *z, const struct hmm_matrix *by, size_t blocks);

/* The forward pass in two, for a W of many blocks: W^T, packed into hmm_tile_packed_size(in, out)
 * floats, which stand for W then, and some blocks after others, by different threads at once; of
 * images one at a time, of vectors at most HMM_CONV1X1_VECTORS. Here y may be z. The bits are those
 * of hmm_conv1x1_forward(). */
enum { HMM_CONV1X1_VECTORS = 4 * HMM_TILE_ROWS };
void hmm_conv1x1_pack(float *packed, const struct hmm_matrix *by);
void hmm_conv1x1_blocks(const struct hmm_conv1x1 *conv, float *const *y, const float *const *z,
    const struct hmm_matrix *packed, size_t blocks, size_t thread);

/* W and b that are parameters, named <prefix>.weight and .bias; all values 0. 0, or -1 reported. */
struct hmm_conv1x1_layer {
	struct hmm_parameter weight, bias;
};
int hmm_conv1x1_layer_open(
    struct hmm_conv1x1_layer *layer, const char *prefix, size_t out, size_t in);
struct hmm_matrix hmm_conv1x1_layer_matrix(const struct hmm_conv1x1_layer *layer);
void hmm_conv1x1_layer_close(struct hmm_conv1x1_layer *layer);

/* torch.nn.Conv2d's own: uniform within 1 / sqrt(in). */
void hmm_conv1x1_layer_init(struct hmm_conv1x1_layer *layer, uint64_t seed);

void hmm_conv1x1_layer_each(
    struct hmm_conv1x1_layer *layer, hmm_parameter_visit *visit, void *context);

#endif
