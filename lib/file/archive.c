#include "archive.h"

#include <stdlib.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

enum { MAX_RATIO = 1032 }; /* of deflate */

void *
hmm_archive_read(
    zip_t *zip, const char *path, size_t bytes, const char *name, size_t most, size_t *size)
{
	char more;
	zip_stat_t status;
	if (zip_stat(zip, name, 0, &status) || !(status.valid & ZIP_STAT_SIZE)) {
		hmm_error("%s: no entry '%s' in the archive", path, name);
		return NULL;
	}
	if (status.size > most || status.size / MAX_RATIO > bytes) {
		hmm_error("%s: entry '%s' claims %llu bytes, want at most %zu", path, name,
		    (unsigned long long)status.size, most);
		return NULL;
	}
	*size = (size_t)status.size;
	void *block = hmm_alloc_raw(*size, 1);
	if (!block)
		return NULL;
	zip_file_t *entry = zip_fopen(zip, name, 0);
	/* its checksum is compared at its end */
	const int bad = !entry || zip_fread(entry, block, status.size) != (zip_int64_t)status.size ||
	                zip_fread(entry, &more, 1) != 0;
	if (entry)
		zip_fclose(entry);
	if (!bad)
		return block;
	hmm_error("%s: entry '%s' is damaged", path, name);
	free(block);
	return NULL;
}
