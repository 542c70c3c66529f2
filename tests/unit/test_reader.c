/* Records that no writer of ours would write: each is refused in one line for the one thing that is
 * wrong with it, and what is merely unknown is skipped. */
#include <msgpack.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "hmm/stream/writer.h"
#include "refuse.h"
#include "test.h"

/* What is put into a stream of features with one good record before it. */
struct oddity {
	int label;        /* -1: none */
	const char *text; /* the label is a string instead, */
	size_t length;    /* of so many bytes */
	int event;        /* one more than it; 0: none */
	const char *skip; /* of the tensor's entries, one that is left out */
	uint64_t height;  /* of (2, height, 1) */
	size_t bytes;     /* of data */
	int depth;        /* of arrays in an unknown field; 0: no such field */
	int map;          /* 1: an unknown field holds a map of two pairs */
	uint64_t count;   /* that the end says; 0: as it is */
	int sum;          /* 1: a checksum is the last key, 2: another than is right, 3: not the last */
};

static const struct oddity plain = {.label = 1, .skip = "", .height = 2, .bytes = 16};

static void
pack_text(msgpack_packer *packer, const char *text)
{
	msgpack_pack_str_with_body(packer, text, strlen(text));
}

static void
pack_tensor(msgpack_packer *packer, const struct oddity *odd)
{
	static const char zeros[64];
	msgpack_pack_map(packer, odd->skip[0] ? 2 : 3);
	if (strcmp(odd->skip, "type")) {
		pack_text(packer, "type");
		pack_text(packer, "<f4");
	}
	if (strcmp(odd->skip, "shape")) {
		pack_text(packer, "shape");
		msgpack_pack_array(packer, 3);
		msgpack_pack_uint64(packer, 2);
		msgpack_pack_uint64(packer, odd->height);
		msgpack_pack_uint64(packer, 1);
	}
	if (strcmp(odd->skip, "data")) {
		pack_text(packer, "data");
		msgpack_pack_bin_with_body(packer, zeros, odd->bytes);
	}
}

static void
pack_record(msgpack_packer *packer, const struct oddity *odd)
{
	msgpack_pack_map(packer, 1 + (size_t)(odd->label >= 0) + (odd->event != 0) + (odd->depth > 0) +
	                             (odd->map > 0) + (odd->sum > 0) + (odd->sum == 3));
	if (odd->depth) {
		pack_text(packer, "unknown");
		for (int i = 0; i < odd->depth; i++)
			msgpack_pack_array(packer, 1);
		msgpack_pack_nil(packer);
	}
	if (odd->map) {
		pack_text(packer, "unknown too");
		msgpack_pack_map(packer, 2);
		for (int i = 0; i < 4; i++)
			msgpack_pack_int(packer, i);
	}
	if (odd->label >= 0) {
		pack_text(packer, "label");
		if (odd->text)
			msgpack_pack_str_with_body(packer, odd->text, odd->length);
		else
			msgpack_pack_int(packer, odd->label);
	}
	if (odd->event) {
		pack_text(packer, "event");
		msgpack_pack_int(packer, odd->event - 1);
	}
	pack_text(packer, "x");
	pack_tensor(packer, odd);
	if (odd->sum) {
		const msgpack_sbuffer *buffer = packer->data;
		const uint64_t digest = XXH3_64bits(buffer->data, buffer->size);
		pack_text(packer, "xxh3");
		msgpack_pack_uint64(packer, odd->sum == 2 ? digest ^ 1 : digest);
	}
	if (odd->sum == 3) {
		pack_text(packer, "unknown");
		msgpack_pack_nil(packer);
	}
}

static int proven; /* the record that was read last */

/* How many records are read of two, the second one odd; -1: refused. */
static long
read_odd(const struct oddity *odd)
{
	msgpack_sbuffer buffer;
	msgpack_packer packer;
	struct hmm_record record = {0};
	msgpack_sbuffer_init(&buffer);
	msgpack_packer_init(&packer, &buffer, msgpack_sbuffer_write);
	msgpack_pack_map(&packer, 3);
	pack_text(&packer, "hmm");
	msgpack_pack_int(&packer, 1);
	pack_text(&packer, "kind");
	pack_text(&packer, "features");
	pack_text(&packer, "history");
	msgpack_pack_array(&packer, 0);
	pack_record(&packer, &plain);
	pack_record(&packer, odd);
	const uint64_t digest = XXH3_64bits(buffer.data, buffer.size);
	msgpack_pack_map(&packer, 2);
	pack_text(&packer, "end");
	msgpack_pack_uint64(&packer, odd->count ? odd->count : 2);
	pack_text(&packer, "xxh3");
	msgpack_pack_uint64(&packer, digest);

	FILE *file = fmemopen(buffer.data, buffer.size, "rb");
	struct hmm_reader *reader = hmm_reader_open(file, "test", HMM_FEATURES);
	int more = reader ? 1 : -1;
	while (more == 1 && (more = hmm_reader_next(reader, &record)) == 1)
		proven = hmm_reader_proven(reader);
	const long count = more < 0 ? -1 : hmm_reader_number(reader);
	hmm_reader_close(reader);
	hmm_record_free(&record);
	fclose(file);
	msgpack_sbuffer_destroy(&buffer);
	return count;
}

