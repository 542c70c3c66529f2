/* peer_dnnl version
 * peer_dnnl WEIGHTS winograd|direct|any BATCH,... SECONDS [FEATURES] <slices
 *
 * A VGG's features in oneDNN's C API: blocked layouts of its own choice, weights reordered once,
 * bias and ReLU fused into each convolution. Prints slices per second, the best of the batches;
 * with FEATURES, what hmm-vgg --per-slice made of the same slices, the relative L2 distance
 * instead. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <dnnl.h>

#include "hmm/file/safetensors.h"
#include "hmm/stream/reader.h"

enum { MAX_STEPS = 256, MAX_SLICES = 64 };

#define OK(call)                                                                                   \
	do {                                                                                           \
		const dnnl_status_t status = (call);                                                       \
		if (status != dnnl_success) {                                                              \
			fprintf(stderr, "peer_dnnl: %s: status %d\n", #call, (int)status);                     \
			exit(1);                                                                               \
		}                                                                                          \
	} while (0)

static dnnl_engine_t engine;
static dnnl_stream_t stream;

/* A primitive with its memories. */
struct step {
	dnnl_primitive_t primitive;
	dnnl_exec_arg_t arg[4];
	int args;
};

static struct step steps[MAX_STEPS];
static int step_count;

static dnnl_memory_t
memory_of(const dnnl_memory_desc_t *shape, void *data)
{
	dnnl_memory_t memory;
	OK(dnnl_memory_create(&memory, shape, engine, data ? data : DNNL_MEMORY_ALLOCATE));
	return memory;
}

static void
run(const struct step *step)
{
	OK(dnnl_primitive_execute(step->primitive, stream, step->args, step->arg));
	OK(dnnl_stream_wait(stream));
}

static struct step
reorder(dnnl_memory_t from, dnnl_memory_t to)
{
	const dnnl_memory_desc_t *a, *b;
	dnnl_primitive_desc_t description;
	struct step step = {.arg = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}}, .args = 2};
	OK(dnnl_memory_get_memory_desc(from, &a));
	OK(dnnl_memory_get_memory_desc(to, &b));
	OK(dnnl_reorder_primitive_desc_create(&description, a, engine, b, engine, NULL));
	OK(dnnl_primitive_create(&step.primitive, description));
	return step;
}

/* The same values in the wanted layout; a step where that is another. */
static dnnl_memory_t
in_layout(dnnl_memory_t from, const dnnl_memory_desc_t *wanted)
{
	const dnnl_memory_desc_t *have;
	OK(dnnl_memory_get_memory_desc(from, &have));
	if (dnnl_memory_desc_equal(have, wanted))
		return from;
	dnnl_memory_t to = memory_of(wanted, NULL);
	steps[step_count++] = reorder(from, to);
	return to;
}

static dnnl_memory_desc_t
shape_of(dnnl_dim_t n, dnnl_dim_t c, dnnl_dim_t h, dnnl_dim_t w, dnnl_format_tag_t tag)
{
	dnnl_memory_desc_t shape;
	OK(dnnl_memory_desc_init_by_tag(&shape, 4, (const dnnl_dims_t){n, c, h, w}, dnnl_f32, tag));
	return shape;
}

static dnnl_status_t
describe(dnnl_primitive_desc_t *out, dnnl_alg_kind_t algorithm, const dnnl_dim_t size[5])
{
	const dnnl_dim_t n = size[0], in = size[1], channels = size[2], h = size[3], w = size[4];
	const dnnl_format_tag_t any = dnnl_format_tag_any;
	const dnnl_memory_desc_t x = shape_of(n, in, h, w, in == 3 ? dnnl_nchw : any);
	const dnnl_memory_desc_t weights = shape_of(channels, in, 3, 3, any);
	const dnnl_memory_desc_t y = shape_of(n, channels, h, w, any);
	dnnl_memory_desc_t bias;
	const dnnl_dims_t one = {1, 1};
	dnnl_convolution_desc_t convolution;
	dnnl_post_ops_t relu;
	dnnl_primitive_attr_t attributes;
	OK(dnnl_memory_desc_init_by_tag(&bias, 1, (const dnnl_dims_t){channels}, dnnl_f32, dnnl_a));
	OK(dnnl_convolution_forward_desc_init(
	    &convolution, dnnl_forward_inference, algorithm, &x, &weights, &bias, &y, one, one, one));
	OK(dnnl_post_ops_create(&relu));
	OK(dnnl_post_ops_append_eltwise(relu, 1, dnnl_eltwise_relu, 0, 0));
	OK(dnnl_primitive_attr_create(&attributes));
	OK(dnnl_primitive_attr_set_post_ops(attributes, relu));
	return dnnl_primitive_desc_create(out, &convolution, attributes, engine, NULL);
}

