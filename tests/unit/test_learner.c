/* What every learner owes the loop: the gradients of a mean, added up or forgotten, one step of
 * every parameter, and random numbers drawn where the place says. */
#include <stdlib.h>
#include <string.h>

#include "hmm/kernel/loss.h"
#include "hmm/learn/joint.h"
#include "hmm/learn/rho.h"
#include "hmm/learn/step1.h"
#include "hmm/learn/vae.h"
#include "ref.h"
#include "test.h"

enum { CHANNELS = 4, POSITIONS = 3, BLOCK = CHANNELS * POSITIONS, MODALITIES = 3, ITEMS = 6 };
enum { LATENT = 5, VALUES = 1 << 16, SEED = 9 };
static const size_t own[MODALITIES] = {2, CHANNELS, 3}; /* what is behind is not looked at */

static struct hmm_item_image image[ITEMS * MODALITIES];
static struct hmm_item item[ITEMS];
static struct hmm_place place[ITEMS];
static const struct hmm_item *batch[ITEMS];
static float x[ITEMS * MODALITIES * BLOCK];

/* Items of 1 to `most` images, with weights that differ. */
static void
make_items(size_t most)
{
	ref_random(x, ITEMS * MODALITIES * BLOCK, 3);
	for (size_t i = 0; i < ITEMS; i++) {
		const size_t count = 1 + i % most;
		for (size_t k = 0; k < count; k++)
			image[i * MODALITIES + k] =
			    (struct hmm_item_image){.x = x + (i * MODALITIES + k) * BLOCK,
			        .modality = most == 1 ? i % MODALITIES : k,
			        .stream = 1000 + (uint32_t)k};
		item[i] = (struct hmm_item){.image = &image[i * MODALITIES],
		    .count = count,
		    .subject = "s",
		    .label = i % 3 == 0,
		    .weight = 1 + .5 * (double)i,
		    .whole = 1};
		batch[i] = &item[i];
		place[i] = (struct hmm_place){.seed = SEED, .epoch = 2, .subject = 50 + (uint32_t)i};
	}
}

/* All gradients, one after the other. */
struct gradients {
	float value[VALUES];
	size_t count;
};

static void
gather(struct hmm_parameter *parameter, void *context)
{
	struct gradients *all = context;
	const size_t count = parameter->rows * parameter->columns;
	float *have = ref_gradient(parameter);
	CHECK(all->count + count <= VALUES);
	memcpy(all->value + all->count, have, count * sizeof(float));
	all->count += count;
	free(have);
}

static const float *
gradients_of(const struct hmm_learner *learner)
{
	static struct gradients all;
	all.count = 0;
	learner->each(learner->self, gather, &all);
	return all.value;
}

static size_t
values_of(const struct hmm_learner *learner)
{
	static struct gradients all;
	all.count = 0;
	learner->each(learner->self, gather, &all);
	return all.count;
}

/* A batch has the mean of its items' gradients and the sum of their losses, which is added. */
static void
check_mean(const struct hmm_learner *learner, size_t items)
{
	static float sum[VALUES];
	double want = 0, have = 100;
	const size_t count = values_of(learner);
	hmm_learner_zero(learner->each, learner->self);
	for (size_t i = 0; i < items; i++)
		CHECK(learner->learn(learner->self, &batch[i], 1, &place[i], NULL, &want) == 0);
	memcpy(sum, gradients_of(learner), count * sizeof(float));
	for (size_t i = 0; i < count; i++)
		sum[i] /= (float)items;
	hmm_learner_zero(learner->each, learner->self);
	CHECK(learner->learn(learner->self, batch, items, place, NULL, &have) == 0);
	CHECK(fabs((have - 100) / want - 1) < 1e-9);
	CHECK(ref_distance(gradients_of(learner), sum, count) < 2e-6);
}

