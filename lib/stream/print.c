#include "hmm/stream/print.h"

#include "hmm/file/npy.h"
#include "hmm/stream/json.h"
#include "hmm/stream/text.h"

static int
print_record(FILE *out, const struct hmm_record *record, long number, int json, const char *folder)
{
	char path[4200];
	const char *npy = folder ? path : NULL;
	snprintf(path, sizeof(path), "%s/%06ld.npy", folder ? folder : "", number);
	if (npy && hmm_npy_write(npy, &record->x))
		return -1;
	return (json ? hmm_json_record : hmm_text_record)(out, record, npy);
}

int
hmm_print_streams(FILE *out, FILE *file, const char *name, int json, const char *folder)
{
	struct hmm_record record = {0};
	struct hmm_reader *reader = hmm_reader_open_any(file, name);
	int more = reader ? 1 : -1;
	while (more == 1) { /* a stream that follows has a history of its own */
		if ((json ? hmm_json_head : hmm_text_head)(out, reader))
			more = -1;
		while (more == 1 && (more = hmm_reader_next_within(reader, &record)) == 1)
			if (print_record(out, &record, hmm_reader_number(reader) - 1, json, folder))
				more = -1;
		more = more < 0 ? -1 : hmm_reader_next_stream(reader);
	}
	hmm_reader_close(reader);
	hmm_record_free(&record);
	return more;
}
