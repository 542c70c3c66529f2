#include "hmm/learn/parameter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/kernel/linear.h"
#include "hmm/base/memory.h"
#include "hmm/base/random.h"

/* What one part of a parallel pass takes: values of a step, rows of a product (of a narrow
 * matrix many); columns where all rows pass by, fewer when many terms share the cache. */
enum {
	PART = 1 << 16,
	ROWS = 16,
	NARROW_ROWS = 4096,
	COLUMNS = 1024,
	LEAST_COLUMNS = 256,
	GATHERED = 64 * LEAST_COLUMNS /* floats of the terms x and dx */
};

int
hmm_parameter_open(struct hmm_parameter *parameter, const char *name, size_t rows, size_t columns,
    enum hmm_gradient kind)
{
	*parameter = (struct hmm_parameter){
	    .rows = rows, .columns = columns ? columns : 1, .flat = columns == 0, .kind = kind};
	snprintf(parameter->name, sizeof(parameter->name), "%s", name);
	size_t count;
	if (hmm_multiply(&count, rows, parameter->columns))
		count = SIZE_MAX;
	parameter->w = hmm_alloc(count, sizeof(float));
	return parameter->w ? 0 : -1;
}

void
hmm_parameter_close(struct hmm_parameter *parameter)
{
	free(parameter->w);
	free(parameter->m);
	free(parameter->v);
	free(parameter->best);
	free(parameter->gradient);
	free(parameter->dy);
	free(parameter->x);
	free(parameter->lanes);
	free(parameter->ahead);
	*parameter = (struct hmm_parameter){0};
}

int
hmm_parameter_train(struct hmm_parameter *parameter)
{
	const size_t count = parameter->rows * parameter->columns;
	parameter->m = hmm_alloc(count, sizeof(float));
	parameter->v = hmm_alloc(count, sizeof(float));
	parameter->best = hmm_alloc(count, sizeof(float));
	if (parameter->kind == HMM_DENSE)
		parameter->gradient = hmm_alloc(count, sizeof(float));
	const int whole = parameter->kind == HMM_OUTER || parameter->gradient;
	return parameter->m && parameter->v && parameter->best && whole ? 0 : -1;
}

static struct hmm_place
place_of(const struct hmm_parameter *parameter, uint64_t seed)
{
	return (struct hmm_place){.seed = seed, .subject = hmm_random_name(parameter->name)};
}

void
hmm_parameter_uniform(struct hmm_parameter *parameter, double bound, uint64_t seed)
{
	const struct hmm_place place = place_of(parameter, seed);
	for (size_t i = 0; i < parameter->rows * parameter->columns; i++)
		parameter->w[i] = (float)((2 * hmm_random_uniform(place, (uint32_t)i) - 1) * bound);
}

void
hmm_parameter_normal(struct hmm_parameter *parameter, double deviation, uint64_t seed)
{
	const struct hmm_place place = place_of(parameter, seed);
	for (size_t i = 0; i < parameter->rows * parameter->columns; i++)
		parameter->w[i] = (float)(hmm_random_normal(place, (uint32_t)i) * deviation);
}

void
hmm_parameter_zero(struct hmm_parameter *parameter)
{
	parameter->terms = 0;
	if (parameter->gradient)
		memset(parameter->gradient, 0, parameter->rows * parameter->columns * sizeof(float));
}

int
hmm_parameter_add(struct hmm_parameter *parameter, const float *dy, const float *x)
{
	const size_t dy_size = parameter->rows * sizeof(float);
	const size_t x_size = parameter->columns * sizeof(float);
	const size_t term = parameter->terms;
	if (hmm_grow(&parameter->dy, &parameter->dy_capacity, (term + 1) * dy_size) ||
	    hmm_grow(&parameter->x, &parameter->x_capacity, (term + 1) * x_size))
		return -1;
	memcpy((char *)parameter->dy + term * dy_size, dy, dy_size);
	memcpy((char *)parameter->x + term * x_size, x, x_size);
	parameter->terms++;
	return 0;
}

/* One pass over a matrix. */
struct pass {
	struct hmm_parameter *parameter;
	const struct hmm_adam *adam;
	struct hmm_outer outer;
	size_t size; /* rows or columns of a part */
};

static struct pass
pass_of(struct hmm_parameter *p, const struct hmm_adam *adam, size_t size)
{
	return (struct pass){p, adam,
	    {.w = p->w,
	        .m = p->m,
	        .v = p->v,
	        .dy = p->dy,
	        .x = p->x,
	        .rows = p->rows,
	        .columns = p->columns,
	        .terms = p->terms,
	        .x_stride = p->columns},
	    size};
}

