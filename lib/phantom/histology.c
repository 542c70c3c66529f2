#include "hmm/phantom/histology.h"

#include <math.h>
#include <stdlib.h>

#include "hmm/base/memory.h"
#include "hmm/base/random.h"

const int hmm_histology_magnifications[HMM_MAGNIFICATIONS] = {40, 100, 200, 400};

enum { SLIDE = 106, PATIENT = 107, REGION = 108, FIELD = 109, NUCLEI = 110 }; /* random streams */
enum { WHO, ACCESSION, TRAITS }; /* what is drawn of a patient */
enum { TYPE, COUNT, HAEMATOXYLIN, EOSIN, TINT, LIGHT, COUNTS = LIGHT + 3 }; /* of a slide */
enum {
	DIRECTION,
	SHIFT,
	CHOICES = 16,
	SHIFTS = SHIFT + 2 * CHOICES,
	LATTICE = SHIFTS + HMM_TRAITS
};
enum { PRESENT, RADIUS, SHAPE, TURN, DARKNESS, MOVE_X, MOVE_Y, DRAWS = 8 }; /* of a nucleus */
enum { SIDE = 128, FINE = 2 }; /* of the lattice; samples a side of a pixel */

/* BreaKHis's tumour types, with about their shares there; the glands are what a type
 * looks like, 0 on average in each class. */
static const struct {
	const char *letters, *folder;
	double share, glands;
} types[2][4] = {
    {{"A", "adenosis", .17, .6}, {"F", "fibroadenoma", .42, -.5},
        {"PT", "phyllodes_tumor", .12, -.6}, {"TA", "tubular_adenoma", .29, .6}},
    {{"DC", "ductal_carcinoma", .66, 0}, {"LC", "lobular_carcinoma", .09, -.6},
        {"MC", "mucinous_carcinoma", .15, 0}, {"PC", "papillary_carcinoma", .10, .5}},
};

/* The slide that has the same patient as this one, or itself. */
static uint32_t
first_slide(uint32_t number)
{
	return number % 16 == 2 || number % 16 == 3 ? number - 2 : number;
}

static int
is_malignant(uint64_t seed, uint32_t number)
{
	const struct hmm_place pair = {.seed = seed, .subject = number / 2, .stream = PATIENT};
	return (int)((number + (hmm_random_uniform(pair, WHO) < .5)) % 2);
}

struct hmm_slide
hmm_histology_slide(uint64_t seed, uint32_t number, double images)
{
	struct hmm_slide s = {.seed = seed, .number = number};
	s.malignant = is_malignant(seed, number);
	const uint32_t pair = number / 2 * 2;
	/* a patient's slides are of one class */
	uint32_t patient = first_slide(number);
	if (patient != number && is_malignant(seed, patient) != s.malignant)
		patient ^= 1;
	const int shared = first_slide(number) != number || first_slide(pair + 2) == pair;
	s.letters = !shared ? "" : patient == number ? "AB" : "CD";
	const struct hmm_place place = {.seed = seed, .subject = number, .stream = SLIDE};
	const struct hmm_place who = {.seed = seed, .subject = patient, .stream = PATIENT};
	s.accession = 2000 + 97 * patient + (uint32_t)(97 * hmm_random_uniform(who, ACCESSION));

	double left = hmm_random_uniform(place, TYPE);
	int type = 0;
	while (type < 3 && (left -= types[s.malignant][type].share) > 0)
		type++;
	s.type = types[s.malignant][type].letters;
	s.folder = types[s.malignant][type].folder;
	/* an effect of 2.2 against a spread of .6 among people, 1 among the parts of a slide that
	 * the magnifications see, and .8 among fields: all four tell more than one */
	for (uint32_t i = 0; i < HMM_TRAITS; i++)
		s.traits[i] = 2.2 * s.malignant + .6 * hmm_random_normal(who, TRAITS + i);
	s.traits[HMM_GLAND_LOSS] -= types[s.malignant][type].glands;

	s.haematoxylin = exp(.12 * hmm_random_normal(place, HAEMATOXYLIN));
	s.eosin = exp(.12 * hmm_random_normal(place, EOSIN));
	s.tint = .15 + .1 * hmm_random_uniform(place, TINT);
	for (uint32_t c = 0; c < 3; c++)
		s.light[c] = .93 - .05 * hmm_random_uniform(place, LIGHT + c);
	/* log-normal, and a little uneven among the magnifications */
	const double mean =
	    images / HMM_MAGNIFICATIONS * exp(.8 * hmm_random_normal(place, COUNT) - .32);
	for (uint32_t i = 0; i < HMM_MAGNIFICATIONS; i++)
		s.images[i] = 1 + (long)fmax(0, mean * exp(.2 * hmm_random_normal(place, COUNTS + i)) - .5);
	return s;
}

