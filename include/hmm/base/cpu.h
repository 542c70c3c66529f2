/* The kind of processor that this process computes as: the best that the machine has, or a
 * lesser one that HMM_CPU names in the environment. Results have the same bits on all of them. */
#ifndef HMM_BASE_CPU_H
#define HMM_BASE_CPU_H

enum hmm_cpu {
	HMM_CPU_PLAIN,  /* anything with a C compiler */
	HMM_CPU_AVX2,   /* x86-64 with AVX2 and FMA */
	HMM_CPU_AVX512, /* x86-64 with AVX-512F */
	HMM_CPUS
};

/* Choose, once and before any thread starts: hmm_option_parse() does. -1, reported, where
 * HMM_CPU is no such word, or asks for more than the machine has; then it is the plain one. */
int hmm_cpu_choose(void);

/* What was chosen; chosen here in a program without hmm_option_parse(). */
enum hmm_cpu hmm_cpu(void);

/* "plain", "avx2", "avx512". */
const char *hmm_cpu_name(enum hmm_cpu cpu);

/* 1 where this machine can run it. */
int hmm_cpu_has(enum hmm_cpu cpu);

#endif
