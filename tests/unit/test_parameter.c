/* A parameter takes each step once, in whichever pass; what was computed from older values is not
 * used; the hypernetwork against its plain loops. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/memory.h"
#include "hmm/learn/phi.h"
#include "ref.h"
#include "test.h"

enum { ROWS = 9, COLUMNS = 37 };

/* A trainable outer parameter with two terms. */
static struct hmm_parameter
open_parameter(size_t columns)
{
	struct hmm_parameter p;
	float dy[ROWS], *x = hmm_alloc(columns, sizeof(float));
	CHECK(hmm_parameter_open(&p, "p", ROWS, columns, HMM_OUTER) == 0);
	CHECK(hmm_parameter_train(&p) == 0);
	hmm_parameter_uniform(&p, 1, 1);
	for (unsigned b = 0; b < 2; b++) {
		ref_random(dy, ROWS, 2 + b);
		ref_random(x, columns, 4 + b);
		CHECK(hmm_parameter_add(&p, dy, x) == 0);
	}
	free(x);
	return p;
}

static int
same(const struct hmm_parameter *a, const struct hmm_parameter *b)
{
	const size_t bytes = a->rows * a->columns * sizeof(float);
	return !memcmp(a->w, b->w, bytes) && !memcmp(a->m, b->m, bytes) && !memcmp(a->v, b->v, bytes);
}

static void
check_once(struct hmm_pool *pool, size_t columns)
{
	struct hmm_parameter a = open_parameter(columns), b = open_parameter(columns);
	float *dx = hmm_alloc(2 * columns, sizeof(float));
	const struct hmm_adam first = hmm_adam_at(1, 1e-2, 1e-3), second = hmm_adam_at(2, 1e-2, 1e-3);
	CHECK(hmm_parameter_back(&a, pool, dx, 2, &first) == 0);
	CHECK(!same(&a, &b));
	hmm_parameter_step(&b, pool, &first);
	CHECK(same(&a, &b));
	hmm_parameter_step(&a, pool, &first); /* was taken */
	CHECK(hmm_parameter_back(&a, pool, dx, 2, &first) == 0);
	CHECK(hmm_parameter_back(&a, pool, dx, 2, NULL) == 0);
	CHECK(same(&a, &b));
	hmm_parameter_zero(&a); /* the gradient is 0, and moments and weights decay */
	hmm_parameter_step(&a, pool, &second);
	CHECK(!same(&a, &b));
	hmm_parameter_zero(&b);
	hmm_parameter_step(&b, pool, &second);
	CHECK(same(&a, &b));
	hmm_parameter_close(&a);
	hmm_parameter_close(&b);
	free(dx);
}

/* Of many terms the columns are dealt to the threads, each once. */
static void
check_dealt(struct hmm_pool *pool, struct hmm_pool *alone, size_t columns)
{
	enum { TERMS = 6 };
	const struct hmm_adam adam = hmm_adam_at(1, 1e-2, 1e-3);
	float *x = hmm_alloc(columns, sizeof(float)), dy[ROWS], *dx[2];
	struct hmm_parameter of[2];
	for (int i = 0; i < 2; i++) {
		CHECK(hmm_parameter_open(&of[i], "dealt", ROWS, columns, HMM_OUTER) == 0);
		CHECK(hmm_parameter_train(&of[i]) == 0);
		hmm_parameter_uniform(&of[i], 1, 1);
		dx[i] = hmm_alloc(TERMS * columns, sizeof(float));
		for (unsigned term = 0; term < TERMS; term++) {
			ref_random(x, columns, 10 + term);
			ref_random(dy, ROWS, 20 + term);
			CHECK(hmm_parameter_add(&of[i], dy, x) == 0);
		}
		CHECK(hmm_parameter_back(&of[i], i ? pool : alone, dx[i], TERMS, &adam) == 0);
	}
	CHECK(same(&of[0], &of[1]));
	CHECK(!memcmp(dx[0], dx[1], TERMS * columns * sizeof(float)));
	for (int i = 0; i < 2; i++) {
		hmm_parameter_close(&of[i]);
		free(dx[i]);
	}
	free(x);
}

