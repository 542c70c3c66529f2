#include "hmm/stream/filter.h"

#include <errno.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/stream/json.h"

int
hmm_filter_open(struct hmm_filter *filter, enum hmm_kind out)
{
	*filter = (struct hmm_filter){0};
	if (hmm_show_history)
		return 0;
	filter->writer = hmm_writer_open(stdout, "standard output", out);
	return filter->writer ? 0 : -1;
}

int
hmm_filter_step(struct hmm_filter *filter, const struct hmm_step *step)
{
	if (hmm_show_history) {
		filter->shown = !hmm_json_step(stdout, step);
		return filter->shown ? 1 : -1;
	}
	hmm_writer_step(filter->writer, step);
	return 0;
}

int
hmm_filter_read(struct hmm_filter *filter, enum hmm_kind in)
{
	filter->reader = hmm_reader_open(stdin, "standard input", in);
	if (!filter->reader)
		return -1;
	hmm_writer_follow(filter->writer, hmm_reader_history(filter->reader));
	return 0;
}

int
hmm_filter_run(struct hmm_filter *filter, enum hmm_kind in, hmm_record_take *take,
    hmm_stream_end *end, void *self)
{
	if (hmm_filter_read(filter, in))
		return -1;
	return hmm_reader_each(filter->reader, &filter->record, take, end, self);
}

int
hmm_filter_close(struct hmm_filter *filter, int bad)
{
	const char *failed = filter->reader ? hmm_reader_failed(filter->reader) : NULL;
	bad = bad && !filter->shown;
	if (bad && filter->writer)
		hmm_writer_fail(filter->writer, failed ? failed : hmm_program);
	if (!bad && filter->writer && hmm_writer_end(filter->writer))
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