/* An item that weighs three times as much has three times the loss and the gradients. */
static void
check_weight(const struct hmm_learner *learner)
{
	static float light[VALUES];
	const size_t count = values_of(learner);
	double one = 0, three = 0;
	hmm_learner_zero(learner->each, learner->self);
	CHECK(learner->learn(learner->self, &batch[3], 1, NULL, NULL, &one) == 0);
	memcpy(light, gradients_of(learner), count * sizeof(float));
	for (size_t i = 0; i < count; i++)
		light[i] *= 3;
	item[3].weight *= 3;
	hmm_learner_zero(learner->each, learner->self);
	CHECK(learner->learn(learner->self, &batch[3], 1, NULL, NULL, &three) == 0);
	CHECK(fabs(three / one - 3) < 1e-9);
	CHECK(ref_distance(gradients_of(learner), light, count) < 2e-6);
	item[3].weight /= 3;
}

struct before {
	float w[VALUES], gradient[VALUES];
	size_t at;
	double worst;
};

static void
note(struct hmm_parameter *parameter, void *context)
{
	struct before *before = context;
	const size_t count = parameter->rows * parameter->columns;
	memcpy(before->w + before->at, parameter->w, count * sizeof(float));
	memset(parameter->m, 0, count * sizeof(float));
	memset(parameter->v, 0, count * sizeof(float));
	parameter->steps = 0;
	before->at += count;
}

/* m after one step from m = 0 is .1 (g + decay w). */
static void
check_moment(struct hmm_parameter *parameter, void *context)
{
	struct before *before = context;
	for (size_t i = 0; i < parameter->rows * parameter->columns; i++, before->at++) {
		const double g = (double)before->gradient[before->at] + .5 * (double)before->w[before->at];
		const double off = fabs((double)parameter->m[i] - .1 * g);
		before->worst = off > before->worst ? off : before->worst;
		if (fabs(g) > 1e-4) /* it went the other way, by about the rate */
			CHECK(((double)parameter->w[i] - (double)before->w[before->at]) * g < 0);
	}
}

/* One step, after what was there is forgotten or added to: every parameter takes it once. */
static void
check_step(const struct hmm_learner *learner, size_t items)
{
	static struct before before;
	const size_t count = values_of(learner);
	double loss = 0;
	for (int zero = 0; zero < 2; zero++) {
		const struct hmm_learner_step step = {.adam = hmm_adam_at(1, 1e-3, .5), .zero = zero};
		before.at = 0;
		learner->each(learner->self, note, &before);
		hmm_learner_zero(learner->each, learner->self);
		CHECK(learner->learn(learner->self, batch, items, place, NULL, &loss) == 0);
		memcpy(before.gradient, gradients_of(learner), count * sizeof(float));
		for (size_t i = 0; i < count && !zero; i++)
			before.gradient[i] *= 2;
		CHECK(learner->learn(learner->self, batch, items, place, &step, &loss) == 0);
		before.at = 0;
		before.worst = 0;
		learner->each(learner->self, check_moment, &before);
		CHECK(before.at == count && before.worst < 1e-5);
	}
}

/* What is predicted is drawn at no place. */
static void
check_predict(const struct hmm_learner *learner, size_t items, int with_mse)
{
	double logit[ITEMS], rest[ITEMS], one[2];
	CHECK(learner->predict(learner->self, batch, items, logit, rest) == 0);
	for (size_t i = 0; i < items; i++) {
		CHECK(with_mse ? rest[i] > 0 : rest[i] == 0);
		CHECK(learner->predict(learner->self, &batch[i], 1, one, one + 1) == 0);
		CHECK(fabs(one[0] - logit[i]) < 1e-12 && fabs(one[1] - rest[i]) < 1e-9);
	}
}

static void
check_learner(const struct hmm_learner *learner, int with_mse)
{
	CHECK(hmm_learner_prepare(learner->each, learner->self) == 0);
	check_mean(learner, ITEMS);
	check_mean(learner, ITEMS - 1);
	check_mean(learner, 1);
	check_predict(learner, ITEMS, with_mse);
	check_step(learner, ITEMS);
	check_step(learner, 1);
}

