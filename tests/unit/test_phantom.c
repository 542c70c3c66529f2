/* Phantoms: an image shows its own mark of the disease and nothing of the other's, the two are
 * uncorrelated, each tells a part of the label, and both together nearly all. */
#include <string.h>

#include "hmm/kernel/metrics.h"
#include "hmm/phantom/phantom.h"
#include "scored.h"
#include "test.h"

enum { SIDE = 24, SLICES = 8, VOXELS = SIDE * SIDE * SLICES };

static int
same_image(
    const struct hmm_phantom *one, const struct hmm_phantom *other, enum hmm_phantom_image image)
{
	static int16_t a[VOXELS], b[VOXELS];
	hmm_phantom_image(a, one, image, SIDE, SLICES);
	hmm_phantom_image(b, other, image, SIDE, SLICES);
	return !memcmp(a, b, sizeof(a));
}

static void
check_own_mark(void)
{
	for (uint32_t i = 0; i < 8; i++) {
		const struct hmm_phantom p = hmm_phantom_subject(7, i, 0);
		struct hmm_phantom ventricles = p, cortex = p, uptake = p, turned = p, class = p;
		ventricles.ventricles *= 2.5;
		cortex.cortex *= .7;
		uptake.uptake *= .6;
		turned.turn += .2;
		class.diseased = !p.diseased;
		CHECK(same_image(&p, &ventricles, HMM_PHANTOM_PET));
		CHECK(same_image(&p, &cortex, HMM_PHANTOM_PET));
		CHECK(same_image(&p, &uptake, HMM_PHANTOM_T1W));
		CHECK(!same_image(&p, &ventricles, HMM_PHANTOM_T1W));
		CHECK(!same_image(&p, &cortex, HMM_PHANTOM_T1W));
		CHECK(!same_image(&p, &uptake, HMM_PHANTOM_PET));
		for (int image = HMM_PHANTOM_T1W; image <= HMM_PHANTOM_PET; image++) {
			CHECK(same_image(&p, &class, (enum hmm_phantom_image)image)); /* but for its marks */
			CHECK(!same_image(&p, &turned, (enum hmm_phantom_image)image));
		}
	}
}

enum { SUBJECTS = 10000 };

static double
auc(const double scores[SUBJECTS], const int labels[SUBJECTS])
{
	static struct hmm_scored scored[SUBJECTS];
	for (size_t i = 0; i < SUBJECTS; i++)
		scored[i] = (struct hmm_scored)ROW(scores[i], labels[i], i);
	hmm_metrics_sort(scored, SUBJECTS);
	return hmm_metrics_auc(scored, SUBJECTS);
}

/* The best that anybody can tell from the marks, whose likelihood ratios are these sums: an AUC of
 * Phi(d / sqrt 2), where d is 1.5 / sqrt(.78), 1.5 / sqrt(1), and 3.76 of both. */
static void
check_effects(void)
{
	static double mri[SUBJECTS], pet[SUBJECTS], both[SUBJECTS];
	static int labels[SUBJECTS];
	double product = 0, squares[2] = {0};
	for (uint32_t i = 0; i < SUBJECTS; i++) {
		const struct hmm_phantom p = hmm_phantom_subject(1, i, 0);
		labels[i] = p.diseased;
		mri[i] = log(p.ventricles) / .90 - log(p.cortex) / .20 - .75;
		pet[i] = (1 - p.uptake) / .20 - .75;
		both[i] = 1.56 * mri[i] + 1.34 * pet[i];
		product += mri[i] * pet[i];
		squares[0] += mri[i] * mri[i];
		squares[1] += pet[i] * pet[i];
	}
	CHECK(fabs(auc(mri, labels) - .885) < .01);
	CHECK(fabs(auc(pet, labels) - .856) < .01);
	CHECK(fabs(auc(both, labels) - .996) < .002);
	CHECK(fabs(product) < .03 * sqrt(squares[0] * squares[1]));
}

int
main(void)
{
	check_own_mark();
	check_effects();
	return test_end();
}
