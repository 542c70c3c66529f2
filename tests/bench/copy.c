/* copy <slices >slices: a stream decoded and encoded again, nothing else: what a filter costs. */
#include "hmm/stream/filter.h"

static int
take(void *writer, struct hmm_reader *reader, struct hmm_record *record)
{
	(void)reader;
	return hmm_writer_put(writer, record);
}

int
main(void)
{
	struct hmm_filter filter = {0};
	struct hmm_step step;
	const int bad = hmm_filter_open(&filter, HMM_SLICES) || hmm_step_make(&step, NULL, NULL) ||
	                hmm_filter_step(&filter, &step) ||
	                hmm_filter_run(&filter, HMM_SLICES, take, NULL, filter.writer);
	return hmm_filter_close(&filter, bad);
}
