/* Where the storages of a checkpoint are: entries of an archive, or the end of a legacy file. */
#ifndef HMM_PTH_STORAGE_H
#define HMM_PTH_STORAGE_H

#include <zip.h>

#include "pickle.h"

/* Where a storage of a legacy file lies. */
struct hmm_pth_place {
	const char *key; /* the pickle's */
	size_t item;     /* bytes an element */
	size_t at, bytes;
};

struct hmm_pth_file {
	const char *path;
	const unsigned char *bytes; /* mapped */
	size_t size;
	zip_t *zip;
	char prefix[256];            /* of the archive's entries, with its '/' */
	struct hmm_pth_place *place; /* [places] of a legacy file, by key */
	size_t places;
	struct hmm_pickle pickle;
	void *text;  /* the archive's pickle */
	void *block; /* the archive's storage that was read last, */
	char *key;   /* and its key */
	size_t block_size;
};

/* Map a file and read its pickle: the object that was saved; NULL, reported. Close it in either
 * case. */
const struct hmm_pickle_value *hmm_pth_open(struct hmm_pth_file *file, const char *path);
void hmm_pth_close(struct hmm_pth_file *file);

/* The bytes of a storage, in memory that the file owns, until the next one is asked for; NULL,
 * reported. */
const unsigned char *hmm_pth_storage(
    struct hmm_pth_file *file, const struct hmm_pickle_value *storage, size_t bytes);

#endif
