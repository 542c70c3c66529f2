#include "hmm/base/cpu.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"

static const char *const names[HMM_CPUS] = {"plain", "avx2", "avx512"};

static atomic_int chosen = HMM_CPUS; /* by nobody yet */

const char *
hmm_cpu_name(enum hmm_cpu cpu)
{
	return names[cpu];
}

int
hmm_cpu_has(enum hmm_cpu cpu)
{
#ifdef __x86_64__
	if (cpu == HMM_CPU_AVX512)
		return __builtin_cpu_supports("avx512f") != 0;
	if (cpu == HMM_CPU_AVX2)
		return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
	return cpu == HMM_CPU_PLAIN;
}

/* The greatest that is here. */
static int
best(void)
{
	int cpu = HMM_CPUS - 1;
	while (!hmm_cpu_has((enum hmm_cpu)cpu))
		cpu--;
	return cpu;
}

/* What HMM_CPU asks for; -1 reported. */
static int
asked(void)
{
	const char *word = getenv("HMM_CPU");
	int cpu = 0;
	if (!word || !*word)
		return best();
	while (cpu < HMM_CPUS && strcmp(names[cpu], word))
		cpu++;
	if (cpu == HMM_CPUS)
		return hmm_error("HMM_CPU: found '%s', want plain, avx2 or avx512", word);
	if (!hmm_cpu_has((enum hmm_cpu)cpu))
		return hmm_error(
		    "HMM_CPU: found '%s', but this processor has no more than %s", word, names[best()]);
	return cpu;
}

int
hmm_cpu_choose(void)
{
	const int cpu = asked();
	atomic_store(&chosen, cpu < 0 ? HMM_CPU_PLAIN : cpu);
	return cpu < 0 ? -1 : 0;
}

enum hmm_cpu
hmm_cpu(void)
{
	if (atomic_load_explicit(&chosen, memory_order_relaxed) == HMM_CPUS)
		hmm_cpu_choose();
	return (enum hmm_cpu)atomic_load_explicit(&chosen, memory_order_relaxed);
}
