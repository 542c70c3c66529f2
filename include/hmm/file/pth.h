/* The tensors of a PyTorch checkpoint: torch.save() of a state_dict, of any version, in the ZIP
 * form (since PyTorch 1.6) or the one before. Its pickle is read as data, never executed: see
 * lib/file/pickle.h. */
#ifndef HMM_PTH_H
#define HMM_PTH_H

#include "hmm/base/tensor.h"

struct hmm_checkpoint;

/* Find the dict of tensors: that of the entry named (of an entry within it behind a '/'), and
 * where it is NULL the file's own or the one in its entry state_dict, model_state_dict, model,
 * net or ema: several are an error that names them. What the pickle would call is foreign.
 * NULL, reported. */
struct hmm_checkpoint *hmm_checkpoint_open(const char *path, const char *entry);
void hmm_checkpoint_close(struct hmm_checkpoint *checkpoint); /* NULL is legal */

/* The entry that was taken, "" for the file's own dict. */
const char *hmm_checkpoint_entry(const struct hmm_checkpoint *checkpoint);

/* Names, types and shapes in the dict's order; no data. */
const struct hmm_weight *hmm_checkpoint_weights(
    const struct hmm_checkpoint *checkpoint, size_t *count);

/* Read tensor `i` into a tensor whose block grows to fit, contiguous. Only one storage is in memory
 * at a time. 0, or -1 reported. */
int hmm_checkpoint_read(struct hmm_checkpoint *checkpoint, size_t i, struct hmm_tensor *x);

#endif
