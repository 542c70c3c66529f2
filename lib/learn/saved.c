#include "hmm/learn/saved.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

static const char key[] = "checkpoint";

void
hmm_saved_add(struct hmm_saved *saved, const char *name, const char *part, enum hmm_dtype dtype,
    void *data, size_t count)
{
	const size_t size = strlen(name) + strlen(part) + 1;
	char *whole = NULL;
	if (saved->bad ||
	    hmm_grow((void **)&saved->weight, &saved->capacity,
	        (saved->count + 1) * sizeof(*saved->weight)) ||
	    !(whole = hmm_alloc_raw(size, 1))) {
		saved->bad = 1;
		return;
	}
	snprintf(whole, size, "%s%s", name, part);
	saved->weight[saved->count++] = (struct hmm_weight){
	    .name = whole, .x = {.dtype = dtype, .dimensions = 1, .shape = {count}, .data = data}};
}

int
hmm_saved_write(const struct hmm_saved *saved, const char *path, const char *identity)
{
	const struct hmm_pair pair[] = {{"program", hmm_program}, {key, identity}};
	struct hmm_output output = {0};
	const int bad = saved->bad || hmm_output_open(&output, path) ||
	                hmm_weights_write(&output, saved->weight, saved->count, pair, 2) ||
	                hmm_output_finish(&output);
	hmm_output_abandon(&output);
	return bad ? -1 : 0;
}

void
hmm_saved_close(struct hmm_saved *saved)
{
	for (size_t i = 0; i < saved->count; i++)
		free(saved->weight[i].name);
	free(saved->weight);
}

int
hmm_saved_open(struct hmm_weights **file, const char *path, const char *identity)
{
	*file = NULL;
	if (access(path, F_OK) && errno == ENOENT)
		return 0;
	if (!(*file = hmm_weights_open(path)))
		return -1;
	const char *found = hmm_weights_metadata(*file, key);
	if (found && !strcmp(found, identity))
		return 0;
	if (found)
		hmm_error("%s: the checkpoint of another training: %.600s; this one is %.600s", path, found,
		    identity);
	else
		hmm_error("%s: no checkpoint of a training", path);
	hmm_weights_close(*file);
	return -1;
}

int
hmm_saved_take(const struct hmm_weights *file, const struct hmm_weight *wanted)
{
	const struct hmm_weight *found = hmm_weight_find(file->weight, file->count, wanted->name);
	const size_t count = wanted->x.shape[0];
	if (!found || found->x.dtype != wanted->x.dtype || found->x.dimensions != 1 ||
	    found->x.shape[0] != count)
		return hmm_error("%s: no tensor %s of %zu values, as a checkpoint of this training has",
		    file->path, wanted->name, count);
	if (wanted->x.dtype == HMM_F32 && !hmm_all_finite(found->x.data, count))
		return hmm_error(
		    "%s: tensor %s holds a value that is not finite", file->path, wanted->name);
	if (count)
		memcpy(wanted->x.data, found->x.data, count * hmm_dtype_size(wanted->x.dtype));
	return 0;
}

int
hmm_saved_take_all(const struct hmm_weights *file, const struct hmm_saved *saved)
{
	int bad = saved->bad;
	for (size_t i = 0; i < saved->count && !bad; i++)
		bad = hmm_saved_take(file, &saved->weight[i]);
	return bad ? -1 : 0;
}

int
hmm_saved_is_count(double value, double most)
{
	return value >= 0 && value <= most && value == (double)(long)value;
}
