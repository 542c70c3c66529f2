/* Images to a stream of their slices, see hmm-slice(1). */
#ifndef HMM_SLICER_H
#define HMM_SLICER_H

#include "hmm/base/parallel.h"
#include "hmm/image/cut.h"
#include "hmm/stream/writer.h"

struct hmm_slicer;

/* The pool and the writer are kept by reference. NULL, reported. */
struct hmm_slicer *hmm_slicer_open(
    const struct hmm_cut *cut, struct hmm_pool *pool, struct hmm_writer *writer);
void hmm_slicer_close(struct hmm_slicer *slicer); /* NULL is legal */

/* Write the slices of an image (NIfTI, PNG, PNM; "-": a PNM on standard input), black where the
 * mask (NULL: none), a volume on its grid, is not above 0. They have the record's fields, and index
 * and count; its x is used as room. `sha256`, unless NULL: the files must be those that
 * hmm_files_check() wants. 0; 1, reported, where nothing was written of it, and the next one may
 * be; or -1 reported. */
int hmm_slicer_put(struct hmm_slicer *slicer, struct hmm_record *record, const char *path,
    const char *mask, const char *sha256);

#endif
