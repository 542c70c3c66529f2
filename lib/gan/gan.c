#include "hmm/gan/gan.h"

#include <math.h>
#include <string.h>

#include "hmm/base/error.h"

const char *const *
hmm_gan_losses(enum hmm_gan_method method)
{
	static const char *const pix2pix[] = {"D_real", "D_fake", "G_GAN", "G_L1", NULL};
	static const char *const cyclegan[] = {
	    "D_A", "G_A", "cycle_A", "idt_A", "D_B", "G_B", "cycle_B", "idt_B", NULL};
	return method == HMM_PIX2PIX ? pix2pix : cyclegan;
}

double
hmm_gan_factor(long epoch, long steady, long decay)
{
	const long late = epoch + 1 - steady;
	return late > 0 ? 1 - (double)late / (double)(decay + 1) : 1;
}

/* ---- memory ---- */

static void
take_arrays(struct hmm_gan *gan)
{
	struct hmm_arena *arena = &gan->arena;
	const struct hmm_gan_options *options = &gan->options;
	const int cycle = options->method == HMM_CYCLEGAN;
	for (size_t side = 0; side < gan->sides; side++) {
		gan->made[side] = hmm_arena_take(arena, gan->floats, sizeof(float));
		gan->pool[side].image =
		    hmm_arena_take(arena, cycle ? options->pool_size : 0, gan->floats * sizeof(float));
	}
	gan->pair = hmm_arena_take(arena, 2 * gan->floats, sizeof(float));
	gan->gradient = hmm_arena_take(arena, 2 * gan->floats, sizeof(float));
	gan->verdict = hmm_arena_take(arena, hmm_net_outputs(&gan->discriminator[0]), sizeof(float));
}

int
hmm_gan_open(struct hmm_gan *gan, const struct hmm_gan_options *options, struct hmm_pool *threads)
{
	const struct hmm_net *nets[2 * HMM_GAN_SIDES];
	const size_t shown = options->method == HMM_PIX2PIX ? 2 : 1;
	*gan = (struct hmm_gan){.options = *options, .sides = options->method == HMM_PIX2PIX ? 1 : 2};
	gan->floats = options->generator.in * options->height * options->width;
	for (size_t side = 0; side < gan->sides; side++) {
		struct hmm_net *generator = &gan->generator[side], *judge = &gan->discriminator[side];
		if (hmm_generator_build(generator, &options->generator, options->height, options->width) ||
		    hmm_net_make(generator, 1) ||
		    hmm_discriminator_build(judge, shown * options->generator.in, options->ndf,
		        options->generator.norm, options->height, options->width) ||
		    hmm_net_make(judge, 1) || hmm_pass_open(&gan->generation[side], generator))
			return -1;
		nets[2 * side] = generator;
		nets[2 * side + 1] = judge;
	}
	if (hmm_pass_open(&gan->judgement, &gan->discriminator[0]) ||
	    hmm_net_work_open(&gan->work, threads, nets, 2 * gan->sides, 1))
		return -1;
	take_arrays(gan);
	if (hmm_arena_make(&gan->arena))
		return -1;
	take_arrays(gan);
	return 0;
}

void
hmm_gan_close(struct hmm_gan *gan)
{
	for (size_t side = 0; side < gan->sides; side++) {
		hmm_pass_close(&gan->generation[side]);
		hmm_net_free(&gan->generator[side]);
		hmm_net_free(&gan->discriminator[side]);
	}
	hmm_pass_close(&gan->judgement);
	hmm_net_work_close(&gan->work);
	hmm_arena_free(&gan->arena);
	*gan = (struct hmm_gan){0};
}

void
hmm_gan_init(struct hmm_gan *gan, uint64_t seed)
{
	for (size_t side = 0; side < gan->sides; side++) {
		hmm_net_init(&gan->generator[side], seed, side ? "G_B" : "G_A");
		hmm_net_init(&gan->discriminator[side], seed, side ? "D_B" : "D_A");
	}
}

/* ---- losses: the mean over an array, and its gradient times `weight` ---- */

