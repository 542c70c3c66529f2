/* hmm-weights vgg11-8a719046.pth --features -o vgg11.safetensors */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/option.h"
#include "hmm/file/pth.h"
#include "hmm/file/safetensors.h"
#include "hmm/vgg/seeded.h"

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

/* SHA-256 of a file. */
static int
digest_file(const char *path, char hex[HMM_HASH_SIZE])
{
	struct stat status;
	const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0 || fstat(descriptor, &status))
		return hmm_error("%s: cannot open: %s", path, strerror(errno));
	int bad = 0;
	if (!S_ISREG(status.st_mode) || status.st_size == 0)
		bad = hmm_error("%s: empty, or not a regular file", path);
	void *map = bad ? MAP_FAILED
	                : mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
	close(descriptor);
	if (map == MAP_FAILED)
		return bad ? -1 : hmm_error("%s: cannot map: %s", path, strerror(errno));
	bad = hmm_hash_bytes(hex, map, (size_t)status.st_size);
	munmap(map, (size_t)status.st_size);
	return bad;
}

/* torch names its downloads <model>-<first 8 digits of the SHA-256>.pth. */
static int
check_name(const char *path, const char *digest)
{
	const char *dot = strrchr(path, '.'), *dash = strrchr(path, '-');
	if (!dot || !dash || dot - dash != 9)
		return 0;
	for (const char *c = dash + 1; c < dot; c++)
		if (!isxdigit((unsigned char)*c) || isupper((unsigned char)*c))
			return 0;
	if (!strncmp(dash + 1, digest, 8))
		return 0;
	return hmm_error(
	    "%s: its SHA-256 begins with %.8s, want %.8s as in its name: damaged download?", path,
	    digest, dash + 1);
}

/* Whether the file begins as safetensors do: a length, then an object. */
static int
is_safetensors(const char *path)
{
	unsigned char head[9] = {0};
	FILE *file = fopen(path, "rb");
	const int whole = file && fread(head, 1, sizeof(head), file) == sizeof(head);
	if (file)
		fclose(file);
	return whole && head[8] == '{';
}

static int
list(const struct hmm_weight *weight, size_t count, const char *digest)
{
	printf("# sha256\t%s\nname\tdtype\tshape\n", digest);
	for (size_t i = 0; i < count; i++) {
		char shape[128];
		printf("%s\t%s\t%s\n", weight[i].name, hmm_dtype_name(weight[i].x.dtype),
		    hmm_shape_text(shape, sizeof(shape), weight[i].x.shape, weight[i].x.dimensions));
	}
	return fclose(stdout) ? hmm_error("standard output: cannot write: %s", strerror(errno)) : 0;
}

static int
write_file(const struct hmm_weight *weight, size_t count, const struct hmm_pair *pair, size_t pairs)
{
	struct hmm_weight *kept = hmm_alloc(count, sizeof(*kept));
	struct hmm_output output;
	size_t keep = 0;
	for (size_t i = 0; kept && i < count; i++)
		if (!features || !strncmp(weight[i].name, "features.", 9))
			kept[keep++] = weight[i];
	int bad = !kept;
	if (!bad && keep == 0)
		bad = hmm_error("none of the %zu tensors is named features.* (the first is '%s')", count,
		    count ? weight[0].name : "");
	bad = bad || hmm_output_open(&output, output_path);
	if (!bad && hmm_weights_write(&output, kept, keep, pair, pairs)) {
		hmm_output_abandon(&output);
		bad = -1;
	} else if (!bad) {
		bad = hmm_output_finish(&output);
	}
	free(kept);
	return bad;
}

static int
convert(const char *path)
{
	char digest[HMM_HASH_SIZE];
	struct hmm_weights *weights = NULL;
	struct hmm_checkpoint checkpoint = {0};
	if (digest_file(path, digest) || check_name(path, digest))
		return 1;
	if (is_safetensors(path) ? !(weights = hmm_weights_open(path))
	                         : hmm_pth_read(&checkpoint, path))
		return 1;
	const struct hmm_weight *weight = weights ? weights->weight : checkpoint.weight;
	const size_t count = weights ? weights->count : checkpoint.count;
	const char *slash = strrchr(path, '/');
	const struct hmm_pair pairs[] = {{"source", slash ? slash + 1 : path}, {"sha256", digest}};
	const int bad = output_path ? write_file(weight, count, pairs, HMM_COUNT_OF(pairs))
	                            : list(weight, count, digest);
	hmm_weights_close(weights);
	hmm_checkpoint_free(&checkpoint);
	return bad ? 1 : 0;
}

static int
make_random(void)
{
	size_t count;
	char width_text[32], seed_text[32];
	struct hmm_weight *weight = hmm_seeded_vgg(architecture, width, (uint64_t)seed, &count);
	if (!weight)
		return 1;
	snprintf(width_text, sizeof(width_text), "%.9g", width);
	snprintf(seed_text, sizeof(seed_text), "%ld", seed);
	const struct hmm_pair pairs[] = {
	    {"arch", architecture}, {"width", width_text}, {"seed", seed_text}};
	const int bad = write_file(weight, count, pairs, HMM_COUNT_OF(pairs));
	hmm_seeded_free(weight, count);
	return bad ? 1 : 0;
}

int
main(int argc, char **argv)
{
	const int operand = hmm_option_parse(argc, argv, &usage);
	if (architecture ? operand != argc || !output_path : operand != argc - 1)
		hmm_option_misuse("want one file of weights, or --random ARCH -o FILE");
	if (!(width > 0) || width > 16)
		hmm_option_misuse("--width: found %g, want more than 0 and at most 16", width);

	return architecture ? make_random() : convert(argv[operand]);
}
