#include "hmm/learn/latents.h"

#include <stdlib.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/kernel/tile.h"
#include "hmm/stream/filter.h"
#include "hmm/learn/conv1x1.h"

enum { PART = 256 << 10 }; /* bytes a thread that are worth a round */

int
hmm_latents_open(struct hmm_phi *phi, const struct hmm_model *model, const size_t shape[3])
{
	const struct hmm_weights *weights = model->weights;
	const struct hmm_weight *bias = hmm_weight_find(weights->weight, weights->count, "output.bias");
	const size_t outputs = shape[0] * shape[0] + shape[0];
	if (model->modalities.count == 0 || !bias || bias->x.dimensions != 1)
		return hmm_model_refuse(model, "hmm-condition");
	if (bias->x.shape[0] != outputs)
		return hmm_error("record 1: %zu channels, but %s generates %zu weights, want %zu", shape[0],
		    weights->path, bias->x.shape[0], outputs);
	return hmm_phi_open(phi, shape[0], model->modalities.count) ||
	       hmm_model_load(model, hmm_phi_each, phi);
}

/* Blocks that are read, conditioned in their place and written together. */
struct blocks {
	struct hmm_record *record; /* [capacity] */
	size_t *modality;          /* [capacity] */
	size_t count;
};

/* One thread writes the blocks conditioned before and reads others into their place,
 * while all others condition those in hand. */
struct flow {
	struct hmm_filter filter;
	struct hmm_model model;
	struct hmm_phi phi;
	struct hmm_conv1x1 conv;
	float **packed; /* [modalities] W(m)^T, or NULL: not met so far */
	const float **bias;
	struct blocks blocks[2];
	struct blocks *now, *other;
	size_t capacity;
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
	const size_t channels = flow->conv.channels, positions = flow->conv.positions;
	char place[600], have[128], known[512];
	const int shaped = in->x.shape[0] == channels && in->x.shape[1] * in->x.shape[2] == positions;
	if (!shaped)
		return hmm_error("%s: shape %s, want %zu channels of %zu positions as in record 1",
		    place_of(flow, in, place), hmm_shape_text(have, sizeof(have), in->x.shape, 3), channels,
		    positions);
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
	for (size_t i = 0; i < blocks->count; i++)
		if (hmm_writer_put(flow->filter.writer, &blocks->record[i]))
			return -1;
	blocks->count = 0;
	return fill(flow, blocks);
}

static void
work(void *job, size_t part, size_t thread)
{
	struct flow *flow = job;
	if (part == 0) {
		flow->bad = exchange(flow, flow->other);
		return;
	}
	float *x = flow->now->record[part - 1].x.data;
	const size_t modality = flow->now->modality[part - 1];
	hmm_conv1x1_block(&flow->conv, x, x, flow->packed[modality], flow->bias[modality], thread);
}

/* Make W(m) ready, unless it is. 0, or -1 reported. */
static int
prepare(struct flow *flow, struct hmm_pool *pool, size_t modality)
{
	const size_t C = flow->phi.channels;
	if (flow->packed[modality])
		return 0;
	float *packed = hmm_alloc_raw(hmm_tile_packed_size(C, C), sizeof(float));
	if (!packed)
		return -1;
	const float *weight = hmm_phi_generate(&flow->phi, pool, modality);
	hmm_conv1x1_pack(packed, weight, C);
	flow->packed[modality] = packed;
	flow->bias[modality] = weight + C * C;
	return 0;
}

/* The model and room for blocks like the first one, which filter.record holds. */
static int
begin(struct flow *flow, struct hmm_pool *pool)
{
	struct hmm_record *first = &flow->filter.record;
	const size_t *shape = first->x.shape;
	if (hmm_latents_open(&flow->phi, &flow->model, shape) ||
	    hmm_conv1x1_open(&flow->conv, shape[0], shape[1] * shape[2], pool))
		return -1;
	flow->packed = hmm_alloc(flow->phi.modalities, sizeof(*flow->packed));
	flow->bias = hmm_alloc(flow->phi.modalities, sizeof(*flow->bias));
	if (!flow->packed || !flow->bias)
		return -1;
	const size_t bytes = shape[0] * shape[1] * shape[2] * sizeof(float);
	flow->capacity = hmm_pool_threads(pool) * (1 + PART / bytes);
	for (int i = 0; i < 2; i++) {
		flow->blocks[i].record = hmm_alloc(flow->capacity, sizeof(struct hmm_record));
		flow->blocks[i].modality = hmm_alloc(flow->capacity, sizeof(size_t));
		if (!flow->blocks[i].record || !flow->blocks[i].modality)
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
		for (size_t i = 0; i < now->count; i++)
			if (prepare(flow, pool, now->modality[i]))
				return -1;
		hmm_pool_run(pool, work, flow, 1 + now->count);
		if (flow->bad)
			return -1;
		flow->now = flow->other;
		flow->other = now;
	}
	return 0;
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
	for (int i = 0; i < 2; i++) {
		for (size_t k = 0; flow.blocks[i].record && k < flow.capacity; k++)
			hmm_record_free(&flow.blocks[i].record[k]);
		free(flow.blocks[i].record);
		free(flow.blocks[i].modality);
	}
	for (size_t m = 0; flow.packed && m < flow.phi.modalities; m++)
		free(flow.packed[m]);
	free(flow.packed);
	free(flow.bias);
	hmm_conv1x1_close(&flow.conv);
	hmm_phi_close(&flow.phi);
	hmm_model_close(&flow.model);
	return hmm_filter_close(&flow.filter, bad || more < 0);
}
