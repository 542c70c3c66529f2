#include "hmm/learn/explain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "explained.h"
#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/predictions.h"
#include "hmm/data/table.h"
#include "hmm/learn/absent.h"
#include "hmm/learn/classify.h"
#include "hmm/learn/lineage.h"
#include "hmm/learn/prior.h"

struct explain {
	const struct hmm_explain_options *options;
	FILE *file;
	struct hmm_model model;
	struct hmm_rho rho;
	struct hmm_game game;
	struct hmm_absent absent;
	struct hmm_lineage lineage; /* of the sets that the latents become */
	size_t shape[3];            /* of the first latent */
	struct hmm_gains gains;
	struct hmm_explained explained;
};

/* Whether rho was trained on sets of such latents. */
static int
accept(void *self, struct hmm_reader *reader, const struct hmm_record *record)
{
	struct explain *explain = self;
	const size_t *shape = record->x.shape;
	const long number = hmm_reader_number(reader);
	char place[600], have[128];
	if (hmm_lineage_fits(&explain->lineage, reader, record) ||
	    hmm_absent_fits(&explain->absent, reader))
		return -1;
	if (!explain->shape[0])
		memcpy(explain->shape, shape, sizeof(explain->shape));
	if (shape[0] * shape[1] * shape[2] == explain->game.inputs &&
	    !memcmp(explain->shape, shape, sizeof(explain->shape)))
		return 0;
	return hmm_error("%s: shape %s, want %zu values in the same shape as in record 1",
	    hmm_record_place(place, sizeof(place), record, number),
	    hmm_shape_text(have, sizeof(have), shape, 3), explain->game.inputs);
}

/* ---- a subject ---- */

/* The elements of its modalities. 0, or -1 reported. */
static int
make_elements(struct explain *explain)
{
	struct hmm_explained *explained = &explain->explained;
	const struct hmm_subjects *of = explained->of;
	const struct hmm_game *game = &explain->game;
	const size_t players = of->modalities;
	float *sum = hmm_alloc_raw(players * game->inputs, sizeof(float));
	const float **x = hmm_alloc(of->count, sizeof(*x));
	int bad = !sum || !x;
	for (size_t i = 0; i < players && !bad; i++) {
		const size_t first = of->first[i], images = of->first[i + 1] - first;
		for (size_t k = 0; k < images; k++)
			x[k] = of->record[first + k].x.data;
		hmm_setsum(sum + i * game->inputs, x, images, game->inputs,
		    game->reduce == HMM_MAX ? HMM_MAX : HMM_SUM);
		explained->images[i] = images;
		bad = explained->absent &&
		      hmm_absent_element(
		          &explain->absent, explained->absent + i * game->size, &of->record[first], images);
	}
	for (size_t i = 0; i < players && !bad; i++)
		x[i] = sum + i * game->inputs;
	bad = bad || hmm_game_elements(game, explained->element, x, players);
	free(sum);
	free(x);
	return bad ? -1 : 0;
}

/* ---- tables ---- */

static const char *const header[] = {
    [HMM_EXPLAIN_SHARES] = "modality\timages\tphi\terror\tcontent\tpresence\tlogit\tbase",
    [HMM_EXPLAIN_PAIRS] = "modality\tother\tinteraction\tlogit\tbase",
    [HMM_EXPLAIN_IMAGES] = "modality\tsource\tindex\tleave_one_out\tlogit\tbase",
};

static int
write_shares(struct explain *explain, const struct hmm_players *players)
{
	const struct hmm_explained *explained = &explain->explained;
	const size_t count = players->count;
	const struct hmm_place place = {.seed = (uint64_t)explain->options->seed,
	    .subject = hmm_random_name(explained->of->record->subject)};
	struct hmm_share *share = hmm_alloc(count, sizeof(*share));
	double all = 0;
	int bad = !share;
	if (!bad && explained->value) {
		hmm_shapley(share, explained->value, explained->without, count);
		all = explained->value[((size_t)1 << count) - 1];
	} else if (!bad) {
		bad = hmm_shapley_sample(share, &all, &explain->game, players, explained->base,
		    (size_t)explain->options->orders, place);
	}
	for (size_t i = 0; i < count && !bad; i++)
		bad = hmm_explained_finite(explained, &share[i].phi, 1);
	for (size_t i = 0; i < count && !bad; i++) {
		hmm_explained_write(explain->file, explained);
		hmm_table_write(explain->file, hmm_explained_modality(explained, i), 0);
		fprintf(explain->file, "\t%zu", players->images[i]);
		const double number[] = {share[i].phi, share[i].error, share[i].content, share[i].presence,
		    all, explained->base};
		for (size_t k = 0; k < sizeof(number) / sizeof(*number); k++)
			hmm_table_write_number(explain->file, number[k]);
		putc('\n', explain->file);
	}
	free(share);
	return bad ? -1 : 0;
}

static int
write_pairs(struct explain *explain, const struct hmm_players *players)
{
	const struct hmm_explained *explained = &explain->explained;
	const size_t count = players->count;
	double *pair = hmm_alloc(count * count, sizeof(*pair));
	if (!pair)
		return -1;
	hmm_shapley_pairs(pair, explained->value, count);
	for (size_t a = 0; a < count; a++)
		for (size_t b = a + 1; b < count; b++) {
			hmm_explained_write(explain->file, explained);
			hmm_table_write(explain->file, hmm_explained_modality(explained, a), 0);
			hmm_table_write(explain->file, hmm_explained_modality(explained, b), 0);
			hmm_table_write_number(explain->file, pair[a * count + b]);
			hmm_table_write_number(explain->file, explained->value[((size_t)1 << count) - 1]);
			hmm_table_write_number(explain->file, explained->base);
			putc('\n', explain->file);
		}
	free(pair);
	return 0;
}

