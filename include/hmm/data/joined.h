/* Names of modalities joined by '+'. */
#ifndef HMM_JOINED_H
#define HMM_JOINED_H

/* Put the names of "A+B" in their bytewise order, in place, each once, so that equal sets are equal
 * texts. 0; 1: a name is empty, as in "A++B", which is no set (not reported); -1, reported. */
int hmm_joined_sort(char *text);

#endif
