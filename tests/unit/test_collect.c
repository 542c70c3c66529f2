/* Text collected in memory: whole, or an error where memory was short for a while. */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "hmm/base/collect.h"
#include "test.h"

enum { LINES = 3000, HUGE = 64 << 20 };

static void
write_lines(FILE *file)
{
	for (int i = 0; i < LINES; i++)
		fprintf(file, "%d\n", i);
}

static void
check_whole(void)
{
	struct hmm_collected *collected = hmm_collect_open();
	write_lines(collected->file);
	CHECK(hmm_collect_finish(collected) == 0);
	int right = 0;
	for (char *at = collected->text; strtol(at, &at, 10) == right && *at == '\n';)
		right++;
	CHECK(right == LINES);
	CHECK(collected->size == strlen(collected->text));
	hmm_collect_free(collected);
	collected = hmm_collect_open();
	CHECK(hmm_collect_finish(collected) == 0 && collected->size == 0 && !collected->text[0]);
	hmm_collect_free(collected);
	hmm_collect_free(hmm_collect_open());
	hmm_collect_free(NULL);
}

/* There is no room for one of three writes. */
static void
check_short_of_memory(void)
{
#ifndef __SANITIZE_ADDRESS__ /* which takes more of the address space than any limit */
	struct rlimit limit, before;
	char *huge = calloc(1, HUGE);
	struct hmm_collected *collected = hmm_collect_open();
	write_lines(collected->file);
	CHECK(fflush(collected->file) == 0);
	CHECK(getrlimit(RLIMIT_AS, &before) == 0);
	limit = (struct rlimit){HUGE, before.rlim_max};
	CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
	void *volatile more = malloc(2 * (size_t)HUGE);
	const int limited = !more; /* not under qemu-user */
	free(more);
	const size_t written = fwrite(huge, 1, HUGE, collected->file);
	CHECK(setrlimit(RLIMIT_AS, &before) == 0);
	write_lines(collected->file);
	if (limited)
		CHECK(written != HUGE && hmm_collect_finish(collected) == -1);
	else
		printf("skipped: memory has no limit here\n");
	hmm_collect_free(collected);
	free(huge);
#endif
}

int
main(void)
{
	check_whole();
	check_short_of_memory();
	return test_end();
}
