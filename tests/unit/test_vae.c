/* The Multi-VAE classifier against PyTorch: logits, losses, every gradient with
 * and without noise, 50 steps of Adam (tests/golden/make_vae.py). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/learn/vae.h"
#include "ref.h"
#include "test.h"

enum { INPUTS = 12, MODALITIES = 3, LATENTS = 4, SETS = 8, STEPS = 50, MOST_IMAGES = 32, SEED = 5 };

static struct hmm_weights *golden;

static void
load(struct hmm_parameter *parameter, void *context)
{
	(void)context;
	char name[80];
	snprintf(name, sizeof(name), "init.%s", parameter->name);
	free(parameter->w);
	parameter->w = ref_golden(golden, name, NULL);
	CHECK(hmm_parameter_train(parameter) == 0);
}

static void
check_gradient(struct hmm_parameter *parameter, void *context)
{
	char name[80];
	size_t count;
	double size = 0, have_size = 0;
	snprintf(name, sizeof(name), "%s.grad.%s", (const char *)context, parameter->name);
	float *want = ref_golden(golden, name, &count), *have = ref_gradient(parameter);
	CHECK(count == parameter->rows * parameter->columns);
	for (size_t i = 0; i < count; i++) {
		size += fabs((double)want[i]);
		have_size += fabs((double)have[i]);
	}
	/* a modality that the set lacks has no gradient */
	const double off = size > 0 ? ref_distance(have, want, count) : have_size;
	if (!(off <= 1e-5))
		printf("%s: %g\n", name, off);
	CHECK(off <= 1e-5);
	free(want);
	free(have);
}

static void
check_learn(struct hmm_vae *vae, const struct hmm_item *item, const char *which,
    const struct hmm_place *place)
{
	char name[80];
	double loss = 0;
	snprintf(name, sizeof(name), "%s.loss", which);
	float *want = ref_golden(golden, name, NULL);
	snprintf(name, sizeof(name), "%s", which);
	hmm_learner_zero(hmm_vae_each, vae);
	CHECK(hmm_vae_learn(vae, &item, 1, place, NULL, &loss) == 0);
	CHECK(fabs(loss / (double)want[0] - 1) <= 1e-6);
	hmm_vae_each(vae, check_gradient, name);
	free(want);
}

static void
check_trajectory(struct hmm_vae *vae, const struct hmm_item *items)
{
	float *want = ref_golden(golden, "trajectory", NULL);
	double worst = 0, loss = 0;
	for (uint32_t done = 0; done < STEPS; done++) {
		const struct hmm_place place = {
		    .seed = SEED, .epoch = 1 + done / SETS, .subject = 1 + done % SETS};
		const struct hmm_learner_step step = {
		    .adam = hmm_adam_at((long)done + 1, 1e-3, 0), .zero = 1};
		const struct hmm_item *item = &items[done % SETS];
		loss = 0;
		CHECK(hmm_vae_learn(vae, &item, 1, &place, &step, &loss) == 0);
		const double off = fabs(loss / (double)want[done] - 1);
		worst = off > worst ? off : worst;
	}
	printf("%d steps: largest relative difference of a loss %.2g\n", STEPS, worst);
	CHECK(worst <= 1e-4);
	free(want);
}

struct gathered {
	float value[4096];
	size_t count, next;
	double worst;
};

static void
gather(struct hmm_parameter *parameter, void *context)
{
	struct gathered *all = context;
	const size_t count = parameter->rows * parameter->columns;
	float *have = ref_gradient(parameter);
	CHECK(all->count + count <= 4096);
	for (size_t i = 0; i < count; i++) /* of a sum, not of a mean */
		all->value[all->count + i] = have[i] / SETS;
	all->count += count;
	free(have);
}

static void
compare(struct hmm_parameter *parameter, void *context)
{
	struct gathered *all = context;
	const size_t count = parameter->rows * parameter->columns;
	float *have = ref_gradient(parameter);
	const double off = ref_distance(have, all->value + all->next, count);
	all->worst = off > all->worst ? off : all->worst;
	all->next += count;
	free(have);
}

