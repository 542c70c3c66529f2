#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "explained.h"
#include "hmm/base/memory.h"
#include "hmm/data/table.h"

struct change {
	size_t image;
	double value;
};

static int
compare(const void *left, const void *right)
{
	const struct change *a = left, *b = right;
	const double one = fabs(a->value), other = fabs(b->value);
	return one != other ? (one < other) - (one > other)
	                    : (a->image > b->image) - (a->image < b->image);
}

/* Memory for it. */
struct leave {
	double *element; /* [images][size] */
	double *behind;  /* [images + 1][size]: of those from each on */
	double *logit;   /* [images + 1]: without each; of all */
	struct change *change;
	const float **x;
	struct hmm_seat seat; /* sum[2][size]: of those before an image, and without it */
};

static int
leave_out(struct leave *leave, const struct hmm_explained *explained)
{
	const struct hmm_game *game = explained->game;
	const size_t images = explained->of->count, size = game->size;
	double *before = leave->seat.sum, *sum = before + size;
	for (size_t i = 0; i < images; i++)
		leave->x[i] = explained->of->record[i].x.data;
	if (hmm_game_elements(game, leave->element, leave->x, images))
		return -1;
	hmm_game_clear(game, leave->behind + images * size);
	for (size_t i = images; i-- > 0;)
		hmm_game_add(game, leave->behind + i * size, leave->behind + (i + 1) * size,
		    leave->element + i * size);
	hmm_game_clear(game, before);
	hmm_game_put(game, &leave->seat, leave->behind, images, &leave->logit[images]);
	leave->logit[0] = explained->base;
	for (size_t i = 0; i < images && images > 1; i++) {
		hmm_game_add(game, sum, before, leave->behind + (i + 1) * size);
		hmm_game_put(game, &leave->seat, sum, images - 1, &leave->logit[i]);
		hmm_game_add(game, before, before, leave->element + i * size);
	}
	hmm_game_settle(game, &leave->seat);
	for (size_t i = 0; i < images; i++)
		leave->change[i] = (struct change){i, leave->logit[images] - leave->logit[i]};
	qsort(leave->change, images, sizeof(*leave->change), compare);
	return hmm_explained_finite(explained, leave->logit, images + 1);
}

static void
write_images(FILE *file, const struct leave *leave, const struct hmm_explained *explained)
{
	const size_t images = explained->of->count;
	for (size_t i = 0; i < images; i++) {
		const struct hmm_record *record = &explained->of->record[leave->change[i].image];
		hmm_explained_write(file, explained);
		hmm_table_write(file, record->modality, 0);
		hmm_table_write(file, record->source[0] ? record->source : NULL, 0);
		if (record->index < 0)
			hmm_table_write(file, NULL, 0);
		else
			fprintf(file, "\t%ld", record->index);
		hmm_table_write_number(file, leave->change[i].value);
		hmm_table_write_number(file, leave->logit[images]);
		hmm_table_write_number(file, explained->base);
		putc('\n', file);
	}
}

int
hmm_explained_images(FILE *file, const struct hmm_explained *explained)
{
	const struct hmm_game *game = explained->game;
	const size_t images = explained->of->count;
	size_t bytes = 0;
	hmm_multiply(&bytes, game->size, sizeof(double));
	struct leave leave = {hmm_alloc_raw(images, bytes), hmm_alloc_raw(images + 1, bytes),
	    hmm_alloc(images + 1, sizeof(double)), hmm_alloc(images, sizeof(struct change)),
	    hmm_alloc(images, sizeof(float *)), {0}};
	int bad = !leave.element || !leave.behind || !leave.logit || !leave.change || !leave.x ||
	          hmm_seat_open(&leave.seat, game, 2) || leave_out(&leave, explained);
	if (!bad)
		write_images(file, &leave, explained);
	free(leave.element);
	free(leave.behind);
	free(leave.logit);
	free(leave.change);
	free(leave.x);
	hmm_seat_close(&leave.seat);
	return bad ? -1 : 0;
}