static void
check_step1(struct hmm_pool *pool)
{
	struct hmm_phi phi;
	struct hmm_step1 step1;
	make_items(1);
	CHECK(hmm_phi_open(&phi, LATENT, own, MODALITIES) == 0);
	CHECK(hmm_step1_open(
	          &step1, &phi, &hmm_objective_binary, POSITIONS, (size_t[]){512, 20}, 2, pool) == 0);
	hmm_phi_init(&phi, HMM_HYPERFAN, 1);
	CHECK(hmm_step1_init(&step1, 1) == 0);
	const struct hmm_learner learner = hmm_step1_learner(&step1);
	check_learner(&learner, 1);
	hmm_step1_close(&step1);
	hmm_phi_close(&phi);
}

static void
check_rho(struct hmm_pool *pool)
{
	const size_t hidden[] = {20, 10};
	struct hmm_rho rho;
	double logit[2], loss[2] = {0, 0};
	make_items(1);
	CHECK(hmm_rho_open(&rho, pool, &hmm_objective_binary, BLOCK, hidden, 2, .4) == 0);
	hmm_mlp_init(&rho.mlp, 1);
	const struct hmm_learner learner = hmm_rho_learner(&rho);
	check_learner(&learner, 0);
	check_weight(&learner);

	/* dropout is drawn at the place, layer by layer */
	CHECK(hmm_rho_learn(&rho, batch, 2, place, NULL, loss) == 0);
	size_t dropped = 0, left = 0, want = 0;
	for (size_t j = 0; j < 2 * hidden[0]; j++)
		if (hmm_random_uniform(place[j / hidden[0]], (uint32_t)(j % hidden[0])) < .4) {
			want++;
			dropped += rho.mlp.slope[0][j] <= 0;
		} else {
			left += rho.mlp.slope[0][j] > 1; /* scaled */
		}
	CHECK(want > 5 && dropped == want && left > 5);

	/* the next item's product is the same whether it was expected or not */
	for (int expected = 0; expected < 2; expected++) {
		const struct hmm_learner_step step = {
		    .adam = hmm_adam_at(2 + expected, 0, 0), .zero = 1, .next = expected ? &item[1] : NULL};
		CHECK(hmm_rho_learn(&rho, batch, 1, place, &step, loss) == 0);
		CHECK((rho.mlp.weight[0].next == item[1].image->x) == expected);
		CHECK(hmm_rho_predict(&rho, &batch[1], 1, &logit[expected], loss) == 0);
	}
	CHECK(fabs(logit[0] - logit[1]) < 1e-5);
	hmm_rho_close(&rho);
}

/* Images that come in another order than the model's are put into it. */
static void
check_concat_order(struct hmm_joint *joint)
{
	struct hmm_item_image turned[MODALITIES];
	const struct hmm_item as_is = item[0];
	struct hmm_item other = as_is;
	double logit[2];
	for (size_t m = 0; m < MODALITIES; m++)
		turned[m] = as_is.image[MODALITIES - 1 - m];
	other.image = turned;
	CHECK(hmm_joint_outputs(joint, &(const struct hmm_item *){&as_is}, 1, &logit[0]) == 0);
	CHECK(hmm_joint_outputs(joint, &(const struct hmm_item *){&other}, 1, &logit[1]) == 0);
	CHECK(fabs(logit[0] - logit[1]) < 1e-12);
}

