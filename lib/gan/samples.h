/* A few pairs of a training, and what its generators make of them at the time. */
#ifndef SAMPLES_H
#define SAMPLES_H

#include "hmm/gan/examples.h"
#include "hmm/gan/gan.h"

/* Draw them as one PNG, whole. Nothing of the training changes by it. 0, or -1 reported. */
int samples_draw(
    const char *path, struct hmm_gan *gan, const struct hmm_examples *examples, long epoch);

#endif
