#include "hmm/gan/train.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hmm/base/error.h"
#include "hmm/base/progress.h"
#include "hmm/gan/picture.h"
#include "samples.h"
#include "state.h"

enum { ORDER_STREAM = 0x47430000, PARTNER_STREAM, CUT_STREAM /* + side */ };

struct run {
	struct hmm_gan *gan;
	const struct hmm_examples *examples;
	const struct hmm_gan_training *training;
	struct state state;
	size_t *order;       /* of this epoch */
	long steps;          /* of every epoch */
	void *slice;         /* one as it is read */
	unsigned char *load; /* one channel, resized */
	float *image[HMM_EXAMPLE_SIDES];
	struct hmm_bicubic resize;
	struct hmm_progress progress;
	long drawn;   /* the epoch behind which samples were drawn, or 0 */
	double saved; /* when the last checkpoint was written */
};

static double
now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static long
epochs_of(const struct hmm_gan_training *training)
{
	return training->steady + training->decay;
}

/* ---- an image as a step takes it ---- */

/* Resized, a part of the net's size, mirrored in half of the cases; pix2pix draws once for both
 * sides. 0, or -1 reported. */
static int
load_image(struct run *run, int side, const struct hmm_sample *slice, uint32_t key)
{
	struct hmm_tensor x;
	const struct hmm_gan_options *options = &run->gan->options;
	const size_t load = run->training->load;
	struct hmm_place place = {.seed = run->training->seed,
	    .epoch = (uint32_t)run->state.epoch,
	    .subject = key,
	    .stream = CUT_STREAM};
	place.stream += options->method == HMM_CYCLEGAN ? (uint32_t)side : 0;
	const struct hmm_picture_cut cut = {
	    (size_t)(hmm_random_uniform(place, 0) * (double)(load - options->height + 1)),
	    (size_t)(hmm_random_uniform(place, 1) * (double)(load - options->width + 1)),
	    options->height, options->width, hmm_random_uniform(place, 2) < .5};
	if (hmm_examples_read(&x, run->examples, slice, run->slice))
		return -1;
	hmm_picture_load(run->image[side], &x, options->generator.in, &run->resize, run->load, &cut);
	return 0;
}

/* The slices of a step: a pair; or one of `from` in the epoch's order and any of `to`. */
static void
choose(const struct hmm_sample *slice[HMM_EXAMPLE_SIDES], const struct run *run)
{
	const struct hmm_examples *examples = run->examples;
	const size_t step = (size_t)run->state.step;
	const size_t first = run->order[step % examples->count[0]];
	slice[0] = examples->slice[0][first];
	if (run->gan->options.method == HMM_PIX2PIX) {
		slice[1] = examples->slice[1][first];
		return;
	}
	const struct hmm_place place = {
	    .seed = run->training->seed, .epoch = (uint32_t)run->state.epoch, .stream = PARTNER_STREAM};
	const double count = (double)examples->count[1];
	slice[1] = examples->slice[1][(size_t)(hmm_random_uniform(place, (uint32_t)step) * count)];
}

/* ---- steps and epochs ---- */

static void
show(struct run *run, const double *loss)
{
	const char *const *name = hmm_gan_losses(run->gan->options.method);
	int at = 0;
	for (size_t i = 0; i < run->state.losses; i++)
		at += snprintf(run->progress.note + at, sizeof(run->progress.note) - (size_t)at,
		    "%s%s %.3f", i ? " " : "; ", name[i], loss[i]);
	hmm_progress_step(&run->progress, run->state.epoch * run->steps + run->state.step);
}

static int
one_step(struct run *run)
{
	const struct hmm_gan_training *training = run->training;
	const struct hmm_sample *slice[HMM_EXAMPLE_SIDES];
	const double rate = training->learning_rate *
	                    hmm_gan_factor(run->state.epoch + 1, training->steady, training->decay);
	double loss[HMM_GAN_LOSSES] = {0};
	choose(slice, run);
	const uint32_t key = hmm_examples_key(slice[0]->subject, slice[0]->index);
	for (int side = 0; side < HMM_EXAMPLE_SIDES; side++)
		if (load_image(run, side, slice[side], key))
			return -1;
	const struct hmm_place place = {
	    .seed = training->seed, .epoch = (uint32_t)run->state.epoch, .subject = key};
	hmm_gan_step(run->gan, run->image[0], run->image[1], &place, rate, loss);
	for (size_t i = 0; i < run->state.losses; i++) {
		if (!isfinite(loss[i]))
			return hmm_error("epoch %ld, step %ld: %s is %g, want a number: try a smaller "
			                 "--learning-rate, or smaller weights of losses",
			    run->state.epoch + 1, run->state.step + 1,
			    hmm_gan_losses(run->gan->options.method)[i], loss[i]);
		run->state.sum[i] += loss[i];
	}
	run->state.step++;
	show(run, loss);
	return 0;
}

static int
save(struct run *run)
{
	run->saved = now();
	return run->training->checkpoint ? state_write(run->training->checkpoint, run->gan, &run->state,
	                                       run->training->identity)
	                                 : 0;
}