static void
check_refused(struct oddity odd, const char *part)
{
	refuse_begin();
	const long count = read_odd(&odd);
	CHECK(count == -1);
	CHECK(refuse_end(part));
}

/* A label is a text that has an end, or 0 or 1; an event is 0 or 1. */
static void
check_labels(void)
{
	static char long_one[300];
	struct oddity odd = plain;
	memset(long_one, 'a', sizeof(long_one));
	odd.text = long_one;
	odd.length = 255;
	odd.event = 2;
	CHECK(read_odd(&odd) == 2);
	odd.length = 0;
	odd.event = 1;
	CHECK(read_odd(&odd) == 2);
	odd.length = 256;
	check_refused(odd, "label has 256 bytes, want at most 255");
	odd.text = "a\0b";
	odd.length = 3;
	check_refused(odd, "label holds a zero byte");
	odd = plain;
	odd.event = 3;
	check_refused(odd, "record 2: event 2, want 0 or 1");
	odd.event = -3;
	check_refused(odd, "event is a number below 0");
}

static void
check_oddities(void)
{
	struct oddity odd = plain;
	CHECK(read_odd(&odd) == 2);
	odd.label = -1;
	odd.depth = 7;
	odd.map = 1;
	CHECK(read_odd(&odd) == 2);
	odd.depth = 12;
	check_refused(odd, "nested deeper");
	odd = plain;
	odd.label = 2;
	check_refused(odd, "record 2: label 2, want 0, 1 or a string");
	odd = plain;
	odd.height = odd.bytes = 0;
	check_refused(odd, "shape (2,0,1), want (channels,height,width)");
	odd = plain;
	odd.bytes = 12;
	check_refused(odd, "x holds 12 bytes");
	odd = plain;
	odd.count = 3;
	check_refused(odd, "the end counts 3 records, found 2");
	odd = plain;
	CHECK(read_odd(&odd) == 2 && !proven);
	odd.sum = 1;
	CHECK(read_odd(&odd) == 2 && proven);
	odd.sum = 2;
	check_refused(odd, "the stream is damaged");
	odd.sum = 3; /* what is behind it is not known to be right */
	CHECK(read_odd(&odd) == 2 && !proven);
	for (int i = 0; i < 3; i++) {
		static const char *const entries[] = {"type", "shape", "data"};
		char part[32];
		odd = plain;
		odd.skip = entries[i];
		snprintf(part, sizeof(part), "x lacks its %s", entries[i]);
		check_refused(odd, part);
	}
}

/* The names of a set's modalities fill a field to the last byte, and not beyond. */
static void
check_join(void)
{
	char field[8] = "abc";
	CHECK(!hmm_record_join(field, sizeof(field), "s", "def") && !strcmp(field, "abc+def"));
	snprintf(field, sizeof(field), "abc");
	refuse_begin();
	CHECK(hmm_record_join(field, sizeof(field), "s", "defg") == -1 && !strcmp(field, "abc"));
	CHECK(refuse_end("subject s: the names of its modalities need more than 7 bytes"));
}

/* Subject, modality, source, index, and last the tensor's bytes. */
static void
check_order(void)
{
	static float low[2] = {1, 2}, high[2] = {1, 3};
	struct hmm_record a = {.subject = "s", .modality = "m", .source = "x", .index = 1};
	a.x = (struct hmm_tensor){.dtype = HMM_F32, .dimensions = 1, .shape = {2}, .data = low};
	struct hmm_record b = a;
	CHECK(hmm_record_compare(&a, &b) == 0);
	b.x.data = high;
	CHECK(hmm_record_compare(&a, &b) != 0);
	CHECK((hmm_record_compare(&a, &b) < 0) == (memcmp(low, high, sizeof(low)) < 0));
	a.index = 2;
	CHECK(hmm_record_compare(&a, &b) > 0 && hmm_record_compare(&b, &a) < 0);
	b.source[0] = 'y';
	CHECK(hmm_record_compare(&a, &b) < 0);
	a.modality[0] = 'n';
	CHECK(hmm_record_compare(&a, &b) > 0);
	b.subject[0] = 't';
	CHECK(hmm_record_compare(&a, &b) < 0);
}

int
main(void)
{
	check_labels();
	check_oddities();
	check_join();
	check_order();
	return test_end();
}
