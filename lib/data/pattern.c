#include "pattern.h"

#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

enum { MAX_TRIES = 1000000, MAX_FIELDS = 16 };

int
hmm_pattern_field(const char *pattern, const char **behind)
{
	static const char *const names[HMM_FIELDS] = {
	    "{subject}", "{modality}", "{group}", "{label}", "{study}", "{any}"};
	for (int i = 0; i < HMM_FIELDS; i++) {
		const size_t length = strlen(names[i]);
		if (strncmp(pattern, names[i], length))
			continue;
		*behind = pattern + length;
		return i;
	}
	return -1;
}

int
hmm_pattern_fields(const char *pattern, const char *option)
{
	int found = 0, count = 0;
	for (const char *at = pattern; *at;) {
		const int field = *at == '{' ? hmm_pattern_field(at, &at) : -1;
		if (field < 0 && (*at == '{' || *at == '}'))
			return hmm_error("--%s: found '%s' at '%s', want {subject}, {modality}, {group}, "
			                 "{label}, {study} or {any}",
			    option, pattern, at);
		at += field < 0;
		count += field >= 0;
		found |= field < 0 ? 0 : 1 << field;
	}
	return count > MAX_FIELDS
	           ? hmm_error("--%s: found %d fields, want at most %d", option, count, MAX_FIELDS)
	           : found;
}

char *
hmm_pattern_fill(const char *template, const struct hmm_match *match)
{
	size_t size = strlen(template) + 1, used = 0;
	for (const char *at = template; *at;) {
		const int field = *at == '{' ? hmm_pattern_field(at, &at) : -1;
		size += field < 0 ? 0 : match->length[field];
		at += field < 0;
	}
	char *text = hmm_alloc(size, 1);
	for (const char *at = template; text && *at;) {
		const int field = *at == '{' ? hmm_pattern_field(at, &at) : -1;
		if (field >= 0)
			memcpy(text + used, match->at[field], match->length[field]);
		else
			text[used] = *at++;
		used += field < 0 ? 1 : match->length[field];
	}
	return text;
}

static int match_here(struct hmm_match *match, const char *pattern, const char *path);

static int
match_field(struct hmm_match *match, int field, const char *pattern, const char *path)
{
	const size_t most = strcspn(path, "/");
	const int lazy = field == HMM_FIELD_MODALITY || field == HMM_FIELD_LABEL;
	if (match->at[field] && field != HMM_FIELD_ANY) {
		const size_t length = match->length[field];
		return length <= most && !strncmp(path, match->at[field], length)
		           ? match_here(match, pattern, path + length)
		           : 0;
	}
	for (size_t i = 1; i <= most; i++) {
		const size_t length = lazy ? i : most + 1 - i;
		match->at[field] = path;
		match->length[field] = length;
		const int state = match_here(match, pattern, path + length);
		if (state)
			return state;
	}
	match->at[field] = NULL;
	return 0;
}

static int
match_here(struct hmm_match *match, const char *pattern, const char *path)
{
	const char *behind;
	if (match->tries-- == 0)
		return -1;
	for (; *pattern; pattern++, path++) {
		const int field = *pattern == '{' ? hmm_pattern_field(pattern, &behind) : -1;
		if (field >= 0)
			return match_field(match, field, behind, path);
		if (*pattern != *path)
			return 0;
	}
	return !*path;
}

int
hmm_pattern_match(struct hmm_match *match, const char *pattern, const char *path)
{
	*match = (struct hmm_match){.tries = MAX_TRIES};
	return match_here(match, pattern, path);
}