static int
draw(struct run *run)
{
	const struct hmm_gan_training *training = run->training;
	if (!training->samples || run->drawn == run->state.epoch)
		return 0;
	run->drawn = run->state.epoch;
	return samples_draw(training->samples, run->gan, run->examples, run->state.epoch);
}

static int
one_epoch(struct run *run)
{
	const struct hmm_gan_training *training = run->training;
	hmm_random_shuffle(run->order, run->examples->count[0],
	    (struct hmm_place){
	        .seed = training->seed, .epoch = (uint32_t)run->state.epoch, .stream = ORDER_STREAM});
	while (run->state.step < run->steps)
		if (one_step(run) ||
		    (run->state.step < run->steps && now() - run->saved >= training->every && save(run)))
			return -1;
	for (size_t i = 0; i < run->state.losses; i++) {
		run->state.curve[(size_t)run->state.epoch * run->state.losses + i] =
		    run->state.sum[i] / (double)run->steps;
		run->state.sum[i] = 0;
	}
	run->state.epoch++;
	run->state.step = 0;
	if (run->state.epoch % training->samples_every == 0 && draw(run))
		return -1;
	return save(run);
}

static void
write_curve(const struct run *run)
{
	const struct hmm_gan_training *training = run->training;
	const char *const *name = hmm_gan_losses(run->gan->options.method);
	if (!training->curve)
		return;
	fputs("epoch\tlearning_rate", training->curve);
	for (size_t i = 0; i < run->state.losses; i++)
		fprintf(training->curve, "\t%s", name[i]);
	for (long epoch = 0; epoch < run->state.epoch; epoch++) {
		fprintf(training->curve, "\n%ld\t%.9g", epoch + 1,
		    training->learning_rate * hmm_gan_factor(epoch + 1, training->steady, training->decay));
		for (size_t i = 0; i < run->state.losses; i++)
			fprintf(
			    training->curve, "\t%.9g", run->state.curve[(size_t)epoch * run->state.losses + i]);
	}
	fputc('\n', training->curve);
}

/* ---- the whole ---- */

static int
open_run(struct run *run)
{
	const struct hmm_examples *examples = run->examples;
	const struct hmm_tensor *first = &examples->data->x;
	const size_t load = run->training->load, epochs = (size_t)epochs_of(run->training);
	while (hmm_gan_losses(run->gan->options.method)[run->state.losses])
		run->state.losses++;
	run->steps =
	    (long)(examples->count[0] > examples->count[1] ? examples->count[0] : examples->count[1]);
	run->order = hmm_alloc(examples->count[0], sizeof(*run->order));
	run->state.curve = hmm_alloc(epochs * run->state.losses, sizeof(double));
	run->slice = hmm_alloc_raw(1, examples->data->bytes);
	run->load = hmm_alloc(load, load);
	for (int side = 0; side < HMM_EXAMPLE_SIDES; side++)
		run->image[side] = hmm_alloc(run->gan->floats, sizeof(float));
	return !run->order || !run->state.curve || !run->slice || !run->load || !run->image[0] ||
	               !run->image[1] ||
	               hmm_bicubic_open(&run->resize, first->shape[1], first->shape[2], load, load)
	           ? -1
	           : 0;
}

static void
close_run(struct run *run)
{
	free(run->order);
	free(run->state.curve);
	free(run->slice);
	free(run->load);
	for (int side = 0; side < HMM_EXAMPLE_SIDES; side++)
		free(run->image[side]);
	hmm_bicubic_close(&run->resize);
}

/* From the first values, or from where a training stopped. */
static int
begin(struct run *run)
{
	const struct hmm_gan_training *training = run->training;
	const int found = training->resume ? state_read(training->checkpoint, run->gan, &run->state,
	                                         epochs_of(training), training->identity)
	                                   : 0;
	if (found < 0)
		return -1;
	if (!found) {
		hmm_gan_init(run->gan, training->seed);
		return 0;
	}
	const long epochs = epochs_of(training), epoch = run->state.epoch, step = run->state.step;
	if (step >= run->steps || (epoch == epochs && step) ||
	    run->gan->generator[0].steps != epoch * run->steps + step)
		return hmm_error("%s: a checkpoint of no step of this training", training->checkpoint);
	if (epoch == epochs)
		hmm_say("the checkpoint is of the last epoch, %ld: nothing is left to train", epochs);
	else
		hmm_say("goes on from epoch %ld, step %ld", epoch + 1, step + 1);
	return 0;
}

int
hmm_gan_train(struct hmm_gan *gan, const struct hmm_examples *examples,
    const struct hmm_gan_training *training)
{
	struct run run = {.gan = gan, .examples = examples, .training = training, .saved = now()};
	int bad = open_run(&run) || begin(&run);
	hmm_progress_start(&run.progress, "training", epochs_of(training) * run.steps);
	run.progress.begun = run.state.epoch * run.steps + run.state.step;
	while (!bad && run.state.epoch < epochs_of(training))
		bad = one_epoch(&run);
	hmm_progress_end(&run.progress);
	bad = bad || draw(&run);
	if (!bad)
		write_curve(&run);
	close_run(&run);
	return bad ? -1 : 0;
}