static size_t
parts_of(size_t all, size_t size)
{
	return (all + size - 1) / size;
}

static size_t
part_size(size_t part, size_t size, size_t all)
{
	const size_t left = all - part * size;
	return left < size ? left : size;
}

static int
is_narrow(const struct hmm_parameter *parameter)
{
	return parameter->kind == HMM_OUTER && parameter->columns == HMM_NARROW;
}

/* ---- steps ---- */

/* Some rows: of a dense gradient, or of one term. */
static void
rows_part(void *job, size_t part, size_t thread)
{
	(void)thread;
	const struct pass *pass = job;
	const struct hmm_parameter *p = pass->parameter;
	const size_t first = part * pass->size, rows = part_size(part, pass->size, p->rows);
	const size_t at = first * p->columns;
	if (p->kind == HMM_DENSE)
		hmm_adam_dense(
		    p->w + at, p->m + at, p->v + at, p->gradient + at, rows * p->columns, pass->adam);
	for (size_t r = first; r < first + rows && p->kind == HMM_OUTER; r++) {
		const float zero = 0;
		hmm_adam_outer(&pass->outer, r, 1, 0, p->columns, pass->adam);
		if (p->next) /* now, while the row is in the cache */
			hmm_linear_forward(
			    p->ahead + r, 1, p->w + r * p->columns, &p->next, &zero, 1, p->columns, 1);
	}
}

/* Copy `columns` columns of rows that are `from` floats apart to rows `to` floats apart. */
static void
copy_columns(float *out, size_t to, const float *in, size_t from, size_t rows, size_t columns)
{
	for (size_t b = 0; b < rows; b++)
		memcpy(out + b * to, in + b * from, columns * sizeof(float));
}

/* Some columns of all rows. The terms' x and dx of these columns, 100 KB apart, would evict each
 * other: they are gathered in a block of their own. */
static void
columns_part(void *job, size_t part, size_t thread)
{
	(void)thread;
	const struct pass *pass = job;
	struct hmm_outer o = pass->outer;
	const size_t first = part * pass->size, columns = part_size(part, pass->size, o.columns);
	const int gathered = pass->size * (o.terms + o.samples) <= GATHERED;
	float block[GATHERED], *dx = o.dx ? o.dx + first : NULL;
	o.w += first;
	o.m += first;
	o.v += first;
	o.x += first;
	o.dx = dx;
	if (gathered) {
		copy_columns(block, columns, o.x, o.columns, o.terms, columns);
		o.x = block;
		o.dx = block + o.terms * columns;
		o.x_stride = columns;
	}
	for (size_t b = 0; b < o.samples; b++)
		memset(o.dx + b * o.x_stride, 0, columns * sizeof(float));
	hmm_adam_outer(&o, 0, o.rows, 0, columns, pass->adam);
	if (gathered)
		copy_columns(dx, o.columns, o.dx, columns, o.samples, columns);
}

/* Some rows of a narrow matrix; the part's sums are its own. */
static void
narrow_part(void *job, size_t part, size_t thread)
{
	(void)thread;
	const struct pass *pass = job;
	const size_t samples = pass->outer.samples;
	float *lanes = (float *)pass->parameter->lanes + part * samples * HMM_NARROW_LANES;
	if (samples)
		memset(lanes, 0, samples * HMM_NARROW_LANES * sizeof(float));
	hmm_narrow_outer(&pass->outer, lanes, part * pass->size,
	    part_size(part, pass->size, pass->outer.rows), pass->adam);
}

static void
run_columns(struct pass *pass, struct hmm_pool *pool)
{
	pass->size = pass->outer.terms > 4 ? LEAST_COLUMNS : COLUMNS;
	hmm_pool_run(pool, columns_part, pass, parts_of(pass->outer.columns, pass->size));
}

void
hmm_parameter_step(
    struct hmm_parameter *parameter, struct hmm_pool *pool, const struct hmm_adam *adam)
{
	struct pass pass = pass_of(parameter, adam, parts_of(PART, parameter->columns));
	const int by_rows = parameter->kind == HMM_DENSE || parameter->terms <= 1;
	const int todo = !parameter->stepped;
	parameter->stepped = 0;
	parameter->is_ahead = 0;
	if (todo && is_narrow(parameter)) {
		pass.size = NARROW_ROWS;
		hmm_pool_run(pool, narrow_part, &pass, parts_of(parameter->rows, pass.size));
	} else if (todo && by_rows) {
		hmm_pool_run(pool, rows_part, &pass, parts_of(parameter->rows, pass.size));
		parameter->is_ahead = parameter->next != NULL;
	} else if (todo) {
		run_columns(&pass, pool);
	}
}

