#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "hmm/error.h"
#include "hmm/source.h"

enum { MAX_PATH = 8192, FIELDS = 8 };

struct breakhis {
	const char *folder;
	int by_accession;
	regex_t grammar;
	struct hmm_table *manifest;
};

/* class, type, year, number, letters, magnification, sequence */
static const char grammar[] = "^SOB_(B|M)_(A|F|PT|TA|DC|LC|MC|PC)-([0-9]+)-([0-9]+)([A-Z]*)-"
                              "(40|100|200|400)-([0-9]+)\\.png$";

static int
visit(const char *path, void *context)
{
	struct breakhis *breakhis = context;
	regmatch_t match[FIELDS];
	char part[FIELDS][64], subject[512], group[256], full[MAX_PATH], modality[72];
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	if (regexec(&breakhis->grammar, name, FIELDS, match, 0))
		return 0;
	for (int i = 1; i < FIELDS; i++) {
		const int length = (int)(match[i].rm_eo - match[i].rm_so);
		snprintf(
		    part[i], sizeof(part[i]), "%.*s", length < 63 ? length : 63, name + match[i].rm_so);
	}
	snprintf(
	    subject, sizeof(subject), "SOB_%s_%s-%s-%s%s", part[1], part[2], part[3], part[4], part[5]);
	snprintf(group, sizeof(group), "%s-%s", part[3], part[4]);
	snprintf(modality, sizeof(modality), "%sX", part[6]);
	size_t length = strlen(breakhis->folder);
	while (length > 1 && breakhis->folder[length - 1] == '/')
		length--;
	snprintf(full, sizeof(full), "%.*s/%s", (int)length, breakhis->folder, path);
	const char *cells[] = {subject, modality, part[1][0] == 'M' ? "1" : "0",
	    breakhis->by_accession ? group : subject, NULL, full, part[2], part[7]};
	return hmm_table_append(breakhis->manifest, cells);
}

struct hmm_table *
hmm_source_breakhis(const char *folder, int by_accession)
{
	struct breakhis breakhis = {.folder = folder, .by_accession = by_accession};
	const char *header[HMM_MANIFEST_COLUMNS + 2];
	memcpy(header, hmm_manifest_columns, sizeof(hmm_manifest_columns));
	header[HMM_MANIFEST_COLUMNS] = "type";
	header[HMM_MANIFEST_COLUMNS + 1] = "seq";
	if (regcomp(&breakhis.grammar, grammar, REG_EXTENDED)) {
		hmm_error("out of memory");
		return NULL;
	}
	breakhis.manifest = hmm_table_new(folder, header, HMM_MANIFEST_COLUMNS + 2);
	const int bad = !breakhis.manifest || hmm_source_walk(folder, visit, &breakhis);
	regfree(&breakhis.grammar);
	if (!bad)
		return breakhis.manifest;
	hmm_table_free(breakhis.manifest);
	return NULL;
}
