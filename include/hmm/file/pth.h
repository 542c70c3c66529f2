/* The tensors of a PyTorch checkpoint: torch.save() of a state_dict, in the ZIP
 * form (since PyTorch 1.6) or the legacy one. Its pickle is read as data, never
 * executed: see lib/file/pickle.h. */
#ifndef HMM_PTH_H
#define HMM_PTH_H

#include "hmm/base/tensor.h"

struct hmm_checkpoint {
	struct hmm_weight *weight; /* names and data owned, contiguous */
	size_t count;
};

/* Read all tensors of the file's dict, or of the dict in its "state_dict" or
 * "model" entry. Other entries are left out. 0, or -1 reported. */
int hmm_pth_read(struct hmm_checkpoint *checkpoint, const char *path);
void hmm_checkpoint_free(struct hmm_checkpoint *checkpoint);

#endif
