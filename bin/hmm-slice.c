/* hmm-slice T1w=t1.nii.gz PET=pet.nii.gz --subject sub-01 | hmm-vgg -w vgg11.safetensors | ... */
#include <stdio.h>

#include "hmm/base/error.h"
#include "hmm/base/option.h"
#include "hmm/base/parallel.h"
#include "hmm/data/table.h"
#include "hmm/file/files.h"
#include "hmm/image/slicer.h"
#include "hmm/stream/filter.h"
#include "hmm/stream/stamp.h"

static struct hmm_cut_options given = HMM_CUT_DEFAULT;
static const char *subject, *source, *mask, *manifest, *as;
static long threads;
static int list_files, stamped, keep_going, failed; /* failed: an image, which was said */

static const struct hmm_option options[] = {
    HMM_OPTION_COUNT(
        'j', "threads", &threads, "N", "threads (default: all processors)", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "subject", &subject, "NAME", "whose images these are", HMM_UNNOTED),
    HMM_OPTION_TEXT(
        0, "source", &source, "NAME", "what to call the image instead of its path", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "manifest", &manifest, "FILE",
        "the images of a table: columns path, mask, features (their source), sha256", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "as", &as, "MODALITY", "of imputed rows cut the sources", HMM_UNNOTED),
    HMM_OPTION_FLAG(
        0, "stamp", &stamped, "slices say all that the table says of an image", HMM_UNNOTED),
    HMM_OPTION_FLAG('k', "keep-going", &keep_going,
        "leave out images that fail, name them, and exit 1 at the end", HMM_UNNOTED),
    HMM_OPTION_FLAG(
        0, "list-files", &list_files, "print the files that it would open, no more", HMM_UNNOTED),
    HMM_OPTION_TEXT(
        0, "mask", &mask, "FILE", "a volume on the same grid: keep where it is > 0", HMM_BINDING),
    HMM_CUT_OPTIONS(given),
    HMM_OPTION_SHOW_HISTORY,
};
static const struct hmm_usage usage = {
    "[OPTION]... [MODALITY=]FILE... >slices\n       hmm-slice [OPTION]... --manifest FILE >slices",
    "Cut images (NIfTI, PNG, PNM) into 8-bit slices, resized and cropped for a VGG.", options,
    HMM_COUNT_OF(options)};

/* The entries of the history without a mask and with one. */
static struct hmm_step steps[2];

static int
make_steps(void)
{
	const char *path = mask;
	mask = NULL;
	const int bad = hmm_step_make(&steps[0], &usage, NULL);
	mask = "yes"; /* which one is told by the names of features */
	const int worse = hmm_step_make(&steps[1], &usage, NULL);
	mask = path;
	return bad || worse ? -1 : 0;
}

/* Whether what became of an image ends the work. */
static int
leave_out(int state)
{
	failed |= state != 0;
	return state < 0 || !keep_going ? state : 0;
}

/* Cut an image whose other fields the record has, or list its files where there is no slicer. As
 * hmm_slicer_put(). */
static int
take_image(
    struct hmm_slicer *slicer, struct hmm_filter *filter, const struct hmm_stamp_image *image)
{
	const char *name = image->features ? image->features : image->path;
	if (!slicer)
		return hmm_stamp_print_files(stdout, image) ? 1 : 0;
	hmm_writer_step(filter->writer, &steps[image->mask != NULL]);
	return hmm_record_set(filter->record.source, sizeof(filter->record.source), "file", name)
	           ? 1
	           : hmm_slicer_put(slicer, &filter->record, image->path, image->mask, image->sha256);
}

static int
take_operand(struct hmm_slicer *slicer, struct hmm_filter *filter, const char *operand)
{
	struct hmm_record *record = &filter->record;
	hmm_record_clear(record);
	const char *path = hmm_files_operand(record->modality, sizeof(record->modality), operand);
	const struct hmm_stamp_image image = {path, mask, source, NULL};
	if (subject && hmm_record_set(record->subject, sizeof(record->subject), "subject", subject))
		return -1;
	return leave_out(path ? take_image(slicer, filter, &image) : 1);
}

static int
take_manifest(struct hmm_slicer *slicer, struct hmm_filter *filter)
{
	struct hmm_table *table = hmm_table_read(manifest, '\t');
	struct hmm_stamp stamp, *say = stamped ? &stamp : NULL;
	struct hmm_stamp_image image;
	int bad = !table || hmm_table_want(table, "path") < 0 || (say && hmm_stamp_open(say, table));
	bad = bad || hmm_stamp_check(say, &filter->record, table, as, !keep_going);
	for (size_t row = 0; !bad && row < table->rows; row++)
		bad = leave_out(hmm_stamp_source(&image, say, &filter->record, table, row, as)
		                    ? 1
		                    : take_image(slicer, filter, &image));
	hmm_table_free(table);
	return bad;
}

int
main(int argc, char **argv)
{
	threads = hmm_processors();
	const int first = hmm_option_parse(argc, argv, &usage);
	if (manifest ? first < argc || subject || source || mask
	             : (first == argc && !hmm_show_history) || as || stamped)
		hmm_option_misuse(manifest ? "--manifest takes no operands, --subject, --source or --mask"
		                  : as || stamped ? "--as and --stamp go with --manifest"
		                                  : "no images: want [MODALITY=]FILE");

	struct hmm_cut cut;
	const char *wrong = hmm_cut_make(&cut, &given);
	if (wrong)
		hmm_option_misuse("%s", wrong);
	struct hmm_filter filter = {0};
	struct hmm_pool *pool = NULL;
	struct hmm_slicer *slicer = NULL;
	int bad = list_files && puts("image\twhat\tfile") == EOF;
	if (!list_files)
		bad = hmm_filter_open(&filter, HMM_SLICES) || make_steps() ||
		      hmm_filter_step(&filter, &steps[mask != NULL]) ||
		      !(pool = hmm_pool_open((size_t)threads)) ||
		      !(slicer = hmm_slicer_open(&cut, pool, filter.writer));

	if (!bad && manifest)
		bad = take_manifest(slicer, &filter);
	for (int i = first; i < argc && !bad; i++)
		bad = take_operand(slicer, &filter, argv[i]);

	hmm_slicer_close(slicer);
	hmm_pool_close(pool);
	return hmm_filter_close(&filter, bad) | failed;
}
