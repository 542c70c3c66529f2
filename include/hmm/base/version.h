/* The release, which make reads here too, and the numerics version: a number that
 * changes whenever a change to a kernel may change a bit of any result, so that caches
 * and histories tell old numbers from new ones. */
#ifndef HMM_VERSION_H
#define HMM_VERSION_H

#define HMM_VERSION "0.2.0"
#define HMM_NUMERICS "4"

#endif
