/* Adam by its formula in doubles: gradients of epsilon's size and large ones, decay, a rate that
 * falls, the step's number. */
#include "hmm/kernel/adam.h"
#include "test.h"

enum { COUNT = 6, STEPS = 12 };

/* Without decay, so that the smallest gradients stay small, or with it. */
static void
check_steps(double decay)
{
	static const double slope[COUNT] = {3e-8, -1e-7, 1e-4, .02, -1, 50};
	float w[COUNT], m[COUNT] = {0}, v[COUNT] = {0}, g[COUNT];
	double want[COUNT], first[COUNT] = {0}, second[COUNT] = {0};
	for (int i = 0; i < COUNT; i++) {
		w[i] = .1F * (float)i;
		want[i] = (double)w[i];
	}
	for (int step = 1; step <= STEPS; step++) {
		const double rate = step < 6 ? .01 : .003;
		const struct hmm_adam adam = hmm_adam_at(step, rate, decay);
		for (int i = 0; i < COUNT; i++) {
			g[i] = (float)(slope[i] * (1 + .1 * step));
			const double gradient = (double)g[i] + decay * want[i];
			first[i] = .9 * first[i] + .1 * gradient;
			second[i] = .999 * second[i] + .001 * gradient * gradient;
			want[i] -= rate * (first[i] / (1 - pow(.9, step))) /
			           (sqrt(second[i] / (1 - pow(.999, step))) + 1e-8);
		}
		hmm_adam_dense(w, m, v, g, COUNT, &adam);
		for (int i = 0; i < COUNT; i++)
			CHECK(fabs((double)w[i] - want[i]) < 1e-6);
	}
}

int
main(void)
{
	check_steps(0);
	check_steps(.05);
	return test_end();
}
