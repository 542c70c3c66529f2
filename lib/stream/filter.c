#include "hmm/stream/stream.h"

#include <errno.h>
#include <string.h>

#include "hmm/base/error.h"

int
hmm_filter_open(
    struct hmm_filter *filter, enum hmm_kind in, enum hmm_kind out, const struct hmm_step *step)
{
	*filter = (struct hmm_filter){0};
	filter->writer = hmm_writer_open(stdout, "standard output", out, step);
	filter->reader = filter->writer ? hmm_reader_open(stdin, "standard input", in) : NULL;
	if (!filter->reader)
		return -1;
	hmm_writer_follow(filter->writer, filter->reader);
	return 0;
}

int
hmm_filter_close(struct hmm_filter *filter, int bad)
{
	if (!bad && hmm_writer_end(filter->writer))
		bad = 1;
	if (!bad && fclose(stdout)) {
		hmm_error("standard output: cannot write: %s", strerror(errno));
		bad = 1;
	}
	hmm_reader_close(filter->reader);
	hmm_writer_close(filter->writer);
	hmm_record_free(&filter->record);
	return bad ? 1 : 0;
}
