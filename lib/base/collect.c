#define _GNU_SOURCE /* fopencookie() */

#include "hmm/base/collect.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

/* What the FILE calls: 0 sets its error flag. */
static ssize_t
take(void *cookie, const char *bytes, size_t size)
{
	struct hmm_collected *collected = cookie;
	if (collected->capacity - collected->size <= size) { /* room for the zero byte */
		const size_t capacity = 2 * (collected->size + size) + 1;
		char *text = realloc(collected->text, capacity);
		if (!text)
			return 0;
		collected->text = text;
		collected->capacity = capacity;
	}
	memcpy(collected->text + collected->size, bytes, size);
	collected->size += size;
	collected->text[collected->size] = '\0';
	return (ssize_t)size;
}

struct hmm_collected *
hmm_collect_open(void)
{
	struct hmm_collected *collected = hmm_alloc(1, sizeof(*collected));
	if (!collected)
		return NULL;
	collected->text = calloc(1, 1);
	collected->capacity = 1;
	if (collected->text)
		collected->file = fopencookie(collected, "w", (cookie_io_functions_t){.write = take});
	if (collected->file)
		return collected;
	hmm_error("out of memory");
	hmm_collect_free(collected);
	return NULL;
}

int
hmm_collect_finish(struct hmm_collected *collected)
{
	const int bad = ferror(collected->file), worse = fclose(collected->file);
	collected->file = NULL;
	return bad || worse ? -1 : 0;
}

void
hmm_collect_free(struct hmm_collected *collected)
{
	if (!collected)
		return;
	if (collected->file)
		fclose(collected->file);
	free(collected->text);
	free(collected);
}
