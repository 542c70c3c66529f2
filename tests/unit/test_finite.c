/* What is not finite stays visible: where it is found, and that no kernel of any processor turns
 * it into a number. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "hmm/base/tensor.h"
#include "hmm/kernel/conv.h"
#include "hmm/kernel/curve.h"
#include "hmm/kernel/delong.h"
#include "hmm/kernel/linear.h"
#include "hmm/kernel/loss.h"
#include "hmm/kernel/matmul.h"
#include "hmm/kernel/winograd.h"
#include "hmm/learn/mlp.h"
#include "hmm/learn/setsum.h"
#include "hmm/stream/record.h"
#include "hmm/vgg/vgg.h"
#include "refuse.h"
#include "seeded.h"
#include "scored.h"
#include "test.h"

static const float strange[] = {NAN, -NAN, HUGE_VALF, -HUGE_VALF};

/* At every place of arrays of every length round the lanes, each of the strange alone. */
static void
check_search(void)
{
	float values[100];
	int found = 1, none = 1;
	for (size_t count = 0; count <= 100; count++) {
		ref_random(values, count, 1);
		none &= hmm_all_finite(values, count) && hmm_first_not_finite(values, count) == count;
		for (size_t at = 0; at < count; at++) {
			const float was = values[at];
			values[at] = strange[(at + count) % 4];
			found &= !hmm_all_finite(values, count) && hmm_first_not_finite(values, count) == at;
			values[at] = was;
		}
	}
	CHECK(found);
	CHECK(none);
	const float pair[] = {HUGE_VALF, -HUGE_VALF}, large[] = {3.4e38f, -3.4e38f, 1e-45f};
	CHECK(!hmm_all_finite(pair, 2) && hmm_all_finite(large, 3));
}

static void
check_record(void)
{
	float values[2 * 3 * 4] = {0};
	struct hmm_record record = {.subject = "sub-01", .modality = "PET"};
	record.x = (struct hmm_tensor){HMM_F32, 3, {2, 3, 4}, values, 0, 0};
	CHECK(hmm_record_finite(&record, "it", 7) == 0);
	values[12 + 8 + 3] = -HUGE_VALF;
	refuse_begin();
	CHECK(hmm_record_finite(&record, "it", 7) == -1);
	CHECK(refuse_end("it: record 7 (sub-01 PET): x is minus infinite at (1,2,3), not finite"));
	values[4] = NAN;
	refuse_begin();
	CHECK(hmm_record_finite(&record, "it", 7) == -1 && refuse_end("x is NaN at (0,1,0), not"));
}

/* ---- convolutions ---- */

enum { OUT = 18, HIGH = 16, WIDE = 15 };

/* A layer of an image whose pixel `at` of one channel is not finite, plain or by Winograd tiles,
 * and what the plain twin makes of it. */
struct layer {
	size_t in, tile;
	int pool;
	float *image, *weights, *packed, *padded, *scratch, *have, *full, *want;
};

static void
open_layer(struct layer *layer, size_t in, size_t tile, int pool)
{
	*layer = (struct layer){.in = in, .tile = tile, .pool = pool};
	layer->image = fresh(in * HIGH * WIDE, (unsigned)in);
	layer->weights = fresh(OUT * in * 9, (unsigned)in + 1);
	layer->packed =
	    hmm_alloc(tile ? hmm_winograd_packed_size(tile, in, OUT) : hmm_conv_packed_size(in, OUT),
	        sizeof(float));
	layer->padded = hmm_alloc(hmm_activation_size(HIGH, WIDE, in), sizeof(float));
	layer->scratch = hmm_alloc(
	    hmm_winograd_scratch_size(7, in, OUT) + hmm_conv_scratch_size(WIDE), sizeof(float));
	layer->have = hmm_alloc(hmm_activation_size(HIGH, WIDE, OUT), sizeof(float));
	layer->full = hmm_alloc(OUT * HIGH * WIDE, sizeof(float));
	layer->want = hmm_alloc(OUT * HIGH * WIDE, sizeof(float));
	if (!tile)
		hmm_conv_pack(layer->packed, layer->weights, in, OUT);
	for (size_t panel = 0; tile && panel < hmm_winograd_panels(OUT); panel++)
		hmm_winograd_pack(layer->packed, layer->weights, tile, in, OUT, panel);
}

static void
close_layer(struct layer *layer)
{
	float *const blocks[] = {layer->image, layer->weights, layer->packed, layer->padded,
	    layer->scratch, layer->have, layer->full, layer->want};
	for (size_t i = 0; i < 8; i++)
		free(blocks[i]);
}

