#include "hmm/stream/writer.h"

#include <errno.h>
#include <msgpack.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/utf8.h"
#include "xxh3.h"

struct hmm_writer {
	FILE *file;
	char *name;
	enum hmm_kind kind;
	struct hmm_step step; /* no program: none */
	const struct hmm_reader *reader;
	msgpack_sbuffer buffer; /* what is written next, but for a tensor's data */
	msgpack_packer packer;
	XXH3_state_t *hash;
	msgpack_sbuffer history; /* the open stream's, as written */
	int open;                /* a stream is open */
	int any;                 /* a stream was opened */
	uint64_t records;
};

struct hmm_writer *
hmm_writer_open(FILE *file, const char *name, enum hmm_kind kind, const struct hmm_step *step)
{
	if (isatty(fileno(file))) {
		hmm_error("%s: is a terminal, want a file or a pipe (hmm-show prints streams)", name);
		return NULL;
	}
	struct hmm_writer *writer = hmm_alloc(1, sizeof(*writer));
	if (!writer)
		return NULL;
	writer->file = file;
	writer->kind = kind;
	writer->name = hmm_strdup(name);
	writer->hash = XXH3_createState();
	if (step)
		writer->step = *step;
	msgpack_sbuffer_init(&writer->buffer);
	msgpack_sbuffer_init(&writer->history);
	msgpack_packer_init(&writer->packer, &writer->buffer, msgpack_sbuffer_write);
	if (writer->name && writer->hash)
		return writer;
	hmm_writer_close(writer);
	return NULL;
}

void
hmm_writer_close(struct hmm_writer *writer)
{
	if (!writer)
		return;
	msgpack_sbuffer_destroy(&writer->buffer);
	msgpack_sbuffer_destroy(&writer->history);
	XXH3_freeState(writer->hash);
	free(writer->name);
	free(writer);
}

void
hmm_writer_follow(struct hmm_writer *writer, const struct hmm_reader *reader)
{
	writer->reader = reader;
}

static int
write_bytes(struct hmm_writer *writer, const void *bytes, size_t size)
{
	XXH3_64bits_update(writer->hash, bytes, size);
	if (fwrite(bytes, 1, size, writer->file) != size)
		return hmm_error("%s: cannot write: %s", writer->name, strerror(errno));
	return 0;
}

static int
write_buffer(struct hmm_writer *writer)
{
	const int bad = write_bytes(writer, writer->buffer.data, writer->buffer.size);
	msgpack_sbuffer_clear(&writer->buffer);
	return bad;
}

/* What is no UTF-8 is no string of msgpack's: bytes, which a reader takes as well. */
static void
pack_string(msgpack_packer *packer, const char *text)
{
	if (hmm_utf8_valid(text))
		msgpack_pack_str_with_body(packer, text, strlen(text));
	else
		msgpack_pack_bin_with_body(packer, text, strlen(text));
}

static void
pack_bytes(msgpack_packer *packer, const char *text)
{
	msgpack_pack_bin_with_body(packer, text, strlen(text));
}

static void
pack_pair(msgpack_packer *packer, const char *key, const char *text)
{
	pack_string(packer, key);
	pack_string(packer, text);
}

static void
pack_step(msgpack_packer *packer, const struct hmm_step *step)
{
	msgpack_pack_map(packer, step->weights[0] ? 5 : 4);
	pack_pair(packer, "program", step->program);
	pack_pair(packer, "version", step->version);
	pack_pair(packer, "numerics", step->numerics);
	pack_pair(packer, "options", step->options);
	if (step->weights[0])
		pack_pair(packer, "weights", step->weights);
}

static int
end_stream(struct hmm_writer *writer)
{
	const uint64_t digest = XXH3_64bits_digest(writer->hash);
	msgpack_pack_map(&writer->packer, 2);
	pack_string(&writer->packer, "end");
	msgpack_pack_uint64(&writer->packer, writer->records);
	pack_string(&writer->packer, "xxh3");
	msgpack_pack_uint64(&writer->packer, digest);
	writer->open = 0;
	return write_buffer(writer);
}