static const dnnl_memory_desc_t *
wanted(dnnl_primitive_desc_t description, dnnl_query_t what)
{
	return dnnl_primitive_desc_query_md(description, what, 0);
}

static dnnl_memory_t
add_convolution(dnnl_memory_t x, dnnl_alg_kind_t algorithm, float *weights, float *bias,
    const dnnl_dim_t size[5])
{
	dnnl_primitive_desc_t description;
	/* the first layer's three channels, and odd sizes, have no Winograd */
	if (describe(&description, algorithm, size) != dnnl_success)
		OK(describe(&description, dnnl_convolution_direct, size));
	const dnnl_memory_desc_t plain = shape_of(size[2], size[1], 3, 3, dnnl_oihw);
	dnnl_memory_desc_t vector;
	OK(dnnl_memory_desc_init_by_tag(&vector, 1, (const dnnl_dims_t){size[2]}, dnnl_f32, dnnl_a));
	dnnl_memory_t packed = memory_of(wanted(description, dnnl_query_weights_md), NULL);
	const struct step pack = reorder(memory_of(&plain, weights), packed);
	run(&pack);
	dnnl_memory_t in = in_layout(x, wanted(description, dnnl_query_src_md));
	dnnl_memory_t out = memory_of(wanted(description, dnnl_query_dst_md), NULL);
	struct step *step = &steps[step_count++];
	*step = (struct step){.arg = {{DNNL_ARG_SRC, in}, {DNNL_ARG_WEIGHTS, packed},
	                          {DNNL_ARG_BIAS, memory_of(&vector, bias)}, {DNNL_ARG_DST, out}},
	    .args = 4};
	OK(dnnl_primitive_create(&step->primitive, description));
	return out;
}

static dnnl_memory_t
add_pool(dnnl_memory_t x, const dnnl_dim_t size[5])
{
	const dnnl_memory_desc_t *from;
	const dnnl_dims_t two = {2, 2}, none = {0, 0};
	OK(dnnl_memory_get_memory_desc(x, &from));
	const dnnl_memory_desc_t to =
	    shape_of(size[0], size[2], size[3] / 2, size[4] / 2, dnnl_format_tag_any);
	dnnl_pooling_desc_t pooling;
	dnnl_primitive_desc_t description;
	OK(dnnl_pooling_forward_desc_init(
	    &pooling, dnnl_forward_inference, dnnl_pooling_max, from, &to, two, two, none, none));
	OK(dnnl_primitive_desc_create(&description, &pooling, NULL, engine, NULL));
	dnnl_memory_t out = memory_of(wanted(description, dnnl_query_dst_md), NULL);
	struct step *step = &steps[step_count++];
	*step = (struct step){.arg = {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, out}}, .args = 2};
	OK(dnnl_primitive_create(&step->primitive, description));
	return out;
}

static const struct hmm_weight *
find(const struct hmm_weights *weights, int index, const char *what)
{
	char name[64];
	snprintf(name, sizeof(name), "features.%d.%s", index, what);
	return hmm_weight_find(weights->weight, weights->count, name);
}

/* The steps from `pixels` (batch,3,height,width) to plain features; their size[1..4] is left in
 * `size`. */
static float *
build(
    const struct hmm_weights *weights, dnnl_alg_kind_t algorithm, float *pixels, dnnl_dim_t size[5])
{
	const dnnl_memory_desc_t plain = shape_of(size[0], 3, size[3], size[4], dnnl_nchw);
	dnnl_memory_t x = memory_of(&plain, pixels);
	size[2] = 3;
	step_count = 0;
	for (int index = 0; find(weights, index, "weight");) {
		const struct hmm_weight *w = find(weights, index, "weight");
		size[1] = size[2];
		size[2] = (dnnl_dim_t)w->x.shape[0];
		const size_t channels = w->x.shape[0];
		x = add_convolution(x, algorithm,
		    hmm_weight_floats(weights->weight, weights->count, w->name, w->x.shape, 4),
		    hmm_weight_floats(
		        weights->weight, weights->count, find(weights, index, "bias")->name, &channels, 1),
		    size);
		index += 2;
		if (!find(weights, index, "weight")) {
			x = add_pool(x, size);
			size[3] /= 2;
			size[4] /= 2;
			index++;
		}
	}
	const dnnl_memory_desc_t last = shape_of(size[0], size[2], size[3], size[4], dnnl_nchw);
	void *features;
	OK(dnnl_memory_get_data_handle(in_layout(x, &last), &features));
	return features;
}

