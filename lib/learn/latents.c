#include "hmm/learn/latents.h"

#include <math.h>
#include <stdlib.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/kernel/tile.h"
#include "hmm/stream/filter.h"
#include "hmm/learn/conv1x1.h"

enum {
	PART = 256 << 10, /* bytes a thread that are worth a round */
	VECTOR_LATENT = 64,
	MOST_LATENT = 1 << 24
};

size_t
hmm_latents_width(long option, size_t channels, size_t positions)
{
	if (option != HMM_UNSET)
		return (size_t)option;
	return positions == 1 && channels > VECTOR_LATENT ? VECTOR_LATENT : channels;
}

/* h generates L C + L numbers. */
int
hmm_latents_sizes(
    size_t *latent, size_t *channels, const struct hmm_model *model, const char *program)
{
	const struct hmm_weights *weights = model->weights;
	const struct hmm_weight *bias = hmm_weight_find(weights->weight, weights->count, "output.bias");
	size_t given;
	if (model->modalities.count == 0 || !bias || bias->x.dimensions != 1 || bias->x.shape[0] < 2)
		return hmm_model_refuse(model, program);
	const size_t outputs = bias->x.shape[0];
	if (hmm_model_count(&given, model, HMM_LATENT_KEY, MOST_LATENT) < 0)
		return -1;
	size_t most = 0;
	for (size_t m = 0; m < model->modalities.count && model->channels; m++)
		most = model->channels[m] > most ? model->channels[m] : most;
	*latent = given ? given : (size_t)sqrt((double)outputs);
	*channels = *latent <= outputs / 2 ? outputs / *latent - 1 : 0;
	if (!*channels || *latent * (*channels + 1) != outputs || (most && most != *channels))
		return hmm_model_refuse(model, program);
	return 0;
}

int
hmm_latents_open(struct hmm_phi *phi, const struct hmm_model *model)
{
	const size_t count = model->modalities.count;
	size_t latent, channels;
	size_t *own = hmm_alloc(count, sizeof(*own));
	int bad = !own || hmm_latents_sizes(&latent, &channels, model, "hmm-condition");
	for (size_t m = 0; m < count && !bad; m++)
		own[m] = model->channels ? model->channels[m] : channels;
	bad = bad || hmm_phi_open(phi, latent, own, count) || hmm_model_load(model, hmm_phi_each, phi);
	free(own);
	return bad ? -1 : 0;
}

/* Blocks that are read, conditioned and written together. */
struct blocks {
	struct hmm_record *record; /* [capacity] */
	size_t *modality;          /* [capacity] */
	float *y;                  /* [capacity][L][positions] */
	size_t count;
};

/* Some blocks of a modality, which one thread takes. */
struct part {
	size_t first, count, modality;
};

/* One thread writes the blocks conditioned before and reads others into their place,
 * while all others condition those in hand. */
struct flow {
	struct hmm_filter filter;
	struct hmm_model model;
	struct hmm_phi phi;
	struct hmm_conv1x1 conv;
	struct hmm_matrix *packed; /* [modalities] W(m)^T, to free(), and b; zeroes: not met so far */
	size_t positions;
	struct blocks blocks[2];
	struct blocks *now, *other;
	size_t capacity;
	struct part *part; /* [parts] of those in hand, */
	size_t parts;
	const float **in; /* [capacity] whose blocks stand here, by modality */
	float **out;
	size_t skipped;
	int ended; /* the stream in hand is read to its end */
	int over;  /* and none follows */
	int bad;
};

static const char *
place_of(const struct flow *flow, const struct hmm_record *record, char place[600])
{
	return hmm_record_place(place, 600, record, hmm_reader_number(flow->filter.reader));
}

