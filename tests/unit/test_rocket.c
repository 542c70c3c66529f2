/* MiniRocket's plan, features and biases against its definition (tests/golden/make_rocket.py), on
 * every kind of processor, and how fast they are. */
#include <time.h>

#include "hmm/signal/biases.h"
#include "hmm/signal/rocket.h"
#include "refuse.h"
#include "seeded.h"
#include "test.h"

static struct hmm_weights *golden;

/* Whole numbers of a golden tensor; NULL: there is none of that name. */
static const int64_t *
numbers(const char *format, size_t i, size_t *count)
{
	char name[40];
	snprintf(name, sizeof(name), "%s.%zu", format, i);
	const struct hmm_weight *found = hmm_weight_find(golden->weight, golden->count, name);
	if (!found)
		return NULL;
	hmm_tensor_count(&found->x, count);
	int64_t *copy = hmm_alloc(*count, sizeof(*copy));
	memcpy(copy, found->x.data, *count * sizeof(*copy));
	return copy;
}

static float *
values(const char *format, size_t i, size_t *count)
{
	char name[40];
	snprintf(name, sizeof(name), "%s.%zu", format, i);
	return ref_golden(golden, name, count);
}

static void
check_plans(void)
{
	enum { ROW = 3 + 2 * HMM_PLAN_DILATIONS };
	const struct hmm_weight *found = hmm_weight_find(golden->weight, golden->count, "plans");
	for (size_t row = 0; row < found->x.shape[0]; row++) {
		int64_t want[ROW];
		struct hmm_plan plan;
		memcpy(want, (const char *)found->x.data + row * sizeof(want), sizeof(want));
		CHECK(hmm_plan_make(&plan, (size_t)want[0], (size_t)want[1], "golden") == 0);
		int same_plan = plan.dilations == (size_t)want[2];
		for (size_t i = 0; i < HMM_PLAN_DILATIONS; i++)
			same_plan = same_plan && plan.dilation[i] == (size_t)want[3 + i] &&
			            plan.each[i] == (size_t)want[3 + HMM_PLAN_DILATIONS + i];
		if (!same_plan)
			printf("length %lld, %lld features\n", (long long)want[0], (long long)want[1]);
		CHECK(same_plan);
	}
	struct hmm_plan plan;
	refuse_begin();
	CHECK(hmm_plan_make(&plan, 8, 504, "x") == -1 && refuse_end("x: a reference of 8 samples"));
	refuse_begin();
	CHECK(hmm_plan_make(&plan, 9, 500, "x") == -1 && refuse_end("500 features, want a multiple"));
	refuse_begin();
	CHECK(hmm_plan_make(&plan, 9, 0, "x") == -1 && refuse_end("0 features, want a multiple"));
	refuse_begin();
	CHECK(hmm_plan_make(&plan, 9, 10080, "x") == -1 &&
	      refuse_end("want a multiple of 84 up to 9996"));
}

/* Features of given biases: not a bit differs; nor with another mean and deviation that are exact,
 * nor where the biases are those of a second channel. */
static void
check_features(size_t i, const int64_t *about)
{
	size_t length, features, count;
	float *x = values("x", i, &length), *want = values("features", i, &features);
	float *biases = values("biases", i, &count);
	float mean[] = {0, 16}, sd[] = {1, .25f};
	float *tables = hmm_alloc(2 * features, sizeof(float)), *got = fresh(features, 1);
	float *scaled = hmm_alloc(length, sizeof(float));
	struct hmm_rocket rocket = {
	    .channels = 2, .mean = mean, .sd = sd, .biases = biases, .tables = 1};
	struct hmm_rocket_scratch scratch = {.samples = NULL};
	memcpy(tables + features, biases, features * sizeof(float));
	CHECK(hmm_plan_make(&rocket.plan, (size_t)about[0], (size_t)about[1], "golden") == 0);
	CHECK(rocket.plan.features == features && count == features);
	CHECK(hmm_rocket_scratch_grow(&scratch, &rocket, length) == 0);
	hmm_rocket_features(got, &rocket, 0, x, length, &scratch);
	CHECK(same(got, want, features));
	if (i % 2) { /* eighths, which that scaling keeps */
		for (size_t t = 0; t < length; t++)
			scaled[t] = x[t] * .25f + 16;
		rocket.tables = 2;
		rocket.biases = tables;
		hmm_rocket_features(got, &rocket, 1, scaled, length, &scratch);
		CHECK(same(got, want, features));
	}
	hmm_rocket_scratch_free(&scratch);
	free(scaled);
	free(tables);
	free(got);
	free(biases);
	free(want);
	free(x);
}

