/* hmm-phantom --kind histology -o slides -s 1 && hmm-manifest --breakhis slides | hmm-split */
#include "hmm/base/option.h"
#include "hmm/base/progress.h"
#include "hmm/file/tree.h"
#include "hmm/phantom/study.h"

static const char *folder;
static enum { VOLUMES, HISTOLOGY, NOISE } kind = VOLUMES;
static long subjects = 80, side, slices = 16, seed;
static double missing = .3, images = 40, mark;

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT('o', "output", &folder, "DIR", "the tree to make; new or empty", HMM_UNNOTED),
    HMM_OPTION_CHOICE(
        0, "kind", &kind, "volumes|histology|noise", "what to make (volumes)", HMM_UNNOTED),
    HMM_OPTION_COUNT(
        0, "subjects", &subjects, "N", "how many, half of them with the disease", HMM_UNNOTED),
    HMM_OPTION_COUNT(
        0, "size", &side, "N", "pixels across: 64 of a volume, 140 of histology", HMM_UNNOTED),
    HMM_OPTION_COUNT(0, "slices", &slices, "N", "axial slices of a volume", HMM_UNNOTED),
    HMM_OPTION_NUMBER(
        0, "missing", &missing, "X", "share of subjects that lack MRI or PET", HMM_UNNOTED),
    HMM_OPTION_NUMBER(0, "images", &images, "X", "images of a slide, on average (40)", HMM_UNNOTED),
    HMM_OPTION_NUMBER(0, "mark", &mark, "X",
        "how much brighter noise is in a corner of the diseased", HMM_UNNOTED),
    HMM_OPTION_COUNT('s', "seed", &seed, "N", "of everything", HMM_UNNOTED),
};
static const struct hmm_usage usage = {"-o DIR [OPTION]...",
    "Make a synthetic study: MRI and PET, or histology, of healthy and diseased subjects.", options,
    HMM_COUNT_OF(options)};

int
main(int argc, char **argv)
{
	struct hmm_progress progress;
	if (hmm_option_parse(argc, argv, &usage) != argc || !folder)
		hmm_option_misuse("want -o DIR");
	const int histology = kind == HISTOLOGY;
	side = side ? side : histology ? 140 : 64;
	if (subjects < 1 || subjects > 100000 || side < 8 || side > (histology ? 2048 : 512) ||
	    slices < 1 || slices > 512 || missing > 1 || images > 4000 || mark > 30000)
		hmm_option_misuse(
		    "want 1 to 100000 subjects of 8 to 512 (histology: 2048) pixels, 1 to 512 "
		    "slices, a --missing from 0 to 1, at most 4000 images and a --mark of 30000");

	if (hmm_tree_start(folder))
		return 1;
	hmm_progress_start(&progress, "subjects", subjects);
	const struct hmm_study study = {
	    folder, (uint64_t)seed, subjects, side, slices, missing, images, kind == NOISE, mark};
	const int bad =
	    histology ? hmm_study_slides(&study, &progress) : hmm_study_volumes(&study, &progress);
	hmm_progress_end(&progress);
	return bad ? 1 : 0;
}
