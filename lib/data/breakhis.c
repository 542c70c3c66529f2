#include "hmm/data/breakhis.h"

#include <limits.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/data/manifest.h"
#include "walk.h"

/* SOB_B_A-14-22549AB-40-001.png: class, type, accession, letters, magnification, number */
static const char grammar[] =
    "^SOB_(B_(A|F|PT|TA)|M_(DC|LC|MC|PC))-([0-9][0-9]-[0-9]+)([A-Z]*)-(40|100|200|400)-"
    "([0-9]+)\\.[Pp][Nn][Gg]$";
enum { CLASS = 1, ACCESSION = 4, LETTERS, MAGNIFICATION, NUMBER, PARTS };

struct breakhis {
	struct hmm_table *table;
	regex_t grammar;
	enum hmm_breakhis_group group;
	struct hmm_leftovers strange;
};

static int
enter(void *context, const char *relative)
{
	(void)context;
	(void)relative;
	return 1;
}

static int
add(void *context, const char *path, const char *relative)
{
	enum { TYPE = HMM_MANIFEST_COLUMNS, SEQUENCE, COLUMNS };
	static const char *const images[] = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"};
	struct breakhis *source = context;
	const char *name = hmm_walk_base(relative), *cells[COLUMNS] = {NULL};
	regmatch_t at[PARTS];
	char part[PARTS][NAME_MAX + 1], subject[3 * NAME_MAX + 8], modality[8];
	const size_t length = strlen(name);
	if (strncmp(name, "SOB_", 4) && !hmm_walk_stem(name, images, sizeof(images) / sizeof(*images)))
		return 0;
	if (length > NAME_MAX || regexec(&source->grammar, name, PARTS, at, 0))
		return hmm_leftovers_add(&source->strange, relative);
	for (int i = CLASS; i < PARTS; i++)
		snprintf(part[i], sizeof(part[i]), "%.*s", (int)(at[i].rm_eo - at[i].rm_so),
		    at[i].rm_so < 0 ? "" : name + at[i].rm_so);
	snprintf(subject, sizeof(subject), "SOB_%s_%s%s", part[CLASS], part[ACCESSION], part[LETTERS]);
	snprintf(modality, sizeof(modality), "%.3sX", part[MAGNIFICATION]);
	cells[HMM_SUBJECT] = subject;
	cells[HMM_MODALITY] = modality;
	cells[HMM_LABEL] = part[CLASS][0] == 'M' ? "1" : "0";
	cells[HMM_GROUP] = source->group == HMM_BY_SLIDE ? subject : part[ACCESSION];
	cells[HMM_PATH] = path;
	cells[TYPE] = part[CLASS] + 2;
	cells[SEQUENCE] = part[NUMBER];
	return hmm_table_append(source->table, cells);
}

struct hmm_table *
hmm_breakhis_read(const char *folder, enum hmm_breakhis_group group)
{
	const char *header[HMM_MANIFEST_COLUMNS + 2];
	char names[512];
	struct breakhis source = {.group = group};
	struct hmm_walk walk = {.enter = enter, .file = add, .context = &source};
	memcpy(header, hmm_manifest_header, sizeof(hmm_manifest_header));
	header[HMM_MANIFEST_COLUMNS] = "type";
	header[HMM_MANIFEST_COLUMNS + 1] = "seq";
	source.table = hmm_table_new(folder, header, HMM_MANIFEST_COLUMNS + 2);
	if (!source.table)
		return NULL;
	if (regcomp(&source.grammar, grammar, REG_EXTENDED)) {
		hmm_error("out of memory");
		hmm_table_free(source.table);
		return NULL;
	}
	const int bad = hmm_walk_run(&walk, folder);
	regfree(&source.grammar);
	if (!bad && source.strange.count)
		hmm_warn("%s: %zu names of images do not follow BreaKHis's grammar%s; left out", folder,
		    source.strange.count, hmm_leftovers_list(names, sizeof(names), &source.strange));
	hmm_leftovers_close(&source.strange);
	if (!bad)
		return source.table;
	hmm_table_free(source.table);
	return NULL;
}
