#include "hmm/gan/learn.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "baseline.h"
#include "hmm/base/denormals.h"
#include "hmm/base/error.h"
#include "hmm/base/version.h"
#include "hmm/gan/blas.h"
#include "hmm/gan/train.h"

/* ---- presets ---- */

enum { SIDE_STEP = 32, HALVINGS_MOST = 8 };

/* What trainings an option is of. */
enum {
	PIX2PIX = 1 << HMM_IMPUTE_PIX2PIX,
	CYCLEGAN = 1 << HMM_IMPUTE_CYCLEGAN,
	RESIZE = 1 << HMM_IMPUTE_RESIZE,
	NETWORKS = PIX2PIX | CYCLEGAN
};

const char *
hmm_gan_useless(const struct hmm_usage *usage, int kind)
{
	static const struct {
		const char *name;
		int of;
	} uses[] = {{"preset", NETWORKS | RESIZE}, {"ngf", NETWORKS}, {"ndf", NETWORKS},
	    {"blocks", CYCLEGAN}, {"epochs", NETWORKS}, {"epochs-decay", NETWORKS},
	    {"learning-rate", NETWORKS}, {"load-size", NETWORKS}, {"lambda-l1", PIX2PIX},
	    {"lambda", CYCLEGAN}, {"lambda-identity", CYCLEGAN}, {"pool-size", CYCLEGAN},
	    {"curve", NETWORKS}, {"checkpoint", NETWORKS}, {"checkpoint-every", NETWORKS},
	    {"resume", NETWORKS}, {"samples", NETWORKS}, {"samples-every", NETWORKS}};
	const struct hmm_option *size = hmm_option_find(usage, "size");
	char text[64];
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
		const struct hmm_option *option = hmm_option_find(usage, uses[i].name);
		const int given = option->type == HMM_FLAG
		                      ? *option->value.flag
		                      : hmm_option_value(text, sizeof(text), option) != NULL;
		if (given && (kind == HMM_UNSET || !(uses[i].of & 1 << kind)))
			return option->name;
	}
	if (kind != HMM_UNSET && !((NETWORKS | RESIZE) & 1 << kind) &&
	    hmm_option_value(text, sizeof(text), size))
		return size->name;
	return NULL;
}

static void
fill_count(long *value, long preset)
{
	*value = *value == HMM_UNSET ? preset : *value;
}

static void
fill_number(double *value, double preset)
{
	*value = *value < 0 ? preset : *value;
}

static int
want_between(const char *name, long value, long least, long most)
{
	if (value >= least && value <= most)
		return 0;
	return hmm_error("--%s: found %ld, want %ld to %ld", name, value, least, most);
}

/* The side of what has one. 0, or -1 reported. */
static int
fill_size(long *size, int small)
{
	fill_count(size, small ? 64 : 256);
	if (want_between("size", *size, SIDE_STEP, HMM_GENERATOR_SIDE))
		return -1;
	return *size % SIDE_STEP
	           ? hmm_error("--size: found %ld, want a multiple of %d", *size, SIDE_STEP)
	           : 0;
}

int
hmm_gan_fill(struct hmm_gan_given *given, long *size, enum hmm_imputer_kind kind)
{
	const int small = given->preset == HMM_GAN_SMALL, cycle = kind == HMM_IMPUTE_CYCLEGAN;
	if (!hmm_imputer_is_network(kind))
		return kind == HMM_IMPUTE_RESIZE ? fill_size(size, small) : 0;
	given->preset = small ? HMM_GAN_SMALL : HMM_GAN_PAPER;
	if (fill_size(size, small))
		return -1;
	fill_count(&given->ngf, small ? 8 : 64);
	fill_count(&given->ndf, small ? 8 : 64);
	fill_count(&given->epochs, small ? 8 : 100);
	fill_count(&given->decay, small ? 8 : 100);
	fill_count(&given->samples_every, 1);
	fill_number(&given->every, 600);
	fill_number(&given->learning_rate, !small ? 2e-4 : cycle ? 1e-3 : 2e-3);
	fill_count(&given->load, (*size * 286 + 128) / 256);
	if (cycle) {
		fill_count(&given->blocks, small ? 6 : 9);
		fill_count(&given->pool_size, 50);
		fill_number(&given->lambda, 10);
		fill_number(&given->identity, .5);
	} else {
		fill_number(&given->l1, 100);
	}
	if (want_between("ngf", given->ngf, 1, HMM_GENERATOR_WIDTH) ||
	    want_between("ndf", given->ndf, 1, HMM_GENERATOR_WIDTH) ||
	    want_between("load-size", given->load, *size, 2 * HMM_GENERATOR_SIDE) ||
	    want_between("epochs", given->epochs, 0, 1000000) ||
	    want_between("epochs-decay", given->decay, 0, 1000000) ||
	    want_between("samples-every", given->samples_every, 1, 1000000) ||
	    (cycle && (want_between("blocks", given->blocks, 1, HMM_GENERATOR_BLOCKS) ||
	                  want_between("pool-size", given->pool_size, 0, 100000))))
		return -1;
	if (given->epochs + given->decay == 0)
		return hmm_error("--epochs and --epochs-decay: both are 0, want epochs to train");
	return 0;
}

