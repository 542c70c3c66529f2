/* hmm-manifest --bids adni --label ad | hmm-split --ratio 6:1:3 | hmm-check */
#include "hmm/audit/check.h"
#include "hmm/audit/images.h"
#include "hmm/base/option.h"
#include "hmm/base/parallel.h"
#include "hmm/file/output.h"

static int no_images, all;
static long threads;
static const char *trained_on;
static enum hmm_target target = HMM_BINARY;

static const struct hmm_option options[] = {
    HMM_OPTION_FLAG(0, "no-images", &no_images, "do not open the images", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "trained-on", &trained_on, "FILE",
        "a model, or the manifest of its training: nobody of it may be in val or test here",
        HMM_UNNOTED),
    HMM_OPTION_TARGET(&target),
    HMM_OPTION_FLAG(0, "all", &all, "a line of each check that found nothing too", HMM_UNNOTED),
    HMM_OPTION_COUNT('j', "threads", &threads, "N",
        "images read at a time (default: all processors)", HMM_UNNOTED),
};
static const struct hmm_usage usage = {"[OPTION]... [MANIFEST] >findings",
    "Audit a manifest: leaks between splits, twin images, labels that conflict.", options,
    HMM_COUNT_OF(options)};

int
main(int argc, char **argv)
{
	threads = hmm_processors();
	const int first = hmm_option_parse(argc, argv, &usage);
	if (argc - first > 1)
		hmm_option_misuse("one manifest wanted, found %d", argc - first);

	struct hmm_output output = {0};
	struct hmm_images images = {0};
	struct hmm_trained trained = {0};
	struct hmm_table *findings = hmm_findings_new();
	struct hmm_table *manifest = hmm_table_read(first < argc ? argv[first] : "-", '\t');
	int bad = !findings || !manifest || hmm_check_valid(manifest, target) ||
	          (trained_on && hmm_trained_read(&trained, trained_on)) ||
	          hmm_output_open(&output, NULL);

	bad = bad || (!no_images && hmm_images_read(&images, findings, manifest, (size_t)threads)) ||
	      hmm_check_run(findings, manifest, target, trained_on ? &trained : NULL) ||
	      (all && hmm_check_say_clean(findings, manifest, target, !no_images, trained_on != NULL));
	if (!bad) {
		hmm_table_print(output.file, findings, NULL);
		bad = hmm_output_finish(&output) || hmm_findings_count(findings);
	}

	hmm_output_abandon(&output);
	hmm_images_free(&images);
	hmm_trained_close(&trained);
	hmm_table_free(manifest);
	hmm_table_free(findings);
	return bad ? 1 : 0;
}
