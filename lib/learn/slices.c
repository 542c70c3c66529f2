#include "hmm/learn/slices.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/table.h"
#include "hmm/learn/classify.h"
#include "hmm/learn/conv1x1.h"
#include "hmm/learn/latents.h"
#include "hmm/learn/lineage.h"
#include "hmm/learn/path.h"
#include "hmm/learn/subjects.h"

/* ---- a subject ---- */

/* An image: slices that lie together in the order of records. */
struct image {
	size_t first, count;
	float *z, *y; /* [inputs] the maximum of its slices; W(m) z */
};

struct slices {
	const struct hmm_slices_options *options;
	FILE *file;
	struct hmm_pool *pool;
	struct hmm_model model, phi_model;
	struct hmm_rho rho;
	struct hmm_phi phi;
	struct hmm_game game;
	struct hmm_lineage lineage;
	struct hmm_conv1x1 conv;
	size_t shape[3];
	float *none; /* [channels] of zeros */
	/* the subject in hand */
	struct hmm_subjects of;
	struct image *image; /* [images] */
	size_t images;
	float *blocks;   /* [images][2][inputs]: each one's z and y */
	float *bias;     /* [modalities][inputs] */
	double *element; /* [modalities][2][size]: of its biases, and of its y; of a maximum: of what
	                  * its latents are, and of nothing */
};

static int
accept(void *self, struct hmm_reader *reader, const struct hmm_record *record)
{
	struct slices *slices = self;
	const size_t *shape = record->x.shape, inputs = slices->game.inputs;
	const long number = hmm_reader_number(reader);
	const float *x = record->x.data;
	char place[600], have[128];
	hmm_record_place(place, sizeof(place), record, number);
	if (record->index < 0)
		return hmm_error(
		    "%s: a whole image, want the features of its slices (hmm-vgg --per-slice)", place);
	if (hmm_names_find(&slices->phi_model.modalities, record->modality) < 0)
		return hmm_error(
		    "%s: modality '%s' is unknown to %s", place, record->modality, slices->options->phi);
	if (hmm_model_takes(record, number) || hmm_lineage_fits(&slices->lineage, reader, record))
		return -1;
	if (!slices->shape[0])
		memcpy(slices->shape, shape, sizeof(slices->shape));
	if (shape[0] * shape[1] * shape[2] != inputs ||
	    memcmp(slices->shape, shape, sizeof(slices->shape)))
		return hmm_error("%s: shape %s, want %zu values in the same shape as in record 1", place,
		    hmm_shape_text(have, sizeof(have), shape, 3), inputs);
	for (size_t k = 0; k < inputs; k++)
		if (x[k] < 0)
			return hmm_error("%s: a feature of %g, want 0 or more, where 0 is nothing seen", place,
			    (double)x[k]);
	return 0;
}

static int
same_image(const struct hmm_record *a, const struct hmm_record *b)
{
	return !strcmp(a->modality, b->modality) && !strcmp(a->source, b->source);
}

/* Divide the subject's records into images, each of which has all its slices. */
static int
find_images(struct slices *slices)
{
	const struct hmm_subjects *of = &slices->of;
	slices->images = 0;
	for (size_t i = 0; i < of->count; i++) {
		const struct hmm_record *record = &of->record[i];
		if (i == 0 || !same_image(record, record - 1))
			slices->image[slices->images++] = (struct image){.first = i};
		struct image *image = &slices->image[slices->images - 1];
		const int last = i + 1 == of->count || !same_image(record, record + 1);
		image->count++;
		if (record->index != (long)image->count - 1 ||
		    (last && record->count >= 0 && record->count != (long)image->count))
			return hmm_error("subject %s: %s %s: slice %ld where %zu is the next of %ld: want all",
			    record->subject, record->modality, record->source, record->index, image->count - 1,
			    record->count);
	}
	return 0;
}

