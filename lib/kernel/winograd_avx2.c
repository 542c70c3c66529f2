#include "winograd_kernels.h"

#ifdef __x86_64__
#include "lanes_avx2.h"
#include "winograd_lines.h"

const struct hmm_winograd_kernels hmm_winograd_avx2 = {input_any, multiply, output_any};
#endif
