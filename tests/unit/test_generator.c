/* Which generator a file's tensors are: every kind is found from its own names and shapes, and what
 * is no generator is refused in one line, before it costs memory. */
#include "hmm/gan/architecture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/gan/pass.h"
#include "refuse.h"
#include "test.h"

enum { MORE = 4, SIDE = 256 };

/* A file's tensors, as views of a net's. */
struct file {
	struct hmm_net net;
	struct hmm_weight *weight;
	size_t count;
};

static void
open_file(struct file *file, const struct hmm_generator *generator)
{
	*file = (struct file){.count = 0};
	CHECK(!hmm_generator_build(&file->net, generator, SIDE, SIDE));
	file->weight = hmm_alloc(file->net.tensors + MORE, sizeof(*file->weight));
	for (; file->count < file->net.tensors; file->count++) {
		struct hmm_net_tensor *tensor = &file->net.tensor[file->count];
		struct hmm_weight *weight = &file->weight[file->count];
		weight->name = tensor->name;
		weight->x = (struct hmm_tensor){.dtype = HMM_F32, .dimensions = tensor->dimensions};
		memcpy(weight->x.shape, tensor->shape, sizeof(tensor->shape));
	}
}

static void
close_file(struct file *file)
{
	hmm_net_free(&file->net);
	free(file->weight);
}

static struct hmm_weight *
of_name(const struct file *file, const char *name)
{
	struct hmm_weight *found =
	    (struct hmm_weight *)hmm_weight_find(file->weight, file->count, name);
	CHECK(found != NULL);
	return found ? found : file->weight;
}

static void
add(struct file *file, const char *name)
{
	file->weight[file->count++] = (struct hmm_weight){.name = (char *)name};
}

/* What hmm-gan does with a file before it takes memory for the net. */
static int
take(struct hmm_generator *found, const struct file *file)
{
	struct hmm_net net = {0};
	const int bad = hmm_generator_infer(found, file->weight, file->count, "", "g") ||
	                hmm_generator_build(&net, found, SIDE, SIDE) ||
	                hmm_net_fits(&net, file->weight, file->count, "", "g");
	hmm_net_free(&net);
	return bad ? -1 : 0;
}

static void
check_refused(const struct file *file, const char *part)
{
	struct hmm_generator found;
	refuse_begin();
	CHECK(take(&found, file) == -1);
	CHECK(refuse_end(part));
}

static void
check_found(struct hmm_generator want)
{
	struct hmm_generator found;
	struct file file;
	open_file(&file, &want);
	want.dropout |= want.kind == HMM_UNET; /* leaves no trace */
	CHECK(!take(&found, &file));
	CHECK(found.kind == want.kind && found.in == want.in && found.out == want.out);
	CHECK(found.ngf == want.ngf && found.depth == want.depth && found.norm == want.norm);
	CHECK(found.dropout == want.dropout);
	/* any tensor less, of another shape, or with a dimension more */
	for (size_t t = 0; t < file.count; t++) {
		const struct hmm_weight weight = file.weight[t];
		char name[] = "another";
		file.weight[t].name = name;
		check_refused(&file, "g: ");
		file.weight[t] = weight;
		for (int d = 0; d <= weight.x.dimensions; d++) {
			file.weight[t].x.shape[d]++;
			file.weight[t].x.dimensions += d == weight.x.dimensions;
			check_refused(&file, "g: ");
			file.weight[t] = weight;
		}
	}
	close_file(&file);
}

static void
check_all(void)
{
	for (int norm = HMM_NO_NORM; norm <= HMM_INSTANCE_NORM; norm++)
		for (int dropout = 0; dropout < 2; dropout++) {
			check_found((struct hmm_generator){HMM_UNET, 1, 3, 2, 8, (enum hmm_norm)norm, dropout});
			check_found((struct hmm_generator){HMM_UNET, 3, 1, 3, 5, (enum hmm_norm)norm, dropout});
			check_found(
			    (struct hmm_generator){HMM_RESNET, 3, 3, 2, 6, (enum hmm_norm)norm, dropout});
			check_found(
			    (struct hmm_generator){HMM_RESNET, 1, 1, 1, 1, (enum hmm_norm)norm, dropout});
		}
}