/* Take the record that was read last as the next one of `blocks`, or leave it out. */
static int
accept(struct flow *flow, struct blocks *blocks)
{
	const struct hmm_record *in = &blocks->record[blocks->count];
	char place[600], have[128], known[512];
	if (!in->modality[0])
		return hmm_error("%s: no modality to condition on", place_of(flow, in, place));
	if (hmm_model_takes(in, hmm_reader_number(flow->filter.reader)))
		return -1;
	const long modality = hmm_names_find(&flow->model.modalities, in->modality);
	if (modality < 0 && hmm_skip_unknown) {
		flow->skipped++;
		return 0;
	}
	if (modality < 0)
		return hmm_error("%s: modality '%s' is unknown to the model, which knows %s "
		                 "(--skip-unknown leaves it out)",
		    place_of(flow, in, place), in->modality,
		    hmm_names_list(known, sizeof(known), &flow->model.modalities));
	const size_t own = flow->phi.own[modality], *shape = in->x.shape;
	if (shape[0] != own || shape[1] * shape[2] != flow->positions)
		return hmm_error("%s: shape %s, want %zu channels, which %s has learned, of %zu positions "
		                 "as in record 1",
		    place_of(flow, in, place), hmm_shape_text(have, sizeof(have), shape, 3), own,
		    flow->model.weights->path, flow->positions);
	if (hmm_model_fits(&flow->model.history, flow->model.weights->path,
	        hmm_reader_history(flow->filter.reader), in, hmm_reader_number(flow->filter.reader)))
		return -1;
	blocks->modality[blocks->count++] = (size_t)modality;
	return 0;
}

/* Read blocks: 0, or -1 reported. A stream that follows is not begun before all blocks of
 * this one are written under its history. */
static int
fill(struct flow *flow, struct blocks *blocks)
{
	struct hmm_reader *reader = flow->filter.reader;
	if (flow->ended && flow->now->count)
		return 0;
	if (flow->ended) {
		const int more = hmm_reader_next_stream(reader);
		flow->over = more <= 0;
		if (flow->over)
			return more;
		flow->ended = 0;
	}
	while (!flow->ended && blocks->count < flow->capacity) {
		const int more = hmm_reader_next_within(reader, &blocks->record[blocks->count]);
		if (more < 0 || (more && accept(flow, blocks)))
			return -1;
		flow->ended = !more;
	}
	return 0;
}

/* Write these blocks and read others into their place: 0, or -1 reported. */
static int
exchange(struct flow *flow, struct blocks *blocks)
{
	int bad = 0;
	for (size_t i = 0; i < blocks->count && !bad; i++) {
		struct hmm_record *record = &blocks->record[i];
		const struct hmm_tensor x = record->x;
		record->x.data = blocks->y + i * flow->phi.latent * flow->positions;
		record->x.shape[0] = flow->phi.latent;
		bad = hmm_writer_put(flow->filter.writer, record);
		record->x = x;
	}
	blocks->count = 0;
	return bad ? -1 : fill(flow, blocks);
}

static void
work(void *job, size_t part, size_t thread)
{
	struct flow *flow = job;
	if (part == 0) {
		flow->bad = exchange(flow, flow->other);
		return;
	}
	const struct part *of = &flow->part[part - 1];
	hmm_conv1x1_blocks(&flow->conv, flow->out + of->first, flow->in + of->first,
	    &flow->packed[of->modality], of->count, thread);
}

/* Make W(m) ready, unless it is. 0, or -1 reported. */
static int
prepare(struct flow *flow, struct hmm_pool *pool, size_t modality)
{
	if (flow->packed[modality].weight)
		return 0;
	struct hmm_matrix by = hmm_phi_generate(&flow->phi, pool, modality);
	float *packed = hmm_alloc_raw(hmm_tile_packed_size(by.in, by.out), sizeof(float));
	if (!packed)
		return -1;
	hmm_conv1x1_pack(packed, &by);
	by.weight = packed;
	flow->packed[modality] = by;
	return 0;
}

/* Deal out the blocks in hand: images one by one, vectors of a modality together. 0, or -1
 * reported. */
static int
deal(struct flow *flow, struct hmm_pool *pool)
{
	const struct blocks *now = flow->now;
	const size_t most = flow->positions == 1 ? HMM_CONV1X1_VECTORS : 1;
	size_t at = 0;
	flow->parts = 0;
	for (size_t m = 0; m < flow->phi.modalities && at < now->count; m++) {
		struct part *part = NULL;
		for (size_t i = 0; i < now->count; i++) {
			if (now->modality[i] != m)
				continue;
			if (!part || part->count == most) {
				part = &flow->part[flow->parts++];
				*part = (struct part){at, 0, m};
			}
			part->count++;
			flow->in[at] = now->record[i].x.data;
			flow->out[at++] = now->y + i * flow->phi.latent * flow->positions;
		}
		if (part && prepare(flow, pool, m))
			return -1;
	}
	return 0;
}

