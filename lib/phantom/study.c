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

/* What BIDS wants beside the images; of a PET that nobody made most of it is no more than there. */
static const struct {
	const char *name, *text;
} texts[] = {
    {"dataset_description.json",
        "{\n  \"Name\": \"Synthetic MRI and PET\",\n  \"BIDSVersion\": \"1.8.0\",\n"
        "  \"DatasetType\": \"raw\",\n  \"License\": \"CC0\",\n"
        "  \"Authors\": [\"hmm-phantom\", \"HyperMM\"],\n  \"GeneratedBy\": [{\"Name\": "
        "\"hmm-phantom\", "
        "\"Version\": \"" HMM_VERSION "\"}]\n}\n"},
    {"README",
        "Synthetic MRI and PET, drawn by hmm-phantom from a seed; no image is of anybody.\n\n"
        "Half of the subjects are called AD. Their images differ from those of the others in "
        "places\n"
        "where each of the two shows a part: see hmm-phantom(1). What a method finds here says\n"
        "nothing of patients.\n"},
    {"participants.json", "{\n  \"age\": {\"Description\": \"Age, drawn\", \"Units\": \"year\"},\n"
                          "  \"sex\": {\"Description\": \"Sex, drawn\", \"Levels\": {\"M\": "
                          "\"male\", \"F\": \"female\"}},\n"
                          "  \"diagnosis\": {\"Description\": \"Who has marks in the images\",\n"
                          "    \"Levels\": {\"AD\": \"has\", \"CN\": \"has not\"}}\n}\n"},
    {"trc-18FFDG_pet.json",
        "{\n  \"Manufacturer\": \"none\",\n  \"ManufacturersModelName\": \"hmm-phantom\",\n"
        "  \"BodyPart\": \"brain\",\n  \"Units\": \"arbitrary\",\n  \"TracerName\": \"FDG\",\n"
        "  \"TracerRadionuclide\": \"F18\",\n  \"InjectedRadioactivity\": 1,\n"
        "  \"InjectedRadioactivityUnits\": \"MBq\",\n  \"InjectedMass\": \"n/a\",\n"
        "  \"InjectedMassUnits\": \"n/a\",\n  \"SpecificRadioactivity\": \"n/a\",\n"
        "  \"SpecificRadioactivityUnits\": \"n/a\",\n  \"ModeOfAdministration\": \"bolus\",\n"
        "  \"TimeZero\": \"00:00:00\",\n  \"ScanStart\": 0,\n  \"InjectionStart\": 0,\n"
        "  \"FrameTimesStart\": [0],\n  \"FrameDuration\": [1],\n  \"AcquisitionMode\": \"none\",\n"
        "  \"ImageDecayCorrected\": false,\n  \"ImageDecayCorrectionTime\": 0,\n"
        "  \"ReconMethodName\": \"none\",\n  \"ReconMethodParameterLabels\": [\"none\"],\n"
        "  \"ReconMethodParameterUnits\": [\"none\"],\n  \"ReconMethodParameterValues\": [0],\n"
        "  \"ReconFilterType\": \"none\",\n  \"ReconFilterSize\": 0,\n"
        "  \"AttenuationCorrection\": \"none\"\n}\n"},
};

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
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (write_text(study, texts[i].name, texts[i].text))
			return -1;
	if (hmm_output_open(&participants, path))
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
