#include "resume.h"

#include <math.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/learn/saved.h"

enum { LINE = sizeof(struct line) / sizeof(double) };
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

static void
add_parameter(struct hmm_parameter *parameter, void *saved)
{
	const size_t count = parameter->rows * (parameter->columns ? parameter->columns : 1);
	hmm_saved_add(saved, parameter->name, ".w", HMM_F32, parameter->w, count);
	hmm_saved_add(saved, parameter->name, ".m", HMM_F32, parameter->m, count);
	hmm_saved_add(saved, parameter->name, ".v", HMM_F32, parameter->v, count);
	hmm_saved_add(saved, parameter->name, ".best", HMM_F32, parameter->best, count);
}

/* Every parameter's, then the numbers, and the curve of so many epochs. */
static void
add_all(struct hmm_saved *saved, const struct hmm_learner *learner, double *progress, void *lines,
    size_t epochs)
{
	learner->each(learner->self, add_parameter, saved);
	hmm_saved_add(saved, "progress", "", HMM_F64, progress, PROGRESS);
	hmm_saved_add(saved, "curve", "", HMM_F64, lines, epochs * LINE);
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
	struct hmm_saved saved = {0};
	add_all(&saved, learner, progress, far->line, (size_t)far->epochs);
	const int bad = hmm_saved_write(&saved, path, identity);
	hmm_saved_close(&saved);
	return bad;
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
	struct hmm_saved saved = {0};
	if (hmm_saved_take(file, &numbers))
		return -1;
	if (!hmm_saved_is_count(progress[EPOCHS], 1e6) || !hmm_saved_is_count(progress[STEPS], most) ||
	    !hmm_saved_is_count(progress[PLATEAU_BAD], most) ||
	    !hmm_saved_is_count(progress[STOP_BAD], most) ||
	    !hmm_saved_is_count(progress[KEPT], progress[EPOCHS]) || !isfinite(progress[RATE]))
		return hmm_error("%s: a checkpoint of no step of this training", file->path);
	const size_t epochs = (size_t)progress[EPOCHS];
	if (hmm_grow((void **)&far->line, &far->capacity, epochs * sizeof(*far->line)))
		return -1;
	add_all(&saved, learner, progress, far->line, epochs);
	const int bad = hmm_saved_take_all(file, &saved);
	hmm_saved_close(&saved);
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
	struct hmm_weights *file;
	if (hmm_saved_open(&file, path, identity))
		return -1;
	const int bad = file && take_all(file, learner, far);
	hmm_weights_close(file);
	return bad ? -1 : 0;
}
