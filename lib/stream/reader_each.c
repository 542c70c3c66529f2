/* All records of the streams that a reader finds, one after the other. */
#include "hmm/stream/reader.h"

int
hmm_reader_next(struct hmm_reader *reader, struct hmm_record *record)
{
	int more;
	while ((more = hmm_reader_next_within(reader, record)) == 0)
		if ((more = hmm_reader_next_stream(reader)) != 1)
			break;
	return more;
}

int
hmm_reader_each(struct hmm_reader *reader, struct hmm_record *record, hmm_record_take *take,
    hmm_stream_end *end, void *self)
{
	int more;
	do {
		while ((more = hmm_reader_next_within(reader, record)) == 1)
			if (take(self, reader, record))
				return -1;
		if (more < 0 || (end && end(self)))
			return -1;
	} while ((more = hmm_reader_next_stream(reader)) == 1);
	return more;
}
