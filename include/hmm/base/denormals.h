/* Numbers below 1.2e-38 cost a processor a hundred times as much as others, and Adam makes them
 * by the million: the moments of a weight whose gradient is 0 shrink to the smallest ones and stay.
 * Taking them for 0 while a model is trained changes no weight. */
#ifndef HMM_DENORMALS_H
#define HMM_DENORMALS_H

/* From now on the calling thread, and the pools that it runs, take denormals for 0, where the
 * processor can (x86 does); returns what to restore. */
unsigned hmm_denormals_flush(void);
void hmm_denormals_restore(unsigned before);

#endif
