/* The channels of a model's modalities, which may differ: each is learned at its own width. */
#ifndef HMM_CHANNELS_H
#define HMM_CHANNELS_H

#include "hmm/learn/model.h"
#include "hmm/stream/dataset.h"

struct hmm_channels {
	size_t *own; /* [modalities] */
	size_t most;
};

/* The channels of these modalities: those of the model (NULL: a new one) where it knows them, else
 * the data's, whose blocks are given with the most of them from now on. Where a model does not say
 * (see hmm_model.channels), all that it knows have `uniform` channels. 0, or -1 reported: a
 * modality has others than the model learned. */
int hmm_channels_open(struct hmm_channels *channels, struct hmm_dataset *data,
    const struct hmm_names *modalities, const struct hmm_model *model, size_t uniform);
void hmm_channels_close(struct hmm_channels *channels); /* legal on zeroes */

#endif