/* Against a map of 1 (real) or 0: binary cross-entropy of logits, or squares. */
static double
judge_loss(float *gradient, const float *map, size_t count, int real, double weight,
    enum hmm_gan_method method)
{
	double sum = 0;
	for (size_t i = 0; i < count; i++) {
		const double z = (double)map[i], want = real;
		double slope;
		if (method == HMM_PIX2PIX) {
			sum += fmax(z, 0) - z * want + log1p(exp(-fabs(z)));
			slope = 1 / (1 + exp(-z)) - want;
		} else {
			sum += (z - want) * (z - want);
			slope = 2 * (z - want);
		}
		gradient[i] = (float)(weight * slope / (double)count);
	}
	return sum / (double)count;
}

/* L1 between image and target; `add`: to the gradient that there is. */
static double
l1_loss(
    float *gradient, const float *image, const float *target, size_t count, double weight, int add)
{
	const float step = (float)(weight / (double)count);
	double sum = 0;
	for (size_t i = 0; i < count; i++) {
		const float apart = image[i] - target[i];
		const float slope = apart > 0 ? step : apart < 0 ? -step : 0;
		sum += fabs((double)apart);
		gradient[i] = add ? gradient[i] + slope : slope;
	}
	return weight * sum / (double)count;
}

/* ---- one discriminator ---- */

/* It sees an image (or pair), and what that says to its loss or a generator's is taken back: to
 * its own gradients, or to `input` (NULL: not wanted). */
static double
judge(struct hmm_gan *gan, size_t side, const float *shown, int real, double weight, float *input,
    enum hmm_gradients gradients)
{
	struct hmm_pass *pass = &gan->judgement;
	pass->net = &gan->discriminator[side];
	const float *map = hmm_pass_forward(pass, shown, HMM_PASS_TRAIN, NULL, &gan->work);
	const double loss = judge_loss(
	    gan->verdict, map, hmm_net_outputs(pass->net), real, weight, gan->options.method);
	hmm_pass_backward(pass, gan->verdict, input, gradients, &gan->work);
	return loss;
}

/* ---- pix2pix ---- */

static void
step_pix2pix(struct hmm_gan *gan, const float *a, const float *b, const struct hmm_place *place,
    double rate, double *loss)
{
	const size_t floats = gan->floats, bytes = floats * sizeof(float);
	const double beta1 = gan->options.beta1;
	struct hmm_pool *threads = gan->work.conv.pool;
	struct hmm_pass *pass = &gan->generation[0];
	const float *fake = hmm_pass_forward(pass, a, HMM_PASS_TRAIN, place, &gan->work);

	memcpy(gan->pair, a, bytes);
	memcpy(gan->pair + floats, fake, bytes);
	loss[1] = judge(gan, 0, gan->pair, 0, .5, NULL, HMM_GRADIENTS_SET);
	memcpy(gan->pair + floats, b, bytes);
	loss[0] = judge(gan, 0, gan->pair, 1, .5, NULL, HMM_GRADIENTS_ADD);
	hmm_net_step(&gan->discriminator[0], rate, beta1, threads);

	float *of_fake = gan->gradient + floats; /* behind that of A, which is not needed */
	memcpy(gan->pair + floats, fake, bytes);
	loss[2] = judge(gan, 0, gan->pair, 1, 1, gan->gradient, HMM_GRADIENTS_NONE);
	loss[3] = l1_loss(of_fake, fake, b, floats, gan->options.l1, 1);
	hmm_pass_backward(pass, of_fake, NULL, HMM_GRADIENTS_SET, &gan->work);
	hmm_net_step(&gan->generator[0], rate, beta1, threads);
}

/* ---- cycleGAN ---- */

/* From an image over the other side and back: losses of the generator `side`, that made the other
 * image, and of the cycle. */