/* dx[k] of one sample: the lanes of all parts, in order. */
static void
join_lanes(float *dx, const float *lanes, size_t parts, size_t stride)
{
	float sum[HMM_NARROW_LANES] = {0};
	for (size_t part = 0; part < parts; part++)
		for (size_t i = 0; i < HMM_NARROW_LANES; i++)
			sum[i] += lanes[part * stride + i];
	for (size_t k = 0; k < HMM_NARROW; k++) {
		dx[k] = 0;
		for (size_t i = k; i < HMM_NARROW_LANES; i += HMM_NARROW)
			dx[k] += sum[i];
	}
}

int
hmm_parameter_back(struct hmm_parameter *parameter, struct hmm_pool *pool, float *dx,
    size_t samples, const struct hmm_adam *adam)
{
	struct pass pass = pass_of(parameter, adam, NARROW_ROWS);
	const size_t parts = parts_of(parameter->rows, NARROW_ROWS),
	             stride = samples * HMM_NARROW_LANES;
	pass.outer.samples = samples;
	pass.outer.dx = dx;
	parameter->stepped = adam != NULL;
	parameter->is_ahead = 0;
	if (!is_narrow(parameter)) {
		run_columns(&pass, pool);
		return 0;
	}
	if (hmm_grow(&parameter->lanes, &parameter->lanes_capacity, parts * stride * sizeof(float)))
		return -1;
	hmm_pool_run(pool, narrow_part, &pass, parts);
	for (size_t b = 0; b < samples; b++)
		join_lanes(
		    dx + b * HMM_NARROW, (float *)parameter->lanes + b * HMM_NARROW_LANES, parts, stride);
	return 0;
}

/* ---- products ---- */

struct forward {
	float *y;
	const float *const *x;
	const struct hmm_parameter *weight, *bias;
	size_t samples, size;
};

static void
forward_part(void *job, size_t part, size_t thread)
{
	(void)thread;
	const struct forward *f = job;
	const size_t first = part * f->size, columns = f->weight->columns;
	const size_t rows = part_size(part, f->size, f->weight->rows);
	float *y = f->y + first;
	const float *w = f->weight->w + first * columns, *bias = f->bias->w + first;
	if (!is_narrow(f->weight))
		hmm_linear_forward(y, f->weight->rows, w, f->x, bias, rows, columns, f->samples);
	else
		for (size_t b = 0; b < f->samples; b++)
			hmm_narrow_forward(y + b * f->weight->rows, w, f->x[b], bias, rows);
}

void
hmm_parameter_forward(struct hmm_parameter *parameter, struct hmm_pool *pool, float *y,
    const float *const *x, const struct hmm_parameter *bias, size_t samples)
{
	const size_t size = is_narrow(parameter) ? NARROW_ROWS : ROWS;
	struct forward forward = {y, x, parameter, bias, samples, size};
	if (parameter->is_ahead && samples == 1 && x[0] == parameter->next)
		for (size_t r = 0; r < parameter->rows; r++)
			y[r] = parameter->ahead[r] + bias->w[r];
	else
		hmm_pool_run(pool, forward_part, &forward, parts_of(parameter->rows, size));
	parameter->next = NULL;
	parameter->is_ahead = 0;
}

int
hmm_parameter_expect(struct hmm_parameter *parameter, const float *x)
{
	if (!parameter->ahead && !(parameter->ahead = hmm_alloc(parameter->rows, sizeof(float))))
		return -1;
	parameter->next = x;
	parameter->is_ahead = 0;
	return 0;
}

void
hmm_parameter_keep(struct hmm_parameter *parameter)
{
	memcpy(parameter->best, parameter->w, parameter->rows * parameter->columns * sizeof(float));
}

void
hmm_parameter_restore(struct hmm_parameter *parameter)
{
	memcpy(parameter->w, parameter->best, parameter->rows * parameter->columns * sizeof(float));
	parameter->is_ahead = 0;
}

struct hmm_weight
hmm_parameter_view(struct hmm_parameter *parameter)
{
	return (struct hmm_weight){.name = parameter->name,
	    .x = {.dtype = HMM_F32,
	        .dimensions = parameter->flat ? 1 : 2,
	        .shape = {parameter->rows, parameter->columns},
	        .data = parameter->w}};
}

int
hmm_parameter_load(struct hmm_parameter *parameter, const struct hmm_weight *weight, size_t count)
{
	const struct hmm_weight view = hmm_parameter_view(parameter);
	float *values =
	    hmm_weight_floats(weight, count, parameter->name, view.x.shape, view.x.dimensions);
	if (!values)
		return -1;
	free(parameter->w);
	parameter->w = values;
	parameter->is_ahead = 0;
	return 0;
}
