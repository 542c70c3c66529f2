/* hmm-phantom --kind histology -o slides -s 1 && hmm-manifest --breakhis slides | hmm-split */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/phantom/histology.h"
#include "hmm/file/image.h"
#include "hmm/base/memory.h"
#include "hmm/file/nifti.h"
#include "hmm/base/option.h"
#include "hmm/file/output.h"
#include "hmm/phantom/phantom.h"
#include "hmm/base/progress.h"
#include "hmm/file/tree.h"
#include "hmm/base/version.h"

static const char *folder;
static enum { VOLUMES, HISTOLOGY } kind = VOLUMES;
static long subjects = 80, side, slices = 16, seed;
static double missing = .3, images = 40;

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT('o', "output", &folder, "DIR", "the tree to make; new or empty", HMM_UNNOTED),
    HMM_OPTION_CHOICE(0, "kind", &kind, "volumes|histology", "what to make (volumes)", HMM_UNNOTED),
    HMM_OPTION_COUNT(
        0, "subjects", &subjects, "N", "how many, half of them with the disease", HMM_UNNOTED),
    HMM_OPTION_COUNT(
        0, "size", &side, "N", "pixels across: 64 of a volume, 140 of histology", HMM_UNNOTED),
    HMM_OPTION_COUNT(0, "slices", &slices, "N", "axial slices of a volume", HMM_UNNOTED),
    HMM_OPTION_NUMBER(
        0, "missing", &missing, "X", "share of subjects that lack MRI or PET", HMM_UNNOTED),
    HMM_OPTION_NUMBER(0, "images", &images, "X", "images of a slide, on average (40)", HMM_UNNOTED),
    HMM_OPTION_COUNT('s', "seed", &seed, "N", "of everything", HMM_UNNOTED),
};
static const struct hmm_usage usage = {"-o DIR [OPTION]...",
    "Make a synthetic study: MRI and PET, or histology, of healthy and diseased subjects.", options,
    HMM_COUNT_OF(options)};

enum { MAX_PATH = 4096 };

static int
write_text(const char *name, const char *text)
{
	char path[MAX_PATH];
	struct hmm_output output;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (hmm_output_open(&output, path))
		return -1;
	fputs(text, output.file);
	return hmm_output_finish(&output);
}

static int
write_volume(const struct hmm_phantom *phantom, enum hmm_phantom_image image, int16_t *values)
{
	const int mri = image == HMM_PHANTOM_T1W;
	const size_t counts[3] = {(size_t)side, (size_t)side, (size_t)slices};
	const double spacing[3] = {200. / (double)side, 200. / (double)side, 160. / (double)slices};
	const unsigned number = phantom->number + 1;
	char path[MAX_PATH];
	snprintf(path, sizeof(path), "%s/sub-%03u/%s/sub-%03u_%s.nii.gz", folder, number,
	    mri ? "anat" : "pet", number, mri ? "T1w" : "trc-18FFDG_pet");
	hmm_phantom_image(values, phantom, image, (size_t)side, (size_t)slices);
	return hmm_tree_above(path) || hmm_nifti_write(values, counts, spacing, path);
}

/* A BIDS tree. */
static int
write_volumes(struct hmm_progress *progress)
{
	char path[MAX_PATH];
	struct hmm_output participants;
	snprintf(path, sizeof(path), "%s/participants.tsv", folder);
	if (write_text("dataset_description.json",
	        "{\n  \"Name\": \"Synthetic MRI and PET\",\n  \"BIDSVersion\": \"1.8.0\",\n"
	        "  \"DatasetType\": \"raw\",\n  \"GeneratedBy\": [{\"Name\": \"hmm-phantom\", "
	        "\"Version\": \"" HMM_VERSION "\"}]\n}\n") ||
	    hmm_output_open(&participants, path))
		return -1;
	int16_t *values = hmm_alloc((size_t)(side * side * slices), sizeof(*values));
	int bad = !values;
	fputs("participant_id\tage\tsex\tdiagnosis\n", participants.file);
	for (long i = 0; i < subjects && !bad; i++) {
		const struct hmm_phantom phantom =
		    hmm_phantom_subject((uint64_t)seed, (uint32_t)i, missing);
		fprintf(participants.file, "sub-%03ld\t%d\t%c\t%s\n", i + 1, phantom.age, phantom.sex,
		    phantom.diseased ? "AD" : "CN");
		bad = (phantom.missing != 1 && write_volume(&phantom, HMM_PHANTOM_T1W, values)) ||
		      (phantom.missing != 2 && write_volume(&phantom, HMM_PHANTOM_PET, values));
		hmm_progress_step(progress, i + 1);
	}
	free(values);
	if (!bad)
		return hmm_output_finish(&participants);
	hmm_output_abandon(&participants);
	return -1;
}

/* One image, where BreaKHis has it and under its name. */
static int
write_field(const struct hmm_slide *slide, unsigned at, long field, const struct hmm_image *image)
{
	const char *class = slide->malignant ? "malignant" : "benign";
	const char letter = slide->malignant ? 'M' : 'B';
	const int magnification = hmm_histology_magnifications[at];
	char path[MAX_PATH];
	snprintf(path, sizeof(path),
	    "%s/BreaKHis_v1/histology_slides/breast/%s/SOB/%s/SOB_%c_%s_14-%u%s/%dX/"
	    "SOB_%c_%s-14-%u%s-%d-%03ld.png",
	    folder, class, slide->folder, letter, slide->type, slide->accession, slide->letters,
	    magnification, letter, slide->type, slide->accession, slide->letters, magnification,
	    field + 1);
	return hmm_tree_above(path) ||
	       hmm_histology_image(
	           image->pixels, slide, at, (uint32_t)field, image->height, image->width) ||
	       hmm_png_write(image, path);
}

/* BreaKHis's tree. */
static int
write_slides(struct hmm_progress *progress)
{
	struct hmm_image image = {
	    .channels = 3, .height = (size_t)side * 23 / 35, .width = (size_t)side};
	image.pixels = hmm_alloc(3 * image.height, image.width);
	int bad = !image.pixels;
	for (long i = 0; i < subjects && !bad; i++) {
		const struct hmm_slide slide = hmm_histology_slide((uint64_t)seed, (uint32_t)i, images);
		for (unsigned at = 0; at < HMM_MAGNIFICATIONS; at++)
			for (long field = 0; field < slide.images[at] && !bad; field++)
				bad = write_field(&slide, at, field, &image);
		hmm_progress_step(progress, i + 1);
	}
	hmm_image_free(&image);
	return bad;
}

int
main(int argc, char **argv)
{
	struct hmm_progress progress;
	if (hmm_option_parse(argc, argv, &usage) != argc || !folder)
		hmm_option_misuse("want -o DIR");
	const int histology = kind == HISTOLOGY;
	side = side ? side : histology ? 140 : 64;
	if (subjects < 1 || subjects > 100000 || side < 8 || side > (histology ? 2048 : 512) ||
	    slices < 1 || slices > 512 || missing > 1 || images > 4000)
		hmm_option_misuse(
		    "want 1 to 100000 subjects of 8 to 512 (histology: 2048) pixels, 1 to 512 "
		    "slices, a --missing from 0 to 1 and at most 4000 images");

	if (hmm_tree_start(folder))
		return 1;
	hmm_progress_start(&progress, "subjects", subjects);
	const int bad = histology ? write_slides(&progress) : write_volumes(&progress);
	hmm_progress_end(&progress);
	return bad ? 1 : 0;
}
