#include "hmm/stream/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "array.h"
#include "fields.h"
#include "history_read.h"
#include "token.h"

enum { FORMAT = 1, MAX_FIELDS = 64 };

struct hmm_reader {
	struct hmm_input input;
	char *name;
	off_t start; /* where in its file it begins to read; -1: that is no regular file */
	int any;     /* any kind will do */
	int trusted; /* its writer has looked at its numbers */
	enum hmm_kind kind;
	long number;  /* records read in all streams */
	long records; /* records read in this stream */
	int ended;    /* this stream's end record was read */
	int again;    /* records are read once more, of which the checksums were compared */
	int proven;   /* the last record had a right checksum behind it */
	long streams; /* headers read */
	struct hmm_history history;
	char failed[64]; /* the program that failed to write it; none: "" */
};

static int
read_kind(struct hmm_reader *reader)
{
	char name[32];
	if (hmm_token_string(&reader->input, name, sizeof(name), "the kind"))
		return -1;
	const int kind = hmm_kind_parse(name);
	if (kind < 0 || (!reader->any && kind != (int)reader->kind))
		return hmm_error("%s: found a stream of %s, want %s", reader->name, name,
		    reader->any ? "slices, features, latents or sets" : hmm_kind_name(reader->kind));
	reader->kind = (enum hmm_kind)kind;
	reader->any = 0; /* streams that follow must be of the first one's kind */
	return kind;
}

/* The header behind its map token. */
static int
read_header(struct hmm_reader *reader, uint32_t pairs)
{
	struct hmm_token token;
	char key[64];
	int kind = -1;
	for (uint32_t i = 0; i < pairs; i++) {
		if (hmm_token_string(&reader->input, key, sizeof(key), "a key of the header"))
			return -1;
		if ((i == 0) != !strcmp(key, "hmm"))
			return hmm_error(
			    "%s: the header's key '%s' is out of place, want 'hmm' first", reader->name, key);
		if (i == 0) {
			if (hmm_token_want(&reader->input, &token, HMM_TOKEN_UNSIGNED, "the format"))
				return -1;
			if (token.unsigned_value != FORMAT)
				return hmm_error("%s: found stream format %llu, want %d", reader->name,
				    (unsigned long long)token.unsigned_value, FORMAT);
		} else if (!strcmp(key, "kind")) {
			kind = read_kind(reader);
			if (kind < 0)
				return -1;
		} else if (!strcmp(key, "history")) {
			if (hmm_history_read(&reader->input, &reader->history))
				return -1;
		} else if (!strcmp(key, "histories")) {
			if (hmm_history_read_all(&reader->input, &reader->history))
				return -1;
		} else if (hmm_token_skip(&reader->input, 0)) {
			return -1;
		}
	}
	reader->records = 0;
	reader->ended = 0;
	for (size_t i = 0; i < reader->history.chains && reader->history.chains > 1; i++)
		if (!reader->history.chain[i].modality)
			return hmm_error("%s: a header of several histories of everything", reader->name);
	return kind < 0 ? hmm_error("%s: a header without its kind", reader->name) : 0;
}

static int
begin_stream(struct hmm_reader *reader)
{
	struct hmm_token token;
	hmm_input_restart(&reader->input);
	hmm_history_free(&reader->history);
	reader->streams++;
	if (hmm_token_next(&reader->input, &token))
		return -1;
	if (token.type != HMM_TOKEN_MAP || token.length == 0 || token.length > MAX_FIELDS)
		return hmm_error("%s: byte 0: not a stream of tensor records (.hmm)", reader->name);
	return read_header(reader, token.length);
}

static off_t
start_of(FILE *file)
{
	struct stat status;
	return !fstat(fileno(file), &status) && S_ISREG(status.st_mode) ? ftello(file) : -1;
}

static struct hmm_reader *
open_reader(FILE *file, const char *name, int any, enum hmm_kind kind)
{
	struct hmm_reader *reader = hmm_alloc(1, sizeof(*reader));
	if (!reader)
		return NULL;
	reader->any = any;
	reader->kind = kind;
	reader->start = start_of(file);
	reader->name = hmm_strdup(name);
	if (!reader->name || hmm_input_open(&reader->input, file, reader->name))
		goto err;
	const int more = hmm_input_more(&reader->input);
	if (more == 0)
		hmm_error("%s: empty, want a stream of %s", name, any ? "records" : hmm_kind_name(kind));
	if (more != 1 || begin_stream(reader))
		goto err;
	return reader;
err:
	hmm_reader_close(reader);
	return NULL;
}

