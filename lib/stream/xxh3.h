/* XXH3 with the vectors that this processor has, where the library can choose them at run
 * time: four times as fast as with those of every x86-64. The sums are the same. */
#ifndef HMM_XXH3_H
#define HMM_XXH3_H

#include <xxhash.h>

#if defined(__x86_64__) && defined(__has_include)
#if __has_include(<xxh_x86dispatch.h>)
#include <xxh_x86dispatch.h>
#endif
#endif

#endif
