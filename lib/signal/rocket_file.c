#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/signal/rocket.h"

enum { FACTS = 6, KEY = 40, NUMBER = 24 };

static const char program[] = "hmm-rocket";

static void
channel_key(char key[KEY], size_t number)
{
	snprintf(key, KEY, "channel.%zu", number);
}

/* ---- reading ---- */

/* A whole number of the metadata, up to the largest a file may name. */
static int
read_number(size_t *number, const struct hmm_weights *weights, const char *key)
{
	const char *text = hmm_weights_metadata(weights, key);
	char *end;
	const unsigned long long most = 1ull << 31, value = text ? strtoull(text, &end, 10) : 0;
	if (!text || *text < '0' || *text > '9' || *end || value > most)
		return hmm_error("%s: %s '%s', want a whole number up to %llu", weights->path, key,
		    text ? text : "n/a", most);
	*number = (size_t)value;
	return 0;
}

static int
read_channels(struct hmm_rocket *rocket, const struct hmm_weights *weights)
{
	char key[KEY];
	for (size_t i = 0; i < rocket->channels; i++) {
		channel_key(key, i);
		const char *name = hmm_weights_metadata(weights, key);
		if (!name)
			return hmm_error("%s: no %s, want a name for each of its %zu channels", weights->path,
			    key, rocket->channels);
		if (!(rocket->channel[i] = hmm_strdup(name)))
			return -1;
		if (!(rocket->sd[i] > 0))
			return hmm_error("%s: channel '%s' has a standard deviation of %g, want more than 0",
			    weights->path, name, (double)rocket->sd[i]);
	}
	return 0;
}

static float *
floats(const struct hmm_weights *weights, const char *name, const size_t *shape, int dimensions)
{
	return hmm_weight_floats(weights->weight, weights->count, name, shape, dimensions);
}

static int
read_tensors(struct hmm_rocket *rocket, const struct hmm_weights *weights)
{
	const struct hmm_weight *mean = hmm_weight_find(weights->weight, weights->count, "mean");
	const struct hmm_weight *bias = hmm_weight_find(weights->weight, weights->count, "biases");
	const size_t channels = mean && mean->x.dimensions == 1 ? mean->x.shape[0] : 0;
	const size_t tables = bias && bias->x.dimensions == 2 ? bias->x.shape[0] : 0;
	if (channels < 1 || (tables != 1 && tables != channels))
		return hmm_error("%s: %zu channels with %zu tables of biases, want 1 or a table a channel",
		    weights->path, channels, tables);
	if (!(rocket->channel = hmm_alloc(channels, sizeof(*rocket->channel))))
		return -1;
	rocket->channels = channels;
	rocket->tables = tables;
	rocket->mean = floats(weights, "mean", &channels, 1);
	rocket->sd = rocket->mean ? floats(weights, "sd", &channels, 1) : NULL;
	const size_t shape[] = {tables, rocket->plan.features};
	rocket->biases = rocket->sd ? floats(weights, "biases", shape, 2) : NULL;
	return rocket->biases ? 0 : -1;
}

static int
read_all(struct hmm_rocket *rocket, const struct hmm_weights *weights)
{
	const char *by = hmm_weights_metadata(weights, "program");
	size_t length = 0, features = 0;
	if (!by || strcmp(by, program))
		return hmm_error("%s: made by %s, want biases of hmm-rocket --train", weights->path,
		    by ? by : "another program");
	if (read_number(&length, weights, "length") || read_number(&features, weights, "features") ||
	    read_number(&rocket->window, weights, "window") ||
	    read_number(&rocket->step, weights, "step") ||
	    hmm_plan_make(&rocket->plan, length, features, weights->path))
		return -1;
	if (!rocket->window != !rocket->step)
		return hmm_error("%s: windows of %zu samples every %zu, want both or none", weights->path,
		    rocket->window, rocket->step);
	return read_tensors(rocket, weights) || read_channels(rocket, weights) ? -1 : 0;
}

int
hmm_rocket_open(struct hmm_rocket *rocket, const char *path, char digest[HMM_HASH_SIZE])
{
	*rocket = (struct hmm_rocket){.window = 0};
	struct hmm_weights *weights = hmm_weights_open(path);
	const int bad = !weights || read_all(rocket, weights) || hmm_weights_digest(weights, digest);
	hmm_weights_close(weights);
	return bad ? -1 : 0;
}

/* ---- writing ---- */

static struct hmm_weight
view(char *name, float *data, size_t rows, size_t columns)
{
	struct hmm_weight weight = {.name = name};
	weight.x.dtype = HMM_F32;
	weight.x.dimensions = columns ? 2 : 1;
	weight.x.shape[0] = rows;
	weight.x.shape[1] = columns;
	weight.x.data = data;
	return weight;
}

int
hmm_rocket_write(const struct hmm_rocket *rocket, struct hmm_output *output, const char *options,
    struct hmm_groups *seen)
{
	const size_t values[] = {
	    rocket->plan.length, rocket->plan.features, rocket->window, rocket->step};
	static const char *const keys[] = {"length", "features", "window", "step"};
	char number[4][NUMBER], mean[] = "mean", sd[] = "sd", biases[] = "biases";
	struct hmm_weight weight[3 + HMM_GROUPS_TENSORS] = {
	    view(mean, rocket->mean, rocket->channels, 0), view(sd, rocket->sd, rocket->channels, 0),
	    view(biases, rocket->biases, rocket->tables, rocket->plan.features)};
	struct hmm_pair *pair = hmm_alloc(FACTS + rocket->channels, sizeof(*pair));
	char(*key)[KEY] = hmm_alloc(rocket->channels, sizeof(*key));
	int bad = !pair || !key;
	if (!bad) {
		pair[0] = (struct hmm_pair){"program", program};
		pair[1] = (struct hmm_pair){"options", options};
		for (size_t i = 0; i < 4; i++) {
			snprintf(number[i], NUMBER, "%zu", values[i]);
			pair[2 + i] = (struct hmm_pair){keys[i], number[i]};
		}
		for (size_t i = 0; i < rocket->channels; i++) {
			channel_key(key[i], i);
			pair[FACTS + i] = (struct hmm_pair){key[i], rocket->channel[i]};
		}
		bad = hmm_weights_write(output, weight, 3 + hmm_groups_weights(weight + 3, seen), pair,
		    FACTS + rocket->channels);
	}
	free(pair);
	free(key);
	return bad ? -1 : 0;
}
