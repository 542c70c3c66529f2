/* The images of BreaKHis (Spanhol et al. 2016) by the grammar of their names. */
#ifndef HMM_BREAKHIS_H
#define HMM_BREAKHIS_H

#include "hmm/data/table.h"

/* What is never divided between splits: the patient, or the slide. */
enum hmm_breakhis_group { HMM_BY_ACCESSION, HMM_BY_SLIDE };

/* A manifest of the images below a folder, in no order, with the columns `type`
 * and `seq` more. The subject is the slide; the group too if by slide, else the
 * accession number: slides of one patient differ only in type and letters. A
 * warning counts the images whose name does not fit. NULL, reported. */
struct hmm_table *hmm_breakhis_read(const char *folder, enum hmm_breakhis_group group);

#endif
