#include "hmm/stream/writer.h"

#include <errno.h>
#include <msgpack.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/utf8.h"
#include "fields.h"
#include "xxh3.h"

struct hmm_writer {
	FILE *file;
	char *name;
	enum hmm_kind kind;
	struct hmm_step step; /* no program: none */
	const struct hmm_history *before;
	int trusted;            /* its numbers were looked at before */
	msgpack_sbuffer buffer; /* what is written next, but for a tensor's data */
	msgpack_packer packer;
	int full; /* the buffer could not take all that was packed */
	XXH3_state_t *hash;
	msgpack_sbuffer history; /* the open stream's, as written */
	int open;                /* a stream is open */
	int any;                 /* a stream was opened */
	int broken;              /* the file does not take what is written */
	uint64_t records;
	long number; /* records of all streams */
};

/* msgpack's own buffer, but that what does not fit is not forgotten. */
static int
pack_bytes_into(void *self, const char *bytes, size_t size)
{
	struct hmm_writer *writer = self;
	if (!writer->full && msgpack_sbuffer_write(&writer->buffer, bytes, size))
		writer->full = 1;
	return 0;
}

struct hmm_writer *
hmm_writer_open(FILE *file, const char *name, enum hmm_kind kind)
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
	msgpack_sbuffer_init(&writer->buffer);
	msgpack_sbuffer_init(&writer->history);
	msgpack_packer_init(&writer->packer, writer, pack_bytes_into);
	if (writer->name && writer->hash)
		return writer;
	if (!writer->hash)
		hmm_error("out of memory");
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
hmm_writer_step(struct hmm_writer *writer, const struct hmm_step *step)
{
	writer->step = *step;
}

void
hmm_writer_trust(struct hmm_writer *writer)
{
	writer->trusted = 1;
}

void
hmm_writer_follow(struct hmm_writer *writer, const struct hmm_history *before)
{
	writer->before = before;
}

static int
write_bytes(struct hmm_writer *writer, const void *bytes, size_t size)
{
	XXH3_64bits_update(writer->hash, bytes, size);
	if (fwrite(bytes, 1, size, writer->file) == size)
		return 0;
	writer->broken = 1;
	return hmm_error("%s: cannot write: %s", writer->name, strerror(errno));
}

