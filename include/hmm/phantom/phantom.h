/* Synthetic subjects: a head in T1w MRI and FDG-PET with a disease effect that neither shows fully,
 * and both together nearly so. The disease enlarges the ventricles and thins the cortex, which MRI
 * alone shows, and lowers temporo-parietal uptake, which PET alone shows: of the rest PET draws a
 * usual head in the subject's pose, with its folds. Both marks vary among people by about as much
 * as they differ between groups. Who is spared in one has the more in the other, so that over both
 * groups they are uncorrelated. */
#ifndef HMM_PHANTOM_H
#define HMM_PHANTOM_H

#include <stddef.h>
#include <stdint.h>

struct hmm_phantom {
	int diseased;                /* 0, 1 */
	int age;                     /* years */
	char sex;                    /* M, F */
	double ventricles, cortex;   /* size of the ventricles, thickness of the cortex; healthy: 1 */
	double uptake;               /* temporo-parietal; healthy: 1 */
	double turn, shift[2], size; /* nuisance: pose in radians and head radii, head size */
	double folds;                /* phase of the cortical folds */
	uint64_t seed;
	uint32_t number;
	int missing; /* 0: nothing, 1: MRI, 2: PET */
};

enum hmm_phantom_image { HMM_PHANTOM_T1W, HMM_PHANTOM_PET };

/* Subject `number` of a study, the diseased at random but half of them (the odd
 * numbers after a seeded shuffle of pairs); one modality is missing at this rate. */
struct hmm_phantom hmm_phantom_subject(uint64_t seed, uint32_t number, double missing);

/* Its image, values[slices][side][side] with x fastest, RAS, over a field of view
 * of 200 x 200 x 160 mm. */
void hmm_phantom_image(int16_t *values, const struct hmm_phantom *phantom,
    enum hmm_phantom_image image, size_t side, size_t slices);

/* Likewise, noise alone, uniform from 1 to 201; a quarter of every slice is brighter by
 * `mark` (up to 30,000) in the diseased. */
void hmm_phantom_noise(int16_t *values, const struct hmm_phantom *phantom,
    enum hmm_phantom_image image, size_t side, size_t slices, double mark);

#endif
