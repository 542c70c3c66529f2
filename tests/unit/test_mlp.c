/* The perceptron: its passes against plain loops and differences, its dropout, its seeded values.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/memory.h"
#include "hmm/learn/mlp.h"
#include "ref.h"
#include "test.h"

enum { INPUTS = 5, FIRST = 20, SECOND = 7, OUTPUTS = 3, SAMPLES = 3, LAYERS = 3 };
static const size_t widths[] = {INPUTS, FIRST, SECOND, OUTPUTS};

static void
train(struct hmm_parameter *parameter, void *context)
{
	(void)context;
	CHECK(hmm_parameter_train(parameter) == 0);
}

static void
zero(struct hmm_parameter *parameter, void *context)
{
	(void)context;
	hmm_parameter_zero(parameter);
}

static void
open_mlp(struct hmm_mlp *mlp)
{
	CHECK(hmm_mlp_open(mlp, "mlp", widths, LAYERS) == 0);
	CHECK(hmm_mlp_reserve(mlp, SAMPLES) == 0);
	hmm_mlp_init(mlp, 1);
	hmm_mlp_each(mlp, train, NULL);
}

/* Without dropout. */
static void
plain_forward(float *out, const struct hmm_mlp *mlp, const float *x)
{
	float in[FIRST], next[FIRST];
	memcpy(in, x, INPUTS * sizeof(float));
	for (size_t i = 0; i < LAYERS; i++) {
		for (size_t r = 0; r < widths[i + 1]; r++) {
			next[r] = mlp->bias[i].w[r];
			for (size_t c = 0; c < widths[i]; c++)
				next[r] += mlp->weight[i].w[r * widths[i] + c] * in[c];
			next[r] = next[r] > 0 || i + 1 == LAYERS ? next[r] : 0;
		}
		memcpy(in, next, widths[i + 1] * sizeof(float));
	}
	memcpy(out, in, OUTPUTS * sizeof(float));
}

static void
check_forward(struct hmm_mlp *mlp, struct hmm_pool *pool, const float *const *x)
{
	float want[OUTPUTS], have[SAMPLES * OUTPUTS];
	memcpy(have, hmm_mlp_forward_batch(mlp, pool, x, NULL, SAMPLES), sizeof(have));
	for (size_t b = 0; b < SAMPLES; b++) {
		plain_forward(want, mlp, x[b]);
		CHECK(ref_distance(have + b * OUTPUTS, want, OUTPUTS) < 1e-6);
		const float *one = hmm_mlp_forward_batch(mlp, pool, &x[b], NULL, 1);
		CHECK(!memcmp(have + b * OUTPUTS, one, sizeof(want)));
	}
}

/* sum of doutput times the outputs */
static double
loss(struct hmm_mlp *mlp, struct hmm_pool *pool, const float *const *x,
    const struct hmm_place *place, const float *doutput)
{
	const float *out = hmm_mlp_forward_batch(mlp, pool, x, place, SAMPLES);
	double sum = 0;
	for (size_t i = 0; i < SAMPLES * OUTPUTS; i++)
		sum += (double)doutput[i] * (double)out[i];
	return sum;
}

/* With dropout, too, the passes of one place agree: a small step from a value changes the loss by
 * the gradient; few steps cross the edge of a ReLU. */
