/* Sixteen floats side by side, on the processor that this file is compiled for. */
#ifndef HMM_LANES_H
#define HMM_LANES_H

#if defined(__AVX512F__)
#include "lanes_avx512.h"
#elif defined(__AVX2__) && defined(__FMA__)
#include "lanes_avx2.h"
#else
#include "lanes_plain.h"
#endif

#endif