/* What a subject takes of memory. */
static int
reserve(struct slices *slices)
{
	const size_t inputs = slices->game.inputs, size = slices->game.size;
	size_t block = 0;
	hmm_multiply(&block, 2 * inputs, sizeof(float));
	free(slices->blocks);
	free(slices->bias);
	free(slices->element);
	slices->blocks = hmm_alloc_raw(slices->images, block);
	slices->bias = hmm_alloc_raw(slices->of.modalities, block);
	slices->element = hmm_alloc_raw(slices->of.modalities * 2 * size, sizeof(double));
	return slices->blocks && slices->bias && slices->element ? 0 : -1;
}

/* z and y of the images of a modality, first..end, and its biases. */
static void
condition(struct slices *slices, size_t modality, size_t first, size_t end)
{
	const size_t inputs = slices->game.inputs;
	const size_t positions = slices->shape[1] * slices->shape[2];
	const struct hmm_record *record = &slices->of.record[slices->image[first].first];
	const long number = hmm_names_find(&slices->phi_model.modalities, record->modality);
	struct hmm_matrix phi = hmm_phi_generate(&slices->phi, slices->pool, (size_t)number);
	float *bias = slices->bias + modality * inputs;
	for (size_t k = 0; k < inputs; k++)
		bias[k] = phi.bias[k / positions];
	phi.bias = slices->none;
	for (size_t i = first; i < end; i++) {
		struct image *image = &slices->image[i];
		image->z = slices->blocks + 2 * i * inputs;
		image->y = image->z + inputs;
		memset(image->z, 0, inputs * sizeof(float));
		for (size_t s = 0; s < image->count; s++) {
			const float *x = slices->of.record[image->first + s].x.data;
			for (size_t k = 0; k < inputs; k++)
				image->z[k] = x[k] > image->z[k] ? x[k] : image->z[k];
		}
		const float *z = image->z;
		hmm_conv1x1_forward(&slices->conv, &image->y, &z, &phi, 1);
	}
}

/* The elements of a modality, whose images are first..end. 0, or -1 reported. */
static int
make_elements(struct slices *slices, size_t modality, size_t first, size_t end)
{
	const struct hmm_game *game = &slices->game;
	const size_t inputs = game->inputs, size = game->size;
	const float *bias = slices->bias + modality * inputs;
	double *element = slices->element + 2 * modality * size;
	if (game->reduce == HMM_MAX) {
		for (size_t k = 0; k < inputs; k++) {
			element[k] = -(double)INFINITY;
			for (size_t i = first; i < end; i++)
				element[k] = fmax(element[k], (double)slices->image[i].y[k] + (double)bias[k]);
		}
		return 0;
	}
	float *sum = hmm_alloc(inputs, sizeof(float));
	if (!sum)
		return -1;
	for (size_t i = first; i < end; i++)
		for (size_t k = 0; k < inputs; k++)
			sum[k] += slices->image[i].y[k];
	const float *x[] = {bias, sum};
	const int bad = hmm_game_elements(game, element, x, 2);
	for (size_t j = 0; j < size && !bad; j++)
		element[j] *= (double)(end - first);
	free(sum);
	return bad;
}

/* Where the images of the next modality begin. */
static size_t
end_of(const struct slices *slices, size_t modality, size_t first)
{
	while (first < slices->images && slices->image[first].first < slices->of.first[modality + 1])
		first++;
	return first;
}

/* ---- worths ---- */

/* d f / d z of one image, W(m)^T of that by its latent. */
static void
slope_of_features(double *slope, const struct slices *slices, const float *weight, const float *by)
{
	const size_t channels = slices->shape[0], positions = slices->shape[1] * slices->shape[2];
	memset(slope, 0, channels * positions * sizeof(double));
	for (size_t out = 0; out < channels; out++)
		for (size_t in = 0; in < channels; in++)
			for (size_t s = 0; s < positions; s++)
				slope[in * positions + s] +=
				    (double)weight[out * channels + in] * (double)by[out * positions + s];
}