static void
check_joint(struct hmm_pool *pool)
{
	static const struct {
		enum hmm_joint_conv conv;
		enum hmm_fuse fuse;
		enum hmm_reduce reduce;
	} kinds[] = {{HMM_CONV_GENERATED, HMM_FUSE_REDUCE, HMM_MEAN},
	    {HMM_CONV_GENERATED, HMM_FUSE_REDUCE, HMM_MAX}, {HMM_CONV_SHARED, HMM_FUSE_REDUCE, HMM_SUM},
	    {HMM_CONV_EACH, HMM_FUSE_SCORES, HMM_MEAN}, {HMM_CONV_EACH, HMM_FUSE_CONCAT, HMM_MEAN}};
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct hmm_joint joint;
		const struct hmm_joint_shape shape = {.conv = kinds[i].conv,
		    .fuse = kinds[i].fuse,
		    .reduce = kinds[i].reduce,
		    .latent = LATENT,
		    .channels = own,
		    .widest = CHANNELS,
		    .positions = POSITIONS,
		    .modalities = MODALITIES,
		    .hidden = {16, 8},
		    .hidden_count = 2,
		    .dropout = .4,
		    .objective = &hmm_objective_binary};
		make_items(MODALITIES);
		for (size_t k = 0; k < ITEMS && kinds[i].fuse == HMM_FUSE_CONCAT; k++) {
			item[k].image = &image[2 * MODALITIES]; /* of all modalities */
			item[k].count = MODALITIES;
		}
		CHECK(hmm_joint_open(&joint, &shape, pool) == 0);
		hmm_joint_init(&joint, 1, HMM_HYPERFAN);
		const struct hmm_learner learner = hmm_joint_learner(&joint);
		check_learner(&learner, 0);
		check_weight(&learner);
		if (kinds[i].fuse == HMM_FUSE_CONCAT)
			check_concat_order(&joint);
		hmm_joint_close(&joint);
	}
}

static void
check_vae(struct hmm_pool *pool)
{
	const struct hmm_vae_shape shape = {
	    own, POSITIONS, MODALITIES, 5, {10, 7}, 2, &hmm_objective_binary};
	struct hmm_vae vae;
	double loss = 0;
	make_items(MODALITIES);
	CHECK(hmm_vae_open(&vae, &shape, pool) == 0);
	vae.anneal = 4;
	hmm_vae_init(&vae, 1);
	const struct hmm_learner learner = hmm_vae_learner(&vae);
	check_learner(&learner, 0);
	/* the joint ELBO draws at the item's place, that of an image at the image's stream */
	CHECK(hmm_vae_learn(&vae, batch, ITEMS, place, NULL, &loss) == 0);
	for (size_t i = 0; i < ITEMS; i++)
		for (size_t k = 0; k < 1 + item[i].count && item[i].count > 1; k++) {
			struct hmm_place here = place[i];
			here.stream = k ? image[i * MODALITIES + k - 1].stream : 0;
			for (size_t j = 0; j < 5; j++) {
				const double noise = vae.noise[(i * (1 + MODALITIES) + k) * 5 + j];
				CHECK(fabs(noise - hmm_random_normal(here, (uint32_t)j)) < 1e-15);
			}
		}
	hmm_vae_close(&vae);
}

/* ---- dropout ---- */

enum { WIDE = 400 };

/* Which units of a perceptron's layer are left of one row, a bit each. */
static void
take_mask(char *mask, const struct hmm_mlp *mlp, size_t layer, size_t row)
{
	for (size_t j = 0; j < WIDE; j++)
		mask[j] = mlp->slope[layer][row * WIDE + j] > 0;
}

static double
differ(const char *a, const char *b, size_t count)
{
	size_t differing = 0;
	for (size_t j = 0; j < count; j++)
		differing += a[j] != b[j];
	return (double)differing / (double)count;
}

/* All of its units are active: what is left out is dropped. */
static void
open_dropping(struct hmm_joint *joint, enum hmm_fuse fuse, double dropout, struct hmm_pool *pool)
{
	const struct hmm_joint_shape shape = {.conv = HMM_CONV_EACH,
	    .fuse = fuse,
	    .reduce = HMM_MEAN,
	    .latent = LATENT,
	    .channels = own,
	    .widest = CHANNELS,
	    .positions = POSITIONS,
	    .modalities = MODALITIES,
	    .hidden = {WIDE, WIDE},
	    .hidden_count = 2,
	    .dropout = dropout,
	    .objective = &hmm_objective_binary};
	CHECK(hmm_joint_open(joint, &shape, pool) == 0);
	for (size_t m = 0; m < joint->fusion.rhos; m++)
		for (size_t layer = 0; layer < 2; layer++)
			for (size_t j = 0; j < WIDE; j++)
				joint->fusion.rho[m].bias[layer].w[j] = 1;
	CHECK(hmm_learner_prepare(hmm_joint_each, joint) == 0);
}

