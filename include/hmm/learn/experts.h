/* A product of Gaussian experts (Wu and Goodman, NeurIPS 2018, arXiv 1802.05335): that of
 * N(0, 1) and N(mu_i, exp(logvar_i)), whose precisions add up,
 *
 *   T_i = 1 / (exp(logvar_i) + 1e-8), var = 1 / sum T, mu = var sum mu_i T_i.
 *
 * An expert's code is mu [latents], logvar [latents]. */
#ifndef HMM_EXPERTS_H
#define HMM_EXPERTS_H

#include <stddef.h>

/* mu and var [latents] of the product of `count` experts. */
void hmm_experts_multiply(
    double *mu, double *var, const float *const *code, size_t count, size_t latents);

/* Add d loss / d code of every expert for d loss / d mu and d loss / d var of the product. */
void hmm_experts_backward(float *const *dcode, const double *dmu, const double *dvar,
    const double *mu, const double *var, const float *const *code, size_t count, size_t latents);

#endif
