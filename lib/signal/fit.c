#include "hmm/signal/fit.h"

#include <math.h>
#include <stdlib.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/number.h"
#include "hmm/signal/biases.h"
#include "hmm/signal/recordings.h"
#include "hmm/signal/rocket.h"

/* A channel of train so far. */
struct channel {
	double count, mean, squares; /* of samples; squares of what is off the mean */
	size_t records, again;       /* those counted, and those that came once more */
	struct hmm_rocket_series series[HMM_BIASES_SERIES]; /* kept of them */
	float *memory[HMM_BIASES_SERIES];
	size_t kept;
};

struct fit {
	struct hmm_fit_options options;
	struct hmm_rocket rocket;
	struct channel *channel; /* [rocket.channels] */
	double *length;          /* [records] */
	size_t records;
	size_t channel_size, name_size, length_size; /* bytes */
	struct hmm_rocket_scratch scratch;
	struct hmm_groups seen;
};

static void
close_fit(struct fit *fit)
{
	for (size_t i = 0; i < fit->rocket.channels; i++)
		for (size_t k = 0; k < fit->channel[i].kept; k++)
			free(fit->channel[i].memory[k]);
	free(fit->channel);
	free(fit->length);
	hmm_rocket_scratch_free(&fit->scratch);
	hmm_groups_close(&fit->seen);
	hmm_rocket_close(&fit->rocket);
}

/* The channel of that name, a new one unless it is there; NULL, reported. */
static struct channel *
find_channel(struct fit *fit, const char *name)
{
	struct hmm_rocket *rocket = &fit->rocket;
	const long found = hmm_rocket_find(rocket, name);
	void *channels = fit->channel, *names = rocket->channel;
	if (found >= 0)
		return &fit->channel[found];
	const size_t count = rocket->channels + 1;
	if (hmm_grow(&channels, &fit->channel_size, count * sizeof(*fit->channel)))
		return NULL;
	fit->channel = channels;
	if (hmm_grow(&names, &fit->name_size, count * sizeof(*rocket->channel)))
		return NULL;
	rocket->channel = names;
	if (!(rocket->channel[count - 1] = hmm_strdup(name)))
		return NULL;
	fit->channel[count - 1] = (struct channel){.count = 0};
	rocket->channels = count;
	return &fit->channel[count - 1];
}

/* Add a record's mean and squares to a channel's (Chan, Golub, LeVeque 1983). */
static void
add_samples(struct channel *channel, const float *x, size_t length)
{
	double mean = 0, squares = 0;
	for (size_t i = 0; i < length; i++)
		mean += (double)x[i];
	mean /= (double)length;
	for (size_t i = 0; i < length; i++)
		squares += ((double)x[i] - mean) * ((double)x[i] - mean);
	const double count = channel->count + (double)length, away = mean - channel->mean;
	channel->squares += squares + away * away * channel->count * (double)length / count;
	channel->mean += away * (double)length / count;
	channel->count = count;
	channel->records++;
}

/* Count a recording; dead channels do not count. */
static int
add(void *self, const struct hmm_recording *recording)
{
	struct fit *fit = self;
	const struct hmm_stamp *stamp = recording->stamp;
	for (size_t i = 0; i < recording->count; i++) {
		const struct hmm_signal_channel *of = recording->channel[i];
		const size_t row = recording->row[i];
		void *lengths = fit->length;
		if (hmm_groups_add(&fit->seen, HMM_SEEN_TRAINING,
		        hmm_table_cell(stamp->table, row, stamp->group),
		        hmm_table_cell(stamp->table, row, stamp->subject)))
			return -1;
		if (hmm_rocket_dead(of->x, of->length) || !hmm_rocket_windows(&fit->rocket, of->length))
			continue;
		struct channel *channel = find_channel(fit, hmm_recording_modality(recording, i));
		if (!channel ||
		    hmm_grow(&lengths, &fit->length_size, (fit->records + 1) * sizeof(*fit->length)))
			return -1;
		fit->length = lengths;
		fit->length[fit->records++] = (double)of->length;
		add_samples(channel, of->x, of->length);
	}
	return 0;
}

/* The length that dilations follow: of a window, else the lower median, and no less than a
 * kernel's. */
static size_t
choose_length(const struct fit *fit)
{
	if (fit->options.length != HMM_UNSET)
		return (size_t)fit->options.length;
	if (fit->rocket.window)
		return fit->rocket.window;
	hmm_numbers_sort(fit->length, fit->records);
	const size_t median = (size_t)fit->length[(fit->records - 1) / 2];
	return median < HMM_PLAN_LEAST_LENGTH ? HMM_PLAN_LEAST_LENGTH : median;
}

