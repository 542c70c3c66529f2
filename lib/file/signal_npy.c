#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/option.h"
#include "hmm/file/npy.h"
#include "hmm/file/signal.h"

/* What the channels of a matrix are called, by enum hmm_signal_axes: which says where they lie. */
static const char *const kinds[] = {"row", "column"};

/* The number of the row or column of that name, from 1; 0: it is none. */
static size_t
number_of(const char *name, int axes)
{
	char again[HMM_SIGNAL_NAME];
	const size_t length = strlen(kinds[axes]);
	if (strncmp(name, kinds[axes], length) || name[length] != '-')
		return 0;
	const size_t number = strtoul(name + length + 1, NULL, 10);
	return strcmp(name, hmm_signal_name(again, kinds[axes], number)) ? 0 : number;
}

static int
add_channel(struct hmm_signal *signal, const struct hmm_tensor *x, const char *name, int axes,
    size_t number, const char *path, int names)
{
	const size_t columns = x->shape[x->dimensions - 1];
	const size_t length = axes == HMM_TIME_CHANNELS ? x->shape[0] : columns;
	float *to = hmm_signal_add(signal, name, names ? 0 : length, path);
	if (to && !names && axes == HMM_CHANNELS_TIME)
		hmm_tensor_floats(to, x, (number - 1) * length, length);
	for (size_t t = 0; to && !names && axes == HMM_TIME_CHANNELS && t < length; t++)
		hmm_tensor_floats(to + t, x, t * columns + number - 1, 1);
	return to ? 0 : -1;
}

/* Those that are wanted by name, each of which says along which axis it lies. */
static int
add_named(struct hmm_signal *signal, const struct hmm_tensor *x, const char *path,
    const struct hmm_signal_want *want)
{
	for (size_t i = 0; i < want->count; i++)
		for (int axes = HMM_CHANNELS_TIME; axes <= HMM_TIME_CHANNELS; axes++) {
			const size_t number = number_of(want->name[i], axes);
			if (number > 0 && number <= x->shape[axes] &&
			    add_channel(signal, x, want->name[i], axes, number, path, want->names))
				return -1;
		}
	return 0;
}

int
hmm_signal_read_npy(struct hmm_signal *signal, const char *path, const struct hmm_signal_want *want)
{
	struct hmm_tensor x = {0};
	char text[128];
	const int axes = want->axes;
	int bad = hmm_npy_read(&x, path, NULL);
	hmm_shape_text(text, sizeof(text), x.shape, x.dimensions);
	if (bad || x.dimensions == 1) {
		hmm_signal_name(text, "channel", 1);
		if (!bad && hmm_signal_wanted(want, text))
			bad = add_channel(signal, &x, text, HMM_CHANNELS_TIME, 1, path, want->names);
	} else if (x.dimensions != 2) {
		bad = hmm_error("%s: shape %s, want (samples) or a matrix of channels and samples, a file "
		                "a recording",
		    path, text);
	} else if (want->name) {
		bad = add_named(signal, &x, path, want);
	} else if (axes == HMM_UNSET) {
		bad = hmm_error("%s: shape %s, whose channels may be its rows or its columns: want "
		                "--axes of hmm-manifest, or a path such as FILE[row-01]",
		    path, text);
	} else {
		for (size_t i = 1; i <= x.shape[axes] && !bad; i++)
			bad = add_channel(
			    signal, &x, hmm_signal_name(text, kinds[axes], i), axes, i, path, want->names);
	}
	hmm_tensor_free(&x);
	return bad ? -1 : 0;
}
