#include "hmm/kernel/kernels.h"

static const struct hmm_kernels *const tables[HMM_CPUS] = {
    [HMM_CPU_PLAIN] = &hmm_kernels_plain,
#ifdef __x86_64__
    [HMM_CPU_AVX2] = &hmm_kernels_avx2,
    [HMM_CPU_AVX512] = &hmm_kernels_avx512,
#endif
};

const struct hmm_kernels *
hmm_kernels(void)
{
	return tables[hmm_cpu()];
}

const struct hmm_kernels *
hmm_kernels_of(enum hmm_cpu cpu)
{
	return hmm_cpu_has(cpu) ? tables[cpu] : NULL;
}
