#include "hmm/file/files.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/file/nifti.h"
#include "hmm/file/regular.h"

static int
add_files(struct hmm_files *files, const char *path)
{
	char *found[2] = {NULL, NULL};
	if (!strcmp(path, "-"))
		return hmm_error("-: standard input has no name, want a file");
	const int volume = hmm_nifti_is(path);
	int count = volume < 0 ? -1 : 1;
	if (volume > 0)
		count = hmm_nifti_files(found, path);
	else if (volume == 0 && !(found[0] = hmm_strdup(path)))
		count = -1;
	for (int i = 0; i < count; i++)
		files->path[files->count++] = found[i];
	return count < 0 ? -1 : 0;
}

int
hmm_files_list(struct hmm_files *files, const char *path, const char *mask)
{
	*files = (struct hmm_files){0};
	int bad = add_files(files, path);
	files->image = files->count;
	bad = bad || (mask && add_files(files, mask));
	for (size_t i = 0; i < files->count && !bad; i++)
		bad = hmm_regular_check(files->path[i]);
	if (bad)
		hmm_files_free(files);
	return bad ? -1 : 0;
}

void
hmm_files_free(struct hmm_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		free(files->path[i]);
	*files = (struct hmm_files){0};
}

/* Whether a file is still the one of a digest, which ends in that sign. */
static int
check_file(const char *path, const char *sha256, char end)
{
	char found[HMM_HASH_SIZE];
	if (hmm_hash_file(found, path))
		return -1;
	if (!strncmp(found, sha256, HMM_HASH_SIZE - 1) && sha256[HMM_HASH_SIZE - 1] == end)
		return 0;
	return hmm_error(
	    "%s: has changed: its SHA-256 is %.12s.., in the table %.12s..", path, found, sha256);
}

int
hmm_files_check(const char *path, const char *mask, const char *sha256)
{
	struct hmm_files files = {0};
	int bad = sha256 && hmm_files_list(&files, path, mask);
	if (!bad && sha256 && strlen(sha256) != files.count * HMM_HASH_SIZE - 1)
		bad = hmm_error("%s: sha256 '%.80s' in the table, want one of %zu file%s", path, sha256,
		    files.count, files.count == 1 ? "" : "s with commas between");
	for (size_t i = 0; i < files.count && !bad; i++)
		bad =
		    check_file(files.path[i], sha256 + i * HMM_HASH_SIZE, i + 1 < files.count ? ',' : '\0');
	hmm_files_free(&files);
	return bad ? -1 : 0;
}

const char *
hmm_files_operand(char *modality, size_t size, const char *operand)
{
	const char *equals = strchr(operand, '=');
	modality[0] = '\0';
	if (!equals || !access(operand, F_OK))
		return operand;
	const size_t length = (size_t)(equals - operand);
	if (length >= size) {
		hmm_error("%s: a modality's name has at most %zu bytes", operand, size - 1);
		return NULL;
	}
	memcpy(modality, operand, length);
	modality[length] = '\0';
	return equals + 1;
}