struct hmm_reader *
hmm_reader_open(FILE *file, const char *name, enum hmm_kind kind)
{
	return open_reader(file, name, 0, kind);
}

struct hmm_reader *
hmm_reader_open_any(FILE *file, const char *name)
{
	return open_reader(file, name, 1, HMM_SLICES);
}

void
hmm_reader_trust(struct hmm_reader *reader)
{
	reader->trusted = 1;
}

void
hmm_reader_close(struct hmm_reader *reader)
{
	if (!reader)
		return;
	hmm_input_close(&reader->input);
	hmm_history_free(&reader->history);
	free(reader->name);
	free(reader);
}

static int
read_small(struct hmm_reader *reader, long *value, const char *key, long most)
{
	struct hmm_token token;
	if (hmm_token_want(&reader->input, &token, HMM_TOKEN_UNSIGNED, key))
		return -1;
	if (token.unsigned_value > (uint64_t)most)
		return hmm_error("%s: record %ld: %s %llu, want %s", reader->name, reader->number + 1, key,
		    (unsigned long long)token.unsigned_value, most == 1 ? "0 or 1" : "a small number");
	*value = (long)token.unsigned_value;
	return 0;
}

/* The value of a record's field; *tensor is set once x was read. */
static int
read_field(struct hmm_reader *reader, struct hmm_record *record, const char *key, int *tensor)
{
	struct hmm_input *input = &reader->input;
	for (int i = 0; i < HMM_FIELD_LABEL; i++)
		if (!strcmp(hmm_field_names[i], key)) {
			size_t size;
			char *field = hmm_field_text(record, i, &size);
			return hmm_token_string(input, field, size, key);
		}
	if (!strcmp(key, "index"))
		return read_small(reader, &record->index, key, INT32_MAX);
	if (!strcmp(key, "count"))
		return read_small(reader, &record->count, key, INT32_MAX);
	if (!strcmp(key, "label"))
		return hmm_field_read_label(input, record, reader->number + 1);
	if (!strcmp(key, "event")) {
		long event = -1;
		const int bad = read_small(reader, &event, key, 1);
		record->event = (int)event;
		return bad;
	}
	if (!strcmp(key, "x")) {
		*tensor = 1;
		return hmm_array_read(input, reader->number + 1, &record->x);
	}
	return hmm_token_skip(input, 0);
}

/* The checksum behind its key. */
static int
check_digest(struct hmm_reader *reader, uint64_t digest)
{
	struct hmm_token token;
	if (hmm_token_want(&reader->input, &token, HMM_TOKEN_UNSIGNED, "the checksum"))
		return -1;
	if (token.unsigned_value != digest && !reader->again)
		return hmm_error("%s: checksum %016llx, want %016llx: the stream is damaged", reader->name,
		    (unsigned long long)digest, (unsigned long long)token.unsigned_value);
	return 0;
}

static int
read_record(struct hmm_reader *reader, struct hmm_record *record, char *key, uint32_t pairs)
{
	int tensor = 0;
	reader->proven = 0;
	hmm_record_clear(record);
	for (uint32_t i = 0; i < pairs; i++) {
		const uint64_t digest = tensor ? XXH3_64bits_digest(reader->input.hash) : 0;
		if (i && hmm_token_string(&reader->input, key, 64, "a key of the record"))
			return -1;
		const int sums = tensor && !strcmp(key, "xxh3"); /* it proves no key behind it */
		if (sums ? check_digest(reader, digest) : read_field(reader, record, key, &tensor))
			return -1;
		reader->proven = sums;
	}
	if (!tensor)
		return hmm_error("%s: record %ld: no tensor x", reader->name, reader->number + 1);
	if (hmm_record_check(record, reader->kind, reader->trusted, reader->name, reader->number + 1))
		return -1;
	reader->number++;
	reader->records++;
	return 1;
}

