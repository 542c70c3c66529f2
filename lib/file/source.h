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
	int whole;     /* 1: hmm_source_whole() inflated and checked all */
	void *block;   /* where; a caller who keeps it, to free(), sets NULL */
};

/* Open a regular file. 0, or -1 reported. */
int hmm_source_open(struct hmm_source *source, const char *path);
void hmm_source_close(struct hmm_source *source); /* legal on one that is closed or zeroed */

/* Read up to `size` bytes: their number, less only at the end; -1, reported. */
int64_t hmm_source_read(struct hmm_source *source, void *bytes, size_t size);

/* Pass over up to `size` bytes; the same. */
int64_t hmm_source_skip(struct hmm_source *source, uint64_t size);

/* Inflate at once a compressed file of `start` + `size` <= most bytes: the last `size` of them are
 * then at *bytes, aligned to HMM_ALIGN, in source->block, and there is nothing left to read. 1; 0
 * where it is anything but one gzip member of just that size, whole and undamaged, or starts with
 * more than 16 MB, and is read as before; -1 reported. */
int hmm_source_whole(struct hmm_source *source, void **bytes, uint64_t start, size_t size);

/* Read what is left, so that gzip's own checksum is compared, and close. 0, or -1
 * reported: the file is torn or damaged. */
int hmm_source_finish(struct hmm_source *source);

#endif