/* What is known of a field while it is drawn; lengths are micrometres. */
struct field {
	struct hmm_place nuclei;
	double traits[HMM_TRAITS];
	double epithelium, lumen;    /* of the tissue function, where each begins */
	double cosine, sine;         /* of the direction of the fibres */
	double left, top, step;      /* of the first sample; between samples */
	size_t height, width;        /* in samples */
	float *haematoxylin, *eosin; /* [height][width], optical densities */
	float lattice[SIDE][SIDE];   /* uniform in 0 to 1 */
};

/* 0 at `from` and before, 1 at `to` and beyond; either may be the larger. */
static double
smooth(double from, double to, double x)
{
	const double t = fmin(1, fmax(0, (x - from) / (to - from)));
	return t * t * (3 - 2 * t);
}

/* Value noise, 0 to 1 with a mean of .5, over cells of side 1; layers are independent. */
static double
noise(const struct field *f, double x, double y, int layer)
{
	const double i = floor(x), j = floor(y);
	const double u = smooth(0, 1, x - i), v = smooth(0, 1, y - j);
	const int row = (int)j + 37 * layer, column = (int)i + 53 * layer;
	const float *above = f->lattice[row & (SIDE - 1)];
	const float *below = f->lattice[(row + 1) & (SIDE - 1)];
	const int near = column & (SIDE - 1), far = (column + 1) & (SIDE - 1);
	const double upper = (1 - u) * (double)above[near] + u * (double)above[far];
	const double lower = (1 - u) * (double)below[near] + u * (double)below[far];
	return upper + v * (lower - upper);
}

/* Stroma where it is low, then epithelium, then the lumen of a gland. */
static double
tissue(const struct field *f, double x, double y)
{
	return .70 * noise(f, x / 70, y / 70, 0) + .22 * noise(f, x / 24, y / 24, 1) +
	       .08 * noise(f, x / 7, y / 7, 2);
}

/* Along and across the fibres. */
struct course {
	double along, across;
};

static struct course
follow(const struct field *f, double x, double y)
{
	const double u = f->cosine * x + f->sine * y, w = f->cosine * y - f->sine * x;
	const double waves = 22 * noise(f, u / 60, w / 60, 3) + 5 * noise(f, u / 14, w / 14, 4);
	return (struct course){u, w + waves};
}

/* Whether the stroma is torn there: 0 to 1. */
static double
torn(const struct field *f, struct course at)
{
	return smooth(.30, .27, noise(f, at.along / 110, at.across / 34, 8));
}

/* The stains between the nuclei. */
static void
stain(float *haematoxylin, float *eosin, const struct field *f, double x, double y)
{
	const double place = tissue(f, x, y);
	const struct course at = follow(f, x, y);
	const double fibre = .6 * noise(f, at.along / 34, at.across / 5, 5) +
	                     .4 * noise(f, at.along / 18, at.across / 2.2, 6);
	const double grain = .6 * noise(f, x / 2.6, y / 2.6, 7) + .4 * noise(f, x / .9, y / .9, 9);
	const double in = smooth(f->epithelium - .012, f->epithelium + .012, place);
	const double solid = 1 - smooth(f->lumen - .01, f->lumen + .01, place);
	const double cleft = smooth(.30, .22, fibre);
	const double stroma = (.20 + .55 * fibre) * (1 - .85 * cleft) * (1 - torn(f, at));
	*eosin = (float)(solid * (in * (.42 + .16 * grain) + (1 - in) * stroma) + .02);
	*haematoxylin = (float)(solid * (in * (.26 + .12 * grain) + (1 - in) * .16 * stroma) + .02);
}

struct nucleus {
	double x, y, along, across, cosine, sine, darkness;
	int layer;
};

