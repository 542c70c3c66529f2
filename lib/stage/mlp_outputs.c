#include <string.h>

#include "hmm/mlp.h"

int
hmm_mlp_backward_outputs(
    struct hmm_mlp *mlp, struct hmm_pool *pool, const float *doutput, float *dx)
{
	/* hmm_mlp_backward() starts from mlp->dy, of which it sets the first */
	memcpy(mlp->dy, doutput, mlp->width[mlp->layers] * sizeof(float));
	return hmm_mlp_backward(mlp, pool, doutput[0], dx);
}
