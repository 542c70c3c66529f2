#include "weights_names.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

enum { MAX_PREFIXES = 8, MAX_LIST = 400 };
static const char part[] = "features.", inner[] = "module.";

/* The length of features. or features.module. before a layer's number; 0 where there is none. */
static size_t
part_length(const char *name)
{
	size_t length = sizeof(part) - 1;
	if (strncmp(name, part, length))
		return 0;
	if (!strncmp(name + length, inner, sizeof(inner) - 1))
		length += sizeof(inner) - 1; /* the features alone were parallel */
	return isdigit((unsigned char)name[length]) ? length : 0;
}

/* What stands before features.N; -1 where no such part is in the name. */
static long
prefix_length(const char *name)
{
	for (const char *at = name; at; at = strchr(at, '.')) {
		at += at > name;
		if (part_length(at))
			return at - name;
	}
	return -1;
}

struct prefixes {
	const char *name[MAX_PREFIXES]; /* one that begins with it */
	size_t length[MAX_PREFIXES];
	size_t count;
	int without; /* names without such a part, or with another prefix than the first one */
};

static void
collect(struct prefixes *prefixes, const struct hmm_weight *weight, size_t count)
{
	*prefixes = (struct prefixes){0};
	for (size_t w = 0; w < count; w++) {
		const char *name = weight[w].name;
		const long length = prefix_length(name);
		size_t i = 0;
		for (; length >= 0 && i < prefixes->count; i++)
			if (prefixes->length[i] == (size_t)length &&
			    !strncmp(prefixes->name[i], name, (size_t)length))
				break;
		if (length < 0 || i < prefixes->count || i == MAX_PREFIXES)
			continue;
		prefixes->name[i] = name;
		prefixes->length[i] = (size_t)length;
		prefixes->count++;
	}
	for (size_t w = 0; w < count && prefixes->count; w++)
		prefixes->without |= strncmp(weight[w].name, prefixes->name[0], prefixes->length[0]) != 0;
}

char *
hmm_weights_prefix(const char *path, const struct hmm_weight *weight, size_t count, int features)
{
	struct prefixes prefixes;
	char names[MAX_LIST] = "";
	size_t used = 0;
	collect(&prefixes, weight, count);
	if (prefixes.count == 0 || (!features && (prefixes.count > 1 || prefixes.without)))
		return hmm_strdup("");
	if (prefixes.count == 1) {
		char *prefix = hmm_strdup(prefixes.name[0]);
		if (prefix)
			prefix[prefixes.length[0]] = '\0';
		return prefix;
	}
	for (size_t i = 0; i < prefixes.count && used < MAX_LIST - 60; i++)
		used += (size_t)snprintf(names + used, MAX_LIST - used, "%s'%.*s'", i ? " and " : "",
		    prefixes.length[i] < 40 ? (int)prefixes.length[i] : 40, prefixes.name[i]);
	hmm_error("%s: features stand behind the prefixes %s: choose with --prefix", path, names);
	return NULL;
}

char *
hmm_weights_plain_name(const char *name, const char *prefix, int features, int *bad)
{
	if (strncmp(name, prefix, strlen(prefix)))
		return NULL;
	name += strlen(prefix);
	const size_t skipped = part_length(name);
	const int add = skipped || (features && isdigit((unsigned char)*name));
	const size_t size = sizeof(part) + strlen(name);
	char *plain = hmm_alloc(size, 1);
	if (plain)
		snprintf(plain, size, "%s%s", add ? part : "", name + skipped);
	*bad |= !plain;
	return plain;
}