/* Into the samples that it covers; of overlapping nuclei the darker one is seen. */
static void
draw_nucleus(struct field *f, const struct nucleus *n)
{
	const double reach = 1.2 * n->along;
	const double edge = fmax(.12, .6 * f->step / n->across);
	const double from_x = fmax(0, floor((n->x - reach - f->left) / f->step));
	const double from_y = fmax(0, floor((n->y - reach - f->top) / f->step));
	for (size_t j = (size_t)from_y; j < f->height; j++) {
		const double y = f->top + f->step * (double)j - n->y;
		if (y > reach)
			break;
		for (size_t i = (size_t)from_x; i < f->width; i++) {
			const double x = f->left + f->step * (double)i - n->x;
			if (x > reach)
				break;
			const double r = hypot((n->cosine * x + n->sine * y) / n->along,
			    (n->cosine * y - n->sine * x) / n->across);
			const double inside = smooth(1 + edge, 1 - edge, r);
			if (inside <= 0)
				continue;
			/* a membrane, clumps of chromatin, and a nucleolus where there is atypia */
			const double clumps = noise(f, x / 1.1, y / 1.1, n->layer);
			const double nucleolus =
			    .5 * smooth(.5, 2.5, f->traits[HMM_ATYPIA]) * smooth(.38, .2, r);
			const double dark =
			    n->darkness * (.62 + .5 * clumps + .25 * smooth(.6, .95, r) + nucleolus);
			const size_t at = j * f->width + i;
			f->haematoxylin[at] = fmaxf(f->haematoxylin[at], (float)(inside * dark));
			f->eosin[at] *= (float)(1 - .3 * inside);
		}
	}
}

/* The nucleus of one cell of a grid, if it has one: round and dense in epithelium, long and
 * sparse among fibres. */
static void
add_nucleus(struct field *f, uint32_t cell, double x, double y, double pitch)
{
	const struct hmm_place place = f->nuclei;
	const uint32_t draw = cell * DRAWS;
	const double *const traits = f->traits;
	struct nucleus n;
	n.x = x + pitch * .8 * (hmm_random_uniform(place, draw + MOVE_X) - .5);
	n.y = y + pitch * .8 * (hmm_random_uniform(place, draw + MOVE_Y) - .5);
	const double where = tissue(f, n.x, n.y);
	const int epithelial = where > f->epithelium;
	if (where > f->lumen || (!epithelial && torn(f, follow(f, n.x, n.y)) > .3) ||
	    hmm_random_uniform(place, draw + PRESENT) > (epithelial ? .92 : .16))
		return;
	const double uneven = (epithelial ? .12 : .10) * exp(.28 * traits[HMM_ATYPIA]);
	const double size =
	    exp(.075 * traits[HMM_ENLARGEMENT] + uneven * hmm_random_normal(place, draw + RADIUS));
	const double stretch =
	    exp((epithelial ? .14 : .42) + fabs(.12 * hmm_random_normal(place, draw + SHAPE)));
	n.along = 2.7 * size * stretch;
	n.across = 2.7 * size / stretch;
	const double turn =
	    epithelial ? 6.28 * hmm_random_uniform(place, draw + TURN)
	               : atan2(f->sine, f->cosine) + .35 * hmm_random_normal(place, draw + TURN);
	n.cosine = cos(turn);
	n.sine = sin(turn);
	n.darkness = .95 * exp(.03 * traits[HMM_ATYPIA] +
	                       .8 * uneven * hmm_random_normal(place, draw + DARKNESS));
	n.layer = (int)(cell % SIDE);
	draw_nucleus(f, &n);
}

static void
add_nuclei(struct field *f)
{
	const double pitch = 7.6 * exp(-.05 * f->traits[HMM_CROWDING]), margin = 12;
	const double right = f->left + f->step * (double)f->width + margin;
	const double bottom = f->top + f->step * (double)f->height + margin;
	uint32_t cell = 0;
	for (double y = f->top - margin; y < bottom; y += pitch)
		for (double x = f->left - margin; x < right; x += pitch)
			add_nucleus(f, cell++, x, y, pitch);
}

/* A field that a pathologist would pick: of several the one with the most even mixture of
 * epithelium and stroma. */