/* The shares of an image's slices, from what each of its features is worth. 0, or -1 reported. */
static int
share_image(
    double *share, const struct slices *slices, const struct image *image, const double *slope)
{
	struct hmm_slice_value *value = hmm_alloc(image->count, sizeof(*value));
	memset(share, 0, image->count * sizeof(double));
	for (size_t k = 0; k < slices->game.inputs && value; k++) {
		if (!(image->z[k] > 0))
			continue;
		for (size_t s = 0; s < image->count; s++)
			value[s] = (struct hmm_slice_value){
			    ((const float *)slices->of.record[image->first + s].x.data)[k], s};
		hmm_slice_rule_share(
		    share, value, image->count, (double)image->z[k] * slope[k], slices->options->rule);
	}
	free(value);
	return value ? 0 : -1;
}

static void
write_image(const struct slices *slices, const struct image *image, const double *share,
    const struct hmm_path *path)
{
	FILE *file = slices->file;
	for (size_t s = 0; s < image->count; s++) {
		const struct hmm_record *record = &slices->of.record[image->first + s];
		hmm_table_write(file, record->subject, 1);
		hmm_table_write(file, record->group[0] ? record->group : NULL, 0);
		hmm_table_write(file, record->split[0] ? record->split : NULL, 0);
		hmm_table_write(file, record->label[0] ? record->label : NULL, 0);
		hmm_table_write(file, record->modality, 0);
		hmm_table_write(file, record->source[0] ? record->source : NULL, 0);
		fprintf(file, "\t%ld", record->index);
		hmm_table_write_number(file, share[s]);
		hmm_table_write_number(file, path->to - path->from);
		hmm_table_write_number(file, path->to);
		fprintf(file, "\t%ld\n", path->points);
	}
}

/* The element of all but the images of a modality, but for their biases. */
static void
find_rest(double *rest, const struct slices *slices, size_t modality)
{
	const struct hmm_game *game = &slices->game;
	hmm_game_clear(game, rest);
	for (size_t k = 0; k < slices->of.modalities; k++) {
		const double *element = slices->element + 2 * k * game->size;
		if (game->reduce != HMM_MAX || k != modality)
			hmm_game_add(game, rest, rest, element);
		if (game->reduce != HMM_MAX && k != modality)
			hmm_game_add(game, rest, rest, element + game->size);
	}
}

/* The rows of a path's images, first.. of them. 0, or -1 reported. */
static int
write_path(struct slices *slices, const struct hmm_path *path, const struct image *image)
{
	const size_t inputs = slices->game.inputs;
	const struct hmm_record *record = &slices->of.record[image->first];
	const long number = hmm_names_find(&slices->phi_model.modalities, record->modality);
	const float *weight = hmm_phi_generate(&slices->phi, slices->pool, (size_t)number).weight;
	double *slope = hmm_alloc_raw(inputs, sizeof(double));
	int bad = !slope;
	if (!isfinite(path->to) || !isfinite(path->from))
		bad = hmm_error(
		    "subject %s: the logit, or that without what %s shows, is not finite: the model's "
		    "weights or the data are too large",
		    record->subject, record->modality);
	if (path->gap > HMM_PATH_GAP)
		hmm_warn_counted("subject %s: %s: the slices make up %g of the logit less than they should "
		                 "after %ld points",
		    record->subject, record->modality, path->gap, path->points);
	for (size_t i = 0; i < path->count && !bad; i++) {
		double *share = hmm_alloc(image[i].count, sizeof(double));
		slope_of_features(slope, slices, weight, path->slope + i * inputs);
		bad = !share || share_image(share, slices, &image[i], slope);
		if (!bad)
			write_image(slices, &image[i], share, path);
		free(share);
	}
	free(slope);
	return bad ? -1 : 0;
}

static int
explain_modality(struct slices *slices, size_t modality, size_t first, size_t end)
{
	const size_t size = slices->game.size;
	double *rest = hmm_alloc_raw(size, sizeof(double));
	const float **y = hmm_alloc(end - first, sizeof(*y));
	const double *element = slices->element + 2 * modality * size;
	struct hmm_path path = {.game = &slices->game,
	    .count = end - first,
	    .y = y,
	    .bias = slices->bias + modality * slices->game.inputs,
	    .rest = rest,
	    .along = slices->game.reduce == HMM_MAX ? NULL : element + size,
	    .images = slices->images};
	int bad = !rest || !y;
	for (size_t i = first; i < end && !bad; i++)
		y[i - first] = slices->image[i].y;
	if (!bad)
		find_rest(rest, slices, modality);
	bad = bad || hmm_path_run(&path) || write_path(slices, &path, &slices->image[first]);
	hmm_path_close(&path);
	free(rest);
	free(y);
	return bad ? -1 : 0;
}

