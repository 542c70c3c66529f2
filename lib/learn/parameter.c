#include "hmm/learn/parameter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/memory.h"
#include "hmm/base/random.h"

int
hmm_parameter_open(struct hmm_parameter *parameter, const char *name, size_t rows, size_t columns,
    enum hmm_gradient kind)
{
	*parameter = (struct hmm_parameter){
	    .rows = rows, .columns = columns ? columns : 1, .flat = columns == 0, .kind = kind};
	snprintf(parameter->name, sizeof(parameter->name), "%s", name);
	size_t count;
	if (hmm_multiply(&count, rows, parameter->columns))
		count = SIZE_MAX;
	parameter->w = hmm_alloc(count, sizeof(float));
	return parameter->w ? 0 : -1;
}

void
hmm_parameter_close(struct hmm_parameter *parameter)
{
	free(parameter->w);
	free(parameter->m);
	free(parameter->v);
	free(parameter->best);
	free(parameter->gradient);
	free(parameter->dy);
	free(parameter->x);
	free(parameter->lanes);
	free(parameter->ahead);
	*parameter = (struct hmm_parameter){0};
}

int
hmm_parameter_train(struct hmm_parameter *parameter)
{
	const size_t count = parameter->rows * parameter->columns;
	parameter->m = hmm_alloc(count, sizeof(float));
	parameter->v = hmm_alloc(count, sizeof(float));
	parameter->best = hmm_alloc(count, sizeof(float));
	if (parameter->kind == HMM_DENSE)
		parameter->gradient = hmm_alloc(count, sizeof(float));
	const int whole = parameter->kind == HMM_OUTER || parameter->gradient;
	return parameter->m && parameter->v && parameter->best && whole ? 0 : -1;
}

static struct hmm_place
place_of(const struct hmm_parameter *parameter, uint64_t seed)
{
	return (struct hmm_place){.seed = seed, .subject = hmm_random_name(parameter->name)};
}

void
hmm_parameter_uniform(struct hmm_parameter *parameter, double bound, uint64_t seed)
{
	const struct hmm_place place = place_of(parameter, seed);
	for (size_t i = 0; i < parameter->rows * parameter->columns; i++)
		parameter->w[i] = (float)((2 * hmm_random_uniform(place, (uint32_t)i) - 1) * bound);
	parameter->changes++;
}

void
hmm_parameter_normal(struct hmm_parameter *parameter, double deviation, uint64_t seed)
{
	const struct hmm_place place = place_of(parameter, seed);
	for (size_t i = 0; i < parameter->rows * parameter->columns; i++)
		parameter->w[i] = (float)(hmm_random_normal(place, (uint32_t)i) * deviation);
	parameter->changes++;
}

void
hmm_parameter_zero(struct hmm_parameter *parameter)
{
	parameter->terms = 0;
	if (parameter->gradient)
		memset(parameter->gradient, 0, parameter->rows * parameter->columns * sizeof(float));
}

int
hmm_parameter_add(struct hmm_parameter *parameter, const float *dy, const float *x)
{
	const size_t dy_size = parameter->rows * sizeof(float);
	const size_t x_size = parameter->columns * sizeof(float);
	const size_t term = parameter->terms;
	if (hmm_grow(&parameter->dy, &parameter->dy_capacity, (term + 1) * dy_size) ||
	    hmm_grow(&parameter->x, &parameter->x_capacity, (term + 1) * x_size))
		return -1;
	memcpy((char *)parameter->dy + term * dy_size, dy, dy_size);
	memcpy((char *)parameter->x + term * x_size, x, x_size);
	parameter->terms++;
	return 0;
}

void
hmm_parameter_keep(struct hmm_parameter *parameter)
{
	memcpy(parameter->best, parameter->w, parameter->rows * parameter->columns * sizeof(float));
}

void
hmm_parameter_restore(struct hmm_parameter *parameter)
{
	memcpy(parameter->w, parameter->best, parameter->rows * parameter->columns * sizeof(float));
	parameter->changes++;
}

struct hmm_weight
hmm_parameter_view(struct hmm_parameter *parameter)
{
	return (struct hmm_weight){.name = parameter->name,
	    .x = {.dtype = HMM_F32,
	        .dimensions = parameter->flat ? 1 : 2,
	        .shape = {parameter->rows, parameter->columns},
	        .data = parameter->w}};
}

int
hmm_parameter_load(struct hmm_parameter *parameter, const struct hmm_weight *weight, size_t count)
{
	const struct hmm_weight view = hmm_parameter_view(parameter);
	float *values =
	    hmm_weight_floats(weight, count, parameter->name, view.x.shape, view.x.dimensions);
	if (!values)
		return -1;
	free(parameter->w);
	parameter->w = values;
	parameter->changes++;
	return 0;
}
