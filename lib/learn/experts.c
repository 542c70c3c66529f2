#include "hmm/learn/experts.h"

#include <math.h>

static const double least_variance = 1e-8; /* added to an expert's */

void
hmm_experts_multiply(
    double *mu, double *var, const float *const *code, size_t count, size_t latents)
{
	for (size_t j = 0; j < latents; j++) {
		double precision = 1 / (1 + least_variance), sum = 0; /* the prior's: mu 0, logvar 0 */
		for (size_t i = 0; i < count; i++) {
			const double T = 1 / (exp((double)code[i][latents + j]) + least_variance);
			precision += T;
			sum += T * (double)code[i][j];
		}
		mu[j] = sum / precision;
		var[j] = 1 / precision;
	}
}

void
hmm_experts_backward(float *const *dcode, const double *dmu, const double *dvar, const double *mu,
    const double *var, const float *const *code, size_t count, size_t latents)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < latents; j++) {
			const double variance = exp((double)code[i][latents + j]);
			const double T = 1 / (variance + least_variance);
			const double dT =
			    dmu[j] * ((double)code[i][j] - mu[j]) * var[j] - dvar[j] * var[j] * var[j];
			dcode[i][j] += (float)(dmu[j] * T * var[j]);
			dcode[i][latents + j] -= (float)(dT * T * T * variance);
		}
}
