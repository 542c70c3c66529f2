#include "hmm/kernel/loss.h"
#include "hmm/learn/vae.h"

int
hmm_vae_score(void *vae, const struct hmm_item *item, double *logit, double *probability)
{
	if (hmm_vae_logits(vae, &item, 1, logit) || hmm_items_finite(item, *logit))
		return -1;
	*probability = hmm_loss_sigmoid(*logit);
	return 0;
}

struct hmm_learner
hmm_vae_learner(struct hmm_vae *vae)
{
	return (struct hmm_learner){vae, hmm_vae_learn, hmm_vae_predict, hmm_vae_each, NULL};
}
