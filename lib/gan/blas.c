#include "hmm/gan/blas.h"

#include <cblas.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hmm/base/cpu.h"
#include "hmm/base/error.h"

static const char choice[] = "OPENBLAS_CORETYPE";

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

/* What to ask OpenBLAS for, and in *has why; NULL: it has what this processor can. */
static const char *
better_core(const char **has)
{
	char core[64];
	snprintf(core, sizeof(core), " %s ", hmm_blas_core());
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (hmm_cpu_has(known[i].cpu)) {
			*has = known[i].has;
			return strstr(known[i].cores, core) ? NULL : known[i].ask;
		}
	return NULL;
}

void
hmm_blas_choose(char **argv)
{
	char program[PATH_MAX];
	const char *has, *core = better_core(&has);
	/* a choice stands, ours too: nothing may come of it, and nobody begins again for ever */
	if (!core || getenv(choice))
		return;
	const ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
	if (length <= 0 || setenv(choice, core, 0))
		return;
	program[length] = '\0';
	execv(program, argv);
}

int
hmm_blas_open(void)
{
	const char *has, *core = better_core(&has);
	openblas_set_num_threads(1);
	if (openblas_get_num_threads() != 1)
		return hmm_error("OpenBLAS has %d threads a call, want 1", openblas_get_num_threads());
	if (core)
		hmm_warn("OpenBLAS takes this processor, which has %s, for %s and is slower than it could "
		         "be: set %s=%s",
		    has, hmm_blas_core(), choice, core);
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
