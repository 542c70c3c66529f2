/* floor THREADS PARAMETERS: the milliseconds that Adam cannot pass below: w, m and v read and
 * written once, 24 bytes a parameter, in huge pages where the system gives them. */
#define _DEFAULT_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

enum { PASSES = 21, MOST_THREADS = 64 };

struct part {
	float *w, *m, *v;
	size_t count;
	pthread_barrier_t *barrier;
	double seconds[PASSES];
};

static float *
array(size_t count)
{
	const size_t page = (size_t)1 << 21, bytes = (count * sizeof(float) + page - 1) / page * page;
	float *x = aligned_alloc(page, bytes);
	if (!x)
		exit(1);
	madvise(x, bytes, MADV_HUGEPAGE);
	for (size_t i = 0; i < count; i++)
		x[i] = (float)(i % 1000) * 1e-3f;
	return x;
}

static void
pass(float *restrict w, float *restrict m, float *restrict v, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		m[i] = m[i] * 0.9f + w[i] * 0.1f;
		v[i] = v[i] * 0.999f + m[i] * 0.001f;
		w[i] -= m[i] * 1e-4f;
	}
}

static void *
run(void *job)
{
	struct part *part = job;
	for (int i = 0; i < PASSES; i++) {
		struct timespec start, end;
		pthread_barrier_wait(part->barrier);
		clock_gettime(CLOCK_MONOTONIC, &start);
		pass(part->w, part->m, part->v, part->count);
		pthread_barrier_wait(part->barrier);
		clock_gettime(CLOCK_MONOTONIC, &end);
		part->seconds[i] =
		    (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) * 1e-9;
	}
	return NULL;
}

static int
compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

int
main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	const long threads = strtol(argv[1], NULL, 10), count = strtol(argv[2], NULL, 10);
	if (threads < 1 || threads > MOST_THREADS || count < threads)
		return 2;
	float *w = array((size_t)count), *m = array((size_t)count), *v = array((size_t)count);
	pthread_barrier_t barrier;
	pthread_t thread[MOST_THREADS];
	struct part part[MOST_THREADS];
	pthread_barrier_init(&barrier, NULL, (unsigned)threads);
	for (long t = 0; t < threads; t++) {
		const size_t first = (size_t)(count * t / threads),
		             end = (size_t)(count * (t + 1) / threads);
		part[t] = (struct part){w + first, m + first, v + first, end - first, &barrier, {0}};
		pthread_create(&thread[t], NULL, run, &part[t]);
	}
	for (long t = 0; t < threads; t++)
		pthread_join(thread[t], NULL);
	qsort(part[0].seconds, PASSES, sizeof(double), compare);
	printf("%.6g\n", 1000 * part[0].seconds[PASSES / 2]);
	return 0;
}
