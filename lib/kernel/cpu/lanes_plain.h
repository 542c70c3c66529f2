/* lanes_avx512.h in portable C. */
#ifndef HMM_LANES_PLAIN_H
#define HMM_LANES_PLAIN_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#define LANES static inline

enum { LANES_ROWS = 4, LANES_WIDE = 1 };

struct lanes {
	float v[16];
};

LANES struct lanes
lanes_set(float value)
{
	struct lanes a;
	for (int i = 0; i < 16; i++)
		a.v[i] = value;
	return a;
}

LANES struct lanes
lanes_load(const float *from)
{
	struct lanes a;
	memcpy(a.v, from, sizeof(a.v));
	return a;
}

LANES void
lanes_store(float *to, struct lanes a)
{
	memcpy(to, a.v, sizeof(a.v));
}

LANES struct lanes
lanes_add(struct lanes a, struct lanes b)
{
	for (int i = 0; i < 16; i++)
		a.v[i] += b.v[i];
	return a;
}

LANES struct lanes
lanes_subtract(struct lanes a, struct lanes b)
{
	for (int i = 0; i < 16; i++)
		a.v[i] -= b.v[i];
	return a;
}

LANES struct lanes
lanes_fma(struct lanes a, struct lanes b, struct lanes c)
{
	for (int i = 0; i < 16; i++)
		a.v[i] = fmaf(a.v[i], b.v[i], c.v[i]);
	return a;
}

LANES struct lanes
lanes_relu(struct lanes a)
{
	for (int i = 0; i < 16; i++)
		a.v[i] = a.v[i] < 0 ? 0 : a.v[i];
	return a;
}

LANES struct lanes
lanes_max(struct lanes a, struct lanes b)
{
	for (int i = 0; i < 16; i++)
		a.v[i] = a.v[i] > b.v[i] ? a.v[i] : b.v[i];
	return a;
}

LANES struct lanes
lanes_most(struct lanes a, struct lanes b)
{
	uint32_t x[16], y[16];
	memcpy(x, a.v, sizeof(x));
	memcpy(y, b.v, sizeof(y));
	for (int i = 0; i < 16; i++)
		x[i] = x[i] > y[i] ? x[i] : y[i];
	memcpy(a.v, x, sizeof(x));
	return a;
}

LANES struct lanes
lanes_spoil(struct lanes a, struct lanes b, struct lanes c)
{
	uint32_t x[16];
	memcpy(x, a.v, sizeof(x));
	for (int i = 0; i < 16; i++)
		x[i] = isunordered(b.v[i], c.v[i]) ? UINT32_MAX : x[i];
	memcpy(a.v, x, sizeof(x));
	return a;
}

LANES void
lanes_prefetch(const float *at)
{
	(void)at;
}

#endif