static int
explain_subject(struct slices *slices)
{
	const struct hmm_subjects *of = &slices->of;
	if (!slices->phi.channels) {
		const size_t *shape = slices->shape;
		if (hmm_latents_open(&slices->phi, &slices->phi_model))
			return -1;
		if (slices->phi.latent != shape[0] || slices->phi.channels != shape[0] ||
		    slices->phi_model.channels)
			return hmm_error("%s: of features of %zu channels, want a phi that makes latents of as "
			                 "many, of all modalities",
			    slices->options->phi, shape[0]);
		if (hmm_conv1x1_open(&slices->conv, shape[0], shape[1] * shape[2], slices->pool) ||
		    !(slices->none = hmm_alloc(shape[0], sizeof(float))))
			return -1;
	}
	free(slices->image);
	slices->image = hmm_alloc(of->count, sizeof(*slices->image));
	if (!slices->image || find_images(slices) || reserve(slices))
		return -1;
	for (size_t m = 0, first = 0, end; m < of->modalities; m++, first = end) {
		end = end_of(slices, m, first);
		condition(slices, m, first, end);
		if (make_elements(slices, m, first, end))
			return -1;
	}
	for (size_t m = 0, first = 0, end; m < of->modalities; m++, first = end) {
		end = end_of(slices, m, first);
		if (explain_modality(slices, m, first, end))
			return -1;
	}
	return 0;
}

/* ---- the run ---- */

static int
prepare(struct slices *slices)
{
	const struct hmm_slices_options *options = slices->options;
	char digest[HMM_HASH_SIZE];
	enum hmm_reduce reduce;
	if (hmm_model_open(&slices->model, options->weights) ||
	    hmm_objective_is_binary(&slices->model) ||
	    hmm_classify_open(&slices->rho, slices->pool, &hmm_objective_binary, &slices->model) ||
	    hmm_model_open(&slices->phi_model, options->phi) ||
	    hmm_weights_digest(slices->phi_model.weights, digest) ||
	    hmm_lineage_reduction(&reduce, &slices->model, options->reduce) ||
	    hmm_game_open(&slices->game, &slices->rho, reduce, slices->pool))
		return -1;
	hmm_lineage_open(&slices->lineage, &slices->model, reduce, digest);
	return 0;
}

int
hmm_slices_run(const struct hmm_slices_options *options, FILE *file, struct hmm_pool *pool)
{
	struct slices slices = {.options = options, .file = file, .pool = pool};
	int more = 1;
	int bad = prepare(&slices) ||
	          !(slices.of.reader = hmm_reader_open(stdin, "standard input", HMM_FEATURES));
	if (!bad)
		fputs("subject\tgroup\tsplit\tlabel\tmodality\tsource\tindex\tvalue\tleave_one_out\tlogit\t"
		      "points\n",
		    file);
	struct hmm_reader *reader = slices.of.reader;
	while (!bad && (more = hmm_subjects_next(&slices.of, accept, &slices)) == 1)
		bad = explain_subject(&slices);
	hmm_subjects_close(&slices.of);
	hmm_reader_close(reader);
	free(slices.image);
	free(slices.blocks);
	free(slices.bias);
	free(slices.element);
	free(slices.none);
	hmm_conv1x1_close(&slices.conv);
	hmm_lineage_close(&slices.lineage);
	hmm_game_close(&slices.game);
	hmm_phi_close(&slices.phi);
	hmm_rho_close(&slices.rho);
	hmm_model_close(&slices.phi_model);
	hmm_model_close(&slices.model);
	return bad || more < 0 ? -1 : 0;
}
