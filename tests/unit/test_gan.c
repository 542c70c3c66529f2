/* Networks, gradients and training of pix2pix and cycleGAN against PyTorch in float64; what stands
 * in the golden files, and how it was made, says tests/golden/make_gan.py. */
#include "hmm/gan/gan.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/cpu.h"
#include "hmm/file/safetensors.h"
#include "hmm/gan/blas.h"
#include "test.h"

enum { SEED = 7, IMAGES = 1000, MOST = 1024, EVERY = 7, STEPS = 20, EPOCH = 5, STEADY = 2 };

/* Relative L2 distances that tell rounding from faults: PyTorch's float32 stays at 3e-6 and 7e-6.
 */
static const double output_limit = 1e-5, gradient_limit = 3e-5;

static struct hmm_weights *golden;
static struct hmm_pool *pool;

/* ---- weights and images that both sides make ---- */

static double
hashed(uint32_t seed, uint32_t tensor, uint32_t i)
{
	uint32_t x = i * 2654435761u + (tensor + 1) * 40503u + seed * 69069u;
	x ^= x >> 16;
	x *= 0x85ebca6bu;
	x ^= x >> 13;
	x *= 0xc2b2ae35u;
	x ^= x >> 16;
	return (double)(x >> 8) * 0x1p-23 - 1;
}

static void
fill_image(float *image, uint32_t number, size_t count)
{
	for (size_t i = 0; i < count; i++)
		image[i] = (float)hashed(SEED, IMAGES + number, (uint32_t)i);
}

static const struct hmm_layer *
layer_of(const struct hmm_net *net, size_t tensor)
{
	for (size_t l = 0; l < net->layers; l++)
		if (net->layer[l].kind == HMM_UNIT &&
		    (net->layer[l].weight == (int)tensor || net->layer[l].bias == (int)tensor))
			return &net->layer[l];
	return NULL; /* a norm's */
}

static void
fill(struct hmm_net *net, uint32_t seed)
{
	uint32_t number = 0;
	for (size_t t = 0; t < net->tensors; t++) {
		const struct hmm_net_tensor *tensor = &net->tensor[t];
		const struct hmm_layer *layer = layer_of(net, t);
		float *w = net->w + tensor->at;
		const int bias = strstr(tensor->name, ".bias") != NULL;
		const int variance = strstr(tensor->name, ".running_var") != NULL;
		for (size_t i = 0; i < tensor->count; i++) {
			const double u = hashed(seed, number, (uint32_t)i);
			if (tensor->running) {
				w[i] = (float)variance;
			} else if (bias) {
				w[i] = (float)(u * .1);
			} else if (layer) {
				const struct hmm_strided *conv = &layer->conv;
				const size_t in = layer->transposed ? conv->out : conv->in;
				double inside = (double)(in * conv->kernel * conv->kernel);
				if (layer->transposed)
					inside /= (double)(conv->stride * conv->stride);
				w[i] = (float)(u * sqrt(3.) * sqrt(2. / inside));
			} else {
				w[i] = (float)(1 + .2 * u);
			}
		}
		number += !tensor->running;
	}
}

/* ---- comparing ---- */

/* The relative L2 distance of every `step`-th value from a golden tensor. */
static double
distance(const char *name, const float *values, size_t count, size_t step)
{
	const struct hmm_weight *want = hmm_weight_find(golden->weight, golden->count, name);
	size_t stored = 0;
	if (!want || hmm_tensor_count(&want->x, &stored) || stored != (count + step - 1) / step) {
		printf("%s: %zu golden values for %zu\n", name, stored, (count + step - 1) / step);
		return 1;
	}
	float *golden_values = hmm_alloc(stored, sizeof(float));
	hmm_tensor_floats(golden_values, &want->x, 0, stored);
	double apart = 0, size = 0;
	for (size_t i = 0; i < stored; i++) {
		const double g = (double)golden_values[i], d = (double)values[i * step] - g;
		apart += d * d;
		size += g * g;
	}
	free(golden_values);
	return sqrt(apart / size);
}

/* A conv's bias before an instance norm has no gradient but rounding. */
static int
is_idle(const struct hmm_net *net, size_t tensor)
{
	const struct hmm_layer *layer = layer_of(net, tensor);
	return layer && layer->norm == HMM_INSTANCE_NORM && layer->bias == (int)tensor;
}

