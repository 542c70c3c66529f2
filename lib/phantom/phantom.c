#include "hmm/phantom/phantom.h"

#include <math.h>

#include "hmm/base/random.h"

enum { STUDY = 104, NOISE = 105, SNOW = 112 }; /* random streams */
enum {
	WHO,
	AGE,
	SEX,
	ATROPHY,
	CORTEX,
	UPTAKE,
	TURN,
	SHIFT_X,
	SHIFT_Y,
	SIZE,
	FOLDS,
	LACK,
	WHICH,
	SPARED
};

static double
normal(struct hmm_place place, uint32_t what)
{
	return hmm_random_normal(place, what);
}

struct hmm_phantom
hmm_phantom_subject(uint64_t seed, uint32_t number, double missing)
{
	const struct hmm_place place = {.seed = seed, .subject = number, .stream = STUDY};
	const struct hmm_place pair = {.seed = seed, .subject = number / 2, .stream = STUDY};
	struct hmm_phantom p = {.seed = seed, .number = number};
	p.diseased = (int)((number + (hmm_random_uniform(pair, WHO) < .5)) % 2);
	p.age = 72 + (int)rint(6 * normal(place, AGE));
	p.sex = hmm_random_uniform(place, SEX) < .5 ? 'M' : 'F';
	/* Each mark is 1.5 standard deviations stronger in the diseased. Who is spared in MRI has the
	 * more in PET, by so much that over both classes the two are uncorrelated (.75 squared is a
	 * quarter of 1.5 squared): one hardly tells the other, and both tell nearly everybody apart. */
	const double effect = 1.5 * p.diseased, spared = .75 * normal(place, SPARED);
	p.ventricles = exp(.45 * (effect - spared + .66 * normal(place, ATROPHY)));
	p.cortex = exp(-.10 * (effect - spared + .66 * normal(place, CORTEX)));
	p.uptake = 1 - .20 * (effect + spared + .66 * normal(place, UPTAKE));
	p.turn = .05 * normal(place, TURN);
	p.shift[0] = .015 * normal(place, SHIFT_X);
	p.shift[1] = .015 * normal(place, SHIFT_Y);
	p.size = exp(.03 * normal(place, SIZE));
	p.folds = 6.28 * hmm_random_uniform(place, FOLDS);
	if (hmm_random_uniform(place, LACK) < missing)
		p.missing = hmm_random_uniform(place, WHICH) < .5 ? 1 : 2;
	return p;
}

/* What an image shows of a subject: PET has the ventricles and the cortex of a usual healthy head,
 * since theirs is MRI's mark; MRI has no uptake. */
static struct hmm_phantom
shown(const struct hmm_phantom *p, enum hmm_phantom_image image)
{
	struct hmm_phantom seen = *p;
	if (image == HMM_PHANTOM_PET)
		seen.ventricles = seen.cortex = 1;
	return seen;
}

/* How far inside an ellipsoid: 0 at its centre, 1 on its surface. */
static double
radius(double x, double y, double z, double a, double b, double c)
{
	return sqrt(x * x / (a * a) + y * y / (b * b) + z * z / (c * c));
}

/* The tissue at a place in head radii; x to the right, y to the front, z up. */
static double
intensity(const struct hmm_phantom *p, enum hmm_phantom_image image, double x, double y, double z)
{
	const int mri = image == HMM_PHANTOM_T1W;
	const double head = radius(x, y, z, .80, .96, .90);
	const double around = atan2(y, x);
	if (head > 1)
		return 0;
	if (head > .93)
		return mri ? 700 : 120; /* scalp */
	if (head > .87)
		return mri ? 90 : 60; /* skull */
	const double fold = .025 * sin(17 * around + p->folds + 5 * z) + .02 * sin(11 * z + 3 * around);
	const double brain = head + fold;
	if (brain > .84)
		return mri ? 150 : 80; /* fluid around the brain */
	/* the lateral ventricles, one a side */
	const double grown = cbrt(p->ventricles);
	const double side = x < 0 ? -1 : 1;
	if (radius(x - side * .11, y + .05, z - .08, .075 * grown, .33 * grown, .17 * grown) < 1)
		return mri ? 160 : 70;
	if (fabs(x) < .012 && brain > .45)
		return mri ? 180 : 90; /* between the hemispheres */
	if (brain > .84 - .13 * p->cortex) {
		/* temporo-parietal cortex: behind the middle, to the sides */
		const double parietal = exp(-3 * (pow(fabs(x) - .6, 2) + pow(y + .35, 2)));
		return mri ? 560 : 1000 * (1 - (1 - p->uptake) * 1.6 * parietal);
	}
	if (radius(x - side * .2, y - .05, z + .08, .09, .16, .12) < 1)
		return mri ? 600 : 900; /* basal ganglia */
	return mri ? 820 : 420;     /* white matter */
}

void
hmm_phantom_image(int16_t *values, const struct hmm_phantom *p, enum hmm_phantom_image image,
    size_t side, size_t slices)
{
	const struct hmm_phantom seen = shown(p, image);
	const double cosine = cos(p->turn), sine = sin(p->turn),
	             noise = image == HMM_PHANTOM_T1W ? 15 : 30;
	const struct hmm_place place = {
	    .seed = p->seed, .epoch = (uint32_t)image, .subject = p->number, .stream = NOISE};
	for (size_t k = 0, at = 0; k < slices; k++)
		for (size_t j = 0; j < side; j++)
			for (size_t i = 0; i < side; i++, at++) {
				const double u = (2 * ((double)i + .5) / (double)side - 1) / p->size - p->shift[0];
				const double v = (2 * ((double)j + .5) / (double)side - 1) / p->size - p->shift[1];
				const double w = (2 * ((double)k + .5) / (double)slices - 1) / p->size;
				const double x = cosine * u + sine * v, y = cosine * v - sine * u;
				double value = intensity(&seen, image, x, y, w);
				value += noise * hmm_random_normal(place, (uint32_t)at) * (value > 0 ? 1 : .3);
				values[at] = (int16_t)(value < 0 ? 0 : value);
			}
}

void
hmm_phantom_noise(int16_t *values, const struct hmm_phantom *p, enum hmm_phantom_image image,
    size_t side, size_t slices, double mark)
{
	const struct hmm_place place = {
	    .seed = p->seed, .epoch = (uint32_t)image, .subject = p->number, .stream = SNOW};
	for (size_t k = 0, at = 0; k < slices; k++)
		for (size_t j = 0; j < side; j++)
			for (size_t i = 0; i < side; i++, at++) {
				const int marked = p->diseased && i < side / 2 && j < side / 2;
				values[at] = (int16_t)(1 + 200 * hmm_random_uniform(place, (uint32_t)at) +
				                       (marked ? mark : 0));
			}
}
