/* hmm-manifest --bids adni --label ad | hmm-split --ratio 6:1:3 | hmm-check */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/audit/check.h"
#include "hmm/file/content.h"
#include "hmm/base/memory.h"
#include "hmm/base/option.h"
#include "hmm/file/output.h"
#include "hmm/base/parallel.h"
#include "hmm/base/progress.h"

static int no_images;
static long threads;
static const char *trained_on;

static const struct hmm_option options[] = {
    HMM_OPTION_FLAG(0, "no-images", &no_images, "do not open the images", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "trained-on", &trained_on, "MANIFEST",
        "nobody of its train and val may be in test here", HMM_UNNOTED),
    HMM_OPTION_COUNT('j', "threads", &threads, "N",
        "images read at a time (default: all processors)", HMM_UNNOTED),
};
static const struct hmm_usage usage = {"[OPTION]... [MANIFEST] >findings",
    "Audit a manifest: leaks between splits, twin images, labels that conflict.", options,
    HMM_COUNT_OF(options)};

/* The images of a manifest, read in parallel. */
struct reading {
	const struct hmm_table *manifest;
	int path;
	struct image {
		struct hmm_content content;
		int bad;
	} * image;    /* [rows] */
	char **cells; /* [rows]: the column `content` */
	struct hmm_progress progress;
	atomic_long done;
};

static void
read_image(void *job, size_t part, size_t thread)
{
	struct reading *reading = job;
	struct image *image = &reading->image[part];
	const char *path = hmm_table_cell(reading->manifest, part, reading->path);
	image->bad = path && hmm_content_read(&image->content, path);
	const long done = 1 + atomic_fetch_add(&reading->done, 1);
	if (thread == 0)
		hmm_progress_step(&reading->progress, done);
}

static int
read_images(struct reading *reading)
{
	struct hmm_pool *pool = hmm_pool_open((size_t)threads);
	if (!pool)
		return -1;
	hmm_progress_start(&reading->progress, "images", (long)reading->manifest->rows);
	hmm_pool_run(pool, read_image, reading, reading->manifest->rows);
	hmm_progress_end(&reading->progress);
	hmm_pool_close(pool);
	return 0;
}

/* Give the manifest its column `content`: none for what is blank or cannot be read, which are
 * findings of their own and no twins. */
static int
add_contents(struct hmm_table *findings, struct hmm_table *manifest, struct reading *reading)
{
	for (size_t row = 0; row < manifest->rows; row++) {
		struct image *image = &reading->image[row];
		const char *path = hmm_table_cell(manifest, row, reading->path);
		const int blank = path && !image->bad && image->content.blank;
		reading->cells[row] = path && !image->bad && !blank ? image->content.digest : NULL;
		if ((image->bad && hmm_findings_add(findings, "unreadable", HMM_SEVERE, path,
		                       "cannot be read: see standard error")) ||
		    (blank &&
		        hmm_findings_add(findings, "blank", HMM_WARNING, path, "all pixels are equal")))
			return -1;
	}
	return hmm_table_set_column(manifest, "content", reading->cells);
}

static int
check(FILE *file, struct hmm_table *findings, struct hmm_table *manifest,
    const struct hmm_table *trained, struct reading *reading)
{
	*reading = (struct reading){.manifest = manifest, .path = hmm_table_find(manifest, "path")};
	if (reading->path >= 0 && !no_images) {
		reading->image = hmm_alloc(manifest->rows, sizeof(*reading->image));
		reading->cells = hmm_alloc(manifest->rows, sizeof(*reading->cells));
		if (!reading->image || !reading->cells || read_images(reading) ||
		    add_contents(findings, manifest, reading))
			return -1;
	}
	if (hmm_check_run(findings, manifest, trained))
		return -1;
	hmm_table_print(file, findings, NULL);
	return 0;
}

int
main(int argc, char **argv)
{
	threads = hmm_processors();
	const int first = hmm_option_parse(argc, argv, &usage);
	if (argc - first > 1)
		hmm_option_misuse("one manifest wanted, found %d", argc - first);

	struct hmm_output output = {0};
	struct reading reading = {0};
	struct hmm_table *findings = hmm_findings_new();
	struct hmm_table *manifest = hmm_table_read(first < argc ? argv[first] : "-", '\t');
	struct hmm_table *trained = trained_on && manifest ? hmm_table_read(trained_on, '\t') : NULL;
	int bad = !findings || !manifest || hmm_check_valid(manifest) ||
	          (trained_on && (!trained || hmm_check_valid(trained))) ||
	          hmm_output_open(&output, NULL);

	bad = bad || check(output.file, findings, manifest, trained, &reading) ||
	      hmm_output_finish(&output);
	bad = bad || hmm_findings_count(findings);

	hmm_output_abandon(&output);
	free(reading.image);
	free(reading.cells);
	hmm_table_free(trained);
	hmm_table_free(manifest);
	hmm_table_free(findings);
	return bad ? 1 : 0;
}
