#define _GNU_SOURCE
#include "hmm/base/parallel.h"

#include <fenv.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

struct hmm_pool {
	size_t threads; /* the caller's included */
	size_t started;
	pthread_t *workers;
	pthread_mutex_t lock;
	pthread_cond_t begin, done;
	atomic_ulong round; /* counts the jobs, so that a worker sees a new one */
	atomic_size_t busy;
	int stop;
	hmm_work *work;
	void *job;
	size_t parts;
	fenv_t environment; /* the caller's */
	atomic_size_t next; /* the next part to take */
	atomic_size_t names;
};

static void
take_parts(struct hmm_pool *pool, size_t thread)
{
	for (size_t part; (part = atomic_fetch_add(&pool->next, 1)) < pool->parts;)
		pool->work(pool->job, part, thread);
}

/* Jobs follow each other within microseconds, and a sleeping thread takes fifty to wake: look
 * out for a while before going to sleep, without keeping anybody from the processor. */
enum { LOOKS = 100 };

static void
look_for_job(struct hmm_pool *pool, unsigned long seen)
{
	for (int i = 0; i < LOOKS && atomic_load(&pool->round) == seen; i++)
		sched_yield();
}

static void
look_for_end(struct hmm_pool *pool)
{
	for (int i = 0; i < LOOKS && atomic_load(&pool->busy); i++)
		sched_yield();
}

static void *
worker(void *argument)
{
	struct hmm_pool *pool = argument;
	const size_t thread = 1 + atomic_fetch_add(&pool->names, 1);
	unsigned long seen = 0;
	for (;;) {
		look_for_job(pool, seen);
		pthread_mutex_lock(&pool->lock);
		while (pool->round == seen && !pool->stop)
			pthread_cond_wait(&pool->begin, &pool->lock);
		const int stop = pool->stop;
		seen = pool->round;
		pthread_mutex_unlock(&pool->lock);
		if (stop)
			return NULL;
		fesetenv(&pool->environment);
		take_parts(pool, thread);
		pthread_mutex_lock(&pool->lock);
		if (--pool->busy == 0)
			pthread_cond_signal(&pool->done);
		pthread_mutex_unlock(&pool->lock);
	}
}

struct hmm_pool *
hmm_pool_open(size_t threads)
{
	struct hmm_pool *pool = hmm_alloc(1, sizeof(*pool));
	if (!pool)
		return NULL;
	pool->threads = threads ? threads : 1;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->begin, NULL);
	pthread_cond_init(&pool->done, NULL);
	pool->workers = hmm_alloc(pool->threads, sizeof(*pool->workers));
	if (!pool->workers) {
		hmm_pool_close(pool);
		return NULL;
	}
	for (; pool->started + 1 < pool->threads; pool->started++)
		if (pthread_create(&pool->workers[pool->started], NULL, worker, pool)) {
			hmm_error("cannot start thread %zu of %zu", pool->started + 2, pool->threads);
			hmm_pool_close(pool);
			return NULL;
		}
	return pool;
}

void
hmm_pool_close(struct hmm_pool *pool)
{
	if (!pool)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->stop = 1;
	pthread_cond_broadcast(&pool->begin);
	pthread_mutex_unlock(&pool->lock);
	for (size_t i = 0; i < pool->started; i++)
		pthread_join(pool->workers[i], NULL);
	pthread_mutex_destroy(&pool->lock);
	pthread_cond_destroy(&pool->begin);
	pthread_cond_destroy(&pool->done);
	free(pool->workers);
	free(pool);
}

size_t
hmm_pool_threads(const struct hmm_pool *pool)
{
	return pool->threads;
}

void
hmm_pool_run(struct hmm_pool *pool, hmm_work *work, void *job, size_t parts)
{
	pool->work = work;
	pool->job = job;
	pool->parts = parts;
	atomic_store(&pool->next, 0);
	if (pool->started && parts > 1) {
		fegetenv(&pool->environment);
		pthread_mutex_lock(&pool->lock);
		pool->busy = pool->started;
		pool->round++;
		pthread_cond_broadcast(&pool->begin);
		pthread_mutex_unlock(&pool->lock);
		take_parts(pool, 0);
		look_for_end(pool);
		pthread_mutex_lock(&pool->lock);
		while (pool->busy)
			pthread_cond_wait(&pool->done, &pool->lock);
		pthread_mutex_unlock(&pool->lock);
	} else {
		take_parts(pool, 0);
	}
}

long
hmm_processors(void)
{
	cpu_set_t set;
	return sched_getaffinity(0, sizeof(set), &set) ? 1 : CPU_COUNT(&set);
}
