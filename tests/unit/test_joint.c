/* The one-step systems against PyTorch: logit, loss, every gradient, 50 steps of
 * Adam, for every convolution and fusion (tests/golden/make_joint.py). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/learn/joint.h"
#include "hmm/kernel/loss.h"
#include "ref.h"
#include "test.h"

enum { CHANNELS = 6, POSITIONS = 4, MODALITIES = 3, SETS = 8, STEPS = 50, MOST_IMAGES = 32 };

static struct hmm_weights *golden;

struct data {
	float *z;
	struct hmm_item_image image[MOST_IMAGES];
	struct hmm_item item[SETS];
};

static void
open_data(struct data *data, const char *name)
{
	char full[64];
	size_t images, sets, next = 0;
	snprintf(full, sizeof(full), "%s.z", name);
	data->z = ref_golden(golden, full, NULL);
	snprintf(full, sizeof(full), "%s.modality", name);
	float *modality = ref_golden(golden, full, &images);
	snprintf(full, sizeof(full), "%s.count", name);
	float *count = ref_golden(golden, full, &sets), *label = ref_golden(golden, "label", NULL);
	CHECK(images <= MOST_IMAGES && sets == SETS);
	for (size_t i = 0; i < images; i++)
		data->image[i] = (struct hmm_item_image){
		    .modality = (size_t)modality[i], .x = data->z + i * CHANNELS * POSITIONS};
	for (size_t i = 0; i < SETS; i++) {
		data->item[i] = (struct hmm_item){.image = &data->image[next],
		    .count = (size_t)count[i],
		    .subject = "s",
		    .label = (int)label[i],
		    .weight = 1};
		next += (size_t)count[i];
	}
	free(modality);
	free(count);
	free(label);
}

struct golden_case {
	const char *name, *data;
	enum hmm_joint_conv conv;
	enum hmm_fuse fuse;
	enum hmm_reduce reduce;
};

static void
load(struct hmm_parameter *parameter, void *context)
{
	char name[128];
	snprintf(name, sizeof(name), "%s.init.%s", (const char *)context, parameter->name);
	free(parameter->w);
	parameter->w = ref_golden(golden, name, NULL);
	CHECK(hmm_parameter_train(parameter) == 0);
}

static void
check_gradient(struct hmm_parameter *parameter, void *context)
{
	char name[128];
	size_t count;
	snprintf(name, sizeof(name), "%s.grad.%s", (const char *)context, parameter->name);
	float *want = ref_golden(golden, name, &count), *have = ref_gradient(parameter);
	CHECK(count == parameter->rows * parameter->columns);
	const double off = ref_distance(have, want, count);
	if (!(off <= 1e-5))
		printf("%s: %g\n", name, off);
	CHECK(off <= 1e-5);
	free(want);
	free(have);
}

static float *
golden_of(const char *name, const char *what)
{
	char full[128];
	snprintf(full, sizeof(full), "%s.%s", name, what);
	return ref_golden(golden, full, NULL);
}

static double
logit_of(struct hmm_joint *joint, const struct hmm_item *item)
{
	double logit = 0;
	CHECK(hmm_joint_outputs(joint, &item, 1, &logit) == 0);
	return logit;
}

/* A batch has the logits of its items. */
static void
check_batch(struct hmm_joint *joint, const struct hmm_item *items)
{
	const struct hmm_item *batch[SETS];
	double logit[SETS];
	for (size_t i = 0; i < SETS; i++)
		batch[i] = &items[i];
	CHECK(hmm_joint_outputs(joint, batch, SETS, logit) == 0);
	for (size_t i = 0; i < SETS; i++)
		CHECK(logit_of(joint, &items[i]) == logit[i]);
}

