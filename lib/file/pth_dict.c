#include "pth_dict.h"

#include <stdio.h>
#include <string.h>

#include "hmm/base/error.h"

enum { MAX_DEPTH = 4, MAX_FOUND = 8, MAX_LIST = 400 };

/* Where training scripts put a state_dict beside an epoch and an optimizer. */
static const char *const wrappers[] = {"state_dict", "model_state_dict", "model", "net", "ema"};
enum { WRAPPERS = sizeof(wrappers) / sizeof(wrappers[0]) };

struct search {
	size_t count;
	const struct hmm_pickle_value *dict[MAX_FOUND];
	char entry[MAX_FOUND][HMM_PTH_ENTRY];
};

/* The value under a key of so many bytes, the last one as in Python, or NULL. */
static const struct hmm_pickle_value *
value_of(const struct hmm_pickle_value *dict, const char *key, size_t length)
{
	for (size_t i = dict->count / 2; i-- > 0;) {
		const struct hmm_pickle_value *have = dict->item[2 * i];
		if (have->type == HMM_PICKLE_STRING && !strncmp(have->text, key, length) &&
		    !have->text[length])
			return dict->item[2 * i + 1];
	}
	return NULL;
}

static int
has_tensors(const struct hmm_pickle_value *dict)
{
	for (size_t i = 0; i + 1 < dict->count; i += 2)
		if (dict->item[i]->type == HMM_PICKLE_STRING &&
		    dict->item[i + 1]->type == HMM_PICKLE_TENSOR)
			return 1;
	return 0;
}

/* Add the dicts of tensors that the wrappers of a dict lead to, or else the dict itself. */
static void
look(struct search *search, const struct hmm_pickle_value *dict, const char *entry, int depth)
{
	const size_t before = search->count;
	for (size_t w = 0; w < WRAPPERS && depth < MAX_DEPTH; w++) {
		char below[HMM_PTH_ENTRY];
		const struct hmm_pickle_value *inner = value_of(dict, wrappers[w], strlen(wrappers[w]));
		const int length =
		    snprintf(below, sizeof(below), "%s%s%s", entry, *entry ? "/" : "", wrappers[w]);
		if (inner && inner->type == HMM_PICKLE_DICT && length < HMM_PTH_ENTRY)
			look(search, inner, below, depth + 1);
	}
	if (search->count > before || search->count == MAX_FOUND || !has_tensors(dict))
		return;
	for (size_t i = 0; i < search->count; i++)
		if (search->dict[i] == dict) /* under another name */
			return;
	search->dict[search->count] = dict;
	snprintf(search->entry[search->count++], HMM_PTH_ENTRY, "%s", entry);
}

/* "'a', 'b', ..." of the keys under which a dict has dicts, behind the entry that it is. */
static void
list_keys(char text[MAX_LIST], const struct hmm_pickle_value *dict, const char *entry)
{
	size_t used = 0;
	text[0] = '\0';
	for (size_t i = 0; i + 1 < dict->count && used < MAX_LIST - 80; i += 2)
		if (dict->item[i]->type == HMM_PICKLE_STRING && dict->item[i + 1]->type == HMM_PICKLE_DICT)
			used += (size_t)snprintf(text + used, MAX_LIST - used, "%s'%.20s%s%.30s'",
			    used ? ", " : "", entry, *entry ? "/" : "", dict->item[i]->text);
}

/* The dict that an entry's name leads to, a '/' a level; NULL, reported. */
static const struct hmm_pickle_value *
follow(const char *path, const struct hmm_pickle_value *dict, const char *entry)
{
	char keys[MAX_LIST];
	for (const char *at = entry; *at;) {
		size_t length = strlen(at);
		const struct hmm_pickle_value *inner = value_of(dict, at, length);
		if (!inner) {
			length = strcspn(at, "/");
			inner = value_of(dict, at, length);
		}
		if (!inner || inner->type != HMM_PICKLE_DICT) {
			list_keys(keys, dict, "");
			hmm_error("%s: no dict in an entry '%.*s', want one of: %s", path, (int)length, at,
			    *keys ? keys : "none");
			return NULL;
		}
		dict = inner;
		at += length + (at[length] == '/');
	}
	return dict;
}

/* The first object in a dict, or in a wrapper's, that nobody will make; NULL where there is none.
 */
static const struct hmm_pickle_value *
find_object(const struct hmm_pickle_value *dict, const char **key, int depth)
{
	for (size_t i = 0; i + 1 < dict->count; i += 2)
		if (dict->item[i]->type == HMM_PICKLE_STRING &&
		    dict->item[i + 1]->type == HMM_PICKLE_OBJECT) {
			*key = dict->item[i]->text;
			return dict->item[i + 1];
		}
	for (size_t w = 0; w < WRAPPERS && depth < MAX_DEPTH; w++) {
		const struct hmm_pickle_value *inner = value_of(dict, wrappers[w], strlen(wrappers[w]));
		if (inner && inner->type == HMM_PICKLE_DICT && (inner = find_object(inner, key, depth + 1)))
			return inner;
	}
	return NULL;
}

/* Report what stands there in place of tensors. */
static void
refuse(const char *path, const struct hmm_pickle_value *dict, const char *entry)
{
	const char *key = NULL;
	char keys[MAX_LIST];
	const struct hmm_pickle_value *object = find_object(dict, &key, 0);
	list_keys(keys, dict, entry);
	if (object)
		hmm_error("%s: holds no tensors: its '%s' is what %s would make, which is never called",
		    path, key, hmm_pickle_maker(object));
	else if (*keys)
		hmm_error(
		    "%s: holds no tensors but within its entries %s: choose with --entry", path, keys);
	else
		hmm_error("%s: holds no tensors", path);
}

const struct hmm_pickle_value *
hmm_pth_find_dict(char taken[HMM_PTH_ENTRY], const char *path, const struct hmm_pickle_value *saved,
    const char *entry)
{
	struct search search = {0};
	if (saved->type == HMM_PICKLE_OBJECT) {
		hmm_error("%s: holds what %s would make, which is never called: want a state_dict", path,
		    hmm_pickle_maker(saved));
		return NULL;
	}
	if (saved->type != HMM_PICKLE_DICT) {
		hmm_error("%s: holds no dict of tensors (a state_dict)", path);
		return NULL;
	}
	const struct hmm_pickle_value *dict = entry ? follow(path, saved, entry) : saved;
	if (!dict)
		return NULL;
	look(&search, dict, entry ? entry : "", 0);
	if (search.count == 1) {
		memcpy(taken, search.entry[0], HMM_PTH_ENTRY);
		return search.dict[0];
	}
	char names[MAX_LIST] = "";
	size_t used = 0;
	for (size_t i = 0; i < search.count && used < MAX_LIST - 80; i++)
		used += (size_t)snprintf(
		    names + used, MAX_LIST - used, "%s'%.40s'", i ? " and " : "", search.entry[i]);
	if (search.count)
		hmm_error("%s: holds tensors in its entries %s: choose with --entry", path, names);
	else
		refuse(path, dict, entry ? entry : "");
	return NULL;
}
