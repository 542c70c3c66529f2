#include <stdint.h>
#include <stdio.h>

#include "hmm/stream/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	FILE *file = size ? fmemopen((void *)bytes, size, "rb") : NULL;
	struct hmm_reader *reader = file ? hmm_reader_open_any(file, "fuzz") : NULL;
	struct hmm_record record = {0};
	while (reader && hmm_reader_next(reader, &record) == 1)
		;
	hmm_record_free(&record);
	hmm_reader_close(reader);
	if (file)
		fclose(file);
	return 0;
}
