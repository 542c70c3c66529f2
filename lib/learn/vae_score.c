#include "hmm/base/memory.h"
#include "hmm/learn/vae.h"

int
hmm_vae_score(void *self, const struct hmm_item *item, double *number)
{
	struct hmm_vae *vae = self;
	const struct hmm_objective *objective = vae->shape.objective;
	double output[HMM_OBJECTIVE_CLASSES];
	return hmm_vae_outputs(vae, &item, 1, output) ||
	               hmm_objective_numbers(objective, number, output, item->subject)
	           ? -1
	           : 0;
}

struct hmm_learner
hmm_vae_learner(struct hmm_vae *vae)
{
	return (struct hmm_learner){
	    vae, vae->shape.objective, hmm_vae_learn, hmm_vae_predict, hmm_vae_each, NULL};
}
