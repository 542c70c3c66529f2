/* A data set is the same from a file as from memory: order, names, every block; what a file holds
 * is read again as often as it is wanted, and must be what was checked. */
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/learn/feed.h"
#include "hmm/stream/dataset.h"
#include "hmm/stream/writer.h"
#include "ref.h"
#include "refuse.h"
#include "test.h"

enum { RECORDS = 200, C = 3, H = 5, W = 100, VALUES = C * H * W, BEFORE = 777 };

/* Subjects of four images each, of which two or all have the same names: they differ in their last
 * number, their first, or not at all. In an order that is not the canonical one. */
static void
fill(struct hmm_record *record, size_t i)
{
	const size_t shape[3] = {C, H, W}, at = (i * 77 + 5) % RECORDS, subject = at / 4;
	char name[32];
	hmm_record_clear(record);
	snprintf(name, sizeof(name), "sub-%03zu", subject * 37 % 50);
	hmm_record_set(record->subject, sizeof(record->subject), "subject", name);
	hmm_record_set(record->group, sizeof(record->group), "group", subject % 2 ? name : "");
	hmm_record_set(record->split, sizeof(record->split), "split", subject % 5 ? "train" : "val");
	hmm_record_set(record->modality, sizeof(record->modality), "modality",
	    at % 4 < 2 && subject % 3 ? "PET" : "MRI");
	if (subject % 7 == 0) {
		snprintf(name, sizeof(name), "image %zu", at);
		hmm_record_set(record->source, sizeof(record->source), "source", name);
	}
	hmm_record_label(record, subject % 2 ? "1" : "0");
	record->index = subject % 11 ? -1 : (long)at;
	hmm_tensor_resize(&record->x, HMM_F32, shape, 3);
	ref_random(record->x.data, VALUES, (unsigned)subject);
	if (subject % 4 == 1)
		((float *)record->x.data)[VALUES - 1] = (float)(at * 13 % 4);
	if (subject % 4 == 2)
		((float *)record->x.data)[0] = -(float)(at * 13 % 4);
}

/* Two streams behind some bytes that are none of theirs. */
static FILE *
make_file(void)
{
	FILE *file = tmpfile();
	struct hmm_record record = {0};
	for (int i = 0; i < BEFORE; i++)
		putc('x', file);
	for (size_t part = 0; part < 2; part++) {
		struct hmm_writer *writer = hmm_writer_open(file, "test", HMM_FEATURES);
		const struct hmm_step step[2] = {
		    {"program", "1", "1", "x=1", "", ""}, {"program", "1", "1", "x=2", "", ""}};
		hmm_writer_step(writer, &step[part]);
		for (size_t i = 0; i < RECORDS / 2; i++) {
			fill(&record, part * RECORDS / 2 + i);
			CHECK(hmm_writer_put(writer, &record) == 0);
		}
		CHECK(hmm_writer_end(writer) == 0);
		hmm_writer_close(writer);
	}
	hmm_record_free(&record);
	fflush(file);
	return file;
}

struct source {
	FILE *file;
	struct hmm_reader *reader;
	struct hmm_dataset data;
};

static int
read_source(struct source *source)
{
	source->reader = hmm_reader_open(source->file, "test", HMM_FEATURES);
	return !source->reader || hmm_dataset_read(&source->data, source->reader);
}

static struct source
from_file(void)
{
	struct source source = {.file = make_file()};
	fseek(source.file, BEFORE, SEEK_SET);
	CHECK(read_source(&source) == 0);
	return source;
}

/* The same bytes out of memory, which no descriptor can read again. *bytes is to be freed. */
static struct source
from_memory(FILE *file, char **bytes)
{
	struct source source = {0};
	fseek(file, 0, SEEK_END);
	const size_t size = (size_t)ftell(file) - BEFORE;
	*bytes = malloc(size);
	fseek(file, BEFORE, SEEK_SET);
	CHECK(fread(*bytes, 1, size, file) == size);
	source.file = fmemopen(*bytes, size, "rb");
	CHECK(read_source(&source) == 0);
	return source;
}

static void
close_source(struct source *source)
{
	hmm_dataset_free(&source->data);
	hmm_reader_close(source->reader);
	fclose(source->file);
}

static int
same_names(const struct hmm_sample *a, const struct hmm_sample *b)
{
	return !strcmp(a->subject, b->subject) && !strcmp(a->group, b->group) &&
	       !strcmp(a->modality, b->modality) && !strcmp(a->observed, b->observed) &&
	       !strcmp(a->split, b->split) && !strcmp(a->source, b->source) &&
	       !strcmp(a->imputed, b->imputed) && !strcmp(a->label, b->label) && a->index == b->index &&
	       a->history == b->history && a->number == b->number;
}