static void
check_backward(
    struct hmm_mlp *mlp, struct hmm_pool *pool, float *const *x, const struct hmm_place *place)
{
	const float *const *in = (const float *const *)x;
	const float step = 1.f / 2048;
	float doutput[SAMPLES * OUTPUTS], dx[SAMPLES * INPUTS];
	size_t off = 0, checked = 0;
	ref_random(doutput, SAMPLES * OUTPUTS, 3);
	hmm_mlp_each(mlp, zero, NULL);
	loss(mlp, pool, in, place, doutput);
	CHECK(hmm_mlp_backward_batch(mlp, pool, doutput, dx, SAMPLES, NULL) == 0);
	for (size_t k = 0; k < 2 * LAYERS + 1; k++) {
		struct hmm_parameter *p = k % 2 ? &mlp->bias[k / 2] : &mlp->weight[k / 2];
		const size_t count = k < 2 * LAYERS ? p->rows * p->columns : SAMPLES * INPUTS;
		float *gradient = k < 2 * LAYERS ? ref_gradient(p) : dx;
		for (size_t i = 0; i < count; i++, checked++) {
			float *value = k < 2 * LAYERS ? p->w + i : x[i / INPUTS] + i % INPUTS;
			const float kept = *value;
			*value = kept + step;
			const double after = loss(mlp, pool, in, place, doutput);
			*value = kept - step;
			const double difference = after - loss(mlp, pool, in, place, doutput);
			*value = kept;
			off += fabs(difference / (2 * (double)step) - (double)gradient[i]) > 1e-3;
		}
		if (k < 2 * LAYERS)
			free(gradient);
	}
	CHECK(checked > 300 && off * 50 <= checked);
}

/* Adam's first step moves every value that has a gradient by the learning rate. */
static void
check_step(struct hmm_pool *pool, const float *const *x, int want_dx)
{
	struct hmm_mlp mlp;
	float doutput[SAMPLES * OUTPUTS], dx[SAMPLES * INPUTS];
	const struct hmm_adam adam = hmm_adam_at(1, 1e-2, 0);
	open_mlp(&mlp);
	for (size_t i = 0; i < LAYERS; i++) {
		hmm_parameter_keep(&mlp.weight[i]);
		hmm_parameter_keep(&mlp.bias[i]);
	}
	ref_random(doutput, SAMPLES * OUTPUTS, 3);
	hmm_mlp_forward_batch(&mlp, pool, x, NULL, SAMPLES);
	CHECK(hmm_mlp_backward_batch(&mlp, pool, doutput, want_dx ? dx : NULL, SAMPLES, &adam) == 0);
	for (size_t k = 0; k < 2 * LAYERS; k++) {
		struct hmm_parameter *p = k % 2 ? &mlp.bias[k / 2] : &mlp.weight[k / 2];
		float *gradient = ref_gradient(p);
		size_t moved = 0;
		for (size_t i = 0; i < p->rows * p->columns; i++) {
			const double want = gradient[i] > 0 ? -1e-2 : gradient[i] < 0 ? 1e-2 : 0;
			CHECK(fabs((double)p->w[i] - (double)p->best[i] - want) < 1e-4);
			moved += want < 0 || want > 0;
		}
		CHECK(moved > 0);
		free(gradient);
	}
	hmm_mlp_close(&mlp);
}

/* Of 2 x 4096 hidden units of value 1, a quarter is 0 and the others are 4 / 3; other samples and
 * layers have other masks; the output has none. */
static void
check_dropout(struct hmm_pool *pool)
{
	enum { WIDTH = 4096 };
	const size_t wide[] = {1, WIDTH, WIDTH, 1};
	const struct hmm_place place[] = {
	    {.seed = 1, .epoch = 1, .subject = 1}, {.seed = 1, .epoch = 1, .subject = 2}};
	const float one = 1, *const x[] = {&one, &one};
	struct hmm_mlp mlp;
	size_t equal[2] = {0};
	CHECK(hmm_mlp_open(&mlp, "mlp", wide, 3) == 0 && hmm_mlp_reserve(&mlp, 2) == 0);
	for (size_t i = 0; i < 3; i++) /* all weights are 0 */
		for (size_t j = 0; j < mlp.bias[i].rows; j++)
			mlp.bias[i].w[j] = 1;
	mlp.dropout = .25;
	const float *out = hmm_mlp_forward_batch(&mlp, pool, x, place, 2);
	CHECK(out[0] >= 1 && out[0] <= 1 && out[1] >= 1 && out[1] <= 1);
	for (size_t i = 0; i < 2; i++) {
		size_t dropped = 0;
		for (size_t j = 0; j < 2 * WIDTH; j++) {
			const float kept = mlp.out[i][j];
			dropped += kept > 0 ? 0 : 1;
			CHECK(!(kept > 0) || fabs((double)kept - 4. / 3) < 1e-6);
		}
		CHECK(fabs((double)dropped / (2 * WIDTH) - .25) < .02); /* 4 standard deviations */
	}
	for (size_t j = 0; j < WIDTH; j++) {
		equal[0] += (mlp.out[0][j] > 0) == (mlp.out[0][WIDTH + j] > 0);
		equal[1] += (mlp.out[0][j] > 0) == (mlp.out[1][j] > 0);
	}
	for (size_t i = 0; i < 2; i++) /* by chance 10 of 16 */
		CHECK(fabs((double)equal[i] / WIDTH - .625) < .03);
	hmm_mlp_close(&mlp);
}

