#include "bids_name.h"

#include <stdio.h>
#include <string.h>

#include "hmm/data/list.h"
#include "walk.h"

static size_t
image_stem(const char *base, int micr)
{
	static const char *const endings[] = {".nii.gz", ".nii", ".png"};
	return hmm_walk_stem(base, endings, micr ? 3 : 2);
}

static int
is_unread(const char *base)
{
	static const char *const endings[] = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".btf", ".bmp",
	    ".gif", ".dcm", ".ima", ".mgz", ".mgh", ".mnc", ".img", ".img.gz", ".nrrd", ".nhdr", ".mha",
	    ".mhd", ".zarr"};
	return hmm_walk_stem(base, endings, sizeof(endings) / sizeof(endings[0])) > 0;
}

static int
is_aside(const char *suffix)
{
	return hmm_list_has("mask,dseg,probseg,defacemask,roi,photo", suffix, strlen(suffix));
}

static int
append(char *text, size_t size, const char *separator, const char *word, size_t length)
{
	const size_t used = strlen(text);
	const int wrote =
	    snprintf(text + used, size - used, "%s%.*s", *text ? separator : "", (int)length, word);
	return wrote < 0 || (size_t)wrote >= size - used;
}

/* One "key-value" of a name; -1: it is none. */
static int
take_entity(struct hmm_bids_name *name, const char *word, size_t length, const char *entities)
{
	const char *dash = memchr(word, '-', length);
	if (!dash || dash == word || dash + 1 == word + length)
		return -1;
	return hmm_list_has(entities, word, (size_t)(dash - word)) &&
	               append(name->modality, sizeof(name->modality), "_", word, length)
	           ? -1
	           : 0;
}

enum hmm_bids_kind
hmm_bids_name_parse(struct hmm_bids_name *name, const char *relative, const char *entities)
{
	const char *base = hmm_walk_base(relative), *second = strchr(relative, '/');
	const int micr = base - relative > 6 && !strncmp(base - 6, "/micr/", 6);
	const size_t length = image_stem(base, micr), group = strcspn(relative, "/");
	const int visits = second && !strncmp(second, "/ses-", 5);
	const size_t visit = visits ? strcspn(second + 1, "/") : 0;
	*name = (struct hmm_bids_name){.group = ""};
	if (!length)
		return is_unread(base) ? HMM_BIDS_UNREAD : HMM_BIDS_OTHER;
	if (length > NAME_MAX || group > NAME_MAX || hmm_walk_depth(relative) != (visits ? 3u : 2u))
		return HMM_BIDS_STRANGE;
	append(name->group, sizeof(name->group), "", relative, group);
	append(name->subject, sizeof(name->subject), "", relative, group);
	if (visits)
		append(name->subject, sizeof(name->subject), "_", second + 1, visit);
	for (size_t at = 0; at <= length;) {
		const char *word = base + at;
		const size_t left = length - at,
		             span = strcspn(word, "_") < left ? strcspn(word, "_") : left;
		at += span + 1;
		if (at > length) { /* the last one */
			if (!span || memchr(word, '-', span))
				return HMM_BIDS_STRANGE;
			append(name->suffix, sizeof(name->suffix), "", word, span);
		} else if (take_entity(name, word, span, entities)) {
			return HMM_BIDS_STRANGE;
		}
	}
	const size_t subject = strlen(name->subject);
	if (strncmp(base, name->subject, subject) || base[subject] != '_' ||
	    (!visits && !strncmp(base + subject, "_ses-", 5)))
		return strncmp(base, "sub-", 4) ? HMM_BIDS_STRANGE : HMM_BIDS_ASTRAY;
	if (append(name->modality, sizeof(name->modality), "_", name->suffix, strlen(name->suffix)))
		return HMM_BIDS_STRANGE;
	return is_aside(name->suffix) ? HMM_BIDS_ASIDE : HMM_BIDS_IMAGE;
}
