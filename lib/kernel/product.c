#include "hmm/kernel/product.h"

#include "hmm/kernel/matmul.h"

/* What one part takes. */
enum { ROWS = 2 * HMM_TILE_ROWS, COLUMNS = 4 * HMM_TILE_COLUMNS };

struct product {
	float *out;
	const float *a, *b;
	size_t rows, columns, depth;
	enum hmm_tile_start start;
};

static void
multiply_part(void *job, size_t part, size_t thread)
{
	(void)thread;
	const struct product *p = job;
	const size_t across = (p->columns + COLUMNS - 1) / COLUMNS;
	const size_t row = part / across * ROWS, column = part % across * COLUMNS;
	const size_t down = p->rows - row, right = p->columns - column;
	hmm_matmul(p->out + column, p->columns, p->a, p->depth, p->b + column * p->depth, row,
	    down < ROWS ? down : ROWS, right < COLUMNS ? right : COLUMNS, p->depth, p->start, NULL);
}

void
hmm_product(struct hmm_pool *pool, float *out, const float *a, const float *b, size_t rows,
    size_t columns, size_t depth, enum hmm_tile_start start)
{
	struct product product = {out, a, b, rows, columns, depth, start};
	hmm_pool_run(pool, multiply_part, &product,
	    (rows + ROWS - 1) / ROWS * ((columns + COLUMNS - 1) / COLUMNS));
}
