/* What the name of an image in a BIDS tree says. */
#ifndef HMM_BIDS_NAME_H
#define HMM_BIDS_NAME_H

#include <limits.h>

struct hmm_bids_name {
	char group[NAME_MAX + 1];       /* sub-X */
	char subject[2 * NAME_MAX + 2]; /* sub-X or sub-X_ses-Y */
	char modality[NAME_MAX + 1];    /* ce-gadolinium_T1w */
	char suffix[NAME_MAX + 1];      /* T1w */
};

enum hmm_bids_kind {
	HMM_BIDS_IMAGE,
	HMM_BIDS_ASIDE,   /* an image of a mask, a segmentation, a photograph */
	HMM_BIDS_OTHER,   /* no image */
	HMM_BIDS_UNREAD,  /* an image of a kind that is not read */
	HMM_BIDS_STRANGE, /* an image, but not where or not named as BIDS wants */
	HMM_BIDS_ASTRAY,  /* an image in the folder of another subject or session */
};

/* Take apart the path of a file below the tree's top, sub-X[/ses-Y]/<datatype>/NAME;
 * `entities` (with commas) belong to the modality. Images are NIfTI, and PNG in micr/. */
enum hmm_bids_kind hmm_bids_name_parse(
    struct hmm_bids_name *name, const char *relative, const char *entities);

#endif