static void
check_hostile(void)
{
	const struct hmm_generator unet = {HMM_UNET, 1, 1, 2, 5, HMM_BATCH_NORM, 1};
	const struct hmm_generator resnet = {HMM_RESNET, 1, 1, 2, 2, HMM_INSTANCE_NORM, 0};
	struct file file;
	/* widths that cost nothing in a file that has no elements */
	open_file(&file, &unet);
	struct hmm_weight *first = of_name(&file, "model.model.0.weight");
	first->x.shape[0] = (size_t)1 << 40;
	first->x.shape[2] = 0;
	check_refused(&file, "first layer has 1099511627776 channels, want 1 to 1024");
	first->x.shape[0] = 0;
	check_refused(&file, "first layer has 0 channels");
	first->x.shape[0] = 1024;
	check_refused(&file, "has shape (1024,1,0,4), want (1024,1,4,4)");
	first->x.shape[1] = 2;
	check_refused(&file, "takes 2 channels and makes 1, want 1 or 3");
	first->x.dimensions = 8;
	first->x.shape[0] = 2;
	first->x.shape[1] = 1;
	check_refused(&file, "no generator of pix2pix or cycleGAN");
	close_file(&file);
	/* deeper than any, and no more than the first of it is read */
	open_file(&file, &unet);
	add(&file, "model.model.1.model.3.model.3.model.3.model.7.weight");
	check_refused(&file, "none of the generator's");
	file.count--;
	add(&file, "model.1.weight"); /* a ResNet's */
	check_refused(&file, "tensor 'model.1.weight' is none of the generator's");
	char *name = hmm_alloc(10000001, 1);
	memset(name, 'x', 10000000);
	memcpy(name, "model.", strlen("model."));
	file.weight[file.count - 1].name = name;
	check_refused(&file, "tensor 'model.xxxx");
	file.count--;
	static const char *const left[] = {"encoder.weight", "netD.model.0.weight",
	    "G_B.model.1.weight", "encoder.running_mean", "model", ""};
	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
		add(&file, left[i]);
		check_refused(&file, "is none of the generator's");
		file.count--;
	}
	add(&file, "model.model.1.model.1.running_mean"); /* of no norm's */
	add(&file, "model.model.1.model.2.num_batches_tracked");
	add(&file, "groups");
	struct hmm_generator found;
	CHECK(!take(&found, &file));
	close_file(&file);
	/* nothing at all, and a discriminator */
	open_file(&file, &resnet);
	file.count = 0;
	check_refused(&file, "found 0 tensors, the first none");
	add(&file, name);
	check_refused(&file, "found 1 tensors, the first model.xxx");
	close_file(&file);
	free(name);
}

/* Blocks without end: no time is lost in counting them. */
static void
check_blocks(void)
{
	enum { BLOCKS = 100000, NAME = 48 };
	const struct hmm_generator resnet = {HMM_RESNET, 1, 1, 1, 64, HMM_BATCH_NORM, 0};
	struct file file;
	open_file(&file, &resnet);
	char(*name)[NAME] = hmm_alloc(BLOCKS, NAME);
	struct hmm_weight *weight = hmm_alloc(file.count + BLOCKS, sizeof(*weight));
	memcpy(weight, file.weight, file.count * sizeof(*weight));
	for (size_t b = 0; b < BLOCKS; b++) {
		snprintf(name[b], NAME, "model.%zu.conv_block.1.weight", 74 + b);
		weight[file.count + b].name = name[b];
	}
	struct file more = {.weight = weight, .count = file.count + BLOCKS};
	check_refused(&more, "none of the generator's");
	close_file(&file);
	free(name);
	free(weight);
}

static void
check_sides(void)
{
	const struct hmm_generator unet = {HMM_UNET, 1, 1, 2, 8, HMM_BATCH_NORM, 1};
	const struct hmm_generator resnet = {HMM_RESNET, 1, 1, 2, 2, HMM_INSTANCE_NORM, 0};
	static const size_t bad[] = {0, 4, 7, 30, 4097, 4100, 100000, SIZE_MAX - 3};
	struct hmm_net net = {0};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		for (int kind = 0; kind < 4; kind++) {
			refuse_begin();
			CHECK(hmm_generator_build(&net, kind % 2 ? &unet : &resnet, kind / 2 ? SIDE : bad[i],
			          kind / 2 ? bad[i] : SIDE) == -1);
			CHECK(refuse_end(kind % 2 ? "want sides of 256 to 4096, multiples of 256"
			                          : "want sides of 8 to 4096, multiples of 4"));
			hmm_net_free(&net);
		}
	CHECK(!hmm_generator_build(&net, &resnet, 8, 4096));
	hmm_net_free(&net);
}