static void
check_quantiles(size_t i, const int64_t *about, size_t series)
{
	size_t samples, features, used = 0, at = 0;
	struct hmm_plan plan;
	struct hmm_rocket_series laid[8];
	float *x = values("series", i, &samples), *want = values("quantiles", i, &features);
	float *got = fresh(features, 1);
	CHECK(hmm_plan_make(&plan, (size_t)about[0], (size_t)about[1], "golden") == 0);
	const size_t widest = hmm_plan_widest(&plan);
	float *memory = hmm_alloc_raw(series * hmm_rocket_series_room(samples, widest), sizeof(float));
	for (size_t s = 0; s < series; s++) {
		const size_t length = (size_t)about[2 + s];
		hmm_rocket_lay(&laid[s], memory + at, x + used, length, widest);
		at += hmm_rocket_series_room(length, widest);
		used += length;
	}
	for (size_t threads = 1; threads <= 3; threads += 2) {
		struct hmm_pool *pool = hmm_pool_open(threads);
		CHECK(hmm_biases_pool(got, &plan, laid, series, pool) == 0);
		hmm_pool_close(pool);
		for (size_t k = 0; k < features; k++)
			CHECK(fabs((double)got[k] - (double)want[k]) <= 1e-6 * (1 + fabs((double)want[k])));
	}
	free(memory);
	free(got);
	free(want);
	free(x);
}

/* The fast count against one output after another. */
static void
check_count(const struct hmm_kernels *kernels, unsigned seed)
{
	const size_t length = draw(seed, 0, 1, seed % 3 ? 60 : 1600), each = draw(seed, 1, 1, 3);
	const size_t dilation = draw(seed, 2, 1, 1 + length / 3);
	float *x = fresh(length, seed), *bias = fresh(HMM_ROCKET_KERNELS * each, seed + 1);
	float *out = fresh(length, 2);
	float *memory = hmm_alloc(hmm_rocket_series_room(length, dilation), sizeof(float));
	uint32_t *above = hmm_alloc(HMM_ROCKET_KERNELS * each, sizeof(*above));
	struct hmm_rocket_series series;
	int wrong = 0;
	hmm_rocket_lay(&series, memory, x, length, dilation);
	kernels->rocket_count(above, &series, dilation, bias, each);
	for (size_t kernel = 0; kernel < HMM_ROCKET_KERNELS; kernel++) {
		hmm_rocket_convolve(out, &series, dilation, kernel, 0, 1, length);
		for (size_t b = kernel * each; b < (kernel + 1) * each; b++) {
			uint32_t want = 0;
			for (size_t t = 0; t < length; t++)
				want += out[t] > bias[b];
			wrong += above[b] != want;
		}
	}
	CHECK(!wrong);
	free(above);
	free(memory);
	free(out);
	free(bias);
	free(x);
}

static void
check_frozen(void)
{
	enum { FEATURES = 504 };
	struct hmm_plan plan;
	float a[FEATURES], b[FEATURES];
	struct hmm_pool *one = hmm_pool_open(1), *three = hmm_pool_open(3);
	CHECK(hmm_plan_make(&plan, 100, FEATURES, "frozen") == 0);
	CHECK(hmm_biases_frozen(a, &plan, 0, one) == 0 && hmm_biases_frozen(b, &plan, 0, three) == 0);
	CHECK(same(a, b, FEATURES) && hmm_all_finite(a, FEATURES));
	CHECK(hmm_biases_frozen(b, &plan, 1, three) == 0 && !same(a, b, FEATURES));
	hmm_pool_close(one);
	hmm_pool_close(three);
}

static void
measure(const struct hmm_kernels *kernels, unsigned times)
{
	enum { LENGTH = 1000, EACH = 1 };
	struct timespec begin, end;
	float *x = fresh(LENGTH, 1), *bias = fresh(HMM_ROCKET_KERNELS * EACH, 2);
	float *memory = hmm_alloc(hmm_rocket_series_room(LENGTH, 16), sizeof(float));
	uint32_t above[HMM_ROCKET_KERNELS * EACH];
	struct hmm_rocket_series series;
	hmm_rocket_lay(&series, memory, x, LENGTH, 16);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	for (unsigned i = 0; i < times; i++)
		kernels->rocket_count(above, &series, 1 + i % 16, bias, EACH);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	const double spent =
	    (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec);
	printf("%.3f ns a sample and feature\n",
	    1e9 * spent / ((double)times * LENGTH * HMM_ROCKET_KERNELS * EACH));
	free(memory);
	free(bias);
	free(x);
}

int
main(void)
{
	size_t count;
	const int64_t *about;
	golden = hmm_weights_open("tests/golden/rocket.safetensors");
	if (!golden)
		return 1;
	check_plans();
	for (size_t i = 0; (about = numbers("case", i, &count)); i++) {
		check_features(i, about);
		free((void *)about);
		CHECK(count == 2);
	}
	for (size_t i = 0; (about = numbers("pool", i, &count)); i++) {
		check_quantiles(i, about, count - 2);
		free((void *)about);
	}
	for (unsigned seed = 0; seed < 30; seed++)
		each_table(check_count, seed);
	check_frozen();
	each_table(measure, 300);
	hmm_weights_close(golden);
	return test_end();
}
