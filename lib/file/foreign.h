/* Formats that are not read here, and what makes one of them that is. */
#ifndef HMM_FOREIGN_H
#define HMM_FOREIGN_H

#include <stddef.h>

enum { HMM_FOREIGN_START = 132 }; /* bytes that are enough to know */

/* "DICOM: dcm2niix makes NIfTI of it", by a file's first bytes, or by its name where those do not
 * tell; NULL for what is not known. */
const char *hmm_foreign(const unsigned char *start, size_t size, const char *path);

#endif