/* The end behind its first key. */
static int
read_end(struct hmm_reader *reader, uint32_t pairs, uint64_t digest)
{
	struct hmm_token token;
	char key[64];
	int checked = 0;
	if (hmm_token_want(&reader->input, &token, HMM_TOKEN_UNSIGNED, "the end's count"))
		return -1;
	if (token.unsigned_value != (uint64_t)reader->records)
		return hmm_error("%s: the end counts %llu records, found %ld", reader->name,
		    (unsigned long long)token.unsigned_value, reader->records);
	for (uint32_t i = 1; i < pairs; i++) {
		if (hmm_token_string(&reader->input, key, sizeof(key), "a key of the end"))
			return -1;
		if (strcmp(key, "xxh3")) {
			if (hmm_token_skip(&reader->input, 0))
				return -1;
			continue;
		}
		if (check_digest(reader, digest))
			return -1;
		checked = 1;
	}
	reader->ended = 1;
	return checked ? 0 : hmm_error("%s: an end without its checksum", reader->name);
}

/* In place of an end: the program that failed has said why, to whoever runs this pipe; in a file
 * it may be long ago. */
static int
read_failed(struct hmm_reader *reader)
{
	struct stat status;
	if (hmm_token_string(&reader->input, reader->failed, sizeof(reader->failed), "who failed"))
		return -1;
	if (!fstat(fileno(reader->input.file), &status) && S_ISREG(status.st_mode))
		hmm_error("%s: incomplete: %s failed after record %ld, make it again", reader->name,
		    reader->failed, reader->number);
	return -1;
}

int
hmm_reader_next_within(struct hmm_reader *reader, struct hmm_record *record)
{
	struct hmm_token token;
	char key[64];
	if (reader->ended)
		return 0;
	const int more = hmm_input_more(&reader->input);
	if (more < 0)
		return -1;
	if (!more)
		return hmm_error("%s: the stream ends after record %ld without its end record: "
		                 "its producer did not finish",
		    reader->name, reader->number);
	const uint64_t digest = XXH3_64bits_digest(reader->input.hash);
	if (hmm_token_want(&reader->input, &token, HMM_TOKEN_MAP, "a record"))
		return -1;
	if (token.length == 0 || token.length > MAX_FIELDS)
		return hmm_error("%s: record %ld: %u fields, want 1 to %d", reader->name,
		    reader->number + 1, token.length, MAX_FIELDS);
	if (hmm_token_string(&reader->input, key, sizeof(key), "a key of the record"))
		return -1;
	if (!strcmp(key, "failed"))
		return read_failed(reader);
	return strcmp(key, "end") ? read_record(reader, record, key, token.length)
	                          : read_end(reader, token.length, digest);
}

int
hmm_reader_next_stream(struct hmm_reader *reader)
{
	const int more = hmm_input_more(&reader->input);
	return more == 1 && begin_stream(reader) ? -1 : more;
}

int
hmm_reader_again(struct hmm_reader *reader, struct hmm_record *record, off_t at, long number)
{
	if (fseeko(reader->input.file, at, SEEK_SET))
		return hmm_error("%s: cannot read again: %s", reader->name, strerror(errno));
	reader->input.offset = (uint64_t)at;
	reader->number = number - 1;
	reader->ended = 0;
	reader->again = 1;
	const int more = hmm_reader_next_within(reader, record);
	if (more == 0)
		return hmm_error("%s: record %ld changed while it was read", reader->name, number);
	return more == 1 ? 0 : -1;
}

int
hmm_reader_file(const struct hmm_reader *reader)
{
	return reader->start < 0 ? -1 : fileno(reader->input.file);
}

off_t
hmm_reader_at(const struct hmm_reader *reader)
{
	return reader->start + (off_t)reader->input.payload;
}

int
hmm_reader_proven(const struct hmm_reader *reader)
{
	return reader->proven;
}

enum hmm_kind
hmm_reader_kind(const struct hmm_reader *reader)
{
	return reader->kind;
}

long
hmm_reader_number(const struct hmm_reader *reader)
{
	return reader->number;
}

const char *
hmm_reader_name(const struct hmm_reader *reader)
{
	return reader->name;
}

const struct hmm_history *
hmm_reader_history(const struct hmm_reader *reader)
{
	return &reader->history;
}

long
hmm_reader_streams(const struct hmm_reader *reader)
{
	return reader->streams;
}

const char *
hmm_reader_failed(const struct hmm_reader *reader)
{
	return reader->failed[0] ? reader->failed : NULL;
}
