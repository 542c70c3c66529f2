#include "hmm/file/signal.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/utf8.h"
#include "hmm/file/regular.h"

enum { MOST_CHANNELS = 4096 };

void
hmm_signal_free(struct hmm_signal *signal)
{
	for (size_t i = 0; i < signal->channels; i++) {
		free(signal->channel[i].name);
		free(signal->channel[i].x);
	}
	free(signal->channel);
	*signal = (struct hmm_signal){0};
}

int
hmm_signal_ends(const char *path, const char *ending)
{
	const size_t length = strlen(path), last = strlen(ending);
	return length >= last && !strcasecmp(path + length - last, ending);
}

int
hmm_signal_wanted(const struct hmm_signal_want *want, const char *name)
{
	for (size_t i = 0; want->name && i < want->count; i++)
		if (!strcmp(want->name[i], name))
			return 1;
	return !want->name;
}

const struct hmm_signal_channel *
hmm_signal_find(const struct hmm_signal *signal, const char *name)
{
	for (size_t i = 0; i < signal->channels; i++)
		if (!strcmp(signal->channel[i].name, name))
			return &signal->channel[i];
	return NULL;
}

float *
hmm_signal_add(struct hmm_signal *signal, const char *name, size_t length, const char *path)
{
	void *list = signal->channel;
	if (!*name || !hmm_utf8_valid(name)) {
		hmm_error("%s: the name of channel %zu is %s", path, signal->channels + 1,
		    *name ? "no UTF-8" : "empty");
		return NULL;
	}
	if (signal->channels == MOST_CHANNELS) {
		hmm_error(
		    "%s: more than %d channels; does time go along the other axis?", path, MOST_CHANNELS);
		return NULL;
	}
	if (hmm_signal_find(signal, name)) {
		hmm_error("%s: channel '%s' stands twice in it", path, name);
		return NULL;
	}
	if (hmm_grow(&list, &signal->capacity, (signal->channels + 1) * sizeof(*signal->channel)))
		return NULL;
	signal->channel = list;
	struct hmm_signal_channel *channel = &signal->channel[signal->channels++];
	*channel =
	    (struct hmm_signal_channel){hmm_strdup(name), hmm_alloc_raw(length, sizeof(float)), length};
	return channel->name ? channel->x : NULL;
}

const char *
hmm_signal_name(char text[HMM_SIGNAL_NAME], const char *kind, size_t number)
{
	snprintf(text, HMM_SIGNAL_NAME, "%s-%02zu", kind, number);
	return text;
}

/* Whether a text of that length is a spelling of nothing. */
static int
is_missing(const char *text, size_t length)
{
	static const char *const words[] = {"", "?", "nan", "na", "n/a"};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == length && !strncasecmp(text, words[i], length))
			return 1;
	return 0;
}

int
hmm_signal_number(float *number, const char *text, const char **end, const char *ends)
{
	char *behind;
	text += strspn(text, " ");
	size_t length = strcspn(text, ends);
	*end = text + length;
	while (length && strchr(" \r", text[length - 1]))
		length--;
	*number = NAN;
	if (is_missing(text, length))
		return 0;
	if (strchr("\t\v\f\n\r", *text)) /* which strtod() would pass over, into the next line */
		return -1;
	*number = (float)strtod(text, &behind);
	/* which takes hexadecimal numbers and words too */
	return behind == text + length && strspn(text, "+-.0123456789eE") >= length ? 0 : -1;
}

char *
hmm_signal_text(const char *path, size_t *size)
{
	FILE *file = hmm_regular_stream(path, size);
	char *text = file ? hmm_alloc_raw(*size + 1, 1) : NULL;
	int bad = !text;
	if (!bad && fread(text, 1, *size, file) != *size)
		bad = hmm_error("%s: cannot read: %s", path, ferror(file) ? strerror(errno) : "truncated");
	if (!bad && memchr(text, '\0', *size))
		bad = hmm_error("%s: holds a zero byte, want text", path);
	if (file)
		fclose(file);
	if (bad) {
		free(text);
		return NULL;
	}
	text[*size] = '\0';
	return text;
}
