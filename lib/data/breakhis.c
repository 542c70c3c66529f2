#include "hmm/data/breakhis.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "hmm/base/error.h"
#include "hmm/data/list.h"
#include "hmm/data/manifest.h"
#include "walk.h"

/* What a name says: SOB_B_A-14-22549AB-40-001.png */
struct parts {
	char kind; /* B or M */
	char type[4], accession[NAME_MAX + 1], letters[NAME_MAX + 1], magnification[8];
	char number[NAME_MAX + 1];
};

/* Take characters of a set, at least `least`, and what must follow them, into `text`; NULL: there
 * are none. Behind them. */
static const char *
take(char *text, size_t size, const char *at, const char *set, size_t least, const char *behind)
{
	const size_t length = at ? strspn(at, set) : 0;
	if (!at || length < least || length >= size || strncmp(at + length, behind, strlen(behind)))
		return NULL;
	snprintf(text, size, "%.*s", (int)length, at);
	return at + length + strlen(behind);
}

/* Whether a name follows the grammar. By hand: regexec(3) takes a lack of memory for no match. */
static int
parse(struct parts *parts, const char *name)
{
	static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", digits[] = "0123456789";
	char year[3], slide[NAME_MAX + 1];
	if (strlen(name) > NAME_MAX || strncmp(name, "SOB_", 4) || !strchr("BM", name[4]) || !name[4] ||
	    name[5] != '_')
		return 0;
	parts->kind = name[4];
	const char *at = take(parts->type, sizeof(parts->type), name + 6, capitals, 1, "-");
	at = take(year, sizeof(year), at, digits, 2, "-");
	at = take(slide, sizeof(slide), at, digits, 1, "");
	at = take(parts->letters, sizeof(parts->letters), at, capitals, 0, "-");
	at = take(parts->magnification, sizeof(parts->magnification), at, digits, 1, "-");
	at = take(parts->number, sizeof(parts->number), at, digits, 1, ".");
	if (!at || strcasecmp(at, "png"))
		return 0;
	snprintf(parts->accession, sizeof(parts->accession), "%s-%.*s", year, NAME_MAX - 3, slide);
	const char *types = parts->kind == 'B' ? "A,F,PT,TA" : "DC,LC,MC,PC";
	return hmm_list_has(types, parts->type, strlen(parts->type)) &&
	       hmm_list_has("40,100,200,400", parts->magnification, strlen(parts->magnification));
}

struct breakhis {
	struct hmm_table *table;
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
	char subject[2 * NAME_MAX + 16], modality[16];
	struct parts parts;
	if (strncmp(name, "SOB_", 4) && !hmm_walk_stem(name, images, sizeof(images) / sizeof(*images)))
		return 0;
	if (!parse(&parts, name))
		return hmm_leftovers_add(&source->strange, relative);
	snprintf(subject, sizeof(subject), "SOB_%c_%s_%s%s", parts.kind, parts.type, parts.accession,
	    parts.letters);
	snprintf(modality, sizeof(modality), "%sX", parts.magnification);
	cells[HMM_SUBJECT] = subject;
	cells[HMM_MODALITY] = modality;
	cells[HMM_LABEL] = parts.kind == 'M' ? "1" : "0";
	cells[HMM_GROUP] = source->group == HMM_BY_SLIDE ? subject : parts.accession;
	cells[HMM_PATH] = path;
	cells[TYPE] = parts.type;
	cells[SEQUENCE] = parts.number;
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
	const int bad = hmm_walk_run(&walk, folder);
	if (!bad && source.strange.count)
		hmm_warn("%s: %zu %s not follow BreaKHis's grammar%s; left out", folder,
		    source.strange.count,
		    source.strange.count == 1 ? "name of an image does" : "names of images do",
		    hmm_leftovers_list(names, sizeof(names), &source.strange));
	hmm_leftovers_close(&source.strange);
	if (!bad)
		return source.table;
	hmm_table_free(source.table);
	return NULL;
}