/* An input that is expected is multiplied while the step passes by, unless w changes after that. */
static void
check_ahead(struct hmm_pool *pool)
{
	struct hmm_parameter a = open_parameter(COLUMNS), bias;
	float x[COLUMNS], other[COLUMNS], dy[ROWS], want[ROWS], have[ROWS];
	const float *in = x;
	ref_random(x, COLUMNS, 9);
	ref_random(dy, ROWS, 8);
	CHECK(hmm_parameter_open(&bias, "bias", ROWS, 0, HMM_DENSE) == 0);
	hmm_parameter_uniform(&bias, 1, 1);
	for (long step = 1; step <= 4; step++) {
		const struct hmm_adam adam = hmm_adam_at(step, 1e-2, 0);
		hmm_parameter_zero(&a);
		CHECK(hmm_parameter_add(&a, dy, x) == 0);
		if (step == 3)
			CHECK(hmm_parameter_add(&a, dy, x) == 0); /* too many terms to go by rows */
		hmm_parameter_keep(&a);
		CHECK(hmm_parameter_expect(&a, x) == 0);
		hmm_parameter_step(&a, pool, &adam);
		CHECK((a.ahead_at == a.changes) == (step != 3));
		if (step == 2)
			hmm_parameter_restore(&a);
		hmm_parameter_forward(&a, pool, have, &in, &bias, 1);
		hmm_parameter_forward(&a, pool, want, &in, &bias, 1); /* not expected */
		CHECK(!memcmp(have, want, sizeof(want)));
	}
	const struct hmm_adam adam = hmm_adam_at(5, 1e-2, 0);
	ref_random(other, COLUMNS, 7);
	CHECK(hmm_parameter_expect(&a, other) == 0);
	hmm_parameter_step(&a, pool, &adam);
	CHECK(hmm_parameter_expect(&a, x) == 0); /* another one, that was not multiplied */
	hmm_parameter_forward(&a, pool, have, &in, &bias, 1);
	hmm_parameter_forward(&a, pool, want, &in, &bias, 1);
	CHECK(!memcmp(have, want, sizeof(want)));
	hmm_parameter_close(&a);
	hmm_parameter_close(&bias);
}

/* W(m) and b(m) as one would write them down. */
static double
distance_to_plain(const struct hmm_phi *phi, const float *generated, size_t modality)
{
	const size_t outputs = phi->output_bias.rows;
	float hidden[HMM_HIDDEN], *want = hmm_alloc(outputs, sizeof(float));
	for (size_t i = 0; i < HMM_HIDDEN; i++) {
		hidden[i] = phi->hidden_bias.w[i];
		for (size_t j = 0; j < HMM_EMBEDDING; j++)
			hidden[i] += phi->hidden_weight.w[i * HMM_EMBEDDING + j] *
			             phi->embedding.w[modality * HMM_EMBEDDING + j];
		hidden[i] = hidden[i] > 0 ? hidden[i] : 0;
	}
	for (size_t o = 0; o < outputs; o++) {
		want[o] = phi->output_bias.w[o];
		for (size_t i = 0; i < HMM_HIDDEN; i++)
			want[o] += phi->output_weight.w[o * HMM_HIDDEN + i] * hidden[i];
	}
	const double distance = ref_distance(generated, want, outputs);
	free(want);
	return distance;
}

static void
check_all(struct hmm_phi *phi, struct hmm_pool *pool)
{
	for (size_t m = 0; m < phi->modalities; m++)
		CHECK(distance_to_plain(phi, hmm_phi_generate(phi, pool, m).weight, m) < 1e-6);
}

static void
train(struct hmm_parameter *parameter, void *context)
{
	(void)context;
	CHECK(hmm_parameter_train(parameter) == 0);
	hmm_parameter_keep(parameter);
}

static void
restore(struct hmm_parameter *parameter, void *context)
{
	(void)context;
	hmm_parameter_restore(parameter);
}

/* Adam's first step is the learning rate, against the gradient's sign, wherever there is one. */
static void
check_stepped(struct hmm_parameter *parameter, void *context)
{
	const float *gradient = context ? context : parameter->gradient;
	size_t still = 0;
	for (size_t i = 0; i < parameter->rows * parameter->columns; i++) {
		const double moved = (double)parameter->w[i] - (double)parameter->best[i];
		const double want = gradient[i] > 0 ? -1e-2 : gradient[i] < 0 ? 1e-2 : 0;
		CHECK(fabs(moved - want) < 1e-4);
		still += want == 0;
	}
	CHECK(still < parameter->rows * parameter->columns);
}

/* The generated weights of a hyperfan-in start have the variance 1 / 2c, where a modality has c
 * channels, the biases 1 / 2. */