/* Whether every output that the twin loses is lost, and for a plain convolution no other. */
static int
loses(const struct layer *layer, const float *bias)
{
	const size_t in = layer->in, low = HIGH >> layer->pool, narrow = WIDE >> layer->pool;
	const struct hmm_conv conv = {in, OUT, layer->packed, bias, NULL, layer->pool, layer->tile};
	for (size_t i = 0; i < in * HIGH * WIDE; i++) {
		const size_t c = i / (HIGH * WIDE), y = i / WIDE % HIGH, x = i % WIDE;
		layer->padded[hmm_activation_at(HIGH, WIDE, in, c) +
		              ((y + 1) * (WIDE + 2) + x + 1) * hmm_activation_block(in)] = layer->image[i];
	}
	if (layer->tile)
		hmm_winograd_run(layer->have, layer->padded, &conv, 1, HIGH, WIDE, layer->scratch);
	else
		hmm_conv_run(layer->have, layer->padded, &conv, HIGH, WIDE, layer->scratch);
	ref_conv(layer->full, layer->image, layer->weights, bias, in, OUT, HIGH, WIDE);
	if (layer->pool)
		ref_pool(layer->want, layer->full, OUT, HIGH, WIDE);
	const float *want = layer->pool ? layer->want : layer->full;
	int good = 1;
	for (size_t i = 0; i < OUT * low * narrow; i++) {
		const size_t c = i / (low * narrow), y = i / narrow % low, x = i % narrow;
		const float have =
		    layer->have[hmm_activation_at(low, narrow, OUT, c) +
		                ((y + 1) * (narrow + 2) + x + 1) * hmm_activation_block(OUT)];
		good &= isnan(want[i]) ? isnan(have) != 0 : layer->tile || !isnan(have);
	}
	return good;
}

/* One pixel after the other, which comes to every place of a tile and of a pool's window. */
static void
check_layer(size_t in, size_t tile, int pool)
{
	struct layer layer;
	float *bias = fresh(OUT, 5);
	int good = 1;
	open_layer(&layer, in, tile, pool);
	for (size_t at = 0; at < HIGH * WIDE; at += 1 + in / 5) {
		float *pixel = &layer.image[at * 7 % in * HIGH * WIDE + at];
		const float was = *pixel;
		*pixel = at % 2 ? -NAN : NAN;
		good &= loses(&layer, bias);
		*pixel = was;
	}
	CHECK(good);
	bias[3] = NAN;
	bias[4] = -0.0f;
	CHECK(loses(&layer, bias));
	close_layer(&layer);
	free(bias);
}

/* -0 before the pool: a zero like any other. */
static void
check_zeros(size_t in, size_t tile)
{
	struct layer layer;
	float bias[OUT];
	int good = 1;
	open_layer(&layer, in, tile, 1);
	for (size_t i = 0; i < OUT; i++)
		bias[i] = -0.0f;
	for (size_t i = 0; i < in * HIGH * WIDE; i++)
		layer.image[i] = i % 3 ? 0 : layer.image[i] * 1e-30f; /* products that vanish below 0 */
	for (size_t i = 0; i < OUT * in * 9; i++)
		layer.weights[i] *= 1e-30f;
	CHECK(loses(&layer, bias));
	for (size_t i = 0; i < hmm_activation_size(HIGH / 2, WIDE / 2, OUT); i++)
		good &= layer.have[i] < 1e-20f;
	CHECK(good);
	close_layer(&layer);
}

static void
check_layers(void)
{
	for (int pool = 0; pool < 2; pool++) {
		check_layer(1, 0, pool);
		check_layer(3, 0, pool);
		check_layer(40, 0, pool);
		check_layer(40, 7, pool);
		check_layer(33, 5, pool);
	}
	check_zeros(3, 0);
	check_zeros(40, 7);
}

/* ---- products ---- */

static void
check_products(void)
{
	enum { ROWS = 15, DEPTH = 70, COLUMNS = 40 };
	float *a = fresh(ROWS * DEPTH, 1), *b = fresh(DEPTH * COLUMNS, 2), *bias = fresh(ROWS, 3);
	float *out = hmm_alloc(ROWS * COLUMNS, sizeof(float));
	float *packed = hmm_alloc(hmm_tile_packed_size(DEPTH, COLUMNS), sizeof(float));
	const float *x = b;
	int product = 1, linear = 1;
	hmm_tile_pack(packed, b, DEPTH, COLUMNS, COLUMNS, 1);
	for (size_t at = 0; at < ROWS * DEPTH; at++) {
		const float was = a[at];
		a[at] = at % 2 ? NAN : -NAN;
		hmm_matmul(out, COLUMNS, a, DEPTH, packed, 0, ROWS, COLUMNS, DEPTH, HMM_START_ZERO, NULL);
		for (size_t i = 0; i < ROWS * COLUMNS; i++)
			product &= !isnan(out[i]) == (i / COLUMNS != at / DEPTH);
		hmm_linear_forward(out, ROWS, a, &x, bias, ROWS, DEPTH, 1);
		for (size_t r = 0; r < ROWS; r++)
			linear &= !isnan(out[r]) == (r != at / DEPTH);
		a[at] = was;
	}
	CHECK(product);
	CHECK(linear);
	float *const blocks[] = {a, b, bias, out, packed};
	for (size_t i = 0; i < 5; i++)
		free(blocks[i]);
}

