#include "hmm/file/npz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/file/npy.h"
#include "hmm/file/regular.h"
#include "archive.h"

static const size_t most = (size_t)4 << 30; /* bytes of an array */
static const char suffix[] = ".npy";

struct hmm_npz {
	char *path;
	void *map; /* [bytes]: no file stays open, of which a study may have thousands */
	zip_t *zip;
	size_t bytes, count;
	char name[1024]; /* of the array that was asked for last */
};

struct hmm_npz *
hmm_npz_open(const char *path)
{
	struct hmm_npz *npz = hmm_alloc(1, sizeof(*npz));
	zip_error_t error;
	if (!npz || !(npz->path = hmm_strdup(path))) {
		hmm_npz_close(npz);
		return NULL;
	}
	npz->map = hmm_regular_map(path, &npz->bytes, 1);
	zip_source_t *source =
	    npz->map ? zip_source_buffer_create(npz->map, npz->bytes, 0, &error) : NULL;
	if (source && !(npz->zip = zip_open_from_source(source, ZIP_RDONLY, &error)))
		zip_source_free(source);
	if (npz->map && !npz->zip)
		hmm_error("%s: a broken ZIP archive, want an .npz of NumPy", path);
	if (!npz->zip) {
		hmm_npz_close(npz);
		return NULL;
	}
	npz->count = (size_t)zip_get_num_entries(npz->zip, 0);
	return npz;
}

void
hmm_npz_close(struct hmm_npz *npz)
{
	if (!npz)
		return;
	if (npz->zip)
		zip_discard(npz->zip);
	if (npz->map)
		munmap(npz->map, npz->bytes);
	free(npz->path);
	free(npz);
}

size_t
hmm_npz_count(const struct hmm_npz *npz)
{
	return npz->count;
}

const char *
hmm_npz_name(struct hmm_npz *npz, size_t array)
{
	const char *name = zip_get_name(npz->zip, array, 0);
	snprintf(npz->name, sizeof(npz->name), "%s", name ? name : "");
	const size_t length = strlen(npz->name), tail = sizeof(suffix) - 1;
	if (length > tail && !strcmp(npz->name + length - tail, suffix))
		npz->name[length - tail] = '\0';
	return npz->name;
}

int
hmm_npz_read(struct hmm_tensor *tensor, struct hmm_npz *npz, size_t array)
{
	char place[2200];
	size_t size;
	const char *name = zip_get_name(npz->zip, array, 0);
	if (!name)
		return hmm_error("%s: no array %zu", npz->path, array);
	void *bytes = hmm_archive_read(npz->zip, npz->path, npz->bytes, name, most, &size);
	snprintf(place, sizeof(place), "%.1000s: %.1000s", npz->path, name);
	const int bad = !bytes || hmm_npy_parse(tensor, bytes, size, place);
	free(bytes);
	return bad ? -1 : 0;
}
