#include "hmm/file/weights_file.h"

#include <ctype.h>
#include <string.h>
#include <sys/mman.h>

#include "hmm/base/error.h"
#include "regular.h"

/* SHA-256 of a file. */
static int
digest_file(const char *path, char hex[HMM_HASH_SIZE])
{
	size_t size;
	void *map = hmm_regular_map(path, &size, 1);
	if (!map)
		return -1;
	const int bad = hmm_hash_bytes(hex, map, size);
	munmap(map, size);
	return bad;
}

/* torch names its downloads <model>-<first 8 digits of the SHA-256>.pth. */
static int
check_name(const char *path, const char *digest)
{
	const char *dot = strrchr(path, '.'), *dash = strrchr(path, '-');
	if (!dot || !dash || dot - dash != 9)
		return 0;
	for (const char *c = dash + 1; c < dot; c++)
		if (!isxdigit((unsigned char)*c) || isupper((unsigned char)*c))
			return 0;
	if (!strncmp(dash + 1, digest, 8))
		return 0;
	return hmm_error(
	    "%s: its SHA-256 begins with %.8s, want %.8s as in its name: damaged download?", path,
	    digest, dash + 1);
}

int
hmm_weights_file_open(struct hmm_weights_file *file, const char *path)
{
	*file = (struct hmm_weights_file){0};
	if (digest_file(path, file->digest) || check_name(path, file->digest))
		return -1;
	const int safetensors = hmm_weights_are(path);
	if (safetensors < 0)
		return -1;
	if (!safetensors) {
		const int bad = hmm_pth_read(&file->checkpoint, path);
		file->weight = file->checkpoint.weight;
		file->count = file->checkpoint.count;
		return bad;
	}
	file->weights = hmm_weights_open(path);
	if (!file->weights)
		return -1;
	file->weight = file->weights->weight;
	file->count = file->weights->count;
	return 0;
}

void
hmm_weights_file_close(struct hmm_weights_file *file)
{
	hmm_weights_close(file->weights);
	hmm_checkpoint_free(&file->checkpoint);
	*file = (struct hmm_weights_file){0};
}