/* Behind the last one, the statistics and the plan. */
static int
finish(struct fit *fit, const char *name)
{
	struct hmm_rocket *rocket = &fit->rocket;
	if (!fit->records)
		return hmm_error("%s: no channel that is alive and long enough in train", name);
	rocket->mean = hmm_alloc(rocket->channels, sizeof(*rocket->mean));
	rocket->sd = hmm_alloc(rocket->channels, sizeof(*rocket->sd));
	if (!rocket->mean || !rocket->sd)
		return -1;
	for (size_t i = 0; i < rocket->channels; i++) {
		const struct channel *channel = &fit->channel[i];
		rocket->mean[i] = (float)channel->mean;
		rocket->sd[i] = (float)sqrt(channel->squares / channel->count);
		if (!isfinite(rocket->mean[i]) || !isfinite(rocket->sd[i]) || !(rocket->sd[i] > 0))
			return hmm_error(
			    "%s: channel '%s': mean %g and standard deviation %g are beyond float32", name,
			    rocket->channel[i], channel->mean, sqrt(channel->squares / channel->count));
	}
	return hmm_plan_make(&rocket->plan, choose_length(fit), (size_t)fit->options.features, name);
}

/* Lay out what is kept of a channel's record: all of it, or the window in its middle. */
static int
keep(struct fit *fit, size_t number, const struct hmm_signal_channel *of)
{
	struct channel *channel = &fit->channel[number];
	const struct hmm_rocket *rocket = &fit->rocket;
	const size_t windows = hmm_rocket_windows(rocket, of->length);
	const float *x = of->x + windows / 2 * rocket->step;
	const size_t length = rocket->window ? rocket->window : of->length;
	const size_t room = hmm_rocket_series_room(length, hmm_plan_widest(&rocket->plan));
	float *memory = hmm_alloc_raw(room, sizeof(*memory));
	if (!memory)
		return -1;
	channel->memory[channel->kept] = memory;
	if (hmm_rocket_scratch_grow(&fit->scratch, rocket, length)) {
		free(memory);
		return -1;
	}
	hmm_rocket_standardise(fit->scratch.samples, rocket, number, x, length);
	hmm_rocket_lay(&channel->series[channel->kept++], memory, fit->scratch.samples, length,
	    hmm_plan_widest(&rocket->plan));
	return 0;
}

/* For pooled biases every recording once more: those are kept that lie evenly spread over a
 * channel's. */
static int
add_again(void *self, const struct hmm_recording *recording)
{
	struct fit *fit = self;
	for (size_t i = 0; i < recording->count; i++) {
		const struct hmm_signal_channel *of = recording->channel[i];
		const char *modality = hmm_recording_modality(recording, i);
		if (hmm_rocket_dead(of->x, of->length) || !hmm_rocket_windows(&fit->rocket, of->length))
			continue;
		const long number = hmm_rocket_find(&fit->rocket, modality);
		if (number < 0)
			return hmm_error("channel '%s' came up while train was read again", modality);
		struct channel *channel = &fit->channel[number];
		const size_t wanted =
		    channel->records < HMM_BIASES_SERIES ? channel->records : HMM_BIASES_SERIES;
		/* of records 0..n-1 the k for which this remainder is small lie evenly spread */
		const int take = channel->again++ * wanted % channel->records < wanted;
		if (take && channel->kept < wanted && keep(fit, (size_t)number, of))
			return -1;
	}
	return 0;
}

void
hmm_fit_defaults(struct hmm_fit_options *options)
{
	options->biases = options->biases == HMM_UNSET ? HMM_FIT_FROZEN : options->biases;
	options->features = options->features == HMM_UNSET ? 504 : options->features;
	options->step = options->step == HMM_UNSET ? options->window : options->step;
}

static int
make_biases(struct fit *fit, struct hmm_pool *pool)
{
	struct hmm_rocket *rocket = &fit->rocket;
	const size_t features = rocket->plan.features;
	const int pooled = fit->options.biases == HMM_FIT_POOLED;
	const long seed = fit->options.seed == HMM_UNSET ? 0 : fit->options.seed;
	rocket->tables = pooled ? rocket->channels : 1;
	rocket->biases = hmm_alloc(rocket->tables * features, sizeof(*rocket->biases));
	if (!rocket->biases)
		return -1;
	if (!pooled)
		return hmm_biases_frozen(rocket->biases, &rocket->plan, (uint64_t)seed, pool);
	for (size_t i = 0; i < rocket->channels; i++)
		if (hmm_biases_pool(rocket->biases + i * features, &rocket->plan, fit->channel[i].series,
		        fit->channel[i].kept, pool))
			return -1;
	return 0;
}

int
hmm_fit_table(const struct hmm_fit_options *how, const struct hmm_table *table,
    struct hmm_pool *pool, const char *noted, struct hmm_output *output)
{
	struct fit fit = {.options = *how};
	if (how->window != HMM_UNSET) {
		fit.rocket.window = (size_t)how->window;
		fit.rocket.step = (size_t)how->step;
	}
	const int bad =
	    hmm_recordings_each(table, "train", add, &fit) || finish(&fit, table->name) ||
	    (how->biases == HMM_FIT_POOLED && hmm_recordings_each(table, "train", add_again, &fit)) ||
	    make_biases(&fit, pool) || hmm_rocket_write(&fit.rocket, output, noted, &fit.seen);
	close_fit(&fit);
	return bad ? -1 : 0;
}
