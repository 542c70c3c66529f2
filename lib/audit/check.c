#include "hmm/audit/check.h"

#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "hmm/base/memory.h"
#include "hmm/data/manifest.h"
#include "hmm/data/names.h"
#include "hmm/data/split.h"

/* Room for one finding's text. */
enum { TEXT = 1024 };

/* ---- splits and labels ---- */

/* What must have one value in all lines of a subject or a group. */
static int
check_unique(struct hmm_audit *audit, const struct hmm_column *by_name, int column,
    const char *check, const char *what)
{
	char text[TEXT];
	for (size_t b = 0; b < by_name->names.count && column >= 0; b++) {
		const long values =
		    hmm_column_values(text, sizeof(text), by_name, b, audit->manifest, column);
		if (values < 0 || (values > 1 && hmm_findings_add(audit->findings, check, HMM_SEVERE,
		                                     by_name->names.name[b], "%s %s (lines)", what, text)))
			return -1;
	}
	return 0;
}

/* A subject of two groups in two splits: that of one group is its group's finding. */
static int
check_subject_splits(struct hmm_audit *audit)
{
	char text[TEXT];
	const struct hmm_column *subjects = &audit->subjects;
	for (size_t b = 0; b < subjects->names.count; b++) {
		long values =
		    hmm_column_values(text, sizeof(text), subjects, b, audit->manifest, audit->group);
		if (values > 1)
			values =
			    hmm_column_values(text, sizeof(text), subjects, b, audit->manifest, audit->split);
		if (values < 0 ||
		    (values > 1 && hmm_findings_add(audit->findings, "subject-splits", HMM_SEVERE,
		                       subjects->names.name[b], "splits %s (lines)", text)))
			return -1;
	}
	return 0;
}

/* Lines of a split, and its subjects' labels. */
struct split {
	size_t lines, labels[2];
};

static struct split
count_split(const struct hmm_audit *audit, const char *name)
{
	struct split split = {0, {0, 0}};
	for (size_t row = 0; row < audit->manifest->rows; row++) {
		const char *cell = hmm_table_cell(audit->manifest, row, audit->split);
		if (name ? !cell || strcmp(cell, name) : cell != NULL)
			continue;
		split.lines++;
		if (audit->labels[row] >= 0)
			split.labels[audit->labels[row]]++;
	}
	return split;
}

static int
knows_split(const char *name)
{
	int found = 0;
	for (int p = 0; p < HMM_PARTS; p++)
		found |= !strcmp(name, hmm_part_names[p]);
	return found;
}

/* Splits of other names, which nothing trains on or tests unless it is told. */
static int
check_split_names(struct hmm_audit *audit)
{
	char text[TEXT];
	struct hmm_names others = {0};
	size_t lines = 0;
	int bad = 0;
	for (size_t row = 0; row < audit->manifest->rows && !bad; row++) {
		const char *cell = hmm_table_cell(audit->manifest, row, audit->split);
		if (!cell || knows_split(cell))
			continue;
		bad = hmm_names_add(&others, cell) < 0;
		lines++;
	}
	if (lines && !bad)
		bad = hmm_findings_add(audit->findings, "split-unknown", HMM_WARNING, "split",
		    "%zu line%s neither in train, val, cal nor test but in %s", lines,
		    lines == 1 ? " is" : "s are", hmm_names_list(text, sizeof(text), &others));
	hmm_names_close(&others);
	return bad;
}

static int
check_splits(struct hmm_audit *audit)
{
	const struct split none = count_split(audit, NULL);
	int bad = 0;
	if (audit->split < 0 || none.lines == audit->manifest->rows)
		return hmm_findings_add(
		    audit->findings, "split-empty", HMM_NOTE, "split", "no line has a split");
	if (none.lines)
		bad = hmm_findings_add(audit->findings, "split-missing", HMM_WARNING, "split",
		    "%zu line%s none and others do", none.lines, none.lines == 1 ? " has" : "s have");
	bad = bad || check_split_names(audit);
	for (int p = 0; p < HMM_PARTS && !bad; p++) {
		const struct split split = count_split(audit, hmm_part_names[p]);
		if (!split.lines && p == HMM_CAL) /* few have it */
			continue;
		if (!split.lines)
			bad = hmm_findings_add(audit->findings, "split-empty",
			    p == HMM_VAL ? HMM_NOTE : HMM_WARNING, hmm_part_names[p], "no line");
		else if (!split.labels[0] || !split.labels[1])
			bad = hmm_findings_add(audit->findings, "split-labels", HMM_WARNING, hmm_part_names[p],
			    "lines of label 0: %zu, of label 1: %zu", split.labels[0], split.labels[1]);
	}
	return bad;
}

/* Groups of both labels are no finding: a patient has slices with and without tumour. */
static int
note_group_labels(struct hmm_audit *audit)
{
	char text[TEXT];
	size_t both = 0;
	for (size_t b = 0; b < audit->groups.names.count && audit->group >= 0; b++) {
		const long labels =
		    hmm_column_values(text, sizeof(text), &audit->groups, b, audit->manifest, audit->label);
		if (labels < 0)
			return -1;
		both += labels > 1;
	}
	return both ? hmm_findings_add(audit->findings, "group-labels", HMM_NOTE, "group",
	                  "%zu of %zu groups have both labels", both, audit->groups.names.count)
	            : 0;
}

