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
check_learn(struct hmm_vae *vae, const struct hmm_set *set, const char *which,
    const struct hmm_place *place)
{
	char name[80];
	double loss = 0;
	snprintf(name, sizeof(name), "%s.loss", which);
	float *want = ref_golden(golden, name, NULL);
	snprintf(name, sizeof(name), "%s", which);
	hmm_train_zero(vae, hmm_vae_each);
	CHECK(hmm_vae_learn(vae, set, 1, place, &loss) == 0);
	CHECK(fabs(loss / (double)want[0] - 1) <= 1e-6);
	hmm_vae_each(vae, check_gradient, name);
	free(want);
}

static void
check_trajectory(struct hmm_vae *vae, const struct hmm_set *sets)
{
	float *want = ref_golden(golden, "trajectory", NULL);
	double worst = 0, loss = 0;
	for (uint32_t step = 0; step < STEPS; step++) {
		const struct hmm_place place = {
		    .seed = SEED, .epoch = 1 + step / SETS, .subject = 1 + step % SETS};
		hmm_train_zero(vae, hmm_vae_each);
		CHECK(hmm_vae_learn(vae, &sets[step % SETS], 1, &place, &loss) == 0);
		hmm_train_step(vae->pool, (long)step + 1, 1e-3, 0, vae, hmm_vae_each);
		const double off = fabs(loss / (double)want[step] - 1);
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
	memcpy(all->value + all->count, have, count * sizeof(float));
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

/* A batch of sets, of one and of several images, has the sum of their losses and gradients. */
static void
check_batch(struct hmm_vae *vae, const struct hmm_set *sets)
{
	static struct gathered all;
	const struct hmm_set *batch[SETS];
	struct hmm_place place[SETS];
	double sum = 0, loss = 0, logit[SETS];
	all.count = all.next = 0;
	hmm_train_zero(vae, hmm_vae_each);
	for (size_t i = 0; i < SETS; i++) {
		batch[i] = &sets[i];
		place[i] = (struct hmm_place){.seed = SEED, .epoch = 2, .subject = 1 + (uint32_t)i};
		CHECK(hmm_vae_learn(vae, &sets[i], 1, &place[i], &loss) == 0);
		sum += loss;
	}
	hmm_vae_each(vae, gather, &all);
	hmm_train_zero(vae, hmm_vae_each);
	CHECK(hmm_vae_learn_batch(vae, batch, SETS, 1, place, &loss) == 0);
	CHECK(fabs(loss / sum - 1) <= 1e-12);
	hmm_vae_each(vae, compare, &all);
	CHECK(all.next == all.count && all.worst <= 1e-5);
	hmm_vae_logit_batch(vae, batch, SETS, logit);
	for (size_t i = 0; i < SETS; i++)
		CHECK(hmm_vae_logit(vae, &sets[i]) == logit[i]);
}

static void
check_vae(const struct hmm_set *sets, struct hmm_pool *pool)
{
	const struct hmm_vae_shape shape = {INPUTS, MODALITIES, LATENTS, {10, 7}, 2};
	const struct hmm_place drawn = {.seed = SEED, .epoch = 3, .subject = 1};
	const struct hmm_place single = {.seed = SEED, .epoch = 1, .subject = 5};
	float *logit = ref_golden(golden, "logit", NULL);
	struct hmm_vae vae;
	CHECK(hmm_vae_open(&vae, &shape, pool) == 0);
	vae.lambda = .5;
	vae.anneal = 4;
	hmm_vae_each(&vae, load, NULL);
	for (size_t i = 0; i < SETS; i++)
		CHECK(fabs(hmm_vae_logit(&vae, &sets[i]) - (double)logit[i]) <= 1e-6);
	check_learn(&vae, &sets[0], "mean", NULL);
	check_learn(&vae, &sets[0], "drawn", &drawn);
	check_learn(&vae, &sets[4], "single", &single);
	check_batch(&vae, sets);
	check_trajectory(&vae, sets);
	hmm_vae_close(&vae);
	free(logit);
}

int
main(void)
{
	static struct hmm_sample image[MOST_IMAGES];
	struct hmm_set sets[SETS];
	size_t images, next = 0;
	golden = hmm_weights_open("tests/golden/vae.safetensors");
	float *x = ref_golden(golden, "x", NULL), *modality = ref_golden(golden, "modality", &images);
	float *count = ref_golden(golden, "count", NULL), *label = ref_golden(golden, "label", NULL);
	CHECK(images <= MOST_IMAGES);
	for (size_t i = 0; i < images; i++)
		image[i] = (struct hmm_sample){.modality = (size_t)modality[i], .x = x + i * INPUTS};
	for (size_t i = 0; i < SETS; i++) {
		sets[i] = (struct hmm_set){&image[next], (size_t)count[i], "s", (int)label[i], 1};
		next += (size_t)count[i];
	}
	for (size_t threads = 1; threads <= 2; threads++) {
		struct hmm_pool *pool = hmm_pool_open(threads);
		check_vae(sets, pool);
		hmm_pool_close(pool);
	}
	free(x);
	free(modality);
	free(count);
	free(label);
	hmm_weights_close(golden);
	return test_end();
}
