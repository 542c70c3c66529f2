#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "audit.h"
#include "hmm/audit/trained.h"

/* ---- an earlier training ---- */

static int
read_model(struct hmm_groups *groups, const char *path)
{
	struct hmm_weights *weights = hmm_weights_open(path);
	const int bad = !weights || hmm_groups_read(groups, weights);
	hmm_weights_close(weights);
	return bad;
}

/* Add a line of a manifest, unless nothing learns of it. */
static int
add_line(struct hmm_groups *groups, const char *split, const char *group, const char *subject)
{
	const int training = split && !strcmp(split, "train");
	if (!training && !(split && !strcmp(split, "val")))
		return 0;
	return hmm_groups_add(
	    groups, training ? HMM_SEEN_TRAINING : HMM_SEEN_VALIDATION, group, subject);
}

static int
read_manifest(struct hmm_groups *groups, const char *path)
{
	struct hmm_column subjects = {0};
	struct hmm_table *table = hmm_table_read(path, '\t');
	const int subject = table ? hmm_table_want(table, "subject") : -1;
	const int split = subject < 0 ? -1 : hmm_table_want(table, "split");
	int bad = split < 0 || hmm_column_open(&subjects, table, subject, -1);
	if (!bad && !table->rows)
		bad = hmm_error("%s: no lines below its header", table->name);
	const int group = bad ? -1 : hmm_table_find(table, "group");
	for (size_t row = 0; !bad && row < table->rows; row++)
		bad = add_line(groups, hmm_table_cell(table, row, split), hmm_table_cell(table, row, group),
		    subjects.names.name[subjects.of[row]]);
	hmm_column_close(&subjects);
	hmm_table_free(table);
	return bad;
}

int
hmm_trained_read(struct hmm_trained *trained, const char *path)
{
	struct stat status;
	*trained = (struct hmm_trained){.name = path};
	/* a manifest may come through a pipe, a model may not */
	const int model = !stat(path, &status) && S_ISREG(status.st_mode) ? hmm_weights_are(path) : 0;
	if (model < 0)
		return -1;
	return (model ? read_model : read_manifest)(&trained->groups, path) ? -1 : 0;
}

void
hmm_trained_close(struct hmm_trained *trained)
{
	hmm_groups_close(&trained->groups);
}

/* ---- who is seen again ---- */

/* Where a line is, if not in train: what is in no split is predicted, as what is in test, and what
 * was seen calibrates nothing. */
enum { IN_VAL, IN_CAL, IN_TEST, NOWHERE, PLACES };
static const char *const places[PLACES] = {"in val", "in cal", "in test", "without a split"};

static int
place_of(const char *split)
{
	return !split                   ? NOWHERE
	       : !strcmp(split, "val")  ? IN_VAL
	       : !strcmp(split, "cal")  ? IN_CAL
	       : !strcmp(split, "test") ? IN_TEST
	                                : PLACES;
}

/* For what a group was seen, by its name or that of one of its subjects here; -1, reported. */
static int
find_group(const struct hmm_audit *audit, struct hmm_trained *trained, size_t b)
{
	const struct hmm_column *groups = &audit->groups, *subjects = &audit->subjects;
	int seen = hmm_groups_find(&trained->groups, groups->names.name[b]);
	for (size_t i = groups->start[b]; seen >= 0 && i < groups->start[b + 1]; i++) {
		const size_t row = groups->row[i];
		const int more = hmm_groups_find(&trained->groups, subjects->names.name[subjects->of[row]]);
		seen = more < 0 ? -1 : seen | more;
	}
	return seen;
}

/* Report a group that was seen so, if it has lines that it should not have: those of val may be of
 * the validation there. */
static int
report(struct hmm_audit *audit, const char *name, size_t b, int seen)
{
	static const char *const as[] = {"", "train", "val", "train and val"};
	const struct hmm_column *groups = &audit->groups;
	size_t lines[PLACES + 1] = {0}, all = 0, used = 0;
	char where[64] = "";
	for (size_t i = groups->start[b]; i < groups->start[b + 1]; i++)
		lines[place_of(hmm_table_cell(audit->manifest, groups->row[i], audit->split))]++;
	for (int p = seen & HMM_SEEN_TRAINING ? IN_VAL : IN_CAL; p < PLACES; p++) {
		if (lines[p])
			used += (size_t)snprintf(
			    where + used, sizeof(where) - used, "%s%s", all ? " and " : "", places[p]);
		all += lines[p];
	}
	return all ? hmm_findings_add(audit->findings, "trained-on", HMM_SEVERE, groups->names.name[b],
	                 "%s in %s, %zu line%s %s here", as[seen], name, all, all == 1 ? "" : "s",
	                 where)
	           : 0;
}

int
hmm_audit_trained(struct hmm_audit *audit, struct hmm_trained *trained)
{
	for (size_t b = 0; b < audit->groups.names.count; b++) {
		const int seen = find_group(audit, trained, b);
		if (seen < 0 || (seen && report(audit, trained->name, b, seen)))
			return -1;
	}
	return 0;
}