/* ---- files ---- */

/* A file that is not opened before there is something to write: told now if that cannot be. */
static int
probe(const char *path, int only_files)
{
	struct stat status;
	struct hmm_output output = {0};
	const int exists = !stat(path, &status), standard = !strcmp(path, "-");
	if (only_files && (standard || (exists && !S_ISREG(status.st_mode))))
		return hmm_error("%s: not a regular file, want one for a checkpoint", path);
	if (standard || (exists && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)))
		return 0;
	const int bad = hmm_output_open(&output, path);
	hmm_output_abandon(&output);
	return bad;
}

int
hmm_gan_probe(const struct hmm_gan_given *given, const char *model)
{
	enum { MODEL, CURVE, CHECKPOINT, SAMPLES, FILES };
	static const char *const what[FILES] = {"model", "curve", "checkpoint", "samples"};
	const char *const path[FILES] = {model, given->curve, given->checkpoint, given->samples};
	struct hmm_output output[FILES] = {0}; /* names alone */
	int bad = 0;
	for (int i = 0; !bad && i < FILES; i++) {
		if (!path[i])
			continue;
		output[i].path = realpath(path[i], NULL);
		if (!output[i].path && !(output[i].path = hmm_strdup(path[i])))
			bad = -1;
		for (int k = 0; !bad && k < i; k++)
			if (output[k].path && hmm_output_same(&output[i], &output[k]))
				bad = hmm_error(
				    "%s: of the %s and of the %s, want two files", path[i], what[k], what[i]);
		bad = bad || (i >= CHECKPOINT && probe(path[i], i == CHECKPOINT));
	}
	for (int i = 0; i < FILES; i++)
		free(output[i].path);
	return bad ? -1 : 0;
}

/* ---- a GAN ---- */

static size_t
halvings(long side)
{
	size_t count = 0;
	while (count < HALVINGS_MOST && side % 2 == 0) {
		side /= 2;
		count++;
	}
	return count;
}

static struct hmm_gan_options
options_of(const struct hmm_gan_task *task, size_t channels)
{
	const struct hmm_gan_given *given = task->given;
	const int cycle = task->kind == HMM_IMPUTE_CYCLEGAN;
	const size_t size = (size_t)task->size, ngf = (size_t)given->ngf;
	return (struct hmm_gan_options){.method = cycle ? HMM_CYCLEGAN : HMM_PIX2PIX,
	    .generator = {cycle ? HMM_RESNET : HMM_UNET, channels, channels, ngf,
	        cycle ? (size_t)given->blocks : halvings(task->size),
	        cycle ? HMM_INSTANCE_NORM : HMM_BATCH_NORM, !cycle},
	    .height = size,
	    .width = size,
	    .ndf = (size_t)given->ndf,
	    .l1 = given->l1,
	    .lambda = given->lambda,
	    .identity = given->identity,
	    .pool_size = cycle ? (size_t)given->pool_size : 0,
	    .beta1 = .5};
}

/* The words of a text of options without those that decide no bit: the preset is in the others. */
static void
leave_out(char *text)
{
	char *to = text;
	for (const char *word = text; *word;) {
		const size_t length = strcspn(word, " ");
		if (strncmp(word, "preset=", strlen("preset=")) && strncmp(word, "any-history", length)) {
			if (to > text)
				*to++ = ' ';
			memmove(to, word, length);
			to += length;
		}
		word += length + (word[length] == ' ');
	}
	*to = '\0';
}

