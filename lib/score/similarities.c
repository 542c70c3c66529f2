#include "hmm/score/similarities.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/table.h"

enum { REGIONS = 2 };

/* Its names are those of the slice before it where they are the same. */
struct hmm_compared_slice {
	char *subject, *modality, *imputed;
	int owner; /* 1: of its names */
	long index;
	struct hmm_similarity sums[REGIONS];
};

static const char *const names[REGIONS][HMM_MEASURES] = {{"ssim", "ssim_skimage", "psnr", "l1"},
    {"ssim_inside", "ssim_skimage_inside", "psnr_inside", "l1_inside"}};

void
hmm_similarities_free(struct hmm_similarities *all)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->slice[i].owner) {
			free(all->slice[i].subject);
			free(all->slice[i].modality);
			free(all->slice[i].imputed);
		}
	free(all->slice);
	*all = (struct hmm_similarities){0};
}

int
hmm_similarities_add(struct hmm_similarities *all, const char *subject, const char *modality,
    const char *imputed, long index, const struct hmm_similarity sums[2])
{
	void *slices = all->slice;
	if (hmm_grow(&slices, &all->capacity, (all->count + 1) * sizeof(*all->slice)))
		return -1;
	all->slice = slices;
	struct hmm_compared_slice *slice = &all->slice[all->count];
	const struct hmm_compared_slice *before = all->count ? slice - 1 : NULL;
	if (before && !strcmp(before->subject, subject) && !strcmp(before->modality, modality) &&
	    !strcmp(before->imputed, imputed)) {
		*slice = *before;
		slice->owner = 0;
	} else {
		*slice = (struct hmm_compared_slice){.owner = 1,
		    .subject = hmm_strdup(subject),
		    .modality = hmm_strdup(modality),
		    .imputed = hmm_strdup(imputed)};
	}
	slice->index = index;
	memcpy(slice->sums, sums, sizeof(slice->sums));
	all->count++;
	return slice->subject && slice->modality && slice->imputed ? 0 : -1;
}

/* Real images of a modality come before those of its generators. */
static int
compare_modality(const struct hmm_compared_slice *a, const struct hmm_compared_slice *b)
{
	const int order = strcmp(a->modality, b->modality);
	return order ? order : strcmp(a->imputed, b->imputed);
}

static int
compare_image(const struct hmm_compared_slice *a, const struct hmm_compared_slice *b)
{
	const int order = compare_modality(a, b);
	return order ? order : strcmp(a->subject, b->subject);
}

static int
compare_slice(const void *left, const void *right)
{
	const struct hmm_compared_slice *a = left, *b = right;
	const int order = compare_image(a, b);
	return order ? order : (a->index > b->index) - (a->index < b->index);
}

static int
sort(struct hmm_similarities *all)
{
	if (all->count)
		qsort(all->slice, all->count, sizeof(*all->slice), compare_slice);
	for (size_t i = 1; i < all->count; i++) {
		const struct hmm_compared_slice *slice = &all->slice[i];
		if (!compare_slice(slice - 1, slice))
			return hmm_error("subject %s: slice %ld of its %s%s stands twice", slice->subject,
			    slice->index, slice->imputed[0] ? "imputed " : "", slice->modality);
	}
	return 0;
}

/* ---- a row an image or a slice ---- */

static void
write_header(FILE *file, enum hmm_per per, int regions)
{
	fputs(per == HMM_PER_SLICE ? "modality\timputed\tsubject\tindex"
	                           : "modality\timputed\tsubject\tslices",
	    file);
	for (int r = 0; r < regions; r++)
		for (int m = 0; m < HMM_MEASURES; m++)
			fprintf(file, "\t%s", names[r][m]);
	fputs("\tdata_range\n", file);
}

/* The sums of an image's slices; where the next one's begin. */
static size_t
sum_image(struct hmm_similarity sums[REGIONS], const struct hmm_similarities *all, size_t first)
{
	size_t i = first;
	memset(sums, 0, REGIONS * sizeof(*sums));
	for (; i < all->count && !compare_image(&all->slice[first], &all->slice[i]); i++)
		for (int r = 0; r < REGIONS; r++)
			hmm_similarity_merge(&sums[r], &all->slice[i].sums[r]);
	return i;
}

