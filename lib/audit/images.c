#include "hmm/audit/images.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/parallel.h"
#include "hmm/base/progress.h"
#include "hmm/file/content.h"

struct hmm_image_read {
	struct hmm_content content;
	int bad;
};

struct reading {
	const struct hmm_table *manifest;
	int path;                     /* the column */
	struct hmm_image_read *image; /* [rows] */
	struct hmm_progress progress;
	atomic_long done;
};

/* Of a regular file alone: a pipe would wait for a writer, and a device have no end. */
static int
read_file(struct hmm_content *content, const char *path)
{
	struct stat status;
	if (stat(path, &status))
		return hmm_error("%s: cannot open: %s", path, strerror(errno));
	return S_ISREG(status.st_mode) ? hmm_content_read(content, path)
	                               : hmm_error("%s: not a regular file", path);
}

static void
read_image(void *job, size_t part, size_t thread)
{
	struct reading *reading = job;
	struct hmm_image_read *image = &reading->image[part];
	const char *path = hmm_table_cell(reading->manifest, part, reading->path);
	image->bad = path && read_file(&image->content, path);
	const long done = 1 + atomic_fetch_add(&reading->done, 1);
	if (thread == 0)
		hmm_progress_step(&reading->progress, done);
}

static int
read_images(
    struct hmm_image_read *image, const struct hmm_table *manifest, int path, size_t threads)
{
	struct reading reading = {.manifest = manifest, .path = path, .image = image};
	struct hmm_pool *pool = hmm_pool_open(threads);
	if (!pool)
		return -1;
	hmm_progress_start(&reading.progress, "images", (long)manifest->rows);
	hmm_pool_run(pool, read_image, &reading, manifest->rows);
	hmm_progress_end(&reading.progress);
	hmm_pool_close(pool);
	return 0;
}

/* The cell of an image's row, NULL for none; what is wrong with it is a finding. 0, or -1 reported.
 */
static int
judge(char **cell, struct hmm_table *findings, struct hmm_image_read *image, const char *path)
{
	*cell = NULL;
	if (!path)
		return 0;
	if (image->bad)
		return hmm_findings_add(
		    findings, "unreadable", HMM_SEVERE, path, "cannot be read: see standard error");
	if (image->content.blank)
		return hmm_findings_add(findings, "blank", HMM_WARNING, path, "all pixels are equal");
	*cell = image->content.digest;
	return 0;
}

int
hmm_images_read(struct hmm_images *images, struct hmm_table *findings, struct hmm_table *manifest,
    size_t threads)
{
	const int path = hmm_table_find(manifest, "path");
	*images = (struct hmm_images){0};
	if (path < 0)
		return 0;
	images->image = hmm_alloc(manifest->rows, sizeof(*images->image));
	images->cells = hmm_alloc(manifest->rows, sizeof(*images->cells));
	int bad =
	    !images->image || !images->cells || read_images(images->image, manifest, path, threads);
	for (size_t row = 0; row < manifest->rows && !bad; row++)
		bad = judge(&images->cells[row], findings, &images->image[row],
		    hmm_table_cell(manifest, row, path));
	return bad ? -1 : hmm_table_set_column(manifest, "content", images->cells);
}

void
hmm_images_free(struct hmm_images *images)
{
	free(images->image);
	free(images->cells);
	*images = (struct hmm_images){0};
}
