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

/* DataParallel's, before all names of a network of any kind. */
static const char *
wrapper(const struct hmm_weight *weight, size_t count)
{
	for (size_t w = 0; w < count; w++)
		if (strncmp(weight[w].name, inner, sizeof(inner) - 1))
			return "";
	return count ? inner : "";
}

char *
hmm_weights_prefix(const char *path, const struct hmm_weight *weight, size_t count, int features)
{
	struct prefixes prefixes;
	char names[MAX_LIST] = "";
	size_t used = 0;
	collect(&prefixes, weight, count);
	if (prefixes.count == 0 || (!features && (prefixes.count > 1 || prefixes.without)))
		return hmm_strdup(features ? "" : wrapper(weight, count));
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

/* ---- statistics that nobody uses ---- */

static int
by_name(const void *left, const void *right)
{
	const struct hmm_weight *const *a = left, *const *b = right;
	return strcmp((*a)->name, (*b)->name);
}

const struct hmm_weight **
hmm_weights_sorted(const struct hmm_weight *weight, size_t count)
{
	const struct hmm_weight **sorted = hmm_alloc(count, sizeof(*sorted));
	if (!sorted)
		return NULL;
	for (size_t i = 0; i < count; i++)
		sorted[i] = &weight[i];
	qsort(sorted, count, sizeof(*sorted), by_name);
	return sorted;
}

/* Whether a name is of a running statistic: where it ends its module's, or NULL. */
static const char *
statistic(const char *name)
{
	static const char *const names[] = {".running_mean", ".running_var", ".num_batches_tracked"};
	const char *last = strrchr(name, '.');
	for (size_t i = 0; last && i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(last, names[i]))
			return last;
	return NULL;
}

int
hmm_weights_is_idle(const char *name, const struct hmm_weight *const *sorted, size_t count)
{
	const char *end = statistic(name);
	size_t low = 0, high = count;
	if (!end)
		return 0;
	const size_t length = (size_t)(end - name);
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const char *other = sorted[middle]->name;
		int order = strncmp(other, name, length);
		order = order ? order : strcmp(other + length, ".weight");
		if (!order)
			return 0;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return 1;
}
