#include "hmm/image/cut.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/file/nifti.h"

/* Whole numbers from 0 on, or "mean". 0, or -1: it is neither. */
static int
read_frame(struct hmm_cut *cut, char text[HMM_CUT_TEXT], const char *given)
{
	char *end = NULL;
	if (!strcmp(given, "mean")) {
		cut->frame = HMM_FRAME_MEAN;
		snprintf(text, HMM_CUT_TEXT, "mean");
		return 0;
	}
	errno = 0;
	cut->frame = strtol(given, &end, 10);
	snprintf(text, HMM_CUT_TEXT, "%ld", cut->frame);
	return errno || end == given || *end || cut->frame < 0 ? -1 : 0;
}

/* A number as short as it can be so that it is read back the same. */
static void
print_number(char *text, size_t size, double number)
{
	snprintf(text, size, "%.15g", number);
	if (strtod(text, NULL) != number)
		snprintf(text, size, "%.17g", number);
}

/* "2", "1x1x2.5". */
static int
read_voxel(struct hmm_cut *cut, char text[HMM_CUT_TEXT], const char *given)
{
	double *v = cut->voxel;
	char extra, mm[3][32];
	const int found = sscanf(given, "%lfx%lfx%lf%c", &v[0], &v[1], &v[2], &extra);
	if (found == 1 && !strchr(given, 'x'))
		v[1] = v[2] = v[0];
	for (int i = 0; i < 3; i++) {
		if ((found != 1 && found != 3) || !(v[i] > 0) || !isfinite(v[i]))
			return -1;
		print_number(mm[i], sizeof(mm[i]), v[i]);
	}
	snprintf(text, HMM_CUT_TEXT, "%sx%sx%s", mm[0], mm[1], mm[2]);
	return 0;
}

/* "0.5,99.5". */
static int
read_clip(struct hmm_cut *cut, char text[HMM_CUT_TEXT], const char *given)
{
	double *p = cut->clip;
	char extra, low[32], high[32];
	if (sscanf(given, "%lf,%lf%c", &p[0], &p[1], &extra) != 2 ||
	    !(p[0] >= 0 && p[0] < p[1] && p[1] <= 100))
		return -1;
	p[0] += 0.0; /* no -0 */
	print_number(low, sizeof(low), p[0]);
	print_number(high, sizeof(high), p[1]);
	snprintf(text, HMM_CUT_TEXT, "%s,%s", low, high);
	return 0;
}

/* A text that is given, in place of which its one spelling stands from now on. NULL, or what is
 * wrong with it, in place of that spelling. */
static const char *
read_text(struct hmm_cut *cut, const char **given, char text[HMM_CUT_TEXT],
    int (*read)(struct hmm_cut *cut, char text[HMM_CUT_TEXT], const char *given), const char *name,
    const char *want)
{
	if (!*given)
		return NULL;
	if (read(cut, text, *given)) {
		snprintf(text, HMM_CUT_TEXT, "--%s: found '%.60s', want %s", name, *given, want);
		return text;
	}
	*given = text;
	return NULL;
}

const char *
hmm_cut_make(struct hmm_cut *cut, struct hmm_cut_options *given)
{
	if (given->fit) /* there is one size alone, and one way to say it */
		given->resize = given->crop = given->crop ? given->crop : given->resize;
	*cut = (struct hmm_cut){.axis = given->axis,
	    .frame = HMM_FRAME_ONLY,
	    .nan = given->nan,
	    .resize = (size_t)given->resize,
	    .crop = (size_t)given->crop,
	    .fit = given->fit};
	const char *wrong = read_text(
	    cut, &given->frame, given->texts[0], read_frame, "frame", "a number from 0 on, or mean");
	if (!wrong)
		wrong = read_text(
		    cut, &given->voxel, given->texts[1], read_voxel, "voxel", "mm such as 2 or 1x1x2.5");
	if (!wrong)
		wrong = read_text(cut, &given->clip, given->texts[2], read_clip, "clip",
		    "two percentiles such as 0.5,99.5");
	if (!wrong && (given->resize > 8192 || given->crop > 8192))
		wrong = "--resize and --crop want at most 8192 pixels";
	if (!wrong && given->fit && !given->crop)
		wrong = "--fit: want the pixels of its square as --crop N or --resize N";
	return wrong;
}
