/* A file read forward, once, gzip-compressed or not. */
#ifndef HMM_SOURCE_H
#define HMM_SOURCE_H

#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

struct hmm_source {
	const char *path; /* not owned */
	gzFile gz;
	int descriptor; /* gz's */
	int compressed;
	uint64_t size; /* of the file */
	uint64_t most; /* bytes that it can hold, by its size */
	uint64_t at;   /* bytes read so far */
	int whole;     /* 1: hmm_source_whole() read and checked all */
	void *block;   /* what it inflated, to free(); a caller who keeps it sets NULL */
};

/* Open a regular file. 0, or -1 reported. */
int hmm_source_open(struct hmm_source *source, const char *path);
void hmm_source_close(struct hmm_source *source); /* legal on one that is closed or zeroed */

/* Read up to `size` bytes: their number, less only at the end; -1, reported. */
int64_t hmm_source_read(struct hmm_source *source, void *bytes, size_t size);

/* Pass over up to `size` bytes; the same. */
int64_t hmm_source_skip(struct hmm_source *source, uint64_t size);

/* The quick way to what is left: inflate at once a file that is one gzip member of `start` +
 * `size` <= most bytes, and no more. `*bytes` are then the last `size` of them, aligned to
 * HMM_ALIGN, and nothing is read any more. 1, or 0: it is not such a file, is damaged or holds more
 * than 1 GB, and is read as before; or -1 reported. */
int hmm_source_whole(struct hmm_source *source, void **bytes, uint64_t start, size_t size);

/* Read what is left, so that gzip's own checksum is compared, and close. 0, or -1
 * reported: the file is torn or damaged. */
int hmm_source_finish(struct hmm_source *source);

#endif