static void
choose_view(struct field *f, struct hmm_place place)
{
	const double high = f->step * (double)f->height, wide = f->step * (double)f->width;
	double best = -1, left = 0, top = 0;
	for (uint32_t i = 0; i < CHOICES; i++) {
		const double x = 1200 * hmm_random_uniform(place, SHIFT + 2 * i);
		const double y = 1200 * hmm_random_uniform(place, SHIFT + 2 * i + 1);
		int inside = 0, points = 0;
		for (double v = .1; v < 1; v += .2)
			for (double u = .1; u < 1; u += .2, points++) {
				const double at = tissue(f, x + u * wide, y + v * high);
				inside += at > f->epithelium && at < f->lumen;
			}
		const double even = 1 - fabs((double)inside / points - .6);
		if (even > best) {
			best = even;
			left = x;
			top = y;
		}
	}
	f->left = left;
	f->top = top;
}

static void
prepare(struct field *f, const struct hmm_slide *slide, unsigned magnification, uint32_t field)
{
	struct hmm_place place = {.seed = slide->seed,
	    .epoch = field * HMM_MAGNIFICATIONS + magnification,
	    .subject = slide->number,
	    .stream = FIELD};
	/* each magnification looks at a part of the slide of its own */
	const struct hmm_place region = {
	    .seed = slide->seed, .epoch = magnification, .subject = slide->number, .stream = REGION};
	for (uint32_t i = 0; i < SIDE * SIDE; i++)
		f->lattice[i / SIDE][i % SIDE] = (float)hmm_random_uniform(place, LATTICE + i);
	for (uint32_t i = 0; i < HMM_TRAITS; i++)
		f->traits[i] = slide->traits[i] + hmm_random_normal(region, i) +
		               .8 * hmm_random_normal(place, SHIFTS + i);
	const double turn = 3.14 * hmm_random_uniform(place, DIRECTION);
	f->cosine = cos(turn);
	f->sine = sin(turn);
	f->epithelium = .53 - .012 * f->traits[HMM_GLAND_LOSS];
	f->lumen = .66 + .035 * f->traits[HMM_GLAND_LOSS];
	f->step = 60. * 400 / hmm_histology_magnifications[magnification] / (double)f->width;
	choose_view(f, place);
	f->nuclei = place;
	f->nuclei.stream = NUCLEI;
}

/* Light through the stains (Ruifrok and Johnston, "Quantification of histochemical
 * staining by color deconvolution", 2001, for their colours), averaged over a pixel. */
static void
develop(uint8_t *pixels, const struct field *f, const struct hmm_slide *slide, size_t width)
{
	const double colours[2][3] = {{.65, .70, .29}, {.07, .99, slide->tint}};
	const size_t height = f->height / FINE;
	for (size_t c = 0; c < 3; c++)
		for (size_t y = 0; y < height; y++)
			for (size_t x = 0; x < width; x++) {
				double sum = 0;
				for (size_t k = 0; k < FINE * FINE; k++) {
					const size_t at = (y * FINE + k / FINE) * f->width + x * FINE + k % FINE;
					sum += exp(-colours[0][c] * slide->haematoxylin * (double)f->haematoxylin[at] -
					           colours[1][c] * slide->eosin * (double)f->eosin[at]);
				}
				pixels[(c * height + y) * width + x] =
				    (uint8_t)(255 * slide->light[c] * sum / (FINE * FINE) + .5);
			}
}

int
hmm_histology_image(uint8_t *pixels, const struct hmm_slide *slide, unsigned magnification,
    uint32_t field, size_t height, size_t width)
{
	struct field *f = hmm_alloc(1, sizeof(*f));
	const size_t samples = height * FINE * width * FINE;
	float *stains = f ? hmm_alloc(2 * samples, sizeof(float)) : NULL;
	if (stains) {
		f->height = height * FINE;
		f->width = width * FINE;
		f->haematoxylin = stains;
		f->eosin = stains + samples;
		prepare(f, slide, magnification, field);
		for (size_t y = 0; y < f->height; y++)
			for (size_t x = 0; x < f->width; x++)
				stain(&f->haematoxylin[y * f->width + x], &f->eosin[y * f->width + x], f,
				    f->left + f->step * (double)x, f->top + f->step * (double)y);
		add_nuclei(f);
		develop(pixels, f, slide, width);
	}
	const int bad = !stains;
	free(stains);
	free(f);
	return bad ? -1 : 0;
}
