#include "hmm/signal/rocket.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/memory.h"

void
hmm_rocket_close(struct hmm_rocket *rocket)
{
	for (size_t i = 0; rocket->channel && i < rocket->channels; i++)
		free(rocket->channel[i]);
	free(rocket->channel);
	free(rocket->mean);
	free(rocket->sd);
	free(rocket->biases);
	*rocket = (struct hmm_rocket){.window = 0};
}

long
hmm_rocket_find(const struct hmm_rocket *rocket, const char *channel)
{
	for (size_t i = 0; i < rocket->channels; i++)
		if (!strcmp(rocket->channel[i], channel))
			return (long)i;
	return -1;
}

size_t
hmm_rocket_windows(const struct hmm_rocket *rocket, size_t length)
{
	if (!rocket->window)
		return 1;
	return length < rocket->window ? 0 : (length - rocket->window) / rocket->step + 1;
}

int
hmm_rocket_dead(const float *x, size_t length)
{
	size_t same = 1;
	while (same < length && x[same] == x[0])
		same++;
	return same >= length;
}

void
hmm_rocket_scratch_free(struct hmm_rocket_scratch *scratch)
{
	free(scratch->samples);
	free(scratch->laid);
	free(scratch->above);
	*scratch = (struct hmm_rocket_scratch){.samples = NULL};
}

int
hmm_rocket_scratch_grow(
    struct hmm_rocket_scratch *scratch, const struct hmm_rocket *rocket, size_t length)
{
	const size_t room = hmm_rocket_series_room(length, hmm_plan_widest(&rocket->plan));
	const size_t features = rocket->plan.features;
	return hmm_grow(&scratch->samples, &scratch->samples_size, length * sizeof(float)) ||
	               hmm_grow(&scratch->laid, &scratch->laid_size, room * sizeof(float)) ||
	               hmm_grow(&scratch->above, &scratch->above_size, features * sizeof(uint32_t))
	           ? -1
	           : 0;
}

void
hmm_rocket_standardise(
    float *z, const struct hmm_rocket *rocket, size_t channel, const float *x, size_t length)
{
	for (size_t i = 0; i < length; i++)
		z[i] = (x[i] - rocket->mean[channel]) / rocket->sd[channel];
}

void
hmm_rocket_features(float *features, const struct hmm_rocket *rocket, size_t channel,
    const float *x, size_t length, struct hmm_rocket_scratch *scratch)
{
	const struct hmm_plan *plan = &rocket->plan;
	const float *bias = rocket->biases + (rocket->tables > 1 ? channel * plan->features : 0);
	struct hmm_rocket_series series;
	uint32_t *const counts = scratch->above, *above = counts;
	hmm_rocket_standardise(scratch->samples, rocket, channel, x, length);
	hmm_rocket_lay(&series, scratch->laid, scratch->samples, length, hmm_plan_widest(plan));
	for (size_t i = 0; i < plan->dilations; i++) {
		hmm_rocket_count(above, &series, plan->dilation[i], bias, plan->each[i]);
		above += HMM_ROCKET_KERNELS * plan->each[i];
		bias += HMM_ROCKET_KERNELS * plan->each[i];
	}
	for (size_t i = 0; i < plan->features; i++)
		features[i] = (float)((double)counts[i] / (double)length);
}
