/* One latent for a subject: the mean, sum or maximum of the latents of the
 * images that it has (paper, eq. 1). */
#ifndef HMM_SETSUM_H
#define HMM_SETSUM_H

#include <stddef.h>
#include <stdint.h>

#include "hmm/stream/dataset.h"
#include "hmm/learn/fill.h"
#include "hmm/stream/filter.h"

enum hmm_reduce { HMM_MEAN, HMM_SUM, HMM_MAX };

/* out[size] from `count` >= 1 elements, taken in their order. */
void hmm_setsum(
    float *out, const float *const *elements, size_t count, size_t size, enum hmm_reduce reduce);

/* d loss / d element from d loss / d out, for one element after the other in their
 * order. Of a maximum's elements the first that attains it gets the gradient,
 * which is then taken from dout. delement may be element. */
void hmm_setsum_backward(float *delement, float *dout, const float *element, const float *out,
    size_t count, size_t size, enum hmm_reduce reduce);

/* What is written of a subject after its full set: nothing more, the sets of its single
 * modalities, those of all proper subsets of its modalities, of which it may have as many, or some
 * that are drawn. Of one modality there is nothing more in any case. */
enum hmm_subsets { HMM_NO_SUBSETS, HMM_SINGLES, HMM_ALL_SUBSETS, HMM_RANDOM_SUBSETS };
enum { HMM_SUBSETS_MODALITIES = 16, HMM_DRAWS = 1000000 /* at most */ };

/* What random subsets are drawn by: the subject's name, or its modalities, so that subjects who
 * have the same get the same. */
enum hmm_draw_by { HMM_BY_SUBJECT_NAME, HMM_BY_MODALITIES };

struct hmm_setsum_options {
	enum hmm_reduce reduce;
	enum hmm_subsets subsets;
	const struct hmm_fill *fill; /* of modalities that a subject lacks; NULL: they stay missing */
	/* of HMM_RANDOM_SUBSETS */
	long draws; /* a subject */
	enum hmm_draw_by draw_by;
	uint64_t seed;
};

/* Draw subset `number` of `count` modalities for what has that name: a size uniform in 1..count,
 * then a subset of that size; taken[m] is 1 where it has m. order[count] is scratch. */
void hmm_setsum_draw(
    char *taken, size_t *order, size_t count, uint64_t seed, const char *name, long number);

/* Latents on standard input, those of a subject together, become sets on the filter's output.
 * 0, or -1 reported. */
int hmm_setsum_stream(struct hmm_filter *filter, const struct hmm_setsum_options *options);

/* Whether a data set of sets has subsets, or would, if anybody had two modalities. */
int hmm_setsum_has_subsets(const struct hmm_dataset *data);

#endif
