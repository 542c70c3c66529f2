#include "hmm/file/weights_file.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/utf8.h"
#include "hmm/file/regular.h"
#include "weights_names.h"

enum { HASH_DIGITS = 8 };
static const char part[] = "features.";

/* SHA-256 of a file. */
static int
digest_file(const char *path, char hex[HMM_HASH_SIZE])
{
	size_t size;
	void *map = hmm_regular_map(path, &size, 1);
	if (!map)
		return -1;
	const int bad = hmm_hash_bytes(hex, map, size);
	munmap(map, size);
	return bad;
}

/* torchvision names its files <model>-<first 8 digits of the SHA-256>.pth. Decimal ones alone are
 * as often a step or a day, as in checkpoint-00000100.pth: of those one name is known. */
static int
check_name(const char *path, const char *digest)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const char *digits = name;
	while (isalnum((unsigned char)*digits) || *digits == '_')
		digits++;
	if (digits == name || *digits++ != '-' || strspn(digits, "0123456789abcdef") != HASH_DIGITS ||
	    strcmp(digits + HASH_DIGITS, ".pth"))
		return 0;
	if (!strncmp(digits, digest, HASH_DIGITS) ||
	    (strspn(digits, "0123456789") >= HASH_DIGITS && strcmp(name, "vgg13-19584684.pth")))
		return 0;
	return hmm_error(
	    "%s: its SHA-256 begins with %.8s, want %.8s as in its name: damaged download?", path,
	    digest, digits);
}

/* ---- names ---- */

/* No two tensors may have one name. */
static int
check_names(const struct hmm_weights_file *file)
{
	const struct hmm_weight **sorted = hmm_weights_sorted(file->weight, file->count);
	int bad = !sorted;
	for (size_t i = 1; !bad && i < file->count; i++)
		if (!strcmp(sorted[i - 1]->name, sorted[i]->name))
			bad = hmm_error("%s: two tensors are named '%s'", file->path, sorted[i]->name);
	free(sorted);
	return bad ? -1 : 0;
}

static int
is_feature(const char *name)
{
	return !strncmp(name, part, sizeof(part) - 1);
}

/* Nobody can do without one of the features. */
static int
check_features(const struct hmm_weights_file *file)
{
	for (size_t i = 0; i < file->count; i++)
		if (file->weight[i].foreign && is_feature(file->weight[i].name))
			return hmm_error("%s: tensor '%s' is of type %s, which is not read", file->path,
			    file->weight[i].name, file->weight[i].foreign);
	return 0;
}

/* The tensors that are wanted, by their plain names. 0, or -1 reported. */
static int
choose(struct hmm_weights_file *file, const struct hmm_weight *all, size_t count,
    const struct hmm_weights_choice *choice)
{
	int bad = 0;
	file->prefix = choice->prefix ? hmm_strdup(choice->prefix)
	                              : hmm_weights_prefix(file->path, all, count, choice->features);
	file->weight = hmm_alloc(count, sizeof(*file->weight));
	file->from = hmm_alloc(count, sizeof(*file->from));
	if (!file->prefix || !file->weight || !file->from)
		return -1;
	for (size_t i = 0; i < count && !bad; i++) {
		char *name = hmm_weights_plain_name(
		    all[i].name, file->prefix, choice->features && choice->prefix, &bad);
		if (!name || (choice->features && !is_feature(name))) {
			free(name);
			continue;
		}
		struct hmm_weight *weight = &file->weight[file->count];
		*weight = all[i];
		weight->name = name;
		file->from[file->count++] = i;
	}
	if (!bad && file->count == 0)
		bad =
		    hmm_error("%s: none of the %zu tensors is named %s%s* (the first is '%s')", file->path,
		        count, file->prefix, choice->features ? part : "", count ? all[0].name : "");
	return bad || check_names(file) || (choice->features && check_features(file)) ? -1 : 0;
}

int
hmm_weights_file_open(
    struct hmm_weights_file *file, const char *path, const struct hmm_weights_choice *choice)
{
	const struct hmm_weight *all;
	size_t count;
	*file = (struct hmm_weights_file){.path = path};
	const int safetensors = digest_file(path, file->digest) || check_name(path, file->digest)
	                            ? -1
	                            : hmm_weights_are(path);
	if (safetensors < 0)
		return -1;
	if (safetensors && choice->entry)
		return hmm_error("%s: safetensors have no entries, want none", path);
	if (safetensors) {
		if (!(file->weights = hmm_weights_open(path)))
			return -1;
		all = file->weights->weight;
		count = file->weights->count;
	} else {
		if (!(file->checkpoint = hmm_checkpoint_open(path, choice->entry)))
			return -1;
		all = hmm_checkpoint_weights(file->checkpoint, &count);
	}
	return choose(file, all, count, choice);
}

