/* copy <slices >slices: a stream decoded and encoded again, nothing else: what a filter costs. */
#include "hmm/stream/stream.h"

int
main(void)
{
	struct hmm_filter filter = {0};
	const struct hmm_step step = {"", NULL};
	int more = hmm_filter_open(&filter, HMM_SLICES, HMM_SLICES, &step) ? -1 : 1;
	while (more == 1 && (more = hmm_reader_next(filter.reader, &filter.record)) == 1)
		if (hmm_writer_put(filter.writer, &filter.record))
			more = -1;
	return hmm_filter_close(&filter, more < 0);
}