/* One mask an item, epoch and layer, at the rate that is asked for. */
static void
check_dropout(struct hmm_pool *pool)
{
	static char mask[ITEMS][2][WIDE], again[WIDE];
	struct hmm_joint joint;
	double loss = 0, share = 0;
	make_items(MODALITIES);
	open_dropping(&joint, HMM_FUSE_REDUCE, .3, pool);
	const struct hmm_mlp *rho = &joint.fusion.rho[0];
	CHECK(hmm_joint_learn(&joint, batch, ITEMS, place, NULL, &loss) == 0);
	for (size_t i = 0; i < ITEMS; i++)
		for (size_t layer = 0; layer < 2; layer++) {
			take_mask(mask[i][layer], rho, layer, i);
			for (size_t j = 0; j < WIDE; j++)
				share += mask[i][layer][j] / (2. * WIDE * ITEMS);
		}
	CHECK(fabs(share - .7) < 4 * sqrt(.3 * .7 / (2. * WIDE * ITEMS)));
	/* two independent masks differ in 2 * .3 * .7 of their units */
	const double bound = 4 * sqrt(.42 * .58 / WIDE);
	for (size_t i = 0; i < ITEMS; i++) {
		CHECK(fabs(differ(mask[i][0], mask[i][1], WIDE) - .42) < bound);
		for (size_t k = 0; k < i; k++)
			CHECK(fabs(differ(mask[i][0], mask[k][0], WIDE) - .42) < bound);
	}
	/* alone, or behind others, an item has the mask that its place says */
	CHECK(hmm_joint_learn(&joint, &batch[3], 2, &place[3], NULL, &loss) == 0);
	take_mask(again, rho, 0, 1);
	CHECK(!memcmp(again, mask[4][0], WIDE));
	struct hmm_place later = place[4];
	later.epoch++;
	CHECK(hmm_joint_learn(&joint, &batch[4], 1, &later, NULL, &loss) == 0);
	take_mask(again, rho, 0, 0);
	CHECK(fabs(differ(again, mask[4][0], WIDE) - .42) < bound);
	hmm_joint_close(&joint);
}

/* A perceptron a modality: each image of an item has its own, by the modality's name. */
static void
check_dropout_of_scores(struct hmm_pool *pool)
{
	static char mask[MODALITIES][WIDE], other[WIDE], again[WIDE];
	struct hmm_joint joint;
	double loss = 0;
	make_items(MODALITIES);
	open_dropping(&joint, HMM_FUSE_SCORES, .3, pool);
	CHECK(hmm_joint_learn(&joint, &batch[2], 1, &place[2], NULL, &loss) == 0);
	for (size_t m = 0; m < MODALITIES; m++)
		take_mask(mask[m], &joint.fusion.rho[m], 0, 0);
	for (size_t m = 0; m < MODALITIES; m++)
		CHECK(differ(mask[m], mask[(m + 1) % MODALITIES], WIDE) > .3);
	/* another number of the same modality, in a model that knows others too */
	image[2 * MODALITIES].modality = 1;
	image[2 * MODALITIES + 1].modality = 0;
	CHECK(hmm_joint_learn(&joint, &batch[2], 1, &place[2], NULL, &loss) == 0);
	take_mask(again, &joint.fusion.rho[1], 0, 0);
	CHECK(!memcmp(again, mask[0], WIDE));
	/* another item's */
	CHECK(hmm_joint_learn(&joint, &batch[0], 1, &place[0], NULL, &loss) == 0);
	take_mask(other, &joint.fusion.rho[0], 0, 0);
	CHECK(differ(other, mask[0], WIDE) > .3);
	hmm_joint_close(&joint);
}

int
main(void)
{
	for (size_t threads = 1; threads <= 2; threads++) {
		struct hmm_pool *pool = hmm_pool_open(threads);
		check_step1(pool);
		check_rho(pool);
		check_joint(pool);
		check_vae(pool);
		check_dropout(pool);
		check_dropout_of_scores(pool);
		hmm_pool_close(pool);
	}
	return test_end();
}