static void
check_hyperfan(struct hmm_pool *pool)
{
	enum { LATENT = 64 };
	static const size_t own[3] = {64, 16, 40};
	struct hmm_phi phi;
	double weight = 0, bias = 0;
	CHECK(hmm_phi_open(&phi, LATENT, own, 3) == 0);
	hmm_phi_init(&phi, HMM_HYPERFAN, 1);
	for (size_t m = 0; m < 3; m++) {
		const struct hmm_matrix made = hmm_phi_generate(&phi, pool, m);
		CHECK(made.out == LATENT && made.in == own[m]);
		for (size_t i = 0; i < made.out * made.in; i++)
			weight += (double)made.weight[i] * (double)made.weight[i] * 2 / LATENT / 3;
		for (size_t i = 0; i < made.out; i++)
			bias += (double)made.bias[i] * (double)made.bias[i];
	}
	CHECK(fabs(weight - 1) < .1);
	CHECK(fabs(bias / (3 * LATENT) * 2 - 1) < .4);
	hmm_phi_close(&phi);
}

/* A change of any parameter is one of h. */
static void
check_every_change(struct hmm_pool *pool)
{
	struct hmm_phi phi;
	CHECK(hmm_phi_open(&phi, 2, (size_t[]){2}, 1) == 0);
	CHECK(phi.embedding.rows == 20); /* as the paper's code has */
	struct hmm_parameter *const parameter[] = {
	    &phi.output_bias, &phi.output_weight, &phi.hidden_bias, &phi.hidden_weight, &phi.embedding};
	for (size_t i = 0; i < 10; i++) {
		struct hmm_parameter *p = parameter[i / 2];
		(i % 2 ? hmm_parameter_uniform : hmm_parameter_normal)(p, 1, 3);
		check_all(&phi, pool);
	}
	for (size_t i = 0; i < 5; i++) {
		const size_t count = parameter[i]->rows * parameter[i]->columns;
		float *values = hmm_alloc(count, sizeof(float));
		struct hmm_weight weight = hmm_parameter_view(parameter[i]);
		ref_random(values, count, 4);
		weight.x.data = values;
		CHECK(hmm_parameter_load(parameter[i], &weight, 1) == 0);
		CHECK(!memcmp(parameter[i]->w, values, count * sizeof(float)));
		check_all(&phi, pool);
		free(values);
	}
	hmm_phi_close(&phi);
}

static void
check_phi(struct hmm_pool *pool, size_t channels, enum hmm_phi_start start)
{
	const size_t modality[] = {2, 0}, outputs = channels * channels + channels;
	const struct hmm_adam adam = hmm_adam_at(1, 1e-2, 0);
	float *dgenerated = hmm_alloc(2 * outputs, sizeof(float));
	struct hmm_phi phi;
	CHECK(hmm_phi_open(&phi, channels, (size_t[]){channels, channels, channels}, 3) == 0);
	ref_random(dgenerated, 2 * outputs, 5);
	hmm_phi_init(&phi, start, 1);
	check_all(&phi, pool);
	const float *kept = hmm_phi_generate(&phi, pool, 1).weight;
	CHECK(hmm_phi_generate(&phi, pool, 1).weight == kept);
	hmm_phi_init(&phi, start, 2);
	check_all(&phi, pool);

	hmm_phi_each(&phi, train, NULL);
	CHECK(hmm_phi_backward(&phi, pool, modality, dgenerated, 2, &adam) == 0);
	check_all(&phi, pool);
	float *gradient = ref_gradient(&phi.output_weight);
	check_stepped(&phi.output_weight, gradient);
	check_stepped(&phi.output_bias, NULL);
	check_stepped(&phi.hidden_weight, NULL);
	check_stepped(&phi.hidden_bias, NULL);
	check_stepped(&phi.embedding, NULL);
	for (size_t j = 0; j < HMM_EMBEDDING; j++) /* that of a modality that was not there */
		CHECK(phi.embedding.gradient[HMM_EMBEDDING + j] >= 0 &&
		      phi.embedding.gradient[HMM_EMBEDDING + j] <= 0);
	hmm_phi_each(&phi, restore, NULL);
	check_all(&phi, pool);
	free(gradient);
	free(dgenerated);
	hmm_phi_close(&phi);
}

int
main(void)
{
	struct hmm_pool *alone = hmm_pool_open(1);
	for (size_t threads = 2; threads <= 5; threads++) {
		static const size_t columns[] = {1, 256, 257, 600, 1025, 2600};
		struct hmm_pool *pool = hmm_pool_open(threads);
		for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
			check_dealt(pool, alone, columns[i]);
		hmm_pool_close(pool);
	}
	hmm_pool_close(alone);
	for (size_t threads = 1; threads <= 2; threads++) {
		struct hmm_pool *pool = hmm_pool_open(threads);
		check_once(pool, COLUMNS);
		check_once(pool, HMM_NARROW);
		check_ahead(pool);
		check_hyperfan(pool);
		check_every_change(pool);
		check_phi(pool, 3, HMM_PYTORCH);
		check_phi(pool, 7, HMM_HYPERFAN);
		hmm_pool_close(pool);
	}
	return test_end();
}
