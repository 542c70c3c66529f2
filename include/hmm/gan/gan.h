/* pix2pix and cycleGAN: one step of their training on an image of A and one of B, which are
 * [channels][height][width] in -1 to 1. As in their public implementation, named in architecture.h,
 * in its order of events. */
#ifndef HMM_GAN_H
#define HMM_GAN_H

#include "hmm/gan/architecture.h"
#include "hmm/gan/pass.h"

enum hmm_gan_method { HMM_PIX2PIX, HMM_CYCLEGAN };

struct hmm_gan_options {
	enum hmm_gan_method method;
	struct hmm_generator generator;
	size_t height, width;
	size_t ndf;       /* channels of the discriminators' first layer */
	double l1;        /* pix2pix: weight of the L1 loss, 100 */
	double lambda;    /* cycleGAN: of the cycles' L1 losses, 10 */
	double identity;  /* of the identities', times lambda, .5 */
	size_t pool_size; /* cycleGAN: images that the discriminators are shown again, 50 */
	double beta1;     /* of Adam, .5 */
};

/* The images that a generator has made. */
struct hmm_gan_pool {
	float *image; /* [size][floats] */
	size_t count;
};

enum { HMM_GAN_SIDES = 2, HMM_GAN_LOSSES = 8 };

/* G of side 0 makes B of A, and D of side 0 judges B; side 1, which pix2pix lacks, is the other
 * way round. */
struct hmm_gan {
	struct hmm_gan_options options;
	size_t sides;
	struct hmm_net generator[HMM_GAN_SIDES], discriminator[HMM_GAN_SIDES];
	struct hmm_pass generation[HMM_GAN_SIDES], judgement;
	struct hmm_gan_pool pool[HMM_GAN_SIDES]; /* of side 0's images, and side 1's */
	struct hmm_net_work work;
	struct hmm_arena arena;
	float *made[HMM_GAN_SIDES]; /* fake images, kept from G's turn for D's */
	float *pair;                /* what pix2pix' D is shown: A, and B behind it */
	float *gradient, *verdict;  /* of an image or a pair; of D's map */
	size_t floats;              /* of an image */
};

/* Values are all 0. 0, or -1 reported; close it in either case. */
int hmm_gan_open(
    struct hmm_gan *gan, const struct hmm_gan_options *options, struct hmm_pool *threads);
void hmm_gan_close(struct hmm_gan *gan); /* legal on zeroes */

void hmm_gan_init(struct hmm_gan *gan, uint64_t seed);

/* One step. Draws are made at `place`: dropout, and of the pools' images at HMM_POOL_STREAM + side.
 * The losses are those that hmm_gan_losses() names. */
enum { HMM_POOL_STREAM = 0x47420000 };
void hmm_gan_step(struct hmm_gan *gan, const float *a, const float *b,
    const struct hmm_place *place, double learning_rate, double loss[HMM_GAN_LOSSES]);

/* Their names, a NULL behind the last: pix2pix' D_real D_fake G_GAN G_L1, cycleGAN's D_A G_A
 * cycle_A idt_A D_B G_B cycle_B idt_B; weighted, as they are added up. */
const char *const *hmm_gan_losses(enum hmm_gan_method method);

/* The learning rate's factor in epoch k, from 1: 1 - max(0, k + 1 - steady) / (decay + 1). It is
 * below 1 in the last steady epoch, and 0 in the last of all. */
double hmm_gan_factor(long epoch, long steady, long decay);

#endif
