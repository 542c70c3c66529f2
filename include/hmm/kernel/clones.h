/* A function compiled once for each kind of processor, the fastest chosen when
 * the program starts. Under sanitizers only once: their run time is not up yet
 * when that choice is made. */
#ifndef HMM_CLONES_H
#define HMM_CLONES_H

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
#define HMM_CLONES __attribute__((target_clones("avx512f", "arch=haswell", "default")))
#else
#define HMM_CLONES
#endif

#endif
