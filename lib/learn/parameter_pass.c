#include <stdlib.h>
#include <string.h>

#include "hmm/learn/parameter.h"
#include "hmm/base/memory.h"
#include "hmm/kernel/linear.h"

/* What one part of a parallel pass takes: values of a step, rows of a product (of a narrow
 * matrix many); columns where all rows pass by, fewer when many terms share the cache. */
enum {
	PART = 1 << 16,
	ROWS = 16,
	NARROW_ROWS = 4096,
	COLUMNS = 1024,
	LEAST_COLUMNS = 256,
	GATHERED = 128 * LEAST_COLUMNS /* floats of the terms x and dx */
};

/* One pass over a matrix. */
struct pass {
	struct hmm_parameter *parameter;
	const struct hmm_adam *adam;
	struct hmm_outer outer;
	size_t size;    /* rows or columns of a part */
	size_t threads; /* of parts in columns: so many are in hand at a time */
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
	    size, 1};
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

/* Where a part in columns lies. Neighbours are not to be in hand at the same time: what a processor
 * fetches ahead, behind the end of a row's columns, another thread is about to write. */
static size_t
spread(size_t part, const struct pass *pass)
{
	const size_t apart = parts_of(parts_of(pass->outer.columns, pass->size), pass->threads);
	return part % pass->threads * apart + part / pass->threads;
}

/* Some columns of all rows. The terms' x and dx of these columns, 100 KB apart, would evict each
 * other: they are gathered in a block of their own. */
static void
columns_part(void *job, size_t part, size_t thread)
{
	(void)thread;
	const struct pass *pass = job;
	struct hmm_outer o = pass->outer;
	const size_t first = spread(part, pass) * pass->size;
	if (first >= o.columns)
		return;
	const size_t columns = part_size(first / pass->size, pass->size, o.columns);
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
	pass->threads = hmm_pool_threads(pool);
	const size_t parts = parts_of(pass->outer.columns, pass->size);
	hmm_pool_run(pool, columns_part, pass, parts_of(parts, pass->threads) * pass->threads);
}

/* Whether the step is still to be taken, which is noted. */
static int
take(struct hmm_parameter *parameter, const struct hmm_adam *adam)
{
	if (!adam || parameter->steps == adam->step)
		return 0;
	parameter->steps = adam->step;
	parameter->changes++;
	return 1;
}

void
hmm_parameter_step(
    struct hmm_parameter *parameter, struct hmm_pool *pool, const struct hmm_adam *adam)
{
	struct pass pass = pass_of(parameter, adam, parts_of(PART, parameter->columns));
	if (!take(parameter, adam))
		return;
	if (is_narrow(parameter)) {
		pass.size = NARROW_ROWS;
		hmm_pool_run(pool, narrow_part, &pass, parts_of(parameter->rows, pass.size));
	} else if (parameter->kind == HMM_DENSE || parameter->terms <= 1) {
		hmm_pool_run(pool, rows_part, &pass, parts_of(parameter->rows, pass.size));
		parameter->ahead_at = parameter->changes;
	} else {
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
	struct pass pass = pass_of(parameter, take(parameter, adam) ? adam : NULL, NARROW_ROWS);
	const size_t parts = parts_of(parameter->rows, NARROW_ROWS),
	             stride = samples * HMM_NARROW_LANES;
	pass.outer.samples = samples;
	pass.outer.dx = dx;
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
	if (parameter->ahead_at == parameter->changes && samples == 1 && x[0] == parameter->next)
		for (size_t r = 0; r < parameter->rows; r++)
			y[r] = parameter->ahead[r] + bias->w[r];
	else
		hmm_pool_run(pool, forward_part, &forward, parts_of(parameter->rows, size));
	parameter->next = NULL;
}

int
hmm_parameter_expect(struct hmm_parameter *parameter, const float *x)
{
	if (!parameter->ahead && !(parameter->ahead = hmm_alloc(parameter->rows, sizeof(float))))
		return -1;
	parameter->next = x;
	parameter->ahead_at = -1;
	return 0;
}
