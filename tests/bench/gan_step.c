/* gan_step METHOD SIZE WIDTH DEPTH THREADS SECONDS: what peer_gan.py measures, here. */
#include "hmm/gan/gan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "hmm/base/denormals.h"
#include "hmm/gan/blas.h"

enum { MOST = 100000 };
static double taken[MOST];

static double
now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
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
	if (argc != 7)
		return 2;
	const int cycle = !strncmp(argv[1], "cyclegan", 8), forward = strstr(argv[1], "-forward") != NULL;
	const size_t size = strtoul(argv[2], NULL, 10), width = strtoul(argv[3], NULL, 10);
	const size_t depth = strtoul(argv[4], NULL, 10), threads = strtoul(argv[5], NULL, 10);
	const double seconds = strtod(argv[6], NULL);
	const struct hmm_gan_options options = {.method = cycle ? HMM_CYCLEGAN : HMM_PIX2PIX,
	    .generator = {cycle ? HMM_RESNET : HMM_UNET, 1, 1, width, depth,
	        cycle ? HMM_INSTANCE_NORM : HMM_BATCH_NORM, !cycle},
	    .height = size,
	    .width = size,
	    .ndf = width,
	    .l1 = 100,
	    .lambda = 10,
	    .identity = .5,
	    .pool_size = 0,
	    .beta1 = .5};
	struct hmm_pool *pool = hmm_pool_open(threads);
	struct hmm_gan gan = {0};
	struct hmm_pass pass = {0};
	struct hmm_net_work work = {0};
	struct hmm_net net = {0};
	const struct hmm_net *list = &net;
	if (!pool || hmm_blas_open())
		return 1;
	if (forward ? hmm_generator_build(&net, &options.generator, size, size) ||
	                  hmm_net_make(&net, 0) || hmm_pass_open(&pass, &net) ||
	                  hmm_net_work_open(&work, pool, &list, 1, 0)
	            : hmm_gan_open(&gan, &options, pool))
		return 1;
	if (forward)
		hmm_net_init(&net, 1, "G");
	else
		hmm_gan_init(&gan, 1);
	float *a = hmm_alloc(size * size, sizeof(float)), *b = hmm_alloc(size * size, sizeof(float));
	for (size_t i = 0; a && b && i < size * size; i++) {
		a[i] = (float)(hmm_random_uniform((struct hmm_place){.stream = 1}, (uint32_t)i) * 2 - 1);
		b[i] = (float)(hmm_random_uniform((struct hmm_place){.stream = 2}, (uint32_t)i) * 2 - 1);
	}
	hmm_denormals_flush();
	size_t count = 0;
	for (double until = 0; a && b && count < MOST && (count < 3 || now() < until); count++) {
		const struct hmm_place place = {.subject = (uint32_t)count};
		double loss[HMM_GAN_LOSSES];
		const double start = now();
		if (forward)
			hmm_pass_forward(&pass, a, HMM_PASS_IMAGE, &place, &work);
		else
			hmm_gan_step(&gan, a, b, &place, 2e-4, loss);
		taken[count] = now() - start;
		if (!count) /* it warms up */
			until = now() + seconds;
	}
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	qsort(taken + 1, count - 1, sizeof(*taken), compare);
	printf("%.9f %ld\n", taken[1 + (count - 1) / 2], usage.ru_maxrss * 1024);
	return 0;
}
