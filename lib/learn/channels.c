#include "hmm/learn/channels.h"

#include <stdlib.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

/* Those that a model has learned; 0: it does not know the modality. */
static size_t
learned(const struct hmm_model *model, const char *modality, size_t uniform)
{
	const long number = model ? hmm_names_find(&model->modalities, modality) : -1;
	if (number < 0)
		return 0;
	return model->channels ? model->channels[number] : uniform;
}

int
hmm_channels_open(struct hmm_channels *channels, struct hmm_dataset *data,
    const struct hmm_names *modalities, const struct hmm_model *model, size_t uniform)
{
	*channels = (struct hmm_channels){.own = hmm_alloc(modalities->count, sizeof(size_t))};
	if (!channels->own)
		return -1;
	for (size_t m = 0; m < modalities->count; m++) {
		const char *name = modalities->name[m];
		const size_t want = learned(model, name, uniform), have = hmm_dataset_channels(data, name);
		if (want && have && want != have)
			return hmm_error("modality '%s': %zu channels, but %s wants %zu", name, have,
			    model->weights->path, want);
		channels->own[m] = want ? want : have;
		if (channels->own[m] > channels->most)
			channels->most = channels->own[m];
	}
	return hmm_dataset_pad(data, channels->most);
}

void
hmm_channels_close(struct hmm_channels *channels)
{
	free(channels->own);
	*channels = (struct hmm_channels){0};
}
