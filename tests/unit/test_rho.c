/* Step 2 against PyTorch: logit, loss, every gradient, 100 steps of Adam, for
 * rho with two and with three layers (tests/golden/make_condition.py). */
#include <stdio.h>
#include <stdlib.h>

#include "hmm/learn/rho.h"
#include "ref.h"
#include "test.h"

enum { INPUTS = 36, SETS = 12 };

static struct hmm_weights *golden;

static void
load(struct hmm_parameter *parameter, void *context)
{
	(void)context;
	char name[80];
	snprintf(name, sizeof(name), "init.%s", parameter->name);
	free(parameter->w);
	parameter->w = ref_golden(golden, name, NULL);
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
	CHECK(count == parameter->rows * parameter->columns);
	CHECK(ref_distance(have, want, count) <= 1e-5);
	free(want);
	free(have);
}

static void
check_rho(const char *path, const size_t *hidden, size_t layers, struct hmm_pool *pool)
{
	struct hmm_rho rho;
	golden = hmm_weights_open(path);
	float *x = ref_golden(golden, "x", NULL), *label = ref_golden(golden, "label", NULL);
	float *logit = ref_golden(golden, "logit", NULL), *loss = ref_golden(golden, "loss", NULL);
	float *want = ref_golden(golden, "trajectory", NULL);
	struct hmm_item_image image[SETS];
	struct hmm_item list[SETS];
	for (size_t i = 0; i < SETS; i++) {
		image[i] = (struct hmm_item_image){.x = x + i * INPUTS};
		list[i] = (struct hmm_item){.image = &image[i],
		    .count = 1,
		    .subject = "s",
		    .label = (int)label[i],
		    .weight = 1,
		    .whole = 1};
	}
	CHECK(hmm_rho_open(&rho, pool, &hmm_objective_binary, INPUTS, hidden, layers, 0) == 0);
	hmm_rho_each(&rho, load, NULL);

	CHECK(fabs(hmm_rho_logit(&rho, image[3].x) / (double)logit[0] - 1) <= 1e-5);
	const struct hmm_item *item = &list[3];
	double have = 0;
	CHECK(hmm_rho_learn(&rho, &item, 1, NULL, NULL, &have) == 0);
	CHECK(fabs(have / (double)loss[0] - 1) <= 1e-6);
	hmm_rho_each(&rho, check_gradient, NULL);

	double worst = 0;
	for (size_t done = 0; done < 100; done++) {
		const struct hmm_learner_step step = {
		    .adam = hmm_adam_at((long)done + 1, 1e-3, 5e-4), .zero = 1};
		item = &list[done % SETS];
		have = 0;
		CHECK(hmm_rho_learn(&rho, &item, 1, NULL, &step, &have) == 0);
		const double off = fabs(have / (double)want[done] - 1);
		worst = off > worst ? off : worst;
	}
	printf("step 2, %zu layers, 100 steps: largest relative difference of a loss %.2g\n",
	    layers + 1, worst);
	CHECK(worst <= 1e-4);
	hmm_rho_close(&rho);
	free(x);
	free(label);
	free(logit);
	free(loss);
	free(want);
	hmm_weights_close(golden);
}

/* Dropout keeps about 1 - p of the units, scaled, and the same ones every time. */
static void
check_dropout(struct hmm_pool *pool)
{
	const size_t hidden = 512;
	struct hmm_rho rho;
	float x[INPUTS];
	struct hmm_place place = {.seed = 3, .epoch = 1, .subject = 9};
	ref_random(x, INPUTS, 1);
	CHECK(hmm_rho_open(&rho, pool, &hmm_objective_binary, INPUTS, &hidden, 1, .5) == 0);
	hmm_mlp_init(&rho.mlp, 1);
	size_t on = 0, kept = 0;
	const float plain = hmm_mlp_forward(&rho.mlp, pool, x, NULL);
	for (size_t i = 0; i < hidden; i++)
		on += rho.mlp.out[0][i] > 0;
	const float dropped = hmm_mlp_forward(&rho.mlp, pool, x, &place);
	for (size_t i = 0; i < hidden; i++)
		kept += rho.mlp.out[0][i] > 0;
	CHECK(fabs((double)kept / (double)on - .5) < .1);
	CHECK(dropped != plain);
	CHECK(hmm_mlp_forward(&rho.mlp, pool, x, &place) == dropped);
	place.epoch = 2;
	CHECK(hmm_mlp_forward(&rho.mlp, pool, x, &place) != dropped);
	CHECK(hmm_mlp_forward(&rho.mlp, pool, x, NULL) == plain);
	hmm_rho_close(&rho);
}

int
main(void)
{
	const size_t hidden[] = {16, 8};
	for (size_t threads = 1; threads <= 2; threads++) {
		struct hmm_pool *pool = hmm_pool_open(threads);
		check_rho("tests/golden/rho2.safetensors", hidden, 1, pool);
		check_rho("tests/golden/rho3.safetensors", hidden, 2, pool);
		check_dropout(pool);
		hmm_pool_close(pool);
	}
	return test_end();
}