static void
write_rows(FILE *file, const struct hmm_similarities *all, enum hmm_per per, int regions)
{
	write_header(file, per, regions);
	for (size_t i = 0, end; i < all->count; i = end) {
		const struct hmm_compared_slice *slice = &all->slice[i];
		struct hmm_similarity sums[REGIONS];
		double values[HMM_MEASURES];
		end = per == HMM_PER_SLICE ? i + 1 : sum_image(sums, all, i);
		hmm_table_write(file, slice->modality, 1);
		hmm_table_write(file, slice->imputed[0] ? slice->imputed : NULL, 0);
		hmm_table_write(file, slice->subject, 0);
		fprintf(file, "\t%ld", per == HMM_PER_SLICE ? slice->index : (long)(end - i));
		for (int r = 0; r < regions; r++) {
			hmm_similarity_values(values, per == HMM_PER_SLICE ? &slice->sums[r] : &sums[r]);
			for (int m = 0; m < HMM_MEASURES; m++)
				hmm_table_write_number(file, values[m]);
		}
		fputs("\t255\n", file);
	}
}

/* ---- a row a measure of a modality ---- */

struct moments { /* over the images that have a value */
	double sum, square;
	size_t images, slices;
};

/* Add the images of a modality from `first` on: once their values, then, where `mean` is not
 * NULL, the squares around it. Where the next modality begins. */
static size_t
add_images(struct moments moments[REGIONS][HMM_MEASURES], const struct hmm_similarities *all,
    size_t first, int second)
{
	size_t i = first, end;
	for (; i < all->count && !compare_modality(&all->slice[first], &all->slice[i]); i = end) {
		struct hmm_similarity sums[REGIONS];
		double values[HMM_MEASURES];
		end = sum_image(sums, all, i);
		for (int r = 0; r < REGIONS; r++) {
			hmm_similarity_values(values, &sums[r]);
			for (int m = 0; m < HMM_MEASURES; m++) {
				struct moments *of = &moments[r][m];
				const double off = values[m] - of->sum / (double)of->images;
				if (isnan(values[m]))
					continue;
				of->square += second ? off * off : 0;
				of->sum += second ? 0 : values[m];
				of->images += !second;
				of->slices += second ? 0 : end - i;
			}
		}
	}
	return i;
}

static void
write_summary(FILE *file, const struct hmm_similarities *all, int regions)
{
	fputs("modality\timputed\tmeasure\tmean\tsd\tn\tslices\tdata_range\n", file);
	for (size_t i = 0, end; i < all->count; i = end) {
		const struct hmm_compared_slice *slice = &all->slice[i];
		struct moments moments[REGIONS][HMM_MEASURES] = {{{0, 0, 0, 0}}};
		add_images(moments, all, i, 0);
		end = add_images(moments, all, i, 1);
		for (int k = 0; k < regions * HMM_MEASURES; k++) {
			const int r = k / HMM_MEASURES, m = k % HMM_MEASURES;
			const struct moments *of = &moments[r][m];
			const double n = (double)of->images;
			hmm_table_write(file, slice->modality, 1);
			hmm_table_write(file, slice->imputed[0] ? slice->imputed : NULL, 0);
			hmm_table_write(file, names[r][m], 0);
			hmm_table_write_number(file, of->images ? of->sum / n : (double)NAN);
			hmm_table_write_number(file, of->images > 1 ? sqrt(of->square / (n - 1)) : (double)NAN);
			fprintf(file, "\t%zu\t%zu\t255\n", of->images, of->slices);
		}
	}
}

int
hmm_similarities_write(FILE *file, struct hmm_similarities *all, enum hmm_per per, int inside)
{
	const int regions = inside ? REGIONS : 1;
	if (sort(all))
		return -1;
	if (per == HMM_PER_MODALITY)
		write_summary(file, all, regions);
	else
		write_rows(file, all, per, regions);
	return 0;
}
