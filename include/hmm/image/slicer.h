/* Images to a stream of their slices, see hmm-slice(1). */
#ifndef HMM_SLICER_H
#define HMM_SLICER_H

#include "hmm/base/parallel.h"
#include "hmm/image/cut.h"
#include "hmm/stream/writer.h"

struct hmm_slicer;

/* The pool and the writer are kept by reference. With `keep_going` an image that fails before its
 * first slice is written is left out. NULL, reported. */
struct hmm_slicer *hmm_slicer_open(
    const struct hmm_cut *cut, struct hmm_pool *pool, struct hmm_writer *writer, int keep_going);
void hmm_slicer_close(struct hmm_slicer *slicer); /* NULL is legal */

/* Write the slices of an image (NIfTI, PNG, PNM; "-": a PNM on standard input), black where the
 * mask (NULL: none), a volume on its grid, is not above 0. They have the record's fields, and index
 * and count; its x is used as room. `sha256`, unless NULL: the files must be those that
 * hmm_files_check() wants. 0, or -1 reported. */
int hmm_slicer_put(struct hmm_slicer *slicer, struct hmm_record *record, const char *path,
    const char *mask, const char *sha256);

/* How many images were left out, each reported. */
long hmm_slicer_failed(const struct hmm_slicer *slicer);

#endif
