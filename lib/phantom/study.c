#include "hmm/phantom/study.h"

#include <stdio.h>
#include <stdlib.h>

#include "hmm/base/memory.h"
#include "hmm/base/version.h"
#include "hmm/file/image.h"
#include "hmm/file/nifti.h"
#include "hmm/file/output.h"
#include "hmm/file/tree.h"
#include "hmm/phantom/histology.h"
#include "hmm/phantom/phantom.h"

enum { MAX_PATH = 4096 };

static int
write_text(const struct hmm_study *study, const char *name, const char *text)
{
	char path[MAX_PATH];
	struct hmm_output output;
	snprintf(path, sizeof(path), "%s/%s", study->folder, name);
	if (hmm_output_open(&output, path))
		return -1;
	fputs(text, output.file);
	return hmm_output_finish(&output);
}

static int
write_volume(const struct hmm_study *study, const struct hmm_phantom *phantom,
    enum hmm_phantom_image image, int16_t *values)
{
	const int mri = image == HMM_PHANTOM_T1W;
	const size_t counts[3] = {(size_t)study->side, (size_t)study->side, (size_t)study->slices};
	const double spacing[3] = {
	    200. / (double)study->side, 200. / (double)study->side, 160. / (double)study->slices};
	const unsigned number = phantom->number + 1;
	char path[MAX_PATH];
	snprintf(path, sizeof(path), "%s/sub-%03u/%s/sub-%03u_%s.nii.gz", study->folder, number,
	    mri ? "anat" : "pet", number, mri ? "T1w" : "trc-18FFDG_pet");
	if (study->noise)
		hmm_phantom_noise(
		    values, phantom, image, (size_t)study->side, (size_t)study->slices, study->mark);
	else
		hmm_phantom_image(values, phantom, image, (size_t)study->side, (size_t)study->slices);
	return hmm_tree_above(path) || hmm_nifti_write(values, counts, spacing, path);
}

int
hmm_study_volumes(const struct hmm_study *study, struct hmm_progress *progress)
{
	char path[MAX_PATH];
	struct hmm_output participants;
	snprintf(path, sizeof(path), "%s/participants.tsv", study->folder);
	if (write_text(study, "dataset_description.json",
	        "{\n  \"Name\": \"Synthetic MRI and PET\",\n  \"BIDSVersion\": \"1.8.0\",\n"
	        "  \"DatasetType\": \"raw\",\n  \"GeneratedBy\": [{\"Name\": \"hmm-phantom\", "
	        "\"Version\": \"" HMM_VERSION "\"}]\n}\n") ||
	    hmm_output_open(&participants, path))
		return -1;
	int16_t *values =
	    hmm_alloc((size_t)(study->side * study->side * study->slices), sizeof(*values));
	int bad = !values;
	fputs("participant_id\tage\tsex\tdiagnosis\n", participants.file);
	for (long i = 0; i < study->subjects && !bad; i++) {
		const struct hmm_phantom phantom =
		    hmm_phantom_subject(study->seed, (uint32_t)i, study->missing);
		fprintf(participants.file, "sub-%03ld\t%d\t%c\t%s\n", i + 1, phantom.age, phantom.sex,
		    phantom.diseased ? "AD" : "CN");
		bad = (phantom.missing != 1 && write_volume(study, &phantom, HMM_PHANTOM_T1W, values)) ||
		      (phantom.missing != 2 && write_volume(study, &phantom, HMM_PHANTOM_PET, values));
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
write_field(const struct hmm_study *study, const struct hmm_slide *slide, unsigned at, long field,
    const struct hmm_image *image)
{
	const char *class = slide->malignant ? "malignant" : "benign";
	const char letter = slide->malignant ? 'M' : 'B';
	const int magnification = hmm_histology_magnifications[at];
	char path[MAX_PATH];
	snprintf(path, sizeof(path),
	    "%s/BreaKHis_v1/histology_slides/breast/%s/SOB/%s/SOB_%c_%s_14-%u%s/%dX/"
	    "SOB_%c_%s-14-%u%s-%d-%03ld.png",
	    study->folder, class, slide->folder, letter, slide->type, slide->accession, slide->letters,
	    magnification, letter, slide->type, slide->accession, slide->letters, magnification,
	    field + 1);
	return hmm_tree_above(path) ||
	       hmm_histology_image(
	           image->pixels, slide, at, (uint32_t)field, image->height, image->width) ||
	       hmm_png_write(image, path);
}

int
hmm_study_slides(const struct hmm_study *study, struct hmm_progress *progress)
{
	struct hmm_image image = {
	    .channels = 3, .height = (size_t)study->side * 23 / 35, .width = (size_t)study->side};
	image.pixels = hmm_alloc(3 * image.height, image.width);
	int bad = !image.pixels;
	for (long i = 0; i < study->subjects && !bad; i++) {
		const struct hmm_slide slide = hmm_histology_slide(study->seed, (uint32_t)i, study->images);
		for (unsigned at = 0; at < HMM_MAGNIFICATIONS; at++)
			for (long field = 0; field < slide.images[at] && !bad; field++)
				bad = write_field(study, &slide, at, field, &image);
		hmm_progress_step(progress, i + 1);
	}
	hmm_image_free(&image);
	return bad;
}
