#include "tiled.h"

#include "hmm/gan/blas.h"

/* A tile has PLACES numbers after its transform; so many tiles are transformed at once; fewer
 * channels than LEAST are not worth it. */
enum { PLACES = 16, SPAN = 64, LEAST = 16 };

struct job {
	const struct hmm_strided *conv;
	size_t tiles, across; /* of an image, and of a row of it */
	const float *padded, *weights, *from;
	float *to;
	float *of_weights, *of_in, *of_out; /* [PLACES][out][in], [][in][tiles], [][out][tiles] */
	int add;
};

int
tiled_fits(const struct hmm_strided *conv)
{
	return conv->kernel == 3 && conv->stride == 1 && conv->out_height % 2 == 0 &&
	       conv->out_width % 2 == 0 && conv->in >= LEAST && conv->out >= LEAST;
}

static size_t
tiles_of(const struct hmm_strided *conv)
{
	return conv->out_height * conv->out_width / 4;
}

size_t
tiled_room(const struct hmm_strided *conv)
{
	return PLACES * (conv->in * conv->out + (conv->in + conv->out) * tiles_of(conv));
}

static struct job
make_job(const struct hmm_strided *conv, float *scratch)
{
	const size_t tiles = tiles_of(conv);
	float *of_in = scratch + PLACES * conv->in * conv->out;
	return (struct job){.conv = conv,
	    .tiles = tiles,
	    .across = conv->out_width / 2,
	    .of_weights = scratch,
	    .of_in = of_in,
	    .of_out = of_in + PLACES * conv->in * tiles};
}

/* ---- transforms; each is of one channel, or of one output's weights ---- */

/* Four rows of a span of tiles, tile x at row[2 x]: along the rows, B^T of each. */
static void
input_rows(float half[4][4][SPAN], const float *row, size_t stride, size_t span)
{
	for (size_t r = 0; r < 4; r++, row += stride)
		for (size_t x = 0; x < span; x++) {
			const float a = row[2 * x], b = row[2 * x + 1];
			const float c = row[2 * x + 2], d = row[2 * x + 3];
			half[r][0][x] = a - c;
			half[r][1][x] = b + c;
			half[r][2][x] = c - b;
			half[r][3][x] = b - d;
		}
}

static void
input_channel(void *context, size_t c, size_t thread)
{
	(void)thread;
	const struct job *job = context;
	const size_t stride = job->conv->out_width + 2, place = job->conv->in * job->tiles;
	const float *image = job->padded + c * (job->conv->out_height + 2) * stride;
	float *to = job->of_in + c * job->tiles;
	float half[4][4][SPAN];
	for (size_t y = 0; y < job->conv->out_height / 2; y++)
		for (size_t first = 0; first < job->across; first += SPAN) {
			const size_t left = job->across - first, span = left < SPAN ? left : SPAN;
			float *at = to + y * job->across + first;
			input_rows(half, image + 2 * y * stride + 2 * first, stride, span);
			for (size_t k = 0; k < 4; k++)
				for (size_t x = 0; x < span; x++) {
					const float a = half[0][k][x], b = half[1][k][x];
					const float e = half[2][k][x], d = half[3][k][x];
					at[k * place + x] = a - e;
					at[(4 + k) * place + x] = b + e;
					at[(8 + k) * place + x] = e - b;
					at[(12 + k) * place + x] = b - d;
				}
		}
}

/* G g G^T of the weights of one output. */
static void
weights_output(void *context, size_t o, size_t thread)
{
	(void)thread;
	const struct job *job = context;
	const size_t in = job->conv->in, place = job->conv->out * in;
	for (size_t i = 0; i < in; i++) {
		const float *g = job->weights + (o * in + i) * 9;
		float half[4][3], *to = job->of_weights + o * in + i;
		for (size_t x = 0; x < 3; x++) {
			const float outer = g[x] + g[6 + x];
			half[0][x] = g[x];
			half[1][x] = (outer + g[3 + x]) / 2;
			half[2][x] = (outer - g[3 + x]) / 2;
			half[3][x] = g[6 + x];
		}
		for (size_t y = 0; y < 4; y++) {
			const float outer = half[y][0] + half[y][2];
			to[4 * y * place] = half[y][0];
			to[(4 * y + 1) * place] = (outer + half[y][1]) / 2;
			to[(4 * y + 2) * place] = (outer - half[y][1]) / 2;
			to[(4 * y + 3) * place] = half[y][2];
		}
	}
}

