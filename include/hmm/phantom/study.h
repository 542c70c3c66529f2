/* Trees of synthetic images, as real studies have them. */
#ifndef HMM_STUDY_H
#define HMM_STUDY_H

#include <stdint.h>

#include "hmm/base/progress.h"

struct hmm_study {
	const char *folder; /* exists and has nothing in it */
	uint64_t seed;
	long subjects;
	long side;      /* pixels across */
	long slices;    /* volumes: axial slices */
	double missing; /* volumes: the share of subjects that lack MRI or PET */
	double images;  /* slides: how many a slide has on average */
	int noise;      /* volumes: 1: of noise alone */
	double mark;    /* noise: how much brighter a corner of the diseased is */
};

/* MRI and PET as a BIDS tree; histology as BreaKHis's tree. 0, or -1 reported. */
int hmm_study_volumes(const struct hmm_study *study, struct hmm_progress *progress);
int hmm_study_slides(const struct hmm_study *study, struct hmm_progress *progress);

#endif
