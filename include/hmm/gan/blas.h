/* Matrix products by OpenBLAS, on one thread a call: the pools of parallel.h stand above it, so
 * that the bits of a product depend on its shape and on OpenBLAS's kernels alone. Which kernels
 * those are, OpenBLAS decides by the processor (or OPENBLAS_CORETYPE): they are part of the history
 * of what was computed with them. */
#ifndef HMM_BLAS_H
#define HMM_BLAS_H

#include <stddef.h>

/* OpenBLAS takes a processor that it does not know for a lesser one, and decides as it is loaded:
 * begin this program again with better kernels, unless OPENBLAS_CORETYPE says which. Returns where
 * there is nothing to do; call it before anything is read or written. */
void hmm_blas_choose(char **argv);

/* One thread a call from now on; warns where OpenBLAS takes the processor for a lesser one. 0, or
 * -1 reported. */
int hmm_blas_open(void);

/* The name of its kernels: "Haswell", "SkylakeX". */
const char *hmm_blas_core(void);

/* A matrix in rows that are `stride` floats apart; `turned`: its transpose is meant. */
struct hmm_matrix {
	const float *at;
	size_t stride;
	int turned;
};

/* c[rows][columns] = a b, or += where `add`; a is rows x depth, b is depth x columns. */
void hmm_blas_multiply(float *c, size_t c_stride, struct hmm_matrix a, struct hmm_matrix b,
    size_t rows, size_t columns, size_t depth, int add);

#endif
