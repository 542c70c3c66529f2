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

/* How many lines a split has (NULL: that have none), and into labels[strata.count] of which. */
static size_t
count_split(size_t *labels, const struct hmm_audit *audit, const char *name)
{
	size_t lines = 0;
	memset(labels, 0, audit->strata.count * sizeof(*labels));
	for (size_t row = 0; row < audit->manifest->rows; row++) {
		const char *cell = hmm_table_cell(audit->manifest, row, audit->split);
		if (name ? !cell || strcmp(cell, name) : cell != NULL)
			continue;
		lines++;
		if (audit->labels[row] >= 0)
			labels[audit->labels[row]]++;
	}
	return lines;
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

/* What a split lacks of the labels that there are. */
static int
check_labels(struct hmm_audit *audit, const char *part, const size_t *labels)
{
	char text[TEXT];
	struct hmm_names lacks = {0};
	int bad = 0;
	if (audit->target == HMM_VALUE)
		return 0;
	if (audit->target == HMM_BINARY)
		return labels[0] && labels[1]
		           ? 0
		           : hmm_findings_add(audit->findings, "split-labels", HMM_WARNING, part,
		                 "lines of label 0: %zu, of label 1: %zu", labels[0], labels[1]);
	for (size_t k = 0; k < audit->strata.count && !bad; k++)
		bad = !labels[k] && hmm_names_add(&lacks, audit->strata.name[k]) < 0;
	if (!bad && lacks.count)
		bad = hmm_findings_add(audit->findings, "split-labels", HMM_WARNING, part, "no line of %s",
		    hmm_names_list(text, sizeof(text), &lacks));
	hmm_names_close(&lacks);
	return bad ? -1 : 0;
}

/* The parts that have lines, with scratch for their labels. */
static int
check_parts(struct hmm_audit *audit, size_t *labels)
{
	int bad = 0;
	for (int p = 0; p < HMM_PARTS && !bad; p++) {
		const size_t lines = count_split(labels, audit, hmm_part_names[p]);
		if (!lines && p == HMM_CAL) /* few have it */
			continue;
		bad = !lines ? hmm_findings_add(audit->findings, "split-empty",
		                   p == HMM_VAL ? HMM_NOTE : HMM_WARNING, hmm_part_names[p], "no line")
		             : check_labels(audit, hmm_part_names[p], labels);
	}
	return bad;
}

static int
check_splits(struct hmm_audit *audit)
{
	size_t *labels = hmm_alloc(audit->strata.count, sizeof(*labels));
	const size_t none = labels ? count_split(labels, audit, NULL) : 0;
	int bad = !labels;
	if (!bad && (audit->split < 0 || none == audit->manifest->rows)) {
		bad = hmm_findings_add(
		    audit->findings, "split-empty", HMM_NOTE, "split", "no line has a split");
	} else {
		if (!bad && none)
			bad = hmm_findings_add(audit->findings, "split-missing", HMM_WARNING, "split",
			    "%zu line%s none and others do", none, none == 1 ? " has" : "s have");
		bad = bad || check_split_names(audit) || check_parts(audit, labels);
	}
	free(labels);
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
	                  "%zu of %zu groups have %s labels", both, audit->groups.names.count,
	                  audit->target == HMM_BINARY ? "both" : "several")
	            : 0;
}

/* ---- all of it ---- */

int
hmm_check_valid(const struct hmm_table *manifest, enum hmm_target target)
{
	struct hmm_known known;
	const int subject = hmm_table_want(manifest, "subject");
	const int columns[] = {subject, hmm_table_find(manifest, "path")};
	const int label = hmm_table_find(manifest, "label");
	const int imputed = hmm_table_find(manifest, HMM_IMPUTED);
	const int event = hmm_table_find(manifest, "event");
	if (subject < 0 || (target == HMM_TIME && label >= 0 && hmm_table_want(manifest, "event") < 0))
		return -1;
	if (!manifest->rows)
		return hmm_error("%s: no lines below its header", manifest->name);
	for (int i = 0; i < 2; i++)
		if (columns[i] >= 0 && hmm_column_check(manifest, columns[i], -1))
			return -1;
	for (size_t row = 0; row < manifest->rows; row++)
		if (hmm_target_known(&known, target, manifest, row, label, event) < 0 ||
		    hmm_manifest_imputed(manifest, row, imputed))
			return -1;
	return 0;
}

