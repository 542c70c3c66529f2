/* The least a unit test needs: counted checks that say where they failed, in
 * the Test Anything Protocol's spirit. */
#ifndef TEST_H
#define TEST_H

#include <math.h>
#include <stdio.h>

static int test_passed, test_failed;

#define CHECK(condition)                                                                           \
	do {                                                                                           \
		if (condition) {                                                                           \
			test_passed++;                                                                         \
		} else {                                                                                   \
			test_failed++;                                                                         \
			printf("%s:%d: %s\n", __FILE__, __LINE__, #condition);                                 \
		}                                                                                          \
	} while (0)

/* The last line of a test's main. */
static inline int
test_end(void)
{
	printf("%d checks passed, %d failed\n", test_passed, test_failed);
	return test_failed != 0;
}

#endif
