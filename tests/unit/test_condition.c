/* Step 1 against PyTorch: h, phi, both losses, every gradient, 100 steps of Adam
 * in the order of the paper's code (tests/golden/make_condition.py). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/learn/condition.h"
#include "ref.h"
#include "test.h"

enum { CHANNELS = 6, POSITIONS = 6, MODALITIES = 3, BLOCK = CHANNELS * POSITIONS };

static struct hmm_weights *golden;

/* The decoder's golden matrix is ConvTranspose2d's, [in][out]. */
static void
turn_decoder(float *values, const char *name)
{
	for (size_t i = 0; i < CHANNELS && !strcmp(name, "decoder.weight"); i++)
		for (size_t o = 0; o < i; o++) {
			const float value = values[i * CHANNELS + o];
			values[i * CHANNELS + o] = values[o * CHANNELS + i];
			values[o * CHANNELS + i] = value;
		}
}

static void
load(struct hmm_parameter *parameter, void *context)
{
	char name[80];
	snprintf(name, sizeof(name), "init.%s", parameter->name);
	free(parameter->w);
	parameter->w = ref_golden(golden, name, NULL);
	turn_decoder(parameter->w, parameter->name);
	if (!*(int *)context) /* the training loop gets ready by itself */
		hmm_parameter_train(parameter);
}

static void
check_gradient(struct hmm_parameter *parameter, void *context)
{
	(void)context;
	char name[80];
	size_t count;
	snprintf(name, sizeof(name), "grad.%s", parameter->name);
	float *want = ref_golden(golden, name, &count), *have = ref_gradient(parameter);
	turn_decoder(want, parameter->name);
	CHECK(count == parameter->rows * parameter->columns);
	if (ref_distance(have, want, count) > 1e-5)
		printf("%s: %g\n", name, ref_distance(have, want, count));
	CHECK(ref_distance(have, want, count) <= 1e-5);
	free(want);
	free(have);
}

static struct hmm_sample *
samples(float *z, size_t *count)
{
	float *modality = ref_golden(golden, "modality", count);
	float *subject = ref_golden(golden, "subject", NULL);
	float *label = ref_golden(golden, "label", NULL);
	static char names[64][8];
	struct hmm_sample *list = calloc(*count, sizeof(*list));
	for (size_t i = 0; i < *count; i++) {
		snprintf(names[i], sizeof(names[i]), "s%02d", (int)subject[i]);
		list[i] = (struct hmm_sample){.subject = names[i],
		    .modality = (size_t)modality[i],
		    .label = (int)label[i],
		    .x = z + i * BLOCK,
		    .weight = 1,
		    .whole = 1};
	}
	free(modality);
	free(subject);
	free(label);
	return list;
}

static void
check_first(struct hmm_condition *condition, const struct hmm_sample *sample)
{
	float *h = ref_golden(golden, "h", NULL), *y = ref_golden(golden, "y", NULL);
	float *mse = ref_golden(golden, "mse", NULL), *bce = ref_golden(golden, "bce", NULL);
	hmm_train_zero(condition, hmm_condition_each);
	const struct hmm_condition_loss loss = hmm_condition_forward(condition, sample);
	const float *generated = hmm_phi_generate(condition->phi, condition->pool, sample->modality);
	CHECK(ref_distance(generated, h, CHANNELS * CHANNELS + CHANNELS) <= 1e-6);
	CHECK(ref_distance(condition->y, y, BLOCK) <= 1e-6);
	CHECK(fabs(loss.mse / (double)mse[0] - 1) <= 1e-6);
	CHECK(fabs(loss.bce / (double)bce[0] - 1) <= 1e-6);
	CHECK(hmm_condition_backward(condition, sample, 1) == 0);
	hmm_condition_each(condition, check_gradient, NULL);
	free(h);
	free(y);
	free(mse);
	free(bce);
}

struct curve {
	double loss[8];
	long epochs;
};

static void
note(void *context, const struct hmm_epoch *epoch)
{
	struct curve *curve = context;
	curve->loss[curve->epochs++] = epoch->train_loss;
}

/* The whole training loop for as many epochs as 100 steps hold. */
static void
check_trajectory(struct hmm_condition *condition, const struct hmm_sample *list, size_t count)
{
	float *want = ref_golden(golden, "trajectory", NULL);
	double worst = 0;
	size_t step = 0;
	for (size_t i = 0; step < 100; i = (i + 1) % count, step++) {
		if (i == 0 || strcmp(list[i].subject, list[i - 1].subject))
			hmm_train_zero(condition, hmm_condition_each);
		const struct hmm_condition_loss loss = hmm_condition_forward(condition, &list[i]);
		const double off = fabs((loss.mse + loss.bce) / (double)want[step] - 1);
		worst = off > worst ? off : worst;
		CHECK(hmm_condition_backward(condition, &list[i], 1) == 0);
		hmm_train_step(condition->pool, (long)step + 1, 1e-3, 5e-4, condition, hmm_condition_each);
	}
	printf("step 1, 100 steps: largest relative difference of a loss %.2g\n", worst);
	CHECK(worst <= 1e-4);
	free(want);
}

static void
check_loop(struct hmm_condition *condition, const struct hmm_sample *list, size_t count)
{
	float *want = ref_golden(golden, "trajectory", NULL);
	struct curve curve = {.epochs = 0};
	const struct hmm_train_options options = {.epochs = (long)(100 / count),
	    .patience = 100,
	    .batch = 1,
	    .learning_rate = 1e-3,
	    .weight_decay = 5e-4,
	    .schedule = HMM_CONSTANT,
	    .checkpoint = HMM_KEEP_LAST};
	condition->steps = 0;
	CHECK(hmm_condition_train(
	          condition, list, count, list, count, HMM_BY_SUBJECT, &options, note, &curve) == 0);
	CHECK(curve.epochs == options.epochs && options.epochs >= 3);
	for (long e = 0; e < curve.epochs; e++) {
		double mean = 0;
		for (size_t i = 0; i < count; i++)
			mean += (double)want[(size_t)e * count + i] / (double)count;
		CHECK(fabs(curve.loss[e] / mean - 1) <= 1e-4);
	}
	free(want);
}

int
main(void)
{
	const char *const modalities[] = {"a", "b", "c"};
	struct hmm_phi phi;
	struct hmm_condition condition;
	size_t count;
	golden = hmm_weights_open("tests/golden/condition.safetensors");
	float *z = ref_golden(golden, "z", NULL);
	struct hmm_sample *list = samples(z, &count);
	for (size_t threads = 1; threads <= 2; threads++) {
		struct hmm_pool *pool = hmm_pool_open(threads);
		for (int loop = 0; loop < 2; loop++) {
			CHECK(hmm_phi_open(&phi, CHANNELS, modalities, MODALITIES) == 0);
			CHECK(hmm_condition_open(&condition, &phi, POSITIONS, pool) == 0);
			hmm_condition_each(&condition, load, &loop);
			if (loop) {
				check_loop(&condition, list, count);
			} else {
				check_first(&condition, &list[1]);
				check_trajectory(&condition, list, count);
			}
			hmm_condition_close(&condition);
			hmm_phi_close(&phi);
		}
		hmm_pool_close(pool);
	}
	free(list);
	free(z);
	hmm_weights_close(golden);
	return test_end();
}