static void
check_gradients(const struct hmm_net *net, const char *prefix)
{
	for (size_t t = 0; t < net->tensors; t++) {
		const struct hmm_net_tensor *tensor = &net->tensor[t];
		char name[400];
		if (tensor->running || is_idle(net, t))
			continue;
		snprintf(name, sizeof(name), "%s.grad.%s", prefix, tensor->name);
		const double apart = distance(
		    name, net->gradient + tensor->at, tensor->count, tensor->count > MOST ? EVERY : 1);
		CHECK(apart < gradient_limit);
		if (apart >= gradient_limit)
			printf("%s: %g\n", name, apart);
	}
}

/* ---- a network by itself ---- */

static struct hmm_generator
unet(size_t depth, size_t ngf, enum hmm_norm norm)
{
	return (struct hmm_generator){HMM_UNET, 1, 1, ngf, depth, norm, 1};
}

static struct hmm_generator
resnet(size_t blocks, size_t ngf, enum hmm_norm norm, int dropout)
{
	return (struct hmm_generator){HMM_RESNET, 1, 1, ngf, blocks, norm, dropout};
}

/* Every 4th row and column of the output. */
static void
check_large(const char *name, const float *output, const struct hmm_net *net)
{
	const struct hmm_layer *last = &net->layer[net->layers - 1];
	const size_t step = last->height == 256 ? 4 : 1, side = last->height / step;
	float *values = hmm_alloc(side * side, sizeof(float));
	char full[64];
	for (size_t i = 0; i < side * side; i++)
		values[i] = output[i / side * step * last->width + i % side * step];
	snprintf(full, sizeof(full), "%s.output", name);
	const double apart = distance(full, values, side * side, 1);
	CHECK(apart < output_limit);
	printf("%s: %.2g\n", name, apart);
	free(values);
}

/* Forward, and where `small` the gradients of sum(output * image 1). */
static void
check_net(struct hmm_net *net, const char *name, uint32_t seed, int small, int dropped)
{
	const size_t inputs = net->channels * net->height * net->width;
	const size_t outputs = hmm_net_outputs(net);
	const struct hmm_place place = {SEED, 1, 1, 0};
	const struct hmm_net *list[] = {net};
	struct hmm_pass pass;
	struct hmm_net_work work;
	float *input = hmm_alloc(inputs, sizeof(float)), *slope = hmm_alloc(inputs, sizeof(float));
	float *r = hmm_alloc(outputs, sizeof(float));
	char full[64];
	CHECK(!hmm_net_make(net, small) && !hmm_pass_open(&pass, net) &&
	      !hmm_net_work_open(&work, pool, list, 1, small));
	fill(net, seed);
	fill_image(input, 0, inputs);
	fill_image(r, 1, outputs);
	const float *output =
	    hmm_pass_forward(&pass, input, HMM_PASS_TRAIN, dropped ? &place : NULL, &work);
	if (!small) {
		check_large(name, output, net);
	} else {
		snprintf(full, sizeof(full), "%s.output", name);
		CHECK(distance(full, output, outputs, 1) < output_limit);
		hmm_pass_backward(&pass, r, slope, HMM_GRADIENTS_SET, &work);
		snprintf(full, sizeof(full), "%s.grad.input", name);
		CHECK(distance(full, slope, inputs, 1) < gradient_limit);
		check_gradients(net, name);
	}
	hmm_net_work_close(&work);
	hmm_pass_close(&pass);
	hmm_net_free(net);
	free(input), free(slope), free(r);
}

static void
check_generator(
    const char *name, struct hmm_generator generator, size_t height, size_t width, int dropped)
{
	struct hmm_net net;
	CHECK(!hmm_generator_build(&net, &generator, height, width));
	check_net(&net, name, 1, generator.ngf < 64, dropped);
}

static void
check_discriminator(
    const char *name, size_t in, size_t ndf, enum hmm_norm norm, size_t height, size_t width)
{
	struct hmm_net net;
	CHECK(!hmm_discriminator_build(&net, in, ndf, norm, height, width));
	check_net(&net, name, 2, ndf < 64, 0);
}