/* The model and room for blocks like the first one, which filter.record holds. */
static int
begin(struct flow *flow, struct hmm_pool *pool)
{
	struct hmm_record *first = &flow->filter.record;
	const size_t *shape = first->x.shape;
	if (hmm_latents_open(&flow->phi, &flow->model))
		return -1;
	const size_t L = flow->phi.latent, C = flow->phi.channels, widest = L > C ? L : C;
	flow->positions = shape[1] * shape[2];
	const size_t bytes = widest * flow->positions * sizeof(float);
	flow->capacity = hmm_pool_threads(pool) * (1 + PART / bytes);
	flow->packed = hmm_alloc(flow->phi.modalities, sizeof(*flow->packed));
	flow->part = hmm_alloc(flow->capacity, sizeof(*flow->part));
	flow->in = hmm_alloc(flow->capacity, sizeof(*flow->in));
	flow->out = hmm_alloc(flow->capacity, sizeof(*flow->out));
	if (!flow->packed || !flow->part || !flow->in || !flow->out ||
	    hmm_conv1x1_open(&flow->conv, widest, flow->positions, pool))
		return -1;
	for (int i = 0; i < 2; i++) {
		struct blocks *blocks = &flow->blocks[i];
		blocks->record = hmm_alloc(flow->capacity, sizeof(*blocks->record));
		blocks->modality = hmm_alloc(flow->capacity, sizeof(*blocks->modality));
		blocks->y = hmm_alloc_raw(flow->capacity * L * flow->positions, sizeof(float));
		if (!blocks->record || !blocks->modality || !blocks->y)
			return -1;
	}
	flow->now = &flow->blocks[0];
	flow->other = &flow->blocks[1];
	flow->now->record[0] = *first;
	*first = (struct hmm_record){0};
	return accept(flow, flow->now);
}

static int
run(struct flow *flow, struct hmm_pool *pool)
{
	while (!flow->over || flow->now->count || flow->other->count) {
		struct blocks *now = flow->now;
		if (deal(flow, pool))
			return -1;
		hmm_pool_run(pool, work, flow, 1 + flow->parts);
		if (flow->bad)
			return -1;
		flow->now = flow->other;
		flow->other = now;
	}
	return 0;
}

static void
end(struct flow *flow)
{
	for (int i = 0; i < 2; i++) {
		struct blocks *blocks = &flow->blocks[i];
		for (size_t k = 0; blocks->record && k < flow->capacity; k++)
			hmm_record_free(&blocks->record[k]);
		free(blocks->record);
		free(blocks->modality);
		free(blocks->y);
	}
	for (size_t m = 0; flow->packed && m < flow->phi.modalities; m++)
		free((float *)flow->packed[m].weight);
	free(flow->packed);
	free(flow->part);
	free(flow->in);
	free(flow->out);
	hmm_conv1x1_close(&flow->conv);
	hmm_phi_close(&flow->phi);
	hmm_model_close(&flow->model);
}

int
hmm_latents_run(const char *path, const struct hmm_usage *usage, struct hmm_pool *pool)
{
	char digest[HMM_HASH_SIZE];
	struct flow flow = {0};
	struct hmm_step step;
	int bad = hmm_filter_open(&flow.filter, HMM_LATENTS) || hmm_model_open(&flow.model, path) ||
	          hmm_weights_digest(flow.model.weights, digest) ||
	          hmm_step_make(&step, usage, digest) || hmm_filter_step(&flow.filter, &step) ||
	          hmm_filter_read(&flow.filter, HMM_FEATURES);
	const int more = bad ? -1 : hmm_reader_next(flow.filter.reader, &flow.filter.record);
	if (more == 1)
		bad = begin(&flow, pool) || run(&flow, pool);
	if (flow.skipped)
		hmm_warn("%zu images of modalities that %s does not know are left out", flow.skipped, path);
	end(&flow);
	return hmm_filter_close(&flow.filter, bad || more < 0);
}