static void
check_same(void)
{
	static float buffer[VALUES];
	struct source file = from_file();
	char *bytes;
	struct source memory = from_memory(file.file, &bytes);
	struct hmm_record record, before;
	CHECK(file.data.count == RECORDS && memory.data.count == RECORDS);
	CHECK(file.data.past.count == 2 && memory.data.past.count == 2);
	CHECK(hmm_tensor_is(&file.data.x, (size_t[]){C, H, W}, 3) && file.data.bytes == sizeof(buffer));
	for (size_t i = 0; i < RECORDS; i++) {
		const struct hmm_sample *a = &file.data.sample[i], *b = &memory.data.sample[i];
		struct hmm_record want = {0};
		CHECK(same_names(a, b) && !a->x && b->x);
		hmm_dataset_expect(&file.data, a, a);
		CHECK(hmm_dataset_block(&file.data, a, buffer) == buffer);
		CHECK(hmm_dataset_block(&memory.data, b, NULL) == b->x);
		fill(&want, a->number - 1);
		hmm_sample_fields(&record, a);
		CHECK(!strcmp(record.subject, want.subject) && !strcmp(record.source, want.source));
		CHECK(!strcmp(record.label, want.label) && record.index == want.index);
		CHECK(!memcmp(buffer, want.x.data, sizeof(buffer)));
		CHECK(!memcmp(buffer, b->x, sizeof(buffer)));
		record.x = memory.data.x;
		record.x.data = b->x;
		CHECK(i == 0 || hmm_record_compare(&before, &record) <= 0);
		before = record;
		hmm_record_free(&want);
	}
	close_source(&memory);
	close_source(&file);
	free(bytes);
}

/* A name is stored once, and a record is small, whatever its fields could hold. */
static void
check_packed(void)
{
	struct source file = from_file();
	const struct hmm_sample *sample = file.data.sample;
	CHECK(sizeof(*sample) <= 128);
	for (size_t i = 1; i < RECORDS; i++) {
		if (!strcmp(sample[i].subject, sample[i - 1].subject))
			CHECK(sample[i].subject == sample[i - 1].subject);
		if (!strcmp(sample[i].modality, sample[0].modality))
			CHECK(sample[i].modality == sample[0].modality);
	}
	close_source(&file);
}

/* Read all blocks: how many are as they were, of the rest each is refused in one line. */
static size_t
count_good(const struct hmm_dataset *data)
{
	static float buffer[VALUES];
	size_t good = 0;
	for (size_t i = 0; i < data->count; i++) {
		char place[64];
		refuse_begin();
		const int bad = !hmm_dataset_block(data, &data->sample[i], buffer);
		snprintf(place, sizeof(place), "test: record %zu (%s ", data->sample[i].number,
		    data->sample[i].subject);
		CHECK(bad ? refuse_end(place) && strstr(refuse_text, "changed while it was read")
		          : refuse_nothing());
		good += !bad;
	}
	return good;
}

static void
check_changes(void)
{
	struct source file = from_file();
	const int descriptor = fileno(file.file);
	const struct hmm_sample *sample = &file.data.sample[17];
	const off_t last = sample->at + (off_t)file.data.bytes - 1;
	char byte;
	CHECK(count_good(&file.data) == RECORDS);
	CHECK(pread(descriptor, &byte, 1, last) == 1);
	byte ^= 1;
	CHECK(pwrite(descriptor, &byte, 1, last) == 1);
	CHECK(count_good(&file.data) == RECORDS - 1);
	byte ^= 1;
	CHECK(pwrite(descriptor, &byte, 1, last) == 1);
	CHECK(count_good(&file.data) == RECORDS);
	CHECK(ftruncate(descriptor, last) ==
	      0); /* within a block: it is the last one of all that are there */
	size_t whole = 0;
	for (size_t i = 0; i < RECORDS; i++)
		whole += file.data.sample[i].number < sample->number;
	CHECK(count_good(&file.data) == whole);
	CHECK(ftruncate(descriptor, 0) == 0);
	CHECK(count_good(&file.data) == 0);
	close_source(&file);
}

/* Items in hand have their blocks, an item that was read before its turn where it was. */
static void
check_feed(void)
{
	struct source file = from_file();
	struct hmm_items items;
	struct hmm_feed feed;
	const struct hmm_item *item[3];
	char *bytes;
	struct source memory = from_memory(file.file, &bytes);
	CHECK(hmm_items_open(&items, &file.data, NULL, &hmm_objective_binary, "train", 0) == 0);
	hmm_feed_open(&feed, &items);
	for (size_t count = 1; count <= 3; count += 2) {
		const float *expected = NULL;
		hmm_feed_begin(&feed, NULL, 0);
		for (size_t i = 0; i + count <= items.count; i += count) {
			const struct hmm_item *next =
			    count == 1 && i + 1 < items.count ? &items.item[i + 1] : NULL;
			for (size_t b = 0; b < count; b++)
				item[b] = &items.item[i + b];
			CHECK(hmm_feed_next(&feed, i, item, count, next) == 0);
			CHECK(!expected || item[0]->image->x == expected);
			for (size_t b = 0; b < count; b++)
				for (size_t k = 0; k < item[b]->count; k++) {
					const struct hmm_item_image *image = &item[b]->image[k];
					const size_t at = (size_t)(image->sample - file.data.sample);
					CHECK((size_t)image->x % 64 == 0);
					CHECK(!memcmp(image->x, memory.data.sample[at].x, file.data.bytes));
				}
			expected = next ? next->image->x : NULL;
		}
	}
	CHECK(ftruncate(fileno(file.file), 0) == 0);
	hmm_feed_begin(&feed, NULL, 0);
	refuse_begin();
	const int bad = hmm_feed_next(&feed, 0, item, 1, NULL);
	CHECK(bad == -1 && refuse_end("changed while it was read"));
	hmm_feed_close(&feed);
	hmm_items_close(&items);
	close_source(&memory);
	close_source(&file);
	free(bytes);
}

int
main(void)
{
	check_same();
	check_packed();
	check_changes();
	check_feed();
	return test_end();
}
