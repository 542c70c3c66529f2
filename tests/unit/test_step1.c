/* Step 1 against PyTorch: h, phi, both losses, every gradient, 100 steps of Adam
 * in the order of the paper's code (tests/golden/make_condition.py); and the same of modalities of
 * different numbers of channels, to a latent of another. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/kernel/transpose.h"
#include "hmm/learn/loop.h"
#include "hmm/learn/step1.h"
#include "ref.h"
#include "test.h"

enum { CHANNELS = 6, POSITIONS = 6, MODALITIES = 3, BLOCK = CHANNELS * POSITIONS };

static struct hmm_weights *golden;
static const struct {
	const char *file;
	size_t own[MODALITIES], latent, hidden;
} cases[] = {
    {"tests/golden/condition.safetensors", {CHANNELS, CHANNELS, CHANNELS}, CHANNELS, 512},
    {"tests/golden/condition_own.safetensors", {2, CHANNELS, 3}, 4, 9},
};

/* The decoder's golden matrix is ConvTranspose2d's, [in][out]. */
static void
turn_decoder(float *values, const struct hmm_parameter *parameter)
{
	float turned[CHANNELS * CHANNELS];
	if (strcmp(parameter->name, "decoder.weight"))
		return;
	hmm_transpose(
	    turned, parameter->columns, values, parameter->rows, parameter->columns, parameter->rows);
	memcpy(values, turned, parameter->rows * parameter->columns * sizeof(float));
}

static void
load(struct hmm_parameter *parameter, void *context)
{
	char name[80];
	snprintf(name, sizeof(name), "init.%s", parameter->name);
	free(parameter->w);
	parameter->w = ref_golden(golden, name, NULL);
	turn_decoder(parameter->w, parameter);
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
	turn_decoder(want, parameter);
	CHECK(count == parameter->rows * parameter->columns);
	if (ref_distance(have, want, count) > 1e-5)
		printf("%s: %g\n", name, ref_distance(have, want, count));
	CHECK(ref_distance(have, want, count) <= 1e-5);
	free(want);
	free(have);
}

static struct hmm_item_image images[64];
static struct hmm_item list[64];

/* The golden images, an item each: how many. */
static size_t
make_items(const float *z)
{
	static char names[64][8];
	size_t count;
	float *modality = ref_golden(golden, "modality", &count);
	float *subject = ref_golden(golden, "subject", NULL);
	float *label = ref_golden(golden, "label", NULL);
	for (size_t i = 0; i < count; i++) {
		snprintf(names[i], sizeof(names[i]), "s%02d", (int)subject[i]);
		images[i] = (struct hmm_item_image){.x = z + i * BLOCK, .modality = (size_t)modality[i]};
		list[i] = (struct hmm_item){.image = &images[i],
		    .count = 1,
		    .subject = names[i],
		    .label = (int)label[i],
		    .weight = 1,
		    .whole = 1};
	}
	free(modality);
	free(subject);
	free(label);
	return count;
}

static void
check_first(struct hmm_step1 *step1, const struct hmm_item *item)
{
	float *h = ref_golden(golden, "h", NULL), *y = ref_golden(golden, "y", NULL);
	float *mse = ref_golden(golden, "mse", NULL), *bce = ref_golden(golden, "bce", NULL);
	double loss = 0;
	hmm_learner_zero(hmm_step1_each, step1);
	CHECK(hmm_step1_learn(step1, &item, 1, NULL, NULL, &loss) == 0);
	const size_t L = step1->phi->latent, own = step1->phi->own[item->image->modality];
	const struct hmm_matrix made = hmm_phi_generate(step1->phi, step1->pool, item->image->modality);
	CHECK(made.out == L && made.in == own);
	for (size_t o = 0; o < L; o++) {
		for (size_t i = 0; i < own; i++)
			CHECK(fabs((double)made.weight[o * own + i] -
			           (double)h[o * CHANNELS + i] * sqrt((double)CHANNELS / (double)own)) <= 1e-6);
		CHECK(fabs((double)made.bias[o] - (double)h[L * CHANNELS + o]) <= 1e-6);
	}
	CHECK(ref_distance(step1->y, y, L * POSITIONS) <= 1e-6);
	CHECK(fabs(step1->squared[0] / (double)mse[0] - 1) <= 1e-6);
	CHECK(fabs(step1->loss[0] / (double)bce[0] - 1) <= 1e-6);
	CHECK(loss == step1->squared[0] + step1->loss[0]);
	hmm_step1_each(step1, check_gradient, NULL);
	free(h);
	free(y);
	free(mse);
	free(bce);
}