static void
check_case(const struct golden_case *one, struct hmm_pool *pool)
{
	static struct data data;
	static const size_t own[MODALITIES] = {CHANNELS, CHANNELS, CHANNELS};
	struct hmm_joint joint;
	const struct hmm_joint_shape shape = {.conv = one->conv,
	    .fuse = one->fuse,
	    .reduce = one->reduce,
	    .latent = CHANNELS,
	    .channels = own,
	    .widest = CHANNELS,
	    .positions = POSITIONS,
	    .modalities = MODALITIES,
	    .hidden = {16, 8},
	    .hidden_count = 2,
	    .objective = &hmm_objective_binary};
	float *logit = golden_of(one->name, "logit"), *loss = golden_of(one->name, "loss");
	float *want = golden_of(one->name, "trajectory");
	char name[64];
	double have = 0, worst = 0;
	snprintf(name, sizeof(name), "%s", one->name);
	open_data(&data, one->data);
	CHECK(hmm_joint_open(&joint, &shape, pool) == 0);
	hmm_joint_each(&joint, load, name);

	check_batch(&joint, data.item);
	CHECK(fabs(logit_of(&joint, &data.item[0]) / (double)logit[0] - 1) <= 1e-5);
	const struct hmm_item *item = &data.item[0];
	hmm_learner_zero(hmm_joint_each, &joint);
	CHECK(hmm_joint_learn(&joint, &item, 1, NULL, NULL, &have) == 0);
	CHECK(fabs(have / (double)loss[0] - 1) <= 1e-6);
	hmm_joint_each(&joint, check_gradient, name);

	for (long done = 0; done < STEPS; done++) {
		const struct hmm_learner_step step = {.adam = hmm_adam_at(done + 1, 1e-3, 5e-4), .zero = 1};
		item = &data.item[done % SETS];
		have = 0;
		CHECK(hmm_joint_learn(&joint, &item, 1, NULL, &step, &have) == 0);
		const double off = fabs(have / (double)want[done] - 1);
		worst = off > worst ? off : worst;
	}
	printf("%s, %d steps: largest relative difference of a loss %.2g\n", one->name, STEPS, worst);
	CHECK(worst <= 1e-4);
	hmm_joint_close(&joint);
	free(data.z);
	free(logit);
	free(loss);
	free(want);
}

/* The first image that attains a maximum gets its gradient, and it alone. */
static void
check_ties(void)
{
	const float a[3] = {1, 5, -2}, b[3] = {4, 5, -2}, *const elements[] = {a, b};
	float out[3], dout[3] = {1, 2, 3}, da[3], db[3];
	hmm_setsum(out, elements, 2, 3, HMM_MAX);
	hmm_setsum_backward(da, dout, a, out, 2, 3, HMM_MAX);
	hmm_setsum_backward(db, dout, b, out, 2, 3, HMM_MAX);
	CHECK(da[0] == 0 && da[1] == 2 && da[2] == 3);
	CHECK(db[0] == 1 && db[1] == 0 && db[2] == 0);
}

/* The mean of probabilities, far from 0 too, and its derivative. */
static void
check_mean_logit(void)
{
	const double two[2] = {-1, 3}, far[2] = {-300, -302}, step = 1e-6;
	const double mean = (hmm_loss_sigmoid(-1) + hmm_loss_sigmoid(3)) / 2;
	const double have = hmm_loss_mean_logit(two, 2, 1);
	CHECK(fabs(hmm_loss_sigmoid(have) / mean - 1) <= 1e-12);
	CHECK(fabs(hmm_loss_mean_logit(far, 2, 1) - (-300 + log((1 + exp(-2)) / 2))) <= 1e-10);
	const double up[2] = {-1, 3 + step}, down[2] = {-1, 3 - step};
	const double slope =
	    (hmm_loss_mean_logit(up, 2, 1) - hmm_loss_mean_logit(down, 2, 1)) / (2 * step);
	CHECK(fabs(hmm_loss_mean_logit_gradient(have, 3, 2) / slope - 1) <= 1e-6);
}

int
main(void)
{
	static const struct golden_case cases[] = {
	    {"generated.mean", "many", HMM_CONV_GENERATED, HMM_FUSE_REDUCE, HMM_MEAN},
	    {"generated.sum", "many", HMM_CONV_GENERATED, HMM_FUSE_REDUCE, HMM_SUM},
	    {"generated.max", "many", HMM_CONV_GENERATED, HMM_FUSE_REDUCE, HMM_MAX},
	    {"shared.mean", "many", HMM_CONV_SHARED, HMM_FUSE_REDUCE, HMM_MEAN},
	    {"shared.max", "many", HMM_CONV_SHARED, HMM_FUSE_REDUCE, HMM_MAX},
	    {"each.concat", "full", HMM_CONV_EACH, HMM_FUSE_CONCAT, HMM_MEAN},
	    {"each.scores", "some", HMM_CONV_EACH, HMM_FUSE_SCORES, HMM_MEAN},
	};
	golden = hmm_weights_open("tests/golden/joint.safetensors");
	for (size_t threads = 1; threads <= 2; threads++) {
		struct hmm_pool *pool = hmm_pool_open(threads);
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
			check_case(&cases[i], pool);
		hmm_pool_close(pool);
	}
	check_ties();
	check_mean_logit();
	hmm_weights_close(golden);
	return test_end();
}