static void
go_round(struct hmm_gan *gan, size_t side, const float *image, double *of_made, double *of_cycle)
{
	const size_t floats = gan->floats;
	const enum hmm_gradients how = side ? HMM_GRADIENTS_ADD : HMM_GRADIENTS_SET;
	struct hmm_pass *there = &gan->generation[side], *back = &gan->generation[1 - side];
	float *made = gan->made[side], *of_back = gan->pair;
	memcpy(made, hmm_pass_forward(there, image, HMM_PASS_TRAIN, NULL, &gan->work),
	    floats * sizeof(float));
	const float *again = hmm_pass_forward(back, made, HMM_PASS_TRAIN, NULL, &gan->work);
	*of_cycle = l1_loss(of_back, again, image, floats, gan->options.lambda, 0);
	hmm_pass_backward(back, of_back, gan->gradient, how, &gan->work);
	*of_made = judge(gan, side, made, 1, 1, of_back, HMM_GRADIENTS_NONE);
	for (size_t i = 0; i < floats; i++)
		gan->gradient[i] += of_back[i];
	hmm_pass_backward(there, gan->gradient, NULL, how, &gan->work);
}

/* What G makes of an image that is already what it makes. */
static double
leave_alone(struct hmm_gan *gan, size_t side, const float *image)
{
	struct hmm_pass *pass = &gan->generation[side];
	const double weight = gan->options.lambda * gan->options.identity;
	if (weight == 0)
		return 0;
	const float *same = hmm_pass_forward(pass, image, HMM_PASS_TRAIN, NULL, &gan->work);
	const double loss = l1_loss(gan->gradient, same, image, gan->floats, weight, 0);
	hmm_pass_backward(pass, gan->gradient, NULL, HMM_GRADIENTS_ADD, &gan->work);
	return loss;
}

/* The image that D is shown for the one that was made last, into `shown`: that one, or with a
 * chance of one half an earlier one, whose place it takes. */
static void
draw_from_pool(float *shown, struct hmm_gan *gan, size_t side, const struct hmm_place *at)
{
	const size_t size = gan->options.pool_size, floats = gan->floats;
	struct hmm_gan_pool *pool = &gan->pool[side];
	struct hmm_place place = *at;
	place.stream = HMM_POOL_STREAM + (uint32_t)side;
	memcpy(shown, gan->made[side], floats * sizeof(float));
	float *slot = NULL;
	if (pool->count < size)
		slot = pool->image + pool->count++ * floats;
	else if (size && hmm_random_uniform(place, 0) > .5) {
		slot = pool->image + (size_t)(hmm_random_uniform(place, 1) * (double)size) * floats;
		memcpy(shown, slot, floats * sizeof(float));
	}
	if (slot)
		memcpy(slot, gan->made[side], floats * sizeof(float));
}

static double
teach_judge(struct hmm_gan *gan, size_t side, const float *real, const struct hmm_place *place)
{
	draw_from_pool(gan->pair, gan, side, place);
	const double of_real = judge(gan, side, real, 1, .5, NULL, HMM_GRADIENTS_SET);
	return .5 * (of_real + judge(gan, side, gan->pair, 0, .5, NULL, HMM_GRADIENTS_ADD));
}

static void
step_cyclegan(struct hmm_gan *gan, const float *a, const float *b, const struct hmm_place *place,
    double rate, double *loss)
{
	const double beta1 = gan->options.beta1;
	struct hmm_pool *threads = gan->work.conv.pool;
	go_round(gan, 0, a, &loss[1], &loss[2]);
	go_round(gan, 1, b, &loss[5], &loss[6]);
	loss[3] = leave_alone(gan, 0, b);
	loss[7] = leave_alone(gan, 1, a);
	hmm_net_step(&gan->generator[0], rate, beta1, threads);
	hmm_net_step(&gan->generator[1], rate, beta1, threads);
	loss[0] = teach_judge(gan, 0, b, place);
	loss[4] = teach_judge(gan, 1, a, place);
	hmm_net_step(&gan->discriminator[0], rate, beta1, threads);
	hmm_net_step(&gan->discriminator[1], rate, beta1, threads);
}

void
hmm_gan_step(struct hmm_gan *gan, const float *a, const float *b, const struct hmm_place *place,
    double learning_rate, double loss[HMM_GAN_LOSSES])
{
	if (gan->options.method == HMM_PIX2PIX)
		step_pix2pix(gan, a, b, place, learning_rate, loss);
	else
		step_cyclegan(gan, a, b, place, learning_rate, loss);
}
