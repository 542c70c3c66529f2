#include "hmm/learn/means.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

/* Sums in the making. */
struct sums {
	struct hmm_means *means; /* whose names are not sorted yet */
	void *sum, *count;       /* double [names.count][size], size_t [names.count] */
	size_t sum_capacity, count_capacity;
};

/* Whether a latent is of the shape of the first. 0, or -1 reported. */
static int
check_shape(
    struct hmm_means *means, const struct hmm_reader *reader, const struct hmm_record *record)
{
	const size_t *shape = record->x.shape;
	char place[600], have[128], want[128];
	if (!means->size) {
		memcpy(means->shape, shape, sizeof(means->shape));
		means->size = shape[0] * shape[1] * shape[2];
	}
	if (!memcmp(means->shape, shape, sizeof(means->shape)))
		return 0;
	return hmm_error("%s: %s: shape %s, want %s as in record 1", hmm_reader_name(reader),
	    hmm_record_place(place, sizeof(place), record, hmm_reader_number(reader)),
	    hmm_shape_text(have, sizeof(have), shape, 3),
	    hmm_shape_text(want, sizeof(want), means->shape, 3));
}

static int
take(struct sums *sums, const struct hmm_record *record)
{
	struct hmm_means *means = sums->means;
	const size_t before = means->names.count, size = means->size;
	const float *x = record->x.data;
	const long at = hmm_names_add(&means->names, record->modality);
	if (at < 0)
		return -1;
	if (means->names.count > before) {
		if (hmm_grow(&sums->sum, &sums->sum_capacity, (before + 1) * size * sizeof(double)) ||
		    hmm_grow(&sums->count, &sums->count_capacity, (before + 1) * sizeof(size_t)))
			return -1;
		memset((double *)sums->sum + before * size, 0, size * sizeof(double));
		((size_t *)sums->count)[before] = 0;
	}
	double *sum = (double *)sums->sum + (size_t)at * size;
	for (size_t i = 0; i < size; i++)
		sum[i] += (double)x[i];
	((size_t *)sums->count)[at]++;
	return 0;
}

/* The means of the sums, by name. 0, or -1 reported. */
static int
divide(const struct sums *sums, const char *path)
{
	struct hmm_means *means = sums->means;
	const size_t count = means->names.count, size = means->size;
	if (!count)
		return hmm_error("%s: no latents of split train", path);
	size_t *now = hmm_alloc(count, sizeof(*now));
	means->mean = hmm_alloc_raw(count * size, sizeof(float));
	const int bad = !now || !means->mean || hmm_names_sort(&means->names, now);
	for (size_t m = 0; m < count && !bad; m++)
		for (size_t i = 0; i < size; i++)
			means->mean[now[m] * size + i] =
			    (float)(((double *)sums->sum)[m * size + i] / (double)((size_t *)sums->count)[m]);
	free(now);
	return bad ? -1 : 0;
}

int
hmm_means_read(struct hmm_means *means, const char *path, hmm_subjects_accept *accept, void *self)
{
	struct sums sums = {.means = means};
	struct hmm_record record = {0};
	struct hmm_reader *reader = NULL;
	*means = (struct hmm_means){0};
	FILE *file = fopen(path, "rb");
	int bad = file ? 0 : hmm_error("%s: cannot open: %s", path, strerror(errno)), more = 1;
	bad = bad || !(reader = hmm_reader_open(file, path, HMM_LATENTS));
	while (!bad && (more = hmm_reader_next(reader, &record)) == 1)
		bad = accept(self, reader, &record) || check_shape(means, reader, &record) ||
		      (!strcmp(record.split, "train") && take(&sums, &record));
	bad = bad || more < 0 || divide(&sums, path);
	hmm_record_free(&record);
	hmm_reader_close(reader);
	if (file)
		fclose(file);
	free(sums.sum);
	free(sums.count);
	return bad ? -1 : 0;
}

void
hmm_means_close(struct hmm_means *means)
{
	hmm_names_close(&means->names);
	free(means->mean);
	*means = (struct hmm_means){0};
}
