#include "hmm/data/elements.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/manifest.h"
#include "hmm/data/vectors.h"
#include "cell.h"
#include "labels.h"

enum { MOST_NAME = 255 };

/* The rows of a modality. 0, or -1 reported. */
static int
add(struct hmm_table *manifest, const char *modality, const struct hmm_element *element)
{
	struct hmm_vectors vectors;
	size_t empty = 0;
	int bad = hmm_vectors_open(&vectors, element);
	for (size_t row = 0; row < vectors.keys.count && !bad; row++) {
		const char *key = vectors.keys.name[row];
		if (!hmm_vectors_stands(&vectors, row)) {
			empty++;
			continue;
		}
		char *path = hmm_element_path(element, key);
		const char *const cells[HMM_MANIFEST_COLUMNS] = {
		    [HMM_SUBJECT] = key, [HMM_MODALITY] = modality, [HMM_GROUP] = key, [HMM_PATH] = path};
		bad = !path || hmm_table_append(manifest, cells);
		free(path);
	}
	if (empty)
		hmm_warn("%s: %zu %s nothing but missing cells; left out", element->file, empty,
		    empty == 1 ? "row has" : "rows have");
	hmm_vectors_close(&vectors);
	return bad ? -1 : 0;
}

/* Whether it is one in the table that is printed, and in a set. */
static int
check_modality(const char *name)
{
	char *trimmed = hmm_strdup(name);
	const int bad = !trimmed || strchr(name, '+') || hmm_cell_missing(name) ||
	                strcmp(hmm_cell_trim(trimmed), name) || strlen(name) > MOST_NAME;
	free(trimmed);
	return bad ? hmm_error("--vectors: modality '%.60s': want a name without '+' and blanks around "
	                       "it, other than n/a, of at most %d bytes",
	                 name, MOST_NAME)
	           : 0;
}

static int
add_given(struct hmm_table *manifest, const char *given)
{
	char *modality = hmm_strdup(given);
	if (!modality)
		return -1;
	char *equals = strchr(modality, '=');
	struct hmm_element element = {0};
	int bad = !equals || equals == modality
	              ? hmm_error("--vectors: found '%s', want MODALITY=FILE", given)
	              : 0;
	if (!bad) {
		*equals = '\0';
		bad = check_modality(modality) || hmm_element_open(&element, equals + 1, 0) ||
		      add(manifest, modality, &element);
	}
	hmm_element_close(&element);
	free(modality);
	return bad ? -1 : 0;
}

struct hmm_table *
hmm_elements_read(const char *const *given, size_t count, const char *labels, const char *label)
{
	struct hmm_table *manifest =
	    hmm_table_new("--vectors", hmm_manifest_header, HMM_MANIFEST_COLUMNS);
	int bad = !manifest;
	for (size_t i = 0; i < count && !bad; i++)
		bad = add_given(manifest, given[i]);
	if (!bad &&
	    (!labels || !hmm_labels_fill(manifest, labels, label, &hmm_labels_by_subject, "vector")))
		return manifest;
	hmm_table_free(manifest);
	return NULL;
}
