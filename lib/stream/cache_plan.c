/* What is left to do of a manifest, in batches that take about as long as each other. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hmm/base/memory.h"
#include "hmm/file/nifti.h"
#include "hmm/file/output.h"
#include "hmm/file/tree.h"
#include "hmm/stream/cache.h"
#include "hmm/stream/cache_name.h"
#include "hmm/stream/cache_rows.h"
#include "hmm/stream/cache_verbs.h"

/* Of this many slices a program's start, and the VGG's weights made ready, are a hundredth. */
static const double batch_cost = 1024;

struct plan {
	struct hmm_table *table;
	const struct hmm_naming *naming;
	const char *folder;
	size_t jobs, batches;
	char *wanted;           /* [rows] 1: its features are to be made */
	struct hmm_output list; /* seen when all batches are there */
};

/* In slices: those of the longest axis, and about as many as reading and inflating take. What
 * cannot be read is told when it is cut. */
static double
cost_of(const char *path)
{
	static const double slice = 1 << 20; /* bytes */
	struct stat status;
	if (stat(path, &status))
		return 1;
	const long slices = hmm_nifti_is(path) > 0 ? hmm_nifti_longest(path) : 1;
	return (slices > 0 ? (double)slices : 1) + (double)status.st_size / slice;
}

static int
open_file(struct hmm_output *output, const struct plan *plan, const char *name)
{
	char *path = hmm_tree_join(plan->folder, name);
	if (!path)
		return -1;
	const int bad = hmm_output_open(output, path);
	free(path);
	return bad;
}

/* The rows that are wanted of one generator, by its number from 1, or of none. */
struct group {
	const char *from; /* the modality from which it imputes */
	size_t number, count;
	size_t *row;  /* [count] */
	double *cost; /* [count] */
};

/* Write a batch that begins with the group's row `at` and costs about as much as that, and with
 * it at most a row more. Where the next one begins; 0, reported. */
static size_t
write_batch(struct plan *plan, const struct group *group, size_t at, double most)
{
	const struct hmm_table *table = plan->table;
	const size_t first = at;
	char name[32];
	double cost = 0;
	snprintf(name, sizeof(name), "%zu.tsv", ++plan->batches);
	struct hmm_output output = {0};
	if (open_file(&output, plan, name))
		return 0;
	hmm_table_write_line(output.file, table->header, table->columns);
	while (at < group->count && cost + group->cost[at] / 2 < most) {
		char *const *row = table->cells + group->row[at] * table->columns;
		hmm_table_write_line(output.file, row, table->columns);
		cost += group->cost[at++];
	}
	fprintf(plan->list.file, "%zu\t%zu", plan->batches, group->number);
	hmm_table_write(plan->list.file, group->from, 0);
	fprintf(plan->list.file, "\t%zu\t%.0f\n", at - first, cost);
	return hmm_output_finish(&output) ? 0 : at;
}

/* As many batches as there are jobs, or several times that; each has a row. */
static int
divide(struct plan *plan, const struct group *group)
{
	double left = 0;
	for (size_t i = 0; i < group->count; i++)
		left += group->cost[i];
	size_t batches = plan->jobs;
	while (left / (double)batches > batch_cost)
		batches += plan->jobs;
	for (size_t at = 0, next; at < group->count; at = next) {
		const double share = batches > 1 ? left / (double)batches-- : 2 * left;
		next = write_batch(plan, group, at, share > group->cost[at] ? share : group->cost[at]);
		if (next == 0)
			return -1;
		for (size_t i = at; i < next; i++)
			left -= group->cost[i];
	}
	return 0;
}

static int
plan_group(struct plan *plan, size_t number)
{
	const struct hmm_table *table = plan->table;
	const struct hmm_generators *generators = &plan->naming->generators;
	struct group group = {number ? generators->generator[number - 1].from : NULL, number, 0,
	    hmm_alloc(table->rows, sizeof(*group.row)), hmm_alloc(table->rows, sizeof(*group.cost))};
	int bad = !group.row || !group.cost;
	for (size_t row = 0; row < table->rows && !bad; row++) {
		size_t of = 0;
		const int imputed =
		    plan->wanted[row] ? hmm_cache_generator(&of, generators, table, row) : -1;
		if (imputed < 0 || (imputed ? of + 1 : 0) != number)
			continue;
		group.row[group.count] = row;
		group.cost[group.count++] =
		    cost_of(hmm_table_cell(table, row, hmm_table_find(table, "path")));
	}
	bad = bad || divide(plan, &group);
	free(group.row);
	free(group.cost);
	return bad ? -1 : 0;
}

static int
write_plan(struct plan *plan)
{
	if (hmm_tree_start(plan->folder) || open_file(&plan->list, plan, "batches.tsv"))
		return -1;
	fputs("batch\tgenerator\tfrom\timages\tcost\n", plan->list.file);
	int bad = 0;
	for (size_t i = 0; i <= plan->naming->generators.count && !bad; i++)
		bad = plan_group(plan, i);
	bad = bad || hmm_output_finish(&plan->list);
	hmm_output_abandon(&plan->list);
	return bad ? -1 : 0;
}

int
hmm_cache_verb_plan(const struct hmm_cache_request *request)
{
	struct hmm_naming naming;
	struct hmm_cache_names names = {0};
	struct hmm_journal *journal = NULL;
	struct plan plan = {
	    .naming = &naming, .folder = request->batches, .jobs = (size_t)request->jobs};
	int bad = hmm_naming_read(&naming, request->slice, request->vgg, request->gan) ||
	          hmm_cache_check_folders(&request->caches) ||
	          !(plan.table = hmm_table_read(request->manifest, '\t')) ||
	          !(journal = hmm_journal_open(request->caches.text[0], request->rehash)) ||
	          hmm_cache_name_rows(&names, plan.table, &naming, journal, (size_t)request->threads) ||
	          hmm_table_set_column(plan.table, "features", names.key) ||
	          !(plan.wanted = hmm_alloc(plan.table->rows, 1)) ||
	          hmm_cache_rows(plan.wanted, plan.table, &request->caches, 0, 0) < 0;
	if (!bad) {
		hmm_journal_save(journal);
		hmm_table_print(stdout, plan.table, NULL);
		bad = hmm_table_set_column(plan.table, "sha256", names.sha256) || write_plan(&plan);
	}
	bad = bad || names.named < names.rows;
	hmm_journal_close(journal);
	hmm_table_free(plan.table);
	hmm_cache_names_free(&names);
	hmm_naming_free(&naming);
	free(plan.wanted);
	return bad ? -1 : 0;
}