void
hmm_weights_file_close(struct hmm_weights_file *file)
{
	for (size_t i = 0; i < file->count; i++)
		free(file->weight[i].name);
	free(file->weight);
	free(file->from);
	free(file->prefix);
	hmm_weights_close(file->weights);
	hmm_checkpoint_close(file->checkpoint);
	*file = (struct hmm_weights_file){0};
}

const char *
hmm_weights_file_entry(const struct hmm_weights_file *file)
{
	return file->checkpoint ? hmm_checkpoint_entry(file->checkpoint) : "";
}

/* ---- writing ---- */

/* Which are written: 1 for each, 0 for those of a type that is not read and for statistics that
 * nobody uses; to free(). What is left out is said. NULL, reported. */
static char *
choose_written(const struct hmm_weights_file *file)
{
	const struct hmm_weight **sorted = hmm_weights_sorted(file->weight, file->count);
	char *written = hmm_alloc(file->count, 1);
	const struct hmm_weight *first = NULL;
	size_t foreign = 0, idle = 0;
	for (size_t i = 0; sorted && written && i < file->count; i++) {
		const struct hmm_weight *weight = &file->weight[i];
		const int is_idle = hmm_weights_is_idle(weight->name, sorted, file->count);
		written[i] = !is_idle && !weight->foreign;
		idle += is_idle != 0;
		if (is_idle || !weight->foreign)
			continue;
		first = first ? first : weight;
		foreign++;
	}
	if (foreign)
		hmm_warn("%s: left out %zu that are not read, the first is '%s' of type %s", file->path,
		    foreign, first->name, first->foreign);
	if (idle)
		hmm_say("%s: left out %zu running statistics of norms that have no parameters", file->path,
		    idle);
	if (!sorted) {
		free(written);
		written = NULL;
	}
	free(sorted);
	return written;
}

/* Move those that are not written behind the others: how many are left. */
static size_t
part_written(struct hmm_weights_file *file, const char *written)
{
	size_t kept = 0;
	for (size_t i = 0; i < file->count; i++) {
		const struct hmm_weight weight = file->weight[i];
		const size_t from = file->from[i];
		if (!written[i])
			continue;
		file->weight[i] = file->weight[kept];
		file->from[i] = file->from[kept];
		file->weight[kept] = weight;
		file->from[kept++] = from;
	}
	return kept;
}

/* The metadata: the values that are names, which need not be UTF-8, are in `text`. 0, or -1
 * reported. */
static int
list_pairs(const struct hmm_weights_file *file, struct hmm_pair *pair, size_t *pairs, char *text[3])
{
	const char *slash = strrchr(file->path, '/');
	const char *const keys[] = {"source", "entry", "prefix"};
	const char *const values[] = {
	    slash ? slash + 1 : file->path, hmm_weights_file_entry(file), file->prefix};
	pair[0] = (struct hmm_pair){"sha256", file->digest};
	*pairs = 1;
	for (int i = 0; i < 3; i++) {
		if (!*values[i])
			continue;
		if (!(text[i] = hmm_utf8_mend(values[i])))
			return -1;
		pair[(*pairs)++] = (struct hmm_pair){keys[i], text[i]};
	}
	return 0;
}

static int
write_tensors(struct hmm_weights_file *file, size_t count, struct hmm_output *output)
{
	struct hmm_tensor x = {0};
	int bad = 0;
	for (size_t i = 0; i < count && !bad; i++) {
		if (file->checkpoint)
			bad = hmm_checkpoint_read(file->checkpoint, file->from[i], &x);
		if (!bad)
			hmm_weights_write_data(
			    output, file->checkpoint ? &x : &file->weights->weight[file->from[i]].x);
	}
	hmm_tensor_free(&x);
	return bad;
}

int
hmm_weights_file_write(struct hmm_weights_file *file, struct hmm_output *output)
{
	struct hmm_pair pair[4];
	size_t pairs;
	char *text[3] = {NULL};
	char *written = NULL;
	int bad = check_features(file) || list_pairs(file, pair, &pairs, text) ||
	          !(written = choose_written(file));
	if (!bad) {
		const size_t count = part_written(file, written);
		bad = hmm_weights_write_header(output, file->weight, count, pair, pairs) ||
		      write_tensors(file, count, output);
	}
	for (int i = 0; i < 3; i++)
		free(text[i]);
	free(written);
	return bad ? -1 : 0;
}
