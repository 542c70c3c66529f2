#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "hmm/base/memory.h"

/* What a slide's name says, see hmm_breakhis_read(): SOB_B_PT_14-22549AB. */
enum { ACCESSION, TYPE, SLIDE, COLUMNS };

enum { TEXT = 1024 };

/* Split a slide's name; 0: it is none. */
static int
parse(char accession[32], char type[4], const char *name)
{
	char letters[16] = "";
	int year = 0, end = 0;
	if (sscanf(name, "SOB_%*1[BM]_%3[A-Z]_%24[0-9-]%n%15[A-Z]%n", type, accession, &year, letters,
	        &end) < 2)
		return 0;
	return name[end > year ? end : year] == '\0' && strlen(accession) > 3 && accession[2] == '-';
}

/* A table with a line a manifest's line, or NULL; *strange: a name is none of a slide. */
static struct hmm_table *
read_names(const struct hmm_audit *audit, int *strange)
{
	static const char *const header[COLUMNS] = {"accession", "type", "slide"};
	struct hmm_table *table = hmm_table_new(audit->manifest->name, header, COLUMNS);
	*strange = 0;
	for (size_t row = 0; table && row < audit->manifest->rows; row++) {
		char accession[32], type[4];
		const char *slide = audit->subjects.names.name[audit->subjects.of[row]];
		const char *const cells[COLUMNS] = {accession, type, slide};
		*strange = !parse(accession, type, slide);
		if (*strange || hmm_table_append(table, cells)) {
			hmm_table_free(table);
			return NULL;
		}
	}
	return table;
}

/* How many of these names have a line of that label. */
static size_t
count_label(const struct hmm_audit *audit, const struct hmm_column *by_name, int label)
{
	size_t count = 0;
	for (size_t b = 0; b < by_name->names.count; b++) {
		size_t i = by_name->start[b];
		while (i < by_name->start[b + 1] && audit->labels[by_name->row[i]] != label)
			i++;
		count += i < by_name->start[b + 1];
	}
	return count;
}

static int
check_accession(struct hmm_audit *audit, const struct hmm_table *names,
    const struct hmm_column *accessions, size_t b)
{
	char slides[TEXT], types[TEXT], groups[TEXT], splits[TEXT];
	const char *name = accessions->names.name[b];
	struct hmm_table *findings = audit->findings;
	const long several = hmm_column_values(types, sizeof(types), accessions, b, names, TYPE);
	const long apart =
	    hmm_column_values(groups, sizeof(groups), accessions, b, audit->manifest, audit->group);
	const long cut =
	    hmm_column_values(splits, sizeof(splits), accessions, b, audit->manifest, audit->split);
	if (several < 0 || apart < 0 || cut < 0 ||
	    hmm_column_values(slides, sizeof(slides), accessions, b, names, SLIDE) < 0)
		return -1;
	if (several > 1 && hmm_findings_add(findings, "accession-types", HMM_NOTE, name,
	                       "types %s of slides %s (images)", types, slides))
		return -1;
	if (apart < 2)
		return 0; /* what its splits are is the group's finding */
	if (hmm_findings_add(findings, "accession-groups", HMM_WARNING, name,
	        "one patient's slides in groups %s (images)", groups))
		return -1;
	return cut > 1 ? hmm_findings_add(findings, "accession-splits", HMM_SEVERE, name,
	                     "splits %s of slides %s (images)", splits, slides)
	               : 0;
}

int
hmm_audit_breakhis(struct hmm_audit *audit)
{
	struct hmm_column accessions = {0};
	int strange;
	struct hmm_table *names = read_names(audit, &strange);
	if (!names)
		return strange ? 0 : -1;
	int bad = hmm_column_open(&accessions, names, ACCESSION, -1);
	for (int label = 0; label < 2 && audit->target == HMM_BINARY && !bad; label++)
		bad = hmm_findings_add(audit->findings, "accessions", HMM_NOTE,
		    label ? "label 1" : "label 0", "%zu slides of %zu accession numbers",
		    count_label(audit, &audit->subjects, label), count_label(audit, &accessions, label));
	for (size_t b = 0; b < accessions.names.count && !bad; b++)
		bad = check_accession(audit, names, &accessions, b);
	hmm_column_close(&accessions);
	hmm_table_free(names);
	return bad;
}
