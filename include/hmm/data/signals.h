/* The channels of signal files as a manifest. */
#ifndef HMM_SIGNALS_H
#define HMM_SIGNALS_H

#include "hmm/data/table.h"

struct hmm_signals_options {
	int axes;           /* of matrices in .npy: enum hmm_signal_axes, or HMM_UNSET */
	const char *labels; /* a table of labels; NULL: the classes of a .ts */
	const char *label;  /* its column */
	int ruled;          /* 1: a rule says which classes are 1; 0: of two it is the greater */
};

/* A manifest of all channels, or those of FILE[CHANNEL,...], names or patterns of glob(7). A file
 * is a subject of its name, and its own group; of NAME.ts case 12 is the subject NAME-00012, and
 * its split train or test where NAME ends in _TRAIN or _TEST. Its class is in the column
 * class, and the label: the class, or 0 and 1 where there are two and no rule; of more it is none,
 * which is said. Labels of a table are by its column subject, participant_id, patient_id or group.
 * NULL, reported: also where a channel cannot be a modality, or two files have it of one subject.
 */
struct hmm_table *hmm_signals_list(
    char *const *files, size_t count, const struct hmm_signals_options *options);

#endif
