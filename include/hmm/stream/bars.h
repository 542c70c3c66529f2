/* Bars under pictures: a number for each slice of a stream, from a table such as hmm-explain's. */
#ifndef HMM_BARS_H
#define HMM_BARS_H

#include "hmm/file/image.h"
#include "hmm/stream/record.h"

struct hmm_bars;

/* Read the columns subject, modality, index, value, and source if there is one. NULL, reported. */
struct hmm_bars *hmm_bars_open(const char *path);
void hmm_bars_close(struct hmm_bars *bars); /* NULL is legal */

/* A slice of the stream goes by; and behind the last one: rows that are of no slice are a warning,
 * and an error if all are. `name` is the stream's. 0, or -1 reported. */
void hmm_bars_meet(struct hmm_bars *bars, const struct hmm_record *record);
int hmm_bars_check(const struct hmm_bars *bars, const char *name);

/* A copy of a record's slice, to hmm_image_free(), with a strip below: from its middle to the right
 * for more than 0, to the left for less, as long as the value is beside the largest of its
 * subject's. Empty where the table has none of that slice. 0, or -1 reported. */
int hmm_bars_draw(
    struct hmm_image *image, const struct hmm_bars *bars, const struct hmm_record *record);

#endif
