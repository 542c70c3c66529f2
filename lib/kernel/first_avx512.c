#include "first_kernels.h"

#ifdef __x86_64__
#include "lanes_avx512.h"
#include "first_lines.h"

LANES_TARGET void
hmm_first_avx512(const struct hmm_first_rows *rows)
{
	run(rows);
}
#endif
