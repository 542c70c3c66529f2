#include <string.h>

#include "explained.h"
#include "hmm/data/predictions.h"
#include "hmm/kernel/loss.h"

/* Its logit from what stands for nothing seen. 0, or -1 reported. */
static int
value(double *logit, const struct hmm_explained *explained)
{
	const struct hmm_game *game = explained->game;
	struct hmm_seat seat;
	size_t images = 0;
	const int bad = hmm_seat_open(&seat, game, 1);
	if (!bad) {
		hmm_game_clear(game, seat.sum);
		for (size_t i = 0; i < explained->of->modalities; i++) {
			hmm_game_add(game, seat.sum, seat.sum, explained->absent + i * game->size);
			images += explained->images[i];
		}
		hmm_game_put(game, &seat, seat.sum, images, logit);
		hmm_game_settle(game, &seat);
	}
	hmm_seat_close(&seat);
	return bad;
}

int
hmm_explained_blank(FILE *file, const struct hmm_explained *explained)
{
	const struct hmm_record *record = explained->of->record;
	char modalities[HMM_RECORD_NAMES] = "", imputed[HMM_RECORD_NAMES] = "";
	double logit = 0;
	if (value(&logit, explained) || hmm_explained_finite(explained, &logit, 1))
		return -1;
	for (size_t i = 0; i < explained->of->modalities; i++) {
		const struct hmm_record *image = &record[explained->of->first[i]];
		if (hmm_record_join(modalities, sizeof(modalities), image->subject, image->modality) ||
		    (image->imputed[0] &&
		        hmm_record_join(imputed, sizeof(imputed), image->subject, image->modality)))
			return -1;
	}
	const struct hmm_predicted row = {record->subject, record->group, record->split, modalities,
	    imputed, "", record->label, -1, (const double[]){logit, hmm_loss_sigmoid(logit)}};
	hmm_predictions_write(file, &hmm_predicted_binary, &row);
	return 0;
}