static double
now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static double
rate(int batch, double seconds)
{
	double start = 0, passed = 0;
	int passes = -1; /* the first one warms up */
	for (; passes < 1 || passed < seconds; passes++) {
		if (passes == 0)
			start = now();
		for (int i = 0; i < step_count; i++)
			run(&steps[i]);
		passed = passes < 0 ? 0 : now() - start;
	}
	return batch * passes / passed;
}

/* Normalised pixels of up to MAX_SLICES slices; their number. */
static int
read_slices(float **pixels, dnnl_dim_t size[5])
{
	static const double mean[3] = {.485, .456, .406}, deviation[3] = {.229, .224, .225};
	struct hmm_reader *reader = hmm_reader_open(stdin, "slices", HMM_SLICES);
	struct hmm_record record = {0};
	int count = 0;
	*pixels = NULL;
	for (; reader && count < MAX_SLICES && hmm_reader_next(reader, &record) == 1; count++) {
		const size_t plane = record.x.shape[1] * record.x.shape[2];
		if (!*pixels)
			*pixels = malloc(MAX_SLICES * 3 * plane * sizeof(float));
		size[3] = (dnnl_dim_t)record.x.shape[1];
		size[4] = (dnnl_dim_t)record.x.shape[2];
		for (size_t c = 0; c < 3; c++)
			for (size_t i = 0; i < plane; i++) {
				const size_t at = (record.x.shape[0] == 1 ? 0 : c) * plane + i;
				const float value = (float)((unsigned char *)record.x.data)[at] / 255;
				(*pixels)[((size_t)count * 3 + c) * plane + i] =
				    (value - (float)mean[c]) / (float)deviation[c];
			}
	}
	return count;
}

static double
distance(const float *features, const char *path, size_t batch, const dnnl_dim_t size[5])
{
	FILE *file = fopen(path, "rb");
	struct hmm_reader *reader = file ? hmm_reader_open(file, path, HMM_FEATURES) : NULL;
	struct hmm_record record = {0};
	const size_t block = (size_t)(size[2] * size[3] * size[4]);
	double off = 0, all = 0;
	for (size_t n = 0; n < batch; n++) {
		size_t count;
		if (!reader || hmm_reader_next(reader, &record) != 1 ||
		    hmm_tensor_count(&record.x, &count) || count != block)
			return NAN;
		for (size_t i = 0; i < block; i++) {
			const double a = (double)features[n * block + i],
			             b = (double)((float *)record.x.data)[i];
			off += (a - b) * (a - b);
			all += a * a;
		}
	}
	return sqrt(off / all);
}

int
main(int argc, char **argv)
{
	if (argc == 2) {
		const dnnl_version_t *version = dnnl_version();
		printf("%d.%d.%d\n", version->major, version->minor, version->patch);
		return 0;
	}
	if (argc < 5)
		return 2;
	struct hmm_weights *weights = hmm_weights_open(argv[1]);
	float *pixels;
	dnnl_dim_t size[5] = {0}, slice[5] = {0};
	const int slices = read_slices(&pixels, slice);
	double best = 0;
	if (!weights || !slices)
		return 1;
	OK(dnnl_engine_create(&engine, dnnl_cpu, 0));
	OK(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags));
	for (char *next = argv[3]; *next; next += *next == ',') {
		const int batch = (int)strtol(next, &next, 10);
		if (batch < 1 || batch > slices)
			return 2;
		for (int direct = 0; direct < 2; direct++) {
			if (argv[2][0] != 'a' && direct != (argv[2][0] == 'd'))
				continue;
			memcpy(size, slice, sizeof(size));
			size[0] = batch;
			const float *features = build(weights,
			    direct ? dnnl_convolution_direct : dnnl_convolution_winograd, pixels, size);
			const double found = rate(batch, strtod(argv[4], NULL));
			best = found > best ? found : best;
			if (argc > 5)
				return printf("%.3g\n", distance(features, argv[5], (size_t)batch, size)) < 0;
		}
	}
	printf("%.6g\n", best);
	return 0;
}