/* Weights N(0, .02), scales N(1, .02), biases and means 0, variances 1; two nets differ. */
static void
check_init(void)
{
	const struct hmm_generator unet = {HMM_UNET, 1, 1, 8, 5, HMM_BATCH_NORM, 0};
	struct hmm_net net = {0};
	CHECK(!hmm_generator_build(&net, &unet, 32, 32) && !hmm_net_make(&net, 0));
	hmm_net_init(&net, 1, "G_B");
	const float first = net.w[0];
	hmm_net_init(&net, 1, "G_A");
	CHECK(first != net.w[0]);
	double squares[2] = {0}, count[2] = {0};
	for (size_t t = 0; t < net.tensors; t++) {
		const struct hmm_net_tensor *tensor = &net.tensor[t];
		const int scale = tensor->dimensions == 1 && strstr(tensor->name, ".weight");
		const int drawn = scale || tensor->dimensions == 4;
		const float centre = scale || strstr(tensor->name, ".running_var") ? 1 : 0;
		CHECK(tensor->running == (strstr(tensor->name, ".running") != NULL));
		for (size_t i = 0; i < tensor->count; i++) {
			const double apart = (double)(net.w[tensor->at + i] - centre);
			squares[scale] += drawn ? apart * apart : 0;
			count[scale] += drawn;
			CHECK(drawn || apart == 0);
		}
	}
	for (int scale = 0; scale < 2; scale++)
		CHECK(fabs(sqrt(squares[scale] / count[scale]) / .02 - 1) < (scale ? .15 : .02));
	hmm_net_free(&net);
}

/* Each parameter of a generator in turn is NaN at one place, and so is what it gives; a variance
 * below 0 of a batch norm likewise. */
static void
check_nan(const struct hmm_generator *generator, size_t side, struct hmm_pool *pool)
{
	struct hmm_net net = {0};
	const struct hmm_net *nets = &net;
	struct hmm_pass pass = {0};
	struct hmm_net_work work = {0};
	float image[64 * 64];
	for (size_t i = 0; i < side * side; i++)
		image[i] = (float)hmm_random_normal((struct hmm_place){.seed = 1}, (uint32_t)i);
	CHECK(!hmm_generator_build(&net, generator, side, side) && !hmm_net_make(&net, 0) &&
	      !hmm_pass_open(&pass, &net) && !hmm_net_work_open(&work, pool, &nets, 1, 0));
	hmm_net_init(&net, 1, "");
	const struct hmm_place place = {.seed = 1};
	const float *y = hmm_pass_forward(&pass, image, HMM_PASS_IMAGE, &place, &work);
	CHECK(hmm_all_finite(y, hmm_net_outputs(&net)));
	for (size_t t = 0; t < net.tensors; t++) {
		/* an inner tap: of a map of one pixel no other counts */
		float *value = &net.w[net.tensor[t].at + (net.tensor[t].count > 5 ? 5 : 0)], was = *value;
		const int variance = strstr(net.tensor[t].name, "running_var") != NULL;
		if (strstr(net.tensor[t].name, "num_batches_tracked"))
			continue;
		*value = variance ? -1 : NAN;
		y = hmm_pass_forward(
		    &pass, image, net.tensor[t].running ? HMM_PASS_EVAL : HMM_PASS_IMAGE, &place, &work);
		if (hmm_all_finite(y, hmm_net_outputs(&net)))
			printf("%s: hidden\n", net.tensor[t].name);
		CHECK(!hmm_all_finite(y, hmm_net_outputs(&net)));
		*value = was;
	}
	hmm_pass_close(&pass);
	hmm_net_work_close(&work);
	hmm_net_free(&net);
}

int
main(void)
{
	struct hmm_pool *pool = hmm_pool_open(2);
	for (int norm = HMM_NO_NORM; norm <= HMM_INSTANCE_NORM; norm++) {
		check_nan(&(struct hmm_generator){HMM_UNET, 1, 1, 2, 6, (enum hmm_norm)norm, 1}, 64, pool);
		check_nan(
		    &(struct hmm_generator){HMM_RESNET, 1, 1, 2, 2, (enum hmm_norm)norm, 1}, 32, pool);
	}
	hmm_pool_close(pool);
	check_all();
	check_hostile();
	check_blocks();
	check_sides();
	check_init();
	return test_end();
}
