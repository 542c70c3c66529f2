#include "resume.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/file/safetensors.h"

/* Values, Adam's two moments and the kept values of a parameter. */
enum { PARTS = 4, NAME = 72, LINE = sizeof(struct line) / sizeof(double) };
enum {
	EPOCHS,
	STEPS,
	RATE,
	PLATEAU,
	STOP,
	KEEP,
	PLATEAU_BAD,
	STOP_BAD,
	KEPT,
	TRAIN,
	VALIDATION,
	AUC,
	PROGRESS
};

static const char key[] = "resume";

/* The tensors as views of what they are written from or read into. */
struct list {
	struct hmm_weight *weight; /* NULL: they are only counted */
	char (*name)[NAME];
	size_t count;
};

static void
add(struct list *list, const char *name, const char *part, enum hmm_dtype dtype, void *data,
    size_t count)
{
	if (list->weight) {
		snprintf(list->name[list->count], NAME, "%s%s", name, part);
		list->weight[list->count] = (struct hmm_weight){.name = list->name[list->count],
		    .x = {.dtype = dtype, .dimensions = 1, .shape = {count}, .data = data}};
	}
	list->count++;
}

static void
add_parameter(struct hmm_parameter *parameter, void *context)
{
	const size_t count = parameter->rows * (parameter->columns ? parameter->columns : 1);
	add(context, parameter->name, ".w", HMM_F32, parameter->w, count);
	add(context, parameter->name, ".m", HMM_F32, parameter->m, count);
	add(context, parameter->name, ".v", HMM_F32, parameter->v, count);
	add(context, parameter->name, ".best", HMM_F32, parameter->best, count);
}

/* Every parameter's, then the numbers, and the curve of so many epochs. 0, or -1 reported. */
static int
open_list(struct list *list, const struct hmm_learner *learner, double *progress, void *lines,
    size_t epochs)
{
	*list = (struct list){NULL, NULL, 0};
	learner->each(learner->self, add_parameter, list);
	list->weight = hmm_alloc(list->count + 2, sizeof(*list->weight));
	list->name = hmm_alloc(list->count + 2, sizeof(*list->name));
	list->count = 0;
	if (!list->weight || !list->name)
		return -1;
	learner->each(learner->self, add_parameter, list);
	add(list, "progress", "", HMM_F64, progress, PROGRESS);
	add(list, "curve", "", HMM_F64, lines, epochs * LINE);
	return 0;
}

static void
close_list(struct list *list)
{
	free(list->weight);
	free(list->name);
}

int
resume_write(const char *path, const char *identity, const struct hmm_learner *learner,
    const struct so_far *far)
{
	const struct hmm_loop_result *result = &far->result;
	double progress[PROGRESS] = {[EPOCHS] = (double)far->epochs,
	    [STEPS] = (double)far->steps,
	    [RATE] = far->rate,
	    [PLATEAU] = far->plateau_best,
	    [STOP] = far->stop_best,
	    [KEEP] = far->keep_best,
	    [PLATEAU_BAD] = (double)far->plateau_bad,
	    [STOP_BAD] = (double)far->stop_bad,
	    [KEPT] = (double)result->kept,
	    [TRAIN] = result->train_loss,
	    [VALIDATION] = result->validation_loss,
	    [AUC] = result->auc};
	const struct hmm_pair pair[] = {{"program", hmm_program}, {key, identity}};
	struct list list;
	struct hmm_output output = {0};
	const int bad = open_list(&list, learner, progress, far->line, (size_t)far->epochs) ||
	                hmm_output_open(&output, path) ||
	                hmm_weights_write(&output, list.weight, list.count, pair, 2) ||
	                hmm_output_finish(&output);
	hmm_output_abandon(&output);
	close_list(&list);
	return bad ? -1 : 0;
}

/* A tensor of exactly that type and size. 0, or -1 reported. */
static int
take(const struct hmm_weights *file, const struct hmm_weight *want)
{
	const struct hmm_weight *found = hmm_weight_find(file->weight, file->count, want->name);
	const size_t count = want->x.shape[0];
	if (!found || found->x.dtype != want->x.dtype || found->x.dimensions != 1 ||
	    found->x.shape[0] != count)
		return hmm_error(
		    "%s: no tensor %s of %zu values, as this training has", file->path, want->name, count);
	if (want->x.dtype == HMM_F32 && !hmm_all_finite(found->x.data, count))
		return hmm_error("%s: tensor %s holds a value that is not finite", file->path, want->name);
	memcpy(want->x.data, found->x.data, count * hmm_dtype_size(want->x.dtype));
	return 0;
}

static int
is_count(double value, double most)
{
	return value >= 0 && value <= most && value == (double)(long)value;
}

static void
set_step(struct hmm_parameter *parameter, void *context)
{
	parameter->steps = *(const long *)context;
	parameter->changes++; /* what was computed from the old values is out of date */
}

/* The numbers first, which say how long the curve is. 0, or -1 reported. */
static int
take_all(const struct hmm_weights *file, const struct hmm_learner *learner, struct so_far *far)
{
	double progress[PROGRESS];
	const double most = 1e15;
	const struct hmm_weight numbers = {.name = (char *)"progress",
	    .x = {.dtype = HMM_F64, .dimensions = 1, .shape = {PROGRESS}, .data = progress}};
	struct list list;
	if (take(file, &numbers))
		return -1;
	if (!is_count(progress[EPOCHS], 1e6) || !is_count(progress[STEPS], most) ||
	    !is_count(progress[PLATEAU_BAD], most) || !is_count(progress[STOP_BAD], most) ||
	    !is_count(progress[KEPT], progress[EPOCHS]))
		return hmm_error("%s: is of no step of this training", file->path);
	const size_t epochs = (size_t)progress[EPOCHS];
	if (hmm_grow((void **)&far->line, &far->capacity, epochs * sizeof(*far->line)))
		return -1;
	int bad = open_list(&list, learner, progress, far->line, epochs);
	for (size_t i = 0; i < list.count && !bad; i++)
		bad = take(file, &list.weight[i]);
	close_list(&list);
	far->epochs = (long)epochs;
	far->steps = (long)progress[STEPS];
	far->rate = progress[RATE];
	far->plateau_best = progress[PLATEAU];
	far->stop_best = progress[STOP];
	far->keep_best = progress[KEEP];
	far->plateau_bad = (long)progress[PLATEAU_BAD];
	far->stop_bad = (long)progress[STOP_BAD];
	far->result = (struct hmm_loop_result){
	    far->epochs, (long)progress[KEPT], progress[TRAIN], progress[VALIDATION], progress[AUC]};
	learner->each(learner->self, set_step, &far->steps);
	return bad;
}

int
resume_read(
    const char *path, const char *identity, const struct hmm_learner *learner, struct so_far *far)
{
	if (access(path, F_OK) && errno == ENOENT)
		return 0;
	struct hmm_weights *file = hmm_weights_open(path);
	if (!file)
		return -1;
	const char *found = hmm_weights_metadata(file, key);
	int bad = 0;
	if (!found)
		bad = hmm_error("%s: no training to go on with", path);
	else if (strcmp(found, identity))
		bad =
		    hmm_error("%s: of another training: %.600s; this one is %.600s", path, found, identity);
	bad = bad || take_all(file, learner, far);
	hmm_weights_close(file);
	return bad ? -1 : 0;
}
