/* An entry of a ZIP archive, which claims no more than it can hold. */
#ifndef HMM_ARCHIVE_H
#define HMM_ARCHIVE_H

#include <stddef.h>
#include <zip.h>

/* The bytes of the entry of that name, at most `most`, to free(); NULL, reported under `path`, the
 * archive's, of so many bytes. */
void *hmm_archive_read(
    zip_t *zip, const char *path, size_t bytes, const char *name, size_t most, size_t *size);

#endif
