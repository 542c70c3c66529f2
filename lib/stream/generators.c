#include "hmm/stream/generators.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

enum { LINE = 1 << 15, MOST = 4096 }; /* bytes of a line; generators of a file */

void
hmm_generators_free(struct hmm_generators *generators)
{
	free(generators->generator);
	*generators = (struct hmm_generators){0};
}

long
hmm_generators_find(const struct hmm_generators *generators, const char *digest, const char *to)
{
	for (size_t i = 0; i < generators->count; i++)
		if (!strcmp(generators->generator[i].step.weights, digest) && to &&
		    !strcmp(generators->generator[i].to, to))
			return (long)i;
	return -1;
}

/* A modality of the step's options; names on a line of their own have no place in it for more,
 * and one with a + would be several. */
static int
take_modality(char *modality, const struct hmm_step *step, const char *name)
{
	if (!hmm_step_option(modality, HMM_RECORD_NAMES, step, name))
		return 0;
	for (const char *at = modality; *at; at++)
		if (iscntrl((unsigned char)*at) || *at == '+')
			return 0;
	return *modality != '\0';
}

/* What stands in a line. 0, or -1 reported. */
static int
parse(struct hmm_generator *generator, const char *line, const char *path, size_t number)
{
	struct hmm_step *step = &generator->step;
	char place[1000];
	snprintf(place, sizeof(place), "%.900s: line %zu", path, number);
	if (hmm_step_parse_at(step, line, HMM_STEP_IMPUTES, place))
		return -1;
	if (hmm_hash_is_digest(step->weights) && take_modality(generator->from, step, "from") &&
	    take_modality(generator->to, step, "to"))
		return 0;
	return hmm_error("%s: line %zu: found options '%s' and weights '%s', want from=MODALITY "
	                 "to=MODALITY and a digest, as hmm-gan --show-history prints",
	    path, number, step->options, step->weights);
}

static int
take_line(struct hmm_generators *generators, const char *line, const char *path)
{
	const size_t number = generators->count + 1;
	void *list = generators->generator;
	if (number > MOST)
		return hmm_error("%s: more than %d generators", path, MOST);
	if (hmm_grow(&list, &generators->capacity, number * sizeof(struct hmm_generator)))
		return -1;
	generators->generator = list;
	struct hmm_generator *own = &generators->generator[generators->count];
	if (parse(own, line, path, number))
		return -1;
	const long before = hmm_generators_find(generators, own->step.weights, own->to);
	if (before >= 0)
		return hmm_error("%s: lines %ld and %zu: one generator, %.12s, imputes %s twice, want it "
		                 "once",
		    path, before + 1, number, own->step.weights, own->to);
	generators->count++;
	return 0;
}

static int
read_lines(struct hmm_generators *generators, FILE *file, char *line, const char *path)
{
	while (fgets(line, LINE, file)) {
		char *end = strchr(line, '\n');
		if (!end)
			return hmm_error("%s: line %zu: longer than %d bytes or without its end, want a line "
			                 "of hmm-gan --show-history",
			    path, generators->count + 1, LINE);
		*end = '\0';
		if (take_line(generators, line, path))
			return -1;
	}
	if (ferror(file))
		return hmm_error("%s: cannot read: %s", path, strerror(errno));
	return generators->count ? 0
	                         : hmm_error("%s: empty, want lines of hmm-gan --show-history", path);
}

int
hmm_generators_read(struct hmm_generators *generators, const char *path)
{
	*generators = (struct hmm_generators){0};
	char *line = hmm_alloc(LINE, 1);
	FILE *file = line ? fopen(path, "r") : NULL;
	int bad = !file;
	if (line && !file)
		hmm_error("%s: cannot open: %s", path, strerror(errno));
	bad = bad || read_lines(generators, file, line, path);
	if (file)
		fclose(file);
	free(line);
	return bad ? -1 : 0;
}