static double
logit_of(struct hmm_vae *vae, const struct hmm_item *item)
{
	double logit = 0;
	CHECK(hmm_vae_outputs(vae, &item, 1, &logit) == 0);
	return logit;
}

/* A batch of items, of one and of several images, has the sum of their losses and the mean of
 * their gradients. */
static void
check_batch(struct hmm_vae *vae, const struct hmm_item *items)
{
	static struct gathered all;
	const struct hmm_item *batch[SETS];
	struct hmm_place place[SETS];
	double sum = 0, loss = 0, logit[SETS];
	all.count = all.next = 0;
	hmm_learner_zero(hmm_vae_each, vae);
	for (size_t i = 0; i < SETS; i++) {
		batch[i] = &items[i];
		place[i] = (struct hmm_place){.seed = SEED, .epoch = 2, .subject = 1 + (uint32_t)i};
		CHECK(hmm_vae_learn(vae, &batch[i], 1, &place[i], NULL, &sum) == 0);
	}
	hmm_vae_each(vae, gather, &all);
	hmm_learner_zero(hmm_vae_each, vae);
	CHECK(hmm_vae_learn(vae, batch, SETS, place, NULL, &loss) == 0);
	CHECK(fabs(loss / sum - 1) <= 1e-12);
	hmm_vae_each(vae, compare, &all);
	CHECK(all.next == all.count && all.worst <= 1e-5);
	CHECK(hmm_vae_outputs(vae, batch, SETS, logit) == 0);
	for (size_t i = 0; i < SETS; i++)
		CHECK(logit_of(vae, &items[i]) == logit[i]);
}

static void
check_vae(const struct hmm_item *items, struct hmm_pool *pool)
{
	static const size_t channels[MODALITIES] = {INPUTS, INPUTS, INPUTS};
	const struct hmm_vae_shape shape = {
	    channels, 1, MODALITIES, LATENTS, {10, 7}, 2, &hmm_objective_binary};
	const struct hmm_place drawn = {.seed = SEED, .epoch = 3, .subject = 1};
	const struct hmm_place single = {.seed = SEED, .epoch = 1, .subject = 5};
	float *logit = ref_golden(golden, "logit", NULL);
	struct hmm_vae vae;
	CHECK(hmm_vae_open(&vae, &shape, pool) == 0);
	vae.lambda = .5;
	vae.anneal = 4;
	hmm_vae_each(&vae, load, NULL);
	for (size_t i = 0; i < SETS; i++)
		CHECK(fabs(logit_of(&vae, &items[i]) - (double)logit[i]) <= 1e-6);
	check_learn(&vae, &items[0], "mean", NULL);
	check_learn(&vae, &items[0], "drawn", &drawn);
	check_learn(&vae, &items[4], "single", &single);
	check_batch(&vae, items);
	check_trajectory(&vae, items);
	hmm_vae_close(&vae);
	free(logit);
}

int
main(void)
{
	static struct hmm_item_image image[MOST_IMAGES];
	struct hmm_item items[SETS];
	size_t images, next = 0;
	golden = hmm_weights_open("tests/golden/vae.safetensors");
	float *x = ref_golden(golden, "x", NULL), *modality = ref_golden(golden, "modality", &images);
	float *count = ref_golden(golden, "count", NULL), *label = ref_golden(golden, "label", NULL);
	CHECK(images <= MOST_IMAGES);
	for (size_t i = 0; i < images; i++)
		image[i] = (struct hmm_item_image){.x = x + i * INPUTS,
		    .modality = (size_t)modality[i],
		    .stream = 1 + (uint32_t)modality[i]};
	for (size_t i = 0; i < SETS; i++) {
		items[i] = (struct hmm_item){.image = &image[next],
		    .count = (size_t)count[i],
		    .subject = "s",
		    .label = (int)label[i],
		    .weight = 1};
		next += (size_t)count[i];
	}
	for (size_t threads = 1; threads <= 2; threads++) {
		struct hmm_pool *pool = hmm_pool_open(threads);
		check_vae(items, pool);
		hmm_pool_close(pool);
	}
	free(x);
	free(modality);
	free(count);
	free(label);
	hmm_weights_close(golden);
	return test_end();
}
