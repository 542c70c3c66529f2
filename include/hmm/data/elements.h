/* Vectors of tables and .npz files as a manifest. */
#ifndef HMM_ELEMENTS_H
#define HMM_ELEMENTS_H

#include "hmm/data/table.h"

/* A manifest of all that stands in files, given as MODALITY=FILE or MODALITY=FILE[COLUMNS], in no
 * order: a row of a table is one unless all its cells are missing, an array of an .npz always. The
 * key is the subject, and its group. Labels are those in `label` of the table at `labels` (NULL:
 * none), by its column subject, participant_id, patient_id or group. NULL, reported. */
struct hmm_table *hmm_elements_read(
    const char *const *given, size_t count, const char *labels, const char *label);

#endif
