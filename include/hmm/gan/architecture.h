/* The networks of pix2pix (Isola et al., arXiv 1611.07004) and cycleGAN (Zhu et al., arXiv
 * 1703.10593) under the names that their public implementation
 * (https://github.com/junyanz/pytorch-CycleGAN-and-pix2pix) gives their tensors. */
#ifndef HMM_ARCHITECTURE_H
#define HMM_ARCHITECTURE_H

#include "hmm/gan/net.h"

enum hmm_generator_kind { HMM_UNET, HMM_RESNET };

/* The most channels of a first layer, blocks of a ResNet, pixels of a side. */
enum { HMM_GENERATOR_WIDTH = 1024, HMM_GENERATOR_BLOCKS = 64, HMM_GENERATOR_SIDE = 4096 };

struct hmm_generator {
	enum hmm_generator_kind kind;
	size_t in, out; /* channels of the images */
	size_t ngf;     /* channels of the first layer */
	size_t depth;   /* U-Net: halvings of the side, 8 of U-Net-256; ResNet: blocks, 6 or 9 */
	enum hmm_norm norm;
	int dropout; /* U-Net: between the innermost layers; ResNet: in the blocks */
};

/* Build the net for images of that size, behind which comes hmm_net_make(). 0, or -1 reported: the
 * sides do not fit; free it in either case. */
int hmm_generator_build(
    struct hmm_net *net, const struct hmm_generator *generator, size_t height, size_t width);

/* The 70x70 PatchGAN of images of `in` channels: one logit a patch. */
int hmm_discriminator_build(
    struct hmm_net *net, size_t in, size_t ndf, enum hmm_norm norm, size_t height, size_t width);

/* Which generator of images of 1 or 3 channels a file's tensors, whose names begin with `prefix`,
 * are: from their names, and a few shapes; that all fit hmm_net_fits() says. A U-Net's dropout
 * leaves no trace, and is taken to be there. 0, or -1 reported with the file's name. */
int hmm_generator_infer(struct hmm_generator *generator, const struct hmm_weight *weight,
    size_t count, const char *prefix, const char *name);

#endif
