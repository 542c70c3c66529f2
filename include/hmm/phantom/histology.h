/* Synthetic slides of breast tissue under a microscope, stained with haematoxylin
 * and eosin, in the way of BreaKHis (Spanhol et al., "A dataset for breast cancer
 * histopathological image classification", IEEE TBME 2016): every slide is seen in
 * several fields at four magnifications. The disease crowds the nuclei, enlarges
 * them, makes them dark and uneven, and leaves fewer glands with a lumen. People, the
 * parts of a slide that each magnification looks at, and fields vary in each of these
 * too, so that all magnifications together tell more than one. Stains differ from
 * slide to slide and say nothing. */
#ifndef HMM_HISTOLOGY_H
#define HMM_HISTOLOGY_H

#include <stddef.h>
#include <stdint.h>

enum { HMM_MAGNIFICATIONS = 4 };
extern const int hmm_histology_magnifications[HMM_MAGNIFICATIONS]; /* 40, 100, 200, 400 */

/* What a disease raises, by 1.3 on average; healthy: 0. */
enum hmm_histology_trait { HMM_GLAND_LOSS, HMM_CROWDING, HMM_ENLARGEMENT, HMM_ATYPIA, HMM_TRAITS };

struct hmm_slide {
	int malignant;                   /* 0, 1 */
	const char *type;                /* of the tumour, in BreaKHis's letters: A, DC, ... */
	const char *folder;              /* its name there: adenosis, ductal_carcinoma, ... */
	uint32_t accession;              /* of the patient */
	const char *letters;             /* that tell the slides of one patient apart */
	long images[HMM_MAGNIFICATIONS]; /* how many at each magnification, 1 or more */
	double traits[HMM_TRAITS];
	double haematoxylin, eosin; /* strengths of the stains; usual: 1 */
	double tint;                /* what eosin takes of blue light */
	double light[3];            /* of the lamp, red, green, blue; white: 1 */
	uint64_t seed;
	uint32_t number;
};

/* Slide `number` of a study: of each pair of numbers 2i, 2i + 1 one is malignant,
 * seeded. Two of every sixteen slides are second slides of a patient. `images`: the
 * mean count of a slide's images over all magnifications; the counts are very uneven. */
struct hmm_slide hmm_histology_slide(uint64_t seed, uint32_t number, double images);

/* One field of view, pixels[3][height][width] in red, green and blue; `magnification`
 * is an index from 0, `field` counts the slide's images at it. 0, or -1 reported when
 * memory is short. */
int hmm_histology_image(uint8_t *pixels, const struct hmm_slide *slide, unsigned magnification,
    uint32_t field, size_t height, size_t width);

#endif