static int
open_audit(struct hmm_audit *audit)
{
	const struct hmm_table *table = audit->manifest;
	const int subject = hmm_table_find(table, "subject");
	audit->group = hmm_table_find(table, "group");
	audit->split = hmm_table_find(table, "split");
	audit->modality = hmm_table_find(table, "modality");
	audit->path = hmm_table_find(table, "path");
	audit->content = hmm_table_find(table, "content");
	audit->imputed = hmm_table_find(table, HMM_IMPUTED);
	return hmm_audit_labels_open(audit) || hmm_column_open(&audit->subjects, table, subject, -1) ||
	               hmm_column_open(
	                   &audit->groups, table, audit->group < 0 ? subject : audit->group, subject)
	           ? -1
	           : 0;
}

int
hmm_check_run(struct hmm_table *findings, const struct hmm_table *manifest, enum hmm_target target,
    struct hmm_trained *trained)
{
	struct hmm_audit audit = {.manifest = manifest, .target = target, .findings = findings};
	const int bad =
	    open_audit(&audit) ||
	    check_unique(&audit, &audit.groups, audit.split, "group-splits", "splits") ||
	    check_unique(&audit, &audit.subjects, audit.group, "subject-groups", "groups") ||
	    check_subject_splits(&audit) || check_splits(&audit) ||
	    check_unique(&audit, &audit.subjects, audit.label, "subject-labels", "labels") ||
	    (target == HMM_TIME &&
	        check_unique(&audit, &audit.subjects, audit.event, "subject-labels", "events")) ||
	    note_group_labels(&audit) || hmm_audit_twins(&audit) || hmm_audit_imputed(&audit) ||
	    hmm_audit_presence(&audit) || (trained && hmm_audit_trained(&audit, trained)) ||
	    hmm_audit_breakhis(&audit);
	hmm_column_close(&audit.subjects);
	hmm_column_close(&audit.groups);
	hmm_audit_labels_close(&audit);
	return bad ? -1 : 0;
}

/* Whether the test of presence says anything: every line has a modality, and there are two labels.
 * -1, reported. */
static int
tests_presence(const struct hmm_table *manifest, enum hmm_target target)
{
	struct hmm_audit audit = {.manifest = manifest, .target = target};
	const int modality = hmm_table_find(manifest, "modality");
	int first = -1, several = 0;
	const int bad = hmm_audit_labels_open(&audit);
	for (size_t row = 0; row < manifest->rows && !bad; row++) {
		several |= first >= 0 && audit.labels[row] >= 0 && audit.labels[row] != first;
		first = first < 0 ? audit.labels[row] : first;
	}
	for (size_t row = 0; row < manifest->rows && several; row++)
		several = hmm_table_cell(manifest, row, modality) != NULL;
	hmm_audit_labels_close(&audit);
	return bad ? -1 : several;
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
hmm_check_say_clean(struct hmm_table *findings, const struct hmm_table *manifest,
    enum hmm_target target, int images, int trained)
{
	const int splits = has_splits(manifest), presence = tests_presence(manifest, target);
	const struct {
		const char *check;
		int done;
	} checks[] = {{"group-splits", splits}, {"subject-groups", 1}, {"subject-splits", splits},
	    {"split-missing", splits}, {"split-unknown", splits}, {"split-empty", splits},
	    {"split-labels", splits && target != HMM_VALUE}, {"subject-labels", 1},
	    {"unreadable", images}, {"blank", images}, {"twin-labels", 1}, {"twin-splits", splits},
	    {"twin-groups", 1}, {"twin-subjects", 1}, {"twin-images", 1}, {"imputed-mixed", 1},
	    {"imputed-twice", 1}, {"imputed-source", 1}, {"presence", presence},
	    {"trained-on", trained}};
	int bad = presence < 0;
	for (size_t i = 0; i < sizeof(checks) / sizeof(*checks) && !bad; i++)
		if (checks[i].done && !hmm_findings_has(findings, checks[i].check))
			bad = hmm_findings_add(findings, checks[i].check, HMM_OK, "manifest", "nothing found");
	return bad;
}
