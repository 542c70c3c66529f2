#include "hmm/gan/blas.h"

#include <cblas.h>
#include <string.h>

#include "hmm/base/cpu.h"
#include "hmm/base/error.h"

const char *
hmm_blas_core(void)
{
	return openblas_get_corename();
}

/* What OpenBLAS calls its kernels for a kind of processor, and one to ask for; 0.3.21's. */
static const struct {
	enum hmm_cpu cpu;
	const char *has, *cores, *ask;
} known[] = {
    {HMM_CPU_AVX512, "AVX-512", " SkylakeX Cooperlake SapphireRapids ", "SKYLAKEX"},
    {HMM_CPU_AVX2, "AVX2", " Haswell Zen SkylakeX Cooperlake SapphireRapids ", "HASWELL"},
};

static void
warn_of_core(void)
{
	char core[64];
	snprintf(core, sizeof(core), " %s ", hmm_blas_core());
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (hmm_cpu_has(known[i].cpu)) {
			if (!strstr(known[i].cores, core))
				hmm_warn("OpenBLAS takes this processor, which has %s, for%sand is slower than it "
				         "could be: set OPENBLAS_CORETYPE=%s",
				    known[i].has, core, known[i].ask);
			return;
		}
}

int
hmm_blas_open(void)
{
	openblas_set_num_threads(1);
	if (openblas_get_num_threads() != 1)
		return hmm_error("OpenBLAS has %d threads a call, want 1", openblas_get_num_threads());
	warn_of_core();
	return 0;
}

void
hmm_blas_multiply(float *c, size_t c_stride, struct hmm_matrix a, struct hmm_matrix b, size_t rows,
    size_t columns, size_t depth, int add)
{
	cblas_sgemm(CblasRowMajor, a.turned ? CblasTrans : CblasNoTrans,
	    b.turned ? CblasTrans : CblasNoTrans, (blasint)rows, (blasint)columns, (blasint)depth, 1,
	    a.at, (blasint)a.stride, b.at, (blasint)b.stride, add ? 1.f : 0.f, c, (blasint)c_stride);
}