static void
check_large_networks(void)
{
	check_generator("full.unet256", unet(8, 64, HMM_BATCH_NORM), 256, 256, 0);
	check_generator("full.resnet9", resnet(9, 64, HMM_INSTANCE_NORM, 0), 256, 256, 0);
	check_discriminator("full.patch2", 2, 64, HMM_BATCH_NORM, 256, 256);
	check_discriminator("full.patch1", 1, 64, HMM_INSTANCE_NORM, 256, 256);
}

static void
check_networks(void)
{
	if (hmm_cpu() == HMM_CPU_PLAIN)
		printf("skipped: large networks on the plain kernels\n");
	else
		check_large_networks();
	check_generator("unet5.bn", unet(5, 3, HMM_BATCH_NORM), 32, 32, 0);
	check_generator("unet5.in", unet(5, 3, HMM_INSTANCE_NORM), 32, 32, 0);
	check_generator("resnet3.in", resnet(3, 3, HMM_INSTANCE_NORM, 0), 28, 36, 0);
	check_generator("resnet3.bn", resnet(3, 3, HMM_BATCH_NORM, 0), 28, 36, 0);
	check_generator("resnet3.dropout", resnet(3, 3, HMM_BATCH_NORM, 1), 28, 36, 1);
	check_discriminator("patch2.square", 2, 3, HMM_BATCH_NORM, 32, 32);
	check_discriminator("patch1.square", 1, 3, HMM_INSTANCE_NORM, 32, 32);
	check_discriminator("patch2.odd", 2, 3, HMM_BATCH_NORM, 29, 35);
	check_discriminator("patch1.odd", 1, 3, HMM_INSTANCE_NORM, 29, 35);
}

/* ---- training ---- */

static void
open_gan(struct hmm_gan *gan, enum hmm_gan_method method, size_t depth, size_t side)
{
	const struct hmm_gan_options options = {.method = method,
	    .generator = method == HMM_PIX2PIX ? unet(depth, 3, HMM_BATCH_NORM)
	                                       : resnet(depth, 3, HMM_INSTANCE_NORM, 0),
	    .height = side,
	    .width = side,
	    .ndf = 3,
	    .l1 = 100,
	    .lambda = 10,
	    .identity = .5,
	    .pool_size = 3,
	    .beta1 = .5};
	CHECK(!hmm_gan_open(gan, &options, pool));
	for (size_t s = 0; s < gan->sides; s++) {
		fill(&gan->generator[s], s ? 3 : 1);
		fill(&gan->discriminator[s], s ? 4 : 2);
	}
}

static void
take_step(struct hmm_gan *gan, long step, double rate, double loss[HMM_GAN_LOSSES])
{
	const long epoch = 1 + (step - 1) / EPOCH;
	const struct hmm_place place = {SEED, (uint32_t)epoch, (uint32_t)step, 0};
	float *a = hmm_alloc(gan->floats, sizeof(float)), *b = hmm_alloc(gan->floats, sizeof(float));
	fill_image(a, (uint32_t)(2 * step), gan->floats);
	fill_image(b, (uint32_t)(2 * step + 1), gan->floats);
	hmm_gan_step(gan, a, b, &place, rate * hmm_gan_factor(epoch, STEADY, STEADY), loss);
	free(a), free(b);
}

static void
check_first_gradients(void)
{
	double loss[HMM_GAN_LOSSES];
	struct hmm_gan gan;
	open_gan(&gan, HMM_PIX2PIX, 5, 32);
	take_step(&gan, 1, 0, loss);
	check_gradients(&gan.generator[0], "pix2pix.G");
	check_gradients(&gan.discriminator[0], "pix2pix.D");
	hmm_gan_close(&gan);
	open_gan(&gan, HMM_CYCLEGAN, 3, 32);
	take_step(&gan, 1, 0, loss);
	check_gradients(&gan.generator[0], "cyclegan.G_A");
	check_gradients(&gan.generator[1], "cyclegan.G_B");
	check_gradients(&gan.discriminator[0], "cyclegan.D_A");
	check_gradients(&gan.discriminator[1], "cyclegan.D_B");
	hmm_gan_close(&gan);
}

struct row {
	char name[300], of[24];
	long step;
	double value;
};
static struct row *rows;
static size_t row_count;