/* The order of the paper's code, step by step. */
static void
check_trajectory(struct hmm_step1 *step1, size_t count)
{
	float *want = ref_golden(golden, "trajectory", NULL);
	double worst = 0;
	size_t done = 0;
	for (size_t i = 0; done < 100; i = (i + 1) % count, done++) {
		const struct hmm_item *item = &list[i];
		const struct hmm_learner_step step = {.adam = hmm_adam_at((long)done + 1, 1e-3, 5e-4),
		    .zero = i == 0 || strcmp(item->subject, list[i - 1].subject)};
		double loss = 0;
		CHECK(hmm_step1_learn(step1, &item, 1, NULL, &step, &loss) == 0);
		const double off = fabs(loss / (double)want[done] - 1);
		worst = off > worst ? off : worst;
	}
	printf("step 1, 100 steps: largest relative difference of a loss %.2g\n", worst);
	CHECK(worst <= 1e-4);
	free(want);
}

/* The whole training loop for as many epochs as 100 steps hold. */
static void
check_loop(struct hmm_step1 *step1, size_t count)
{
	float *want = ref_golden(golden, "trajectory", NULL);
	const struct hmm_learner learner = hmm_step1_learner(step1);
	const struct hmm_items items = {.item = list, .count = count};
	const struct hmm_loop_options options = {.epochs = (long)(100 / count),
	    .patience = 100,
	    .batch = 1,
	    .learning_rate = 1e-3,
	    .weight_decay = 5e-4,
	    .schedule = HMM_CONSTANT,
	    .checkpoint = HMM_KEEP_LAST,
	    .order = HMM_BY_SUBJECT,
	    .curve = tmpfile()};
	double loss[8];
	long epochs = 0;
	struct hmm_loop_result result;
	CHECK(hmm_loop_run(&learner, &items, &items, &options, &result) == 0);
	rewind(options.curve);
	CHECK(fscanf(options.curve, "%*[^\n]") == 0);
	while (epochs < 8 && fscanf(options.curve, "%*d %*f %lf %*[^\n]", &loss[epochs]) == 1)
		epochs++;
	CHECK(epochs == options.epochs && options.epochs >= 3);
	for (long e = 0; e < epochs; e++) {
		double mean = 0;
		for (size_t i = 0; i < count; i++)
			mean += (double)want[(size_t)e * count + i] / (double)count;
		CHECK(fabs(loss[e] / mean - 1) <= 1e-4);
	}
	fclose(options.curve);
	free(want);
}

static void
check_case(size_t which, size_t threads)
{
	struct hmm_phi phi;
	struct hmm_step1 step1;
	struct hmm_pool *pool = hmm_pool_open(threads);
	golden = hmm_weights_open(cases[which].file);
	float *z = ref_golden(golden, "z", NULL);
	const size_t count = make_items(z);
	for (int loop = 0; loop < 2; loop++) {
		CHECK(hmm_phi_open(&phi, cases[which].latent, cases[which].own, MODALITIES) == 0);
		CHECK(hmm_step1_open(&step1, &phi, &hmm_objective_binary, POSITIONS, &cases[which].hidden,
		          1, pool) == 0);
		hmm_step1_each(&step1, load, &loop);
		if (loop) {
			check_loop(&step1, count);
		} else {
			check_first(&step1, &list[1]);
			check_trajectory(&step1, count);
		}
		hmm_step1_close(&step1);
		hmm_phi_close(&phi);
	}
	free(z);
	hmm_weights_close(golden);
	hmm_pool_close(pool);
}

int
main(void)
{
	for (size_t which = 0; which < sizeof(cases) / sizeof(cases[0]); which++)
		for (size_t threads = 1; threads <= 2; threads++)
			check_case(which, threads);
	return test_end();
}
