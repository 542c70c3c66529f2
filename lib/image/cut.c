#include "hmm/image/cut.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/file/nifti.h"

int
hmm_cut_frame(struct hmm_cut *cut, char text[HMM_CUT_TEXT], const char *given)
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

int
hmm_cut_voxel(struct hmm_cut *cut, char text[HMM_CUT_TEXT], const char *given)
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
