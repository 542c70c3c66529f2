/* A file read forward, once, gzip-compressed or not; a thread inflates ahead of the reader. */
#ifndef HMM_SOURCE_H
#define HMM_SOURCE_H

#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

struct hmm_ahead;

struct hmm_source {
	const char *path; /* not owned */
	gzFile gz;
	int compressed;
	struct hmm_ahead *ahead; /* of a compressed file, once reading began */
	uint64_t most;           /* bytes that it can hold, by its size */
	uint64_t at;             /* bytes read so far */
};

/* Open a regular file. 0, or -1 reported. */
int hmm_source_open(struct hmm_source *source, const char *path);
void hmm_source_close(struct hmm_source *source); /* legal on one that is closed or zeroed */

/* Read up to `size` bytes: their number, less only at the end; -1, reported. */
int64_t hmm_source_read(struct hmm_source *source, void *bytes, size_t size);

/* Pass over up to `size` bytes; the same. */
int64_t hmm_source_skip(struct hmm_source *source, uint64_t size);

/* Read what is left, so that gzip's own checksum is compared, and close. 0, or -1
 * reported: the file is torn or damaged. */
int hmm_source_finish(struct hmm_source *source);

#endif
