/* A pool of threads that work on numbered parts of one job at a time. */
#ifndef HMM_PARALLEL_H
#define HMM_PARALLEL_H

#include <stddef.h>

struct hmm_pool;

/* Work on part `part`; `thread` is 0..threads-1, for scratch memory. */
typedef void hmm_work(void *job, size_t part, size_t thread);

/* A pool of that many threads, the caller's among them; at least 1.
 * NULL, reported. */
struct hmm_pool *hmm_pool_open(size_t threads);
void hmm_pool_close(struct hmm_pool *pool); /* NULL is legal */

size_t hmm_pool_threads(const struct hmm_pool *pool);

/* Run work(job, 0..parts-1, thread), each part once, in the caller's floating-point
 * environment, and return when all are done. */
void hmm_pool_run(struct hmm_pool *pool, hmm_work *work, void *job, size_t parts);

/* The processors this process may use: the default of -j. */
long hmm_processors(void);

#endif
