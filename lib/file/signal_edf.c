/* EDF, EDF+, BDF and BDF+ through EDFlib. https://www.edfplus.info/specs,
 * https://gitlab.com/Teuniz/EDFlib */
#include <edflib.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/file/regular.h"
#include "hmm/file/signal.h"

enum { CHUNK = 16384, LONGEST_PATH = 1023 }; /* the library keeps no longer one */

static int
refuse(const char *path, int reason)
{
	return reason == EDFLIB_FILE_IS_DISCONTINUOUS
	           ? hmm_error(
	                 "%s: discontinuous (EDF+D, BDF+D), want a continuous recording: EDFbrowser "
	                 "divides it at its gaps (Tools, Convert EDF+D to EDF+C)",
	                 path)
	       : reason == EDFLIB_MALLOC_ERROR ? hmm_memory_out()
	       : reason == EDFLIB_FILE_READ_ERROR || reason == EDFLIB_NO_SUCH_FILE_OR_DIRECTORY
	           ? hmm_error("%s: EDFlib cannot read it", path)
	           : hmm_error(
	                 "%s: no EDF or BDF that EDFlib takes: cut, records that are not counted, "
	                 "or errors in its header; EDFbrowser names and mends them (Tools)",
	                 path);
}

/* A label of 16 characters without the blanks behind it. */
static void
trim(char *name, const char *label)
{
	size_t length = strlen(label);
	while (length && label[length - 1] == ' ')
		length--;
	memcpy(name, label, length);
	name[length] = '\0';
}

static int
read_channel(float *x, size_t length, int handle, int number, double *chunk, const char *path)
{
	for (size_t at = 0; at < length;) {
		const size_t left = length - at, want = left < CHUNK ? left : CHUNK;
		const int got = edfread_physical_samples(handle, number, (int)want, chunk);
		if (got <= 0)
			return hmm_error("%s: EDFlib cannot read it", path);
		for (int i = 0; i < got; i++)
			x[at + (size_t)i] = (float)chunk[i];
		at += (size_t)got;
	}
	return 0;
}

/* A sample has two bytes or three, so no channel is as long as the file. */
static int
read_channels(struct hmm_signal *signal, const struct edf_hdr_struct *header, double *chunk,
    const char *path, size_t size, const struct hmm_signal_want *want)
{
	char name[sizeof(header->signalparam[0].label)];
	const int biosemi =
	    header->filetype == EDFLIB_FILETYPE_BDF || header->filetype == EDFLIB_FILETYPE_BDFPLUS;
	for (int i = 0; i < header->edfsignals; i++) {
		const struct edf_param_struct *about = &header->signalparam[i];
		const size_t length = (size_t)about->smp_in_file;
		trim(name, about->label);
		if (!hmm_signal_wanted(want, name) || (biosemi && !strcmp(name, "Status")))
			continue;
		if (about->smp_in_file < 0 || length > size)
			return hmm_error("%s: channel '%s' of %lld samples, more than %zu bytes hold", path,
			    name, about->smp_in_file, size);
		float *x = hmm_signal_add(signal, name, want->names ? 0 : length, path);
		if (!x || (!want->names && read_channel(x, length, header->handle, i, chunk, path)))
			return -1;
	}
	return 0;
}

int
hmm_signal_read_edf(struct hmm_signal *signal, const char *path, const struct hmm_signal_want *want)
{
	size_t size;
	if (strlen(path) > LONGEST_PATH)
		return hmm_error("%.40s..: a path of %zu bytes, want %d at most for EDFlib", path,
		    strlen(path), LONGEST_PATH);
	FILE *file = hmm_regular_stream(path, &size);
	if (!file)
		return -1;
	fclose(file);
	struct edf_hdr_struct *header = hmm_alloc(1, sizeof(*header));
	double *chunk = hmm_alloc_raw(CHUNK, sizeof(*chunk));
	int bad = !header || !chunk;
	if (!bad && edfopen_file_readonly(path, header, EDFLIB_DO_NOT_READ_ANNOTATIONS))
		bad = refuse(path, header->filetype);
	else if (!bad) {
		bad = read_channels(signal, header, chunk, path, size, want);
		edfclose_file(header->handle);
	}
	free(header);
	free(chunk);
	return bad ? -1 : 0;
}