/* ---- all of it ---- */

int
hmm_check_valid(const struct hmm_table *manifest)
{
	const int subject = hmm_table_want(manifest, "subject");
	const int columns[] = {subject, hmm_table_find(manifest, "path")};
	const int label = hmm_table_find(manifest, "label");
	const int imputed = hmm_table_find(manifest, HMM_IMPUTED);
	if (subject < 0)
		return -1;
	if (!manifest->rows)
		return hmm_error("%s: no lines below its header", manifest->name);
	for (int i = 0; i < 2; i++)
		if (columns[i] >= 0 && hmm_column_check(manifest, columns[i], -1))
			return -1;
	for (size_t row = 0; row < manifest->rows; row++)
		if (hmm_table_label(manifest, row, label) < -1 ||
		    hmm_manifest_imputed(manifest, row, imputed))
			return -1;
	return 0;
}

static int
open_audit(struct hmm_audit *audit)
{
	const struct hmm_table *table = audit->manifest;
	const int subject = hmm_table_find(table, "subject");
	audit->label = hmm_table_find(table, "label");
	audit->group = hmm_table_find(table, "group");
	audit->split = hmm_table_find(table, "split");
	audit->modality = hmm_table_find(table, "modality");
	audit->path = hmm_table_find(table, "path");
	audit->content = hmm_table_find(table, "content");
	audit->imputed = hmm_table_find(table, HMM_IMPUTED);
	audit->labels = hmm_alloc(table->rows, sizeof(*audit->labels));
	if (!audit->labels)
		return -1;
	for (size_t row = 0; row < table->rows; row++)
		audit->labels[row] = hmm_table_label(table, row, audit->label);
	return hmm_column_open(&audit->subjects, table, subject, -1) ||
	               hmm_column_open(
	                   &audit->groups, table, audit->group < 0 ? subject : audit->group, subject)
	           ? -1
	           : 0;
}

int
hmm_check_run(
    struct hmm_table *findings, const struct hmm_table *manifest, struct hmm_trained *trained)
{
	struct hmm_audit audit = {.manifest = manifest, .findings = findings};
	const int bad =
	    open_audit(&audit) ||
	    check_unique(&audit, &audit.groups, audit.split, "group-splits", "splits") ||
	    check_unique(&audit, &audit.subjects, audit.group, "subject-groups", "groups") ||
	    check_subject_splits(&audit) || check_splits(&audit) ||
	    check_unique(&audit, &audit.subjects, audit.label, "subject-labels", "labels") ||
	    note_group_labels(&audit) || hmm_audit_twins(&audit) || hmm_audit_imputed(&audit) ||
	    hmm_audit_presence(&audit) || (trained && hmm_audit_trained(&audit, trained)) ||
	    hmm_audit_breakhis(&audit);
	hmm_column_close(&audit.subjects);
	hmm_column_close(&audit.groups);
	free(audit.labels);
	return bad ? -1 : 0;
}

/* Whether the test of presence says anything: every line has a modality, and there are both labels.
 */
static int
tests_presence(const struct hmm_table *manifest)
{
	const int modality = hmm_table_find(manifest, "modality");
	const int label = hmm_table_find(manifest, "label");
	int of[2] = {0, 0};
	for (size_t row = 0; row < manifest->rows; row++) {
		const int here = hmm_table_label(manifest, row, label);
		if (!hmm_table_cell(manifest, row, modality))
			return 0;
		if (here >= 0)
			of[here] = 1;
	}
	return of[0] && of[1];
}

static int
has_splits(const struct hmm_table *manifest)
{
	const int split = hmm_table_find(manifest, "split");
	for (size_t row = 0; row < manifest->rows; row++)
		if (hmm_table_cell(manifest, row, split))
			return 1;
	return 0;
}

int
hmm_check_say_clean(
    struct hmm_table *findings, const struct hmm_table *manifest, int images, int trained)
{
	const int splits = has_splits(manifest);
	const struct {
		const char *check;
		int done;
	} checks[] = {{"group-splits", splits}, {"subject-groups", 1}, {"subject-splits", splits},
	    {"split-missing", splits}, {"split-unknown", splits}, {"split-empty", splits},
	    {"split-labels", splits}, {"subject-labels", 1}, {"unreadable", images}, {"blank", images},
	    {"twin-labels", 1}, {"twin-splits", splits}, {"twin-groups", 1}, {"twin-subjects", 1},
	    {"twin-images", 1}, {"imputed-mixed", 1}, {"imputed-twice", 1}, {"imputed-source", 1},
	    {"presence", tests_presence(manifest)}, {"trained-on", trained}};
	int bad = 0;
	for (size_t i = 0; i < sizeof(checks) / sizeof(*checks) && !bad; i++)
		if (checks[i].done && !hmm_findings_has(findings, checks[i].check))
			bad = hmm_findings_add(findings, checks[i].check, HMM_OK, "manifest", "nothing found");
	return bad;
}
