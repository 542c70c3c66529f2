#include "hmm/kernel/product.h"

#include "hmm/kernel/matmul.h"

/* What one part takes. */
enum { ROWS = 2 * HMM_TILE_ROWS, COLUMNS = 4 * HMM_TILE_COLUMNS };

struct product {
	float *out;
	const float *const *a, *b;
	size_t count, rows, columns, depth;
};

static void
multiply_part(void *job, size_t part, size_t thread)
{
	(void)thread;
	const struct product *p = job;
	const size_t across = (p->columns + COLUMNS - 1) / COLUMNS;
	const size_t row = part / across * ROWS, column = part % across * COLUMNS;
	const size_t down = p->rows - row, right = p->columns - column;
	const float *b = p->b + column * p->depth;
	for (size_t i = 0; i < p->count; i++, b += hmm_tile_packed_size(p->depth, p->columns))
		hmm_matmul(p->out + column, p->columns, p->a[i], p->depth, b, row,
		    down < ROWS ? down : ROWS, right < COLUMNS ? right : COLUMNS, p->depth, HMM_START_OUT,
		    NULL);
}

void
hmm_product_add(struct hmm_pool *pool, float *out, const float *const *a, const float *b,
    size_t count, size_t rows, size_t columns, size_t depth)
{
	struct product product = {out, a, b, count, rows, columns, depth};
	hmm_pool_run(pool, multiply_part, &product,
	    (rows + ROWS - 1) / ROWS * ((columns + COLUMNS - 1) / COLUMNS));
}
