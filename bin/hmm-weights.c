/* hmm-weights vgg11-8a719046.pth --features -o vgg11.safetensors */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/option.h"
#include "hmm/data/groups.h"
#include "hmm/data/table.h"
#include "hmm/file/weights_file.h"
#include "hmm/vgg/random_weights.h"

static const char *output_path, *architecture;
static double width = 1;
static long seed;
static int export;
static struct hmm_weights_choice choice;

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT(
        'o', "output", &output_path, "FILE", "write the tensors there, safetensors", HMM_UNNOTED),
    HMM_OPTION_FLAG(
        0, "features", &choice.features, "only the convolutional part, features.*", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "entry", &choice.entry, "NAME",
        "a checkpoint's entry with the tensors (default: found)", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "prefix", &choice.prefix, "TEXT",
        "only tensors whose names begin so, without it (default: found)", HMM_UNNOTED),
    HMM_OPTION_FLAG(0, "export", &export,
        "of a model that was trained here: all but whom it was trained on", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "random", &architecture, "ARCH",
        "seeded weights: vgg11, 13, 16, 19, or ..._bn", HMM_UNNOTED),
    HMM_OPTION_NUMBER(
        0, "width", &width, "X", "with --random: scale every layer's channels", HMM_UNNOTED),
    HMM_OPTION_COUNT('s', "seed", &seed, "N", "with --random", HMM_UNNOTED),
};
static const struct hmm_usage usage = {
    "[--features] [--entry NAME] [--prefix TEXT] [-o FILE] FILE.pth|FILE.safetensors\n"
    "       hmm-weights --export -o FILE MODEL\n"
    "       hmm-weights --random ARCH [--width X] [-s N] -o FILE",
    "List or convert the weights of a PyTorch model, or make seeded ones.", options,
    HMM_COUNT_OF(options)};

/* What was found of a checkpoint, unless it lies open. */
static void
tell(const struct hmm_weights_file *file)
{
	const char *entry = hmm_weights_file_entry(file);
	if (!*entry && !*file->prefix)
		return;
	hmm_say("%s: took the tensors%s%s%s%s%s%s", file->path, *entry ? " of its entry '" : "", entry,
	    *entry ? "'" : "", *file->prefix ? " behind the prefix '" : "", file->prefix,
	    *file->prefix ? "'" : "");
}

static int
list(const struct hmm_weights_file *file)
{
	const char *const facts[][2] = {{"sha256", file->digest},
	    {"entry", hmm_weights_file_entry(file)}, {"prefix", file->prefix}};
	for (size_t i = 0; i < HMM_COUNT_OF(facts); i++)
		if (*facts[i][1]) {
			printf("# %s", facts[i][0]);
			hmm_table_write(stdout, facts[i][1], 0);
			putchar('\n');
		}
	printf("name\tdtype\tshape\n");
	for (size_t i = 0; i < file->count; i++) {
		char shape[128];
		const struct hmm_weight *weight = &file->weight[i];
		const struct hmm_tensor *x = &weight->x;
		hmm_table_write(stdout, weight->name, 1);
		hmm_table_write(stdout, weight->foreign ? weight->foreign : hmm_dtype_name(x->dtype), 0);
		hmm_shape_text(shape, sizeof(shape), x->shape, x->dimensions);
		hmm_table_write(stdout, weight->foreign && !x->dimensions ? NULL : shape, 0);
		putchar('\n');
	}
	return fclose(stdout) ? hmm_error("standard output: cannot write: %s", strerror(errno)) : 0;
}

static int
convert(const char *path)
{
	struct hmm_weights_file file = {0};
	struct hmm_output output = {0};
	int bad = (output_path &&
	              (hmm_output_open(&output, output_path) || hmm_output_spares(&output, path))) ||
	          hmm_weights_file_open(&file, path, &choice);
	if (!bad && output_path) {
		tell(&file);
		bad = hmm_weights_file_write(&file, &output) || hmm_output_finish(&output);
	} else if (!bad) {
		bad = list(&file);
	}
	hmm_output_abandon(&output);
	hmm_weights_file_close(&file);
	return bad;
}

static int
export_model(const char *path)
{
	struct hmm_output output = {0};
	const int bad = hmm_output_open(&output, output_path) || hmm_output_spares(&output, path) ||
	                hmm_groups_drop(&output, path) || hmm_output_finish(&output);
	hmm_output_abandon(&output);
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
	struct hmm_output output = {0};
	const int bad = !weight || hmm_output_open(&output, output_path) ||
	                hmm_weights_write(&output, weight, count, pairs, HMM_COUNT_OF(pairs)) ||
	                hmm_output_finish(&output);
	hmm_output_abandon(&output);
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

	if (export && (!output_path || choice.features || choice.entry || choice.prefix))
		hmm_option_misuse("--export wants -o FILE, and no other option");
	const int bad = architecture ? make_random()
	                : export     ? export_model(argv[operand])
	                             : convert(argv[operand]);
	return bad ? 1 : 0;
}