/* Pack the history as it is now into writer->buffer. */
static int
pack_history(struct hmm_writer *writer)
{
	const struct hmm_step *steps = NULL;
	const size_t count = writer->reader ? hmm_reader_history(writer->reader, &steps) : 0;
	const size_t own = writer->step.program[0] != '\0';
	if (count + own > HMM_MAX_HISTORY)
		return hmm_error("%s: a history of %zu entries, want at most %d", writer->name, count + own,
		    HMM_MAX_HISTORY);
	msgpack_pack_array(&writer->packer, count + own);
	for (size_t i = 0; i < count; i++)
		pack_step(&writer->packer, &steps[i]);
	if (own)
		pack_step(&writer->packer, &writer->step);
	return 0;
}

/* Make sure that a stream with today's history is open. */
static int
begin_stream(struct hmm_writer *writer)
{
	if (pack_history(writer))
		return -1;
	const int same = writer->open && writer->buffer.size == writer->history.size &&
	                 !memcmp(writer->buffer.data, writer->history.data, writer->history.size);
	if (same) {
		msgpack_sbuffer_clear(&writer->buffer);
		return 0;
	}
	msgpack_sbuffer_clear(&writer->history);
	msgpack_sbuffer_write(&writer->history, writer->buffer.data, writer->buffer.size);
	msgpack_sbuffer_clear(&writer->buffer);
	if (writer->open && end_stream(writer))
		return -1;
	XXH3_64bits_reset(writer->hash);
	writer->records = 0;
	writer->open = writer->any = 1;
	msgpack_pack_map(&writer->packer, 3);
	pack_string(&writer->packer, "hmm");
	msgpack_pack_int(&writer->packer, 1);
	pack_pair(&writer->packer, "kind", hmm_kind_name(writer->kind));
	pack_string(&writer->packer, "history");
	msgpack_sbuffer_write(&writer->buffer, writer->history.data, writer->history.size);
	return write_buffer(writer);
}

/* x as msgpack-numpy encodes it, up to its data. */
static void
pack_tensor(msgpack_packer *packer, const struct hmm_tensor *x, size_t bytes)
{
	pack_string(packer, "x");
	msgpack_pack_map(packer, 5);
	pack_bytes(packer, "nd");
	msgpack_pack_true(packer);
	pack_bytes(packer, "type");
	pack_string(packer, hmm_dtype_numpy(x->dtype));
	pack_bytes(packer, "kind");
	pack_bytes(packer, "");
	pack_bytes(packer, "shape");
	msgpack_pack_array(packer, (size_t)x->dimensions);
	for (int i = 0; i < x->dimensions; i++)
		msgpack_pack_uint64(packer, x->shape[i]);
	pack_bytes(packer, "data");
	msgpack_pack_bin(packer, bytes);
}

int
hmm_writer_put(struct hmm_writer *writer, const struct hmm_record *record)
{
	const struct {
		const char *key, *text;
	} texts[] = {{"subject", record->subject}, {"group", record->group},
	    {"modality", record->modality}, {"observed", record->observed}, {"split", record->split},
	    {"source", record->source}};
	const struct {
		const char *key;
		long value;
	} numbers[] = {{"label", record->label}, {"index", record->index}, {"count", record->count}};
	size_t count, fields = 1;

	if (begin_stream(writer))
		return -1;
	for (size_t i = 0; i < 6; i++)
		fields += texts[i].text[0] != '\0';
	for (size_t i = 0; i < 3; i++)
		fields += numbers[i].value >= 0;
	msgpack_pack_map(&writer->packer, fields);
	for (size_t i = 0; i < 6; i++)
		if (texts[i].text[0])
			pack_pair(&writer->packer, texts[i].key, texts[i].text);
	for (size_t i = 0; i < 3; i++)
		if (numbers[i].value >= 0) {
			pack_string(&writer->packer, numbers[i].key);
			msgpack_pack_long(&writer->packer, numbers[i].value);
		}
	if (hmm_tensor_count(&record->x, &count))
		return hmm_error("%s: a tensor too large to write", writer->name);
	const size_t bytes = count * hmm_dtype_size(record->x.dtype);
	pack_tensor(&writer->packer, &record->x, bytes);
	writer->records++;
	return write_buffer(writer) || write_bytes(writer, record->x.data, bytes) ? -1 : 0;
}

int
hmm_writer_end(struct hmm_writer *writer)
{
	if (!writer->any && begin_stream(writer))
		return -1;
	if (writer->open && end_stream(writer))
		return -1;
	if (fflush(writer->file))
		return hmm_error("%s: cannot write: %s", writer->name, strerror(errno));
	return 0;
}