/* G^T dU G: from the gradient of what weights_output() made. */
static void
weights_back(void *context, size_t o, size_t thread)
{
	(void)thread;
	const struct job *job = context;
	const size_t in = job->conv->in, place = job->conv->out * in;
	for (size_t i = 0; i < in; i++) {
		const float *u = job->of_weights + o * in + i;
		float half[4][3], *to = job->to + (o * in + i) * 9;
		for (size_t y = 0; y < 4; y++) {
			const float a = u[4 * y * place], b = u[(4 * y + 1) * place];
			const float c = u[(4 * y + 2) * place], d = u[(4 * y + 3) * place];
			half[y][0] = a + (b + c) / 2;
			half[y][1] = (b - c) / 2;
			half[y][2] = (b + c) / 2 + d;
		}
		for (size_t x = 0; x < 3; x++) {
			const float a = half[0][x], b = half[1][x], c = half[2][x], d = half[3][x];
			const float rows[3] = {a + (b + c) / 2, (b - c) / 2, (b + c) / 2 + d};
			for (size_t y = 0; y < 3; y++)
				to[3 * y + x] = job->add ? to[3 * y + x] + rows[y] : rows[y];
		}
	}
}

/* A^T M A: the outputs of a channel. */
static void
output_channel(void *context, size_t c, size_t thread)
{
	(void)thread;
	const struct job *job = context;
	const size_t width = job->conv->out_width, place = job->conv->out * job->tiles;
	const float *from = job->of_out + c * job->tiles;
	float *image = job->to + c * job->conv->out_height * width;
	for (size_t y = 0; y < job->conv->out_height / 2; y++)
		for (size_t x = 0; x < job->across; x++) {
			const float *m = from + y * job->across + x;
			float top[4], bottom[4];
			for (size_t k = 0; k < 4; k++) {
				const float a = m[k * place], b = m[(4 + k) * place];
				const float e = m[(8 + k) * place], d = m[(12 + k) * place];
				top[k] = a + b + e;
				bottom[k] = b - e - d;
			}
			float *to = image + 2 * y * width + 2 * x;
			to[0] = top[0] + top[1] + top[2];
			to[1] = top[1] - top[2] - top[3];
			to[width] = bottom[0] + bottom[1] + bottom[2];
			to[width + 1] = bottom[1] - bottom[2] - bottom[3];
		}
}

/* A dY A^T: from the gradient of what output_channel() made. */
static void
output_back(void *context, size_t c, size_t thread)
{
	(void)thread;
	const struct job *job = context;
	const size_t width = job->conv->out_width, place = job->conv->out * job->tiles;
	const float *image = job->from + c * job->conv->out_height * width;
	float *to = job->of_out + c * job->tiles;
	for (size_t y = 0; y < job->conv->out_height / 2; y++)
		for (size_t x = 0; x < job->across; x++) {
			const float *from = image + 2 * y * width + 2 * x;
			const float a = from[0], b = from[1], e = from[width], d = from[width + 1];
			const float rows[4][2] = {{a, b}, {a + e, b + d}, {a - e, b - d}, {-e, -d}};
			float *at = to + y * job->across + x;
			for (size_t r = 0; r < 4; r++) {
				at[4 * r * place] = rows[r][0];
				at[(4 * r + 1) * place] = rows[r][0] + rows[r][1];
				at[(4 * r + 2) * place] = rows[r][0] - rows[r][1];
				at[(4 * r + 3) * place] = -rows[r][1];
			}
		}
}

/* ---- products: one a place ---- */

static void
multiply_forward(void *context, size_t place, size_t thread)
{
	(void)thread;
	const struct job *job = context;
	const size_t in = job->conv->in, out = job->conv->out, tiles = job->tiles;
	hmm_blas_multiply(job->of_out + place * out * tiles, tiles,
	    (struct hmm_matrix){job->of_weights + place * out * in, in, 0},
	    (struct hmm_matrix){job->of_in + place * in * tiles, tiles, 0}, out, tiles, in, 0);
}

static void
multiply_weights(void *context, size_t place, size_t thread)
{
	(void)thread;
	const struct job *job = context;
	const size_t in = job->conv->in, out = job->conv->out, tiles = job->tiles;
	hmm_blas_multiply(job->of_weights + place * out * in, in,
	    (struct hmm_matrix){job->of_out + place * out * tiles, tiles, 0},
	    (struct hmm_matrix){job->of_in + place * in * tiles, tiles, 1}, out, in, tiles, 0);
}

void
tiled_forward(float *out, const float *padded, const float *weights, const struct hmm_strided *conv,
    float *scratch, struct hmm_pool *pool)
{
	struct job job = make_job(conv, scratch);
	job.padded = padded;
	job.weights = weights;
	job.to = out;
	hmm_pool_run(pool, weights_output, &job, conv->out);
	hmm_pool_run(pool, input_channel, &job, conv->in);
	hmm_pool_run(pool, multiply_forward, &job, PLACES);
	hmm_pool_run(pool, output_channel, &job, conv->out);
}

void
tiled_weights(float *weights, const float *padded, const float *out, int add,
    const struct hmm_strided *conv, float *scratch, struct hmm_pool *pool)
{
	struct job job = make_job(conv, scratch);
	job.padded = padded;
	job.from = out;
	job.to = weights;
	job.add = add;
	hmm_pool_run(pool, input_channel, &job, conv->in);
	hmm_pool_run(pool, output_back, &job, conv->out);
	hmm_pool_run(pool, multiply_weights, &job, PLACES);
	hmm_pool_run(pool, weights_back, &job, conv->out);
}