/* What a checkpoint must have been written by: everything that decides a bit. */
static int
identify(
    char *text, size_t size, const struct hmm_gan_task *task, const struct hmm_examples *examples)
{
	char digest[HMM_HASH_SIZE], noted[1024];
	if (hmm_examples_digest(examples, digest) ||
	    hmm_option_history(noted, sizeof(noted), task->usage, HMM_NOTED))
		return -1;
	leave_out(noted);
	const int length = snprintf(text, size, "%s size=%ld seed=%ld numerics=%s core=%s data=%s",
	    noted, task->size, task->seed, HMM_NUMERICS, hmm_blas_core(), digest);
	return length > 0 && (size_t)length < size ? 0
	                                           : hmm_error("options: too long for a checkpoint");
}

/* Whether any epoch has a learning rate above 0. */
static int
is_learning(const struct hmm_gan_given *given)
{
	for (long epoch = 1; epoch <= given->epochs + given->decay; epoch++)
		if (given->learning_rate * hmm_gan_factor(epoch, given->epochs, given->decay) > 0)
			return 1;
	return 0;
}

static int
train_gan(const struct hmm_gan_task *task, const struct hmm_examples *examples,
    const struct hmm_model_facts *facts, struct hmm_output *output, FILE *curve,
    struct hmm_pool *pool)
{
	const struct hmm_gan_given *given = task->given;
	const struct hmm_gan_options options = options_of(task, examples->data->x.shape[0]);
	struct hmm_gan gan = {0};
	char identity[2048];
	const struct hmm_gan_training training = {.steady = given->epochs,
	    .decay = given->decay,
	    .learning_rate = given->learning_rate,
	    .load = (size_t)given->load,
	    .seed = (uint64_t)task->seed,
	    .checkpoint = given->checkpoint,
	    .resume = given->resume,
	    .every = given->every,
	    .identity = identity,
	    .curve = curve,
	    .samples = given->samples,
	    .samples_every = given->samples_every};
	if (!is_learning(given))
		hmm_warn(
		    "the learning rate is 0 in every epoch, so nothing is learned: want more of --epochs "
		    "or --epochs-decay, or a --learning-rate");
	const unsigned before = hmm_denormals_flush();
	const int bad = identify(identity, sizeof(identity), task, examples) ||
	                hmm_gan_open(&gan, &options, pool) ||
	                hmm_gan_train(&gan, examples, &training) ||
	                hmm_imputer_save(output, facts, &gan);
	hmm_denormals_restore(before);
	hmm_gan_close(&gan);
	return bad ? -1 : 0;
}

/* ---- any of them ---- */

int
hmm_gan_learn(const struct hmm_gan_task *task, const struct hmm_dataset *data,
    struct hmm_output *output, FILE *curve, struct hmm_pool *pool)
{
	struct hmm_examples examples = {0};
	struct hmm_learned learned = {0};
	char kind[16], size[32], seed[32];
	const int network = hmm_imputer_is_network(task->kind);
	hmm_option_word(kind, sizeof(kind), hmm_imputer_words, (int)task->kind);
	snprintf(size, sizeof(size), "%ld", task->size);
	snprintf(seed, sizeof(seed), "%ld", task->seed);
	const struct hmm_pair pair[] = {{"generator", kind}, {"from", task->from}, {"to", task->to},
	    {"size", size}, {"seed", seed}, {"core", hmm_blas_core()}};
	const struct hmm_model_facts facts = {
	    task->usage, NULL, &learned.history, &learned.groups, pair, network ? 6 : 3, NULL, NULL};
	int bad = hmm_examples_open(
	    &examples, data, task->from, task->to, task->kind != HMM_IMPUTE_CYCLEGAN, &learned);
	if (!bad) {
		hmm_say("learns from %zu and %zu slices of %zu subjects", examples.count[0],
		    examples.count[1], examples.subjects);
		bad = network ? train_gan(task, &examples, &facts, output, curve, pool)
		              : baseline_learn(task->kind, task->size, &examples, &facts, output);
	}
	hmm_examples_close(&examples);
	hmm_learned_free(&learned);
	return bad ? -1 : 0;
}