static void
read_rows(const char *path)
{
	char line[512];
	struct row row;
	FILE *file = fopen(path, "r");
	CHECK(file != NULL);
	rows = hmm_alloc(4000, sizeof(*rows));
	while (file && fgets(line, sizeof(line), file) && row_count < 4000)
		if (sscanf(line, "%23s %ld %299s %lf", row.of, &row.step, row.name, &row.value) == 4)
			rows[row_count++] = row;
	if (file)
		fclose(file);
}

/* The golden value of that case, step and name; NaN where there is none. */
static double
golden_value(const char *of, long step, const char *name)
{
	for (size_t i = 0; i < row_count; i++)
		if (rows[i].step == step && !strcmp(rows[i].of, of) && !strcmp(rows[i].name, name))
			return rows[i].value;
	return (double)NAN;
}

/* What became of every tensor of a net, by its sum and sum of squares. */
static void
check_final(const char *name, const struct hmm_net *net, const char *label, double limit)
{
	for (size_t t = 0; t < net->tensors; t++) {
		const struct hmm_net_tensor *tensor = &net->tensor[t];
		double sum = 0, squares = 0;
		char of[24 + 8], key[300];
		if (is_idle(net, t))
			continue;
		for (size_t i = 0; i < tensor->count; i++) {
			const double w = (double)net->w[tensor->at + i];
			sum += w;
			squares += w * w;
		}
		snprintf(of, sizeof(of), "%s.final", name);
		snprintf(key, sizeof(key), "%s.%s.sum", label, tensor->name);
		const double off = fabs(sum - golden_value(of, STEPS, key));
		snprintf(key, sizeof(key), "%s.%s.squares", label, tensor->name);
		const double want = golden_value(of, STEPS, key);
		CHECK(off / sqrt((double)tensor->count * want) < limit);
		CHECK(fabs(squares - want) / want < limit);
	}
}

static void
check_trajectory(const char *name, struct hmm_gan *gan, double rate, long steps, double limit)
{
	const char *const *names = hmm_gan_losses(gan->options.method);
	double loss[HMM_GAN_LOSSES], most = 0;
	for (long step = 1; step <= steps; step++) {
		take_step(gan, step, rate, loss);
		for (size_t i = 0; names[i]; i++) {
			const double want = golden_value(name, step, names[i]);
			const double apart = fabs(loss[i] - want) / want;
			CHECK(apart < limit);
			most = apart > most ? apart : most;
		}
	}
	printf("%s, %ld steps: %.2g\n", name, steps, most);
	for (size_t s = 0; steps == STEPS && s < gan->sides; s++) {
		static const char *const labels[2][2] = {{"G_A", "D_A"}, {"G_B", "D_B"}};
		const int one = gan->sides == 1;
		check_final(name, &gan->generator[s], one ? "G" : labels[s][0], 10 * limit);
		check_final(name, &gan->discriminator[s], one ? "D" : labels[s][1], 10 * limit);
	}
	hmm_gan_close(gan);
}

static void
check_trajectories(void)
{
	struct hmm_gan gan;
	open_gan(&gan, HMM_PIX2PIX, 5, 32);
	check_trajectory("pix2pix", &gan, 2e-4, STEPS, 1e-5);
	open_gan(&gan, HMM_PIX2PIX, 7, 128);
	check_trajectory("pix2pix.dropout", &gan, 2e-4, STEPS, 2e-4);
	open_gan(&gan, HMM_CYCLEGAN, 3, 32);
	check_trajectory("cyclegan.fast", &gan, 2e-4, 1, 1e-5);
	open_gan(&gan, HMM_CYCLEGAN, 3, 32);
	check_trajectory("cyclegan.slow", &gan, 1e-6, STEPS, 3e-5);
}

static void
check_schedule(void)
{
	CHECK(hmm_gan_factor(99, 100, 100) == 1);
	CHECK(fabs(hmm_gan_factor(100, 100, 100) - 100. / 101) < 1e-12);
	CHECK(hmm_gan_factor(200, 100, 100) == 0);
}

int
main(void)
{
	CHECK(!hmm_cpu_choose() && !hmm_blas_open() &&
	      (golden = hmm_weights_open("tests/golden/gan.safetensors")));
	pool = hmm_pool_open(2);
	if (golden && pool) {
		check_networks();
		check_first_gradients();
		read_rows("tests/golden/gan.losses.tsv");
		check_trajectories();
		check_schedule();
	}
	free(rows);
	hmm_pool_close(pool);
	hmm_weights_close(golden);
	return test_end();
}
