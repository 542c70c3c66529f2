#include "lanes_plain.h"
#include "winograd_lines.h"

const struct hmm_winograd_kernels hmm_winograd_plain = {input_any, multiply, output_any};