/* Its logit from every set of its modalities. 0, or -1 reported. */
static int
walk(struct explain *explain, const struct hmm_players *players)
{
	struct hmm_explained *explained = &explain->explained;
	const size_t sets = (size_t)1 << players->count;
	explained->value = hmm_alloc(sets, sizeof(double));
	if (players->absent)
		explained->without = hmm_alloc(sets * players->count, sizeof(double));
	if (!explained->value || (players->absent && !explained->without))
		return -1;
	explained->value[0] = explained->base;
	return hmm_game_walk(&explain->game, players, explained->value, explained->without) ||
	               hmm_explained_finite(explained, explained->value, sets)
	           ? -1
	           : 0;
}

/* The rows of the subject whose elements there are. */
static int
explain_players(struct explain *explain)
{
	const struct hmm_explained *explained = &explain->explained;
	const struct hmm_players players = {
	    explained->of->modalities, explained->element, explained->absent, explained->images};
	const int walks = players.count <= HMM_GAME_PLAYERS;
	if (!walks && explain->options->what != HMM_EXPLAIN_SHARES)
		return hmm_error("subject %s: %zu modalities have 2^%zu sets: want at most %d",
		    explained->of->record->subject, players.count, players.count, HMM_GAME_PLAYERS);
	if (walks && walk(explain, &players))
		return -1;
	return explain->options->what == HMM_EXPLAIN_SHARES ? write_shares(explain, &players)
	       : explain->options->what == HMM_EXPLAIN_PAIRS
	           ? write_pairs(explain, &players)
	           : hmm_gains_add(&explain->gains, explained);
}

/* A subject's rows. */
static int
explain_subject(struct explain *explain, const struct hmm_subjects *of)
{
	struct hmm_explained *explained = &explain->explained;
	const struct hmm_explain_options *options = explain->options;
	const size_t players = of->modalities, size = explain->game.size;
	explained->of = of;
	if (options->what == HMM_EXPLAIN_IMAGES)
		return hmm_explained_images(explain->file, explained);
	if (options->what == HMM_EXPLAIN_GAIN && !hmm_gains_want(explained))
		return 0;
	explained->element = hmm_alloc_raw(players * size, sizeof(double));
	explained->images = hmm_alloc(players, sizeof(size_t));
	if (options->phi || options->mean)
		explained->absent = hmm_alloc_raw(players * size, sizeof(double));
	int bad = !explained->element || !explained->images ||
	          ((options->phi || options->mean) && !explained->absent);
	bad = bad || make_elements(explain) ||
	      (options->what == HMM_EXPLAIN_BLANK ? hmm_explained_blank(explain->file, explained)
	                                          : explain_players(explain));
	free(explained->element);
	free(explained->images);
	free(explained->absent);
	free(explained->value);
	free(explained->without);
	*explained = (struct hmm_explained){.game = &explain->game, .base = explained->base};
	return bad ? -1 : 0;
}

/* ---- the run ---- */

/* The model, and what is needed of others. */
static int
prepare(struct explain *explain, struct hmm_pool *pool)
{
	const struct hmm_explain_options *options = explain->options;
	struct hmm_explained *explained = &explain->explained;
	enum hmm_reduce reduce;
	if (hmm_model_open(&explain->model, options->weights) ||
	    hmm_objective_is_binary(&explain->model) ||
	    hmm_classify_open(&explain->rho, pool, &hmm_objective_binary, &explain->model) ||
	    hmm_lineage_reduction(&reduce, &explain->model, options->reduce) ||
	    hmm_game_open(&explain->game, &explain->rho, reduce, pool))
		return -1;
	hmm_lineage_open(&explain->lineage, &explain->model, reduce, NULL);
	explained->game = &explain->game;
	explained->base = log(options->prevalence / (1 - options->prevalence));
	if (options->prevalence < 0 && hmm_prior_read(&explained->base, &explain->model))
		return -1;
	const int bad =
	    (options->phi && hmm_absent_phi(&explain->absent, &explain->game, options->phi)) ||
	    (options->mean &&
	        hmm_absent_mean(&explain->absent, &explain->game, options->mean, accept, explain));
	explain->lineage.of = NULL; /* the reader of means is closed, and another may get its address */
	return bad ? -1 : 0;
}

int
hmm_explain_run(const struct hmm_explain_options *options, FILE *file, struct hmm_pool *pool)
{
	struct explain explain = {.options = options, .file = file};
	struct hmm_subjects subjects = {0};
	int more = 1;
	int bad = prepare(&explain, pool) ||
	          !(subjects.reader = hmm_reader_open(stdin, "standard input", HMM_LATENTS));
	if (!bad && options->what == HMM_EXPLAIN_BLANK)
		hmm_predictions_write_header(file, &hmm_predicted_binary);
	else if (!bad && options->what != HMM_EXPLAIN_GAIN)
		fprintf(file, "subject\tgroup\tsplit\tlabel\t%s\n", header[options->what]);
	while (!bad && (more = hmm_subjects_next(&subjects, accept, &explain)) == 1)
		bad = explain_subject(&explain, &subjects);
	bad = bad || more < 0 ||
	      (options->what == HMM_EXPLAIN_GAIN && hmm_gains_write(file, &explain.gains));
	hmm_reader_close(subjects.reader);
	hmm_subjects_close(&subjects);
	hmm_gains_close(&explain.gains);
	hmm_absent_close(&explain.absent);
	hmm_lineage_close(&explain.lineage);
	hmm_game_close(&explain.game);
	hmm_rho_close(&explain.rho);
	hmm_model_close(&explain.model);
	return bad ? -1 : 0;
}
