/* hmm-weights vgg11-8a719046.pth --features -o vgg11.safetensors */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/option.h"
#include "hmm/file/weights_file.h"
#include "hmm/vgg/random_weights.h"

static const char *output_path, *architecture;
static double width = 1;
static long seed;
static int features;

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT(
        'o', "output", &output_path, "FILE", "write the tensors there, safetensors", HMM_UNNOTED),
    HMM_OPTION_FLAG(
        0, "features", &features, "keep only the convolutional part, features.*", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "random", &architecture, "ARCH",
        "seeded weights: vgg11, 13, 16, 19, or ..._bn", HMM_UNNOTED),
    HMM_OPTION_NUMBER(
        0, "width", &width, "X", "with --random: scale every layer's channels", HMM_UNNOTED),
    HMM_OPTION_COUNT('s', "seed", &seed, "N", "with --random", HMM_UNNOTED),
};
static const struct hmm_usage usage = {
    "[--features] [-o FILE] FILE.pth|FILE.safetensors\n"
    "       hmm-weights --random ARCH [--width X] [-s N] -o FILE",
    "List or convert the weights of a PyTorch model, or make seeded ones.", options,
    HMM_COUNT_OF(options)};

static int
list(const struct hmm_weights_file *file)
{
	printf("# sha256\t%s\nname\tdtype\tshape\n", file->digest);
	for (size_t i = 0; i < file->count; i++) {
		char shape[128];
		const struct hmm_tensor *x = &file->weight[i].x;
		const char *foreign = file->weight[i].foreign;
		printf("%s\t%s\t%s\n", file->weight[i].name, foreign ? foreign : hmm_dtype_name(x->dtype),
		    hmm_shape_text(shape, sizeof(shape), x->shape, x->dimensions));
	}
	return fclose(stdout) ? hmm_error("standard output: cannot write: %s", strerror(errno)) : 0;
}

/* The tensors that are wanted, to the output. */
static int
write_file(const struct hmm_weight *weight, size_t count, const struct hmm_pair *pair, size_t pairs)
{
	struct hmm_weight *kept = hmm_alloc(count, sizeof(*kept));
	struct hmm_output output = {0};
	size_t keep = 0;
	for (size_t i = 0; kept && i < count; i++)
		if (!features || !strncmp(weight[i].name, "features.", 9))
			kept[keep++] = weight[i];
	int bad = !kept;
	for (size_t i = 0; i < keep && !bad; i++)
		if (kept[i].foreign)
			bad = hmm_error(
			    "tensor '%s' is of type %s, which is not read", kept[i].name, kept[i].foreign);
	if (!bad && keep == 0)
		bad = hmm_error("none of the %zu tensors is named features.* (the first is '%s')", count,
		    count ? weight[0].name : "");
	bad = bad || hmm_output_open(&output, output_path) ||
	      hmm_weights_write(&output, kept, keep, pair, pairs) || hmm_output_finish(&output);
	hmm_output_abandon(&output);
	free(kept);
	return bad ? -1 : 0;
}

static int
convert(const char *path)
{
	struct hmm_weights_file file;
	const char *slash = strrchr(path, '/');
	const struct hmm_pair pairs[] = {{"source", slash ? slash + 1 : path}, {"sha256", file.digest}};
	int bad = hmm_weights_file_open(&file, path);
	bad = bad || (output_path ? write_file(file.weight, file.count, pairs, HMM_COUNT_OF(pairs))
	                          : list(&file));
	hmm_weights_file_close(&file);
	return bad;
}

static int
make_random(void)
{
	size_t count = 0;
	char width_text[32], seed_text[32];
	struct hmm_weight *weight =
	    hmm_random_weights_make(architecture, width, (uint64_t)seed, &count);
	snprintf(width_text, sizeof(width_text), "%.9g", width);
	snprintf(seed_text, sizeof(seed_text), "%ld", seed);
	const struct hmm_pair pairs[] = {
	    {"arch", architecture}, {"width", width_text}, {"seed", seed_text}};
	const int bad = !weight || write_file(weight, count, pairs, HMM_COUNT_OF(pairs));
	hmm_random_weights_free(weight, count);
	return bad;
}

int
main(int argc, char **argv)
{
	const int operand = hmm_option_parse(argc, argv, &usage);
	if (architecture ? operand != argc || !output_path : operand != argc - 1)
		hmm_option_misuse("want one file of weights, or --random ARCH -o FILE");
	if (!(width > 0) || width > 16)
		hmm_option_misuse("--width: found %g, want more than 0 and at most 16", width);

	const int bad = architecture ? make_random() : convert(argv[operand]);
	return bad ? 1 : 0;
}