/* Nothing comes back through a unit at 0. */
static void
check_edge(struct hmm_pool *pool)
{
	const size_t narrow[] = {1, 2, 1};
	const float one = 1, *const x[] = {&one};
	struct hmm_mlp mlp;
	float dx;
	CHECK(hmm_mlp_open(&mlp, "mlp", narrow, 2) == 0);
	hmm_mlp_each(&mlp, train, NULL);
	for (size_t i = 0; i < 2; i++)
		mlp.weight[i].w[0] = mlp.weight[i].w[1] = 1;
	mlp.bias[0].w[0] = -1;
	hmm_mlp_forward_batch(&mlp, pool, x, NULL, 1);
	CHECK(hmm_mlp_backward_batch(&mlp, pool, &one, &dx, 1, NULL) == 0);
	CHECK(dx >= 1 && dx <= 1); /* of the other unit */
	hmm_mlp_close(&mlp);
}

/* Uniform within 1 / sqrt(inputs) of the layer, weights and biases. */
static void
check_init(void)
{
	const size_t wide[] = {400, 100, 25, 1};
	struct hmm_mlp mlp;
	CHECK(hmm_mlp_open(&mlp, "mlp", wide, 3) == 0);
	hmm_mlp_init(&mlp, 1);
	for (size_t k = 0; k < 6; k++) {
		const struct hmm_parameter *p = k % 2 ? &mlp.bias[k / 2] : &mlp.weight[k / 2];
		const double bound = 1 / sqrt((double)wide[k / 2]);
		const size_t count = p->rows * p->columns;
		double most = 0, sum = 0;
		for (size_t i = 0; i < count; i++) {
			most = fmax(most, fabs((double)p->w[i]));
			sum += (double)p->w[i];
		}
		CHECK(most <= bound && (count < 20 || most > .9 * bound));
		CHECK(fabs(sum / (double)count) <= 2.5 * bound / sqrt((double)count));
	}
	hmm_mlp_close(&mlp);
}

int
main(void)
{
	float x[SAMPLES][INPUTS];
	float *row[] = {x[0], x[1], x[2]};
	const struct hmm_place place[] = {{.subject = 1}, {.subject = 2}, {.subject = 3}};
	ref_random(x[0], SAMPLES * INPUTS, 2);
	for (size_t threads = 1; threads <= 2; threads++) {
		struct hmm_pool *pool = hmm_pool_open(threads);
		struct hmm_mlp mlp;
		open_mlp(&mlp);
		check_forward(&mlp, pool, (const float *const *)row);
		check_backward(&mlp, pool, row, NULL);
		mlp.dropout = .25;
		check_forward(&mlp, pool, (const float *const *)row);
		check_backward(&mlp, pool, row, place);
		check_step(pool, (const float *const *)row, 0);
		check_step(pool, (const float *const *)row, 1);
		check_dropout(pool);
		check_edge(pool);
		hmm_mlp_close(&mlp);
		hmm_pool_close(pool);
	}
	check_init();
	return test_end();
}
