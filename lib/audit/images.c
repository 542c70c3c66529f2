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
#include "hmm/data/column.h"
#include "hmm/data/element.h"
#include "hmm/file/content.h"
#include "hmm/file/signal.h"

struct hmm_image_read {
	struct hmm_content content;
	int bad;
};

struct reading {
	const struct hmm_column *paths;
	struct hmm_image_read *image; /* [paths] */
	struct hmm_progress progress;
	atomic_long done;
};

/* Whether a path is of a vector or a channel, and its file is there. */
static int
is_part(const char *path)
{
	struct hmm_element element;
	struct stat status;
	const char *mark = strrchr(path, '#');
	const int part = !hmm_element_open(&element, path, mark && mark[1]) &&
	                 (element.key || element.columns) && !stat(element.file, &status) &&
	                 S_ISREG(status.st_mode);
	hmm_element_close(&element);
	return part;
}

/* Of a regular file alone: a pipe would wait for a writer, and a device have no end. Vectors and
 * signals are no images: they have no digest. */
static int
read_file(struct hmm_content *content, const char *path)
{
	struct stat status;
	if (stat(path, &status)) {
		const int reason = errno;
		return is_part(path) ? 0 : hmm_error("%s: cannot open: %s", path, strerror(reason));
	}
	if (!S_ISREG(status.st_mode))
		return hmm_error("%s: not a regular file", path);
	return hmm_signal_is(path) ? 0 : hmm_content_read(content, path);
}

static void
read_image(void *job, size_t part, size_t thread)
{
	struct reading *reading = job;
	struct hmm_image_read *image = &reading->image[part];
	image->bad = read_file(&image->content, reading->paths->names.name[part]);
	const long done = 1 + atomic_fetch_add(&reading->done, 1);
	if (thread == 0)
		hmm_progress_step(&reading->progress, done);
}

static int
read_images(struct hmm_image_read *image, const struct hmm_column *paths, size_t threads)
{
	struct reading reading = {.paths = paths, .image = image};
	struct hmm_pool *pool = hmm_pool_open(threads);
	if (!pool)
		return -1;
	hmm_progress_start(&reading.progress, "images", (long)paths->names.count);
	hmm_pool_run(pool, read_image, &reading, paths->names.count);
	hmm_progress_end(&reading.progress);
	hmm_pool_close(pool);
	return 0;
}

/* What is wrong with the image of a path, of which a line stands in the table, is a finding. 0, or
 * -1 reported. */
static int
judge(struct hmm_table *findings, const struct hmm_image_read *image, const char *path)
{
	if (image->bad)
		return hmm_findings_add(
		    findings, "unreadable", HMM_SEVERE, path, "cannot be read: see standard error");
	return image->content.blank
	           ? hmm_findings_add(findings, "blank", HMM_WARNING, path, "all pixels are equal")
	           : 0;
}

/* Read the image of each path once: it may stand in several lines, of which all but one are
 * imputed. 0, or -1 reported. */
static int
read_paths(struct hmm_images *images, struct hmm_table *findings, const struct hmm_table *manifest,
    const struct hmm_column *paths, size_t threads)
{
	images->image = hmm_alloc(paths->names.count, sizeof(*images->image));
	images->cells = hmm_alloc(manifest->rows, sizeof(*images->cells));
	if (!images->image || !images->cells || read_images(images->image, paths, threads))
		return -1;
	for (size_t row = 0; row < manifest->rows; row++) {
		const size_t path = paths->of[row];
		struct hmm_image_read *image = &images->image[path];
		if (!image->bad && !image->content.blank && image->content.digest[0])
			images->cells[row] = image->content.digest;
		if (hmm_column_first(paths, path) == row && judge(findings, image, paths->names.name[path]))
			return -1;
	}
	return 0;
}

int
hmm_images_read(struct hmm_images *images, struct hmm_table *findings, struct hmm_table *manifest,
    size_t threads)
{
	struct hmm_column paths;
	const int path = hmm_table_find(manifest, "path");
	*images = (struct hmm_images){0};
	if (path < 0)
		return 0;
	if (hmm_column_open(&paths, manifest, path, -1))
		return -1;
	const int bad = read_paths(images, findings, manifest, &paths, threads);
	hmm_column_close(&paths);
	return bad ? -1 : hmm_table_set_column(manifest, "content", images->cells);
}

void
hmm_images_free(struct hmm_images *images)
{
	free(images->image);
	free(images->cells);
	*images = (struct hmm_images){0};
}