/* A perceptron, its hidden unit dropped out or not. */
static void
check_mlp(struct hmm_pool *pool)
{
	enum { INPUTS = 5 };
	static const size_t width[] = {INPUTS, 9, 4, 1};
	struct hmm_mlp mlp;
	struct hmm_place place = {.seed = 3};
	float x[INPUTS] = {1, 2, 3, 4, 5};
	int good = 1;
	if (hmm_mlp_open(&mlp, "rho", width, 3)) {
		CHECK(0);
		return;
	}
	hmm_mlp_init(&mlp, 1);
	mlp.dropout = .9;
	CHECK(isfinite(hmm_mlp_forward(&mlp, pool, x, NULL)));
	for (int at = 0; at < INPUTS; at++) {
		const float was = x[at];
		x[at] = NAN;
		place.subject = (uint32_t)at;
		good &= isnan(hmm_mlp_forward(&mlp, pool, x, NULL)) &&
		        isnan(hmm_mlp_forward(&mlp, pool, x, &place));
		x[at] = was;
	}
	CHECK(good);
	hmm_mlp_close(&mlp);
}

static void
check_adam(void)
{
	float w[3] = {1, 2, 3}, m[3] = {0}, v[3] = {0};
	const float g[3] = {.1f, NAN, HUGE_VALF};
	const struct hmm_adam adam = hmm_adam_at(1, .1, 0);
	hmm_adam_dense(w, m, v, g, 3, &adam);
	CHECK(isfinite(w[0]) && isnan(w[1]) && isnan(w[2]));
}

/* The maximum over slices, and over a set, in either order. */
static void
check_most(void)
{
	float into[40], features[40];
	int good = 1;
	for (int i = 0; i < 40; i++) {
		into[i] = i % 4 == 1 ? NAN : (float)i;
		features[i] = i % 4 == 2 ? -NAN : (float)(39 - i);
	}
	const float *const set[2][2] = {{into, features}, {features, into}};
	for (int order = 0; order < 2; order++) {
		float most[40];
		hmm_setsum(most, set[order], 2, 40, HMM_MAX);
		for (int i = 0; i < 40; i++)
			good &= !isnan(most[i]) == (i % 4 == 0 || i % 4 == 3);
	}
	hmm_vgg_max(into, features, 40);
	for (int i = 0; i < 40; i++)
		good &= i % 4 == 1 || i % 4 == 2 ? isnan(into[i]) != 0
		                                 : into[i] == (float)(i > 39 - i ? i : 39 - i);
	CHECK(good);
}

/* ---- losses and metrics ---- */

static void
check_losses(void)
{
	const double lost = (double)NAN, logits[] = {1, lost};
	const float a[] = {1, NAN}, b[] = {1, 2};
	float gradient[2];
	for (int label = 0; label < 2; label++)
		CHECK(isnan(hmm_loss_bce(lost, label)) && isnan(hmm_loss_bce_gradient(lost, label)));
	CHECK(isnan(hmm_loss_sigmoid(lost)) && isnan(hmm_loss_mean_logit(logits, 2, 1)));
	CHECK(isnan(hmm_loss_mean_logit_gradient(lost, 1, 2)));
	CHECK(isnan(hmm_loss_mean_logit_gradient(1, lost, 2)));
	CHECK(isnan(hmm_loss_mse(gradient, a, b, 2, 1)) && isnan(gradient[1]));
}

static void
check_metrics(void)
{
	double values[HMM_COMPARED], curve[HMM_CURVE_POINTS];
	struct hmm_delong_group scratch[4];
	struct hmm_delong delong;
	int good = 1;
	for (size_t at = 0; at < 4; at++) {
		struct hmm_scored one[4], two[4];
		for (size_t i = 0; i < 4; i++) {
			one[i] = (struct hmm_scored)ROW(.1 * (double)i, i % 2, i);
			two[i] = one[i];
		}
		one[at].score = (double)NAN;
		scored_measure(values, one, 4, .5);
		for (int metric = 0; metric < HMM_COMPARED; metric++)
			good &= isnan(values[metric]) != 0;
		hmm_curve_roc(curve, one, 4);
		good &= isnan(curve[50]) != 0;
		hmm_curve_pr(curve, one, 4);
		good &= isnan(curve[50]) != 0;
		for (int order = 0; order < 2; order++) {
			hmm_delong_compare(&delong, order ? two : one, order ? one : two, 4, scratch, 4);
			good &= isnan(delong.value) && isnan(delong.variance);
		}
	}
	CHECK(good);
}

int
main(void)
{
	struct hmm_pool *pool = hmm_pool_open(2);
	check_search();
	check_record();
	check_losses();
	check_metrics();
	check_most();
	for (int cpu = 0; cpu < HMM_CPUS && pool; cpu++) {
		const char *name = hmm_cpu_name((enum hmm_cpu)cpu);
		if (!hmm_cpu_has((enum hmm_cpu)cpu)) {
			printf("skipped: no %s here\n", name);
			continue;
		}
		setenv("HMM_CPU", name, 1);
		CHECK(hmm_cpu_choose() == 0);
		check_layers();
		check_products();
		check_mlp(pool);
		check_adam();
	}
	hmm_pool_close(pool);
	return test_end();
}
