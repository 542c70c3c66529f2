/* A tensor as msgpack-numpy encodes it: https://github.com/lebedov/msgpack-numpy */
#ifndef HMM_ARRAY_H
#define HMM_ARRAY_H

#include "hmm/base/tensor.h"
#include "token.h"

/* Read it into x, whose memory is used again; errors name that record. 0, or -1 reported. */
int hmm_array_read(struct hmm_input *input, long record, struct hmm_tensor *x);

#endif