static int
write_buffer(struct hmm_writer *writer)
{
	const int bad = writer->full ? hmm_error("out of memory")
	                             : write_bytes(writer, writer->buffer.data, writer->buffer.size);
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
	struct hmm_step own = *step;
	struct hmm_step_field fields[HMM_STEP_FIELDS];
	size_t count = 0;
	hmm_step_fields(fields, &own);
	for (size_t i = 0; i < HMM_STEP_FIELDS; i++)
		count += fields[i].text[0] != '\0';
	msgpack_pack_map(packer, count);
	for (size_t i = 0; i < HMM_STEP_FIELDS; i++)
		if (fields[i].text[0])
			pack_pair(packer, fields[i].key, fields[i].text);
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

/* The steps of a chain, and this program's, unless nothing is known of what was before, which this
 * step alone would hide. 0, or -1 reported. */
static int
pack_chain(struct hmm_writer *writer, const struct hmm_chain *chain)
{
	const int unknown = chain->count == 0 && writer->before && writer->before->chains;
	const size_t own = writer->step.program[0] != '\0' && !unknown;
	if (chain->count + own > HMM_MAX_HISTORY)
		return hmm_error("%s: a history of %zu entries, want at most %d", writer->name,
		    chain->count + own, HMM_MAX_HISTORY);
	msgpack_pack_array(&writer->packer, chain->count + own);
	for (size_t i = 0; i < chain->count; i++)
		pack_step(&writer->packer, &chain->step[i]);
	if (own)
		pack_step(&writer->packer, &writer->step);
	return 0;
}

/* Pack the history as it is now into writer->buffer, with its key. */
static int
pack_history(struct hmm_writer *writer)
{
	static const struct hmm_chain none;
	const struct hmm_history *before = writer->before;
	const size_t chains = before ? before->chains : 0;
	if (chains == 0 || (chains == 1 && !before->chain[0].modality)) {
		pack_string(&writer->packer, "history");
		return pack_chain(writer, chains ? &before->chain[0] : &none);
	}
	pack_string(&writer->packer, "histories");
	msgpack_pack_array(&writer->packer, chains);
	for (size_t i = 0; i < chains; i++) {
		msgpack_pack_map(&writer->packer, 2);
		pack_pair(&writer->packer, "modality", before->chain[i].modality);
		pack_string(&writer->packer, "history");
		if (pack_chain(writer, &before->chain[i]))
			return -1;
	}
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
	if (writer->full ||
	    msgpack_sbuffer_write(&writer->history, writer->buffer.data, writer->buffer.size))
		return hmm_error("out of memory");
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
	pack_bytes_into(writer, writer->history.data, writer->history.size);
	return write_buffer(writer);
}

/* Behind a record's tensor: what came so far, for who wants to know before the end. */
static int
sum_record(struct hmm_writer *writer)
{
	const uint64_t digest = XXH3_64bits_digest(writer->hash);
	pack_string(&writer->packer, "xxh3");
	msgpack_pack_uint64(&writer->packer, digest);
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
	const char *label = record->label;
	size_t values = 0, fields = 2;
	if (hmm_record_check(record, writer->kind, writer->trusted, writer->name, writer->number + 1) ||
	    hmm_tensor_count(&record->x, &values) || begin_stream(writer))
		return -1;
	for (int i = 0; i < HMM_FIELD_TEXTS; i++)
		fields += hmm_field_get_text(record, i) != NULL;
	for (int i = HMM_FIELD_TEXTS; i < HMM_FIELD_TEXTS + HMM_FIELD_NUMBERS; i++)
		fields += hmm_field_get_number(record, i) >= 0;
	msgpack_pack_map(&writer->packer, fields);
	for (int i = 0; i < HMM_FIELD_LABEL; i++)
		if (hmm_field_get_text(record, i))
			pack_pair(&writer->packer, hmm_field_names[i], hmm_field_get_text(record, i));
	if (!strcmp(label, "0") || !strcmp(label, "1")) {
		pack_string(&writer->packer, "label");
		msgpack_pack_int(&writer->packer, label[0] - '0');
	} else if (label[0]) {
		pack_pair(&writer->packer, "label", label);
	}
	for (int i = HMM_FIELD_TEXTS; i < HMM_FIELD_TEXTS + HMM_FIELD_NUMBERS; i++)
		if (hmm_field_get_number(record, i) >= 0) {
			pack_string(&writer->packer, hmm_field_names[i]);
			msgpack_pack_long(&writer->packer, hmm_field_get_number(record, i));
		}
	const size_t bytes = values * hmm_dtype_size(record->x.dtype);
	pack_tensor(&writer->packer, &record->x, bytes);
	writer->records++;
	writer->number++;
	return write_buffer(writer) || write_bytes(writer, record->x.data, bytes) || sum_record(writer)
	           ? -1
	           : 0;
}

long
hmm_writer_number(const struct hmm_writer *writer)
{
	return writer->number;
}

int
hmm_writer_untouched(const struct hmm_writer *writer, long number)
{
	return writer->number == number && !writer->broken && !writer->full;
}

void
hmm_writer_fail(struct hmm_writer *writer, const char *program)
{
	if (writer->broken || writer->full)
		return;
	msgpack_sbuffer_clear(&writer->buffer);
	if (!writer->open && begin_stream(writer))
		return;
	msgpack_pack_map(&writer->packer, 1);
	pack_pair(&writer->packer, "failed", program);
	if (!writer->full && fwrite(writer->buffer.data, 1, writer->buffer.size, writer->file))
		fflush(writer->file);
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
