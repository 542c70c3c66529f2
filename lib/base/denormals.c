#include "hmm/base/denormals.h"

#ifdef __SSE2__
#include <xmmintrin.h>

enum { FLUSH_TO_ZERO = 1 << 15, DENORMALS_ARE_ZERO = 1 << 6 }; /* of MXCSR */

unsigned
hmm_denormals_flush(void)
{
	const unsigned before = _mm_getcsr();
	_mm_setcsr(before | FLUSH_TO_ZERO | DENORMALS_ARE_ZERO);
	return before;
}

void
hmm_denormals_restore(unsigned before)
{
	_mm_setcsr(before);
}

#else

unsigned
hmm_denormals_flush(void)
{
	return 0;
}

void
hmm_denormals_restore(unsigned before)
{
	(void)before;
}

#endif
