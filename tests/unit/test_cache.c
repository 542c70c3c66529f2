/* What stands where an entry does: whole, bad, not to be read, or gone; and names of files. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "hmm/base/memory.h"
#include "hmm/stream/cache.h"
#include "hmm/stream/cache_walk.h"
#include "hmm/stream/writer.h"
#include "refuse.h"
#include "test.h"

static const char key[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
static const struct hmm_step made = {.program = "hmm-vgg", .numerics = "4"};
static const struct hmm_step passed = {.program = "hmm-gather"};
static char path[256], other[512];

/* Another stream behind what is in the file: of a program, with so many records of that value. */
static void
add_stream(const struct hmm_step *step, const char *source, int records, float value)
{
	float block[2] = {value, 1};
	struct hmm_record record = {0};
	FILE *file = fopen(path, "ab");
	struct hmm_writer *writer = hmm_writer_open(file, path, HMM_FEATURES);
	hmm_record_clear(&record);
	snprintf(record.source, sizeof(record.source), "%s", source);
	record.x.data = block;
	record.x.dtype = HMM_F32;
	record.x.dimensions = 3;
	record.x.shape[0] = 2;
	record.x.shape[1] = record.x.shape[2] = 1;
	hmm_writer_trust(writer);
	if (step)
		hmm_writer_step(writer, step);
	for (int i = 0; i < records; i++)
		CHECK(!hmm_writer_put(writer, &record));
	CHECK(!hmm_writer_end(writer));
	hmm_writer_close(writer);
	fclose(file);
}

/* The streams in the file as they once were, of one stream with records of the same size: without a
 * checksum behind each. */
static void
make_older(void)
{
	static const unsigned char sum[] = {0xa4, 'x', 'x', 'h', '3', 0xcf};
	enum { SUM = sizeof(sum) + 8 };
	unsigned char bytes[4096], older[4096];
	size_t kept = 0, map = 0;
	FILE *file = fopen(path, "rb");
	const size_t size = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] == 0x83 && !memcmp(bytes + i + 1, "\xa6source", 7))
			map = kept; /* of three fields */
		if (map && !memcmp(bytes + i, sum, sizeof(sum))) {
			older[map] = 0x82;
			i += SUM - 1;
			map = 0;
			continue;
		}
		older[kept++] = bytes[i];
	}
	/* the end: a map of its count and that of what is before it */
	const size_t end = kept - SUM - 6;
	const uint64_t digest = XXH3_64bits(older, end);
	for (int i = 0; i < 8; i++)
		older[kept - 1 - (size_t)i] = (unsigned char)(digest >> (8 * i));
	file = fopen(path, "wb");
	fwrite(older, 1, kept, file);
	fclose(file);
}

static enum hmm_cache_verdict
check(void)
{
	struct hmm_record record = {0};
	const enum hmm_cache_verdict verdict = hmm_cache_check(path, key, &record);
	hmm_record_free(&record);
	return verdict;
}

/* Whether what was made of the file is found bad, and said in one line. */
static int
bad(const char *what)
{
	refuse_begin();
	const enum hmm_cache_verdict verdict = check();
	const int said = refuse_end(what);
	remove(path);
	return said && verdict == HMM_CACHE_BAD;
}

static void
test_contents(void)
{
	CHECK(check() == HMM_CACHE_GONE);
	add_stream(&made, key, 1, 1);
	CHECK(check() == HMM_CACHE_WHOLE);
	add_stream(&made, key, 0, 1);
	CHECK(bad("2 streams, want one"));
	add_stream(&made, key, 2, 1);
	CHECK(bad("twice"));
	add_stream(&made, key, 0, 1);
	CHECK(bad("no features"));
	add_stream(&made, key, 1, NAN);
	CHECK(bad("not finite"));
	add_stream(&made, key, 1, INFINITY);
	CHECK(bad("not finite"));
	add_stream(NULL, key, 1, 1);
	CHECK(bad("no history"));
	add_stream(&passed, key, 1, 1);
	CHECK(bad("no history"));
	add_stream(&made, "another", 1, 1);
	CHECK(bad("holds the features of 'another'"));
}

static void
test_files(void)
{
	fclose(fopen(path, "wb"));
	CHECK(bad("empty"));
	mkdir(path, 0777);
	CHECK(bad("not a regular file but a folder"));
	mkfifo(path, 0666);
	CHECK(bad("not a regular file but a pipe"));
	CHECK(!symlink("nowhere", path));
	CHECK(bad("cannot open: No such file"));
	CHECK(!symlink(path, path));
	CHECK(bad("cannot open: Too many"));
	CHECK(!symlink("/dev/zero", path));
	CHECK(bad("not a regular file but a device"));
	add_stream(&made, key, 1, 1);
	rename(path, other);
	CHECK(!symlink(other, path));
	CHECK(check() == HMM_CACHE_WHOLE);
	remove(path);
	remove(other);
	/* what may be right stays */
	add_stream(&made, "another", 1, 1);
	CHECK(!hmm_memory_short());
	refuse_begin();
	hmm_memory_out();
	CHECK(refuse_end("out of memory"));
	refuse_begin();
	CHECK(check() == HMM_CACHE_UNREAD);
	CHECK(refuse_end("holds the features of 'another'"));
	remove(path);
}

static const char second[] = "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/* Put the file into a cache. Which entries of the two are there then, as 1 and 2: or -1, refused.
 */
static int
put(const char *refused)
{
	const char *folder = other;
	const struct hmm_option_list caches = {&folder, 1, 0};
	const char *const keys[] = {key, second};
	int there = 0;
	FILE *file = fopen(path, "rb");
	if (refused)
		refuse_begin();
	const int bad = hmm_cache_put(&caches, file, "test", NULL, NULL, -1);
	CHECK(bad == (refused ? -1 : 0) && (!refused || refuse_end(refused)));
	fclose(file);
	for (int i = 0; i < 2; i++) {
		char *entry = hmm_cache_path(folder, keys[i]);
		there |= !remove(entry) << i;
		*strrchr(entry, '/') = '\0';
		remove(entry);
		free(entry);
	}
	remove(folder);
	remove(path);
	return there;
}

static void
test_put(void)
{
	struct stat status;
	add_stream(&made, key, 1, 1);
	CHECK(put(NULL) == 1);
	add_stream(&made, key, 1, 1);
	make_older();
	CHECK(check() == HMM_CACHE_WHOLE);
	CHECK(put(NULL) == 1);
	/* nothing but the end proves an older stream's image */
	add_stream(&made, key, 1, 1);
	make_older();
	CHECK(!stat(path, &status) && !truncate(path, status.st_size - 1));
	CHECK(put("ends early") == 0);
	add_stream(&made, key, 2, 1);
	make_older();
	CHECK(put("record 2: no checksum behind the features before it") == 0);
	/* of several streams each has its own */
	add_stream(&made, key, 1, 1);
	make_older();
	add_stream(&made, second, 1, 1);
	CHECK(put(NULL) == 3);
}

static void
test_names(void)
{
	char name[128];
	snprintf(name, sizeof(name), "%s.hmm", key);
	CHECK(!hmm_cache_is_temporary(name));
	CHECK(!hmm_cache_is_temporary(".hidden") && !hmm_cache_is_temporary(""));
	snprintf(name, sizeof(name), "%s.hmm.tmp-12-0", key);
	CHECK(hmm_cache_is_temporary(name));
	snprintf(name, sizeof(name), ".%s.hmm.Ab3dE9", key); /* rsync's */
	CHECK(hmm_cache_is_temporary(name));
	name[10] = 'x';
	CHECK(!hmm_cache_is_temporary(name));
	snprintf(name, sizeof(name), "%s0.hmm.tmp", key);
	CHECK(!hmm_cache_is_temporary(name));
	struct hmm_cache_keys keys = {0};
	CHECK(!hmm_cache_keys_have(&keys, key));
	const char *last = "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
	CHECK(!hmm_cache_keys_add(&keys, last) && !hmm_cache_keys_add(&keys, key));
	CHECK(!hmm_cache_keys_add(&keys, last) && !hmm_cache_keys_add(&keys, last));
	hmm_cache_keys_sort(&keys);
	CHECK(keys.count == 2 && !strcmp(keys.key[0], key) && !strcmp(keys.key[1], last));
	CHECK(hmm_cache_keys_have(&keys, key) && hmm_cache_keys_have(&keys, last));
	snprintf(name, sizeof(name), "%s", key);
	name[63] = '0';
	CHECK(!hmm_cache_keys_have(&keys, name));
	hmm_cache_keys_free(&keys);
}

int
main(void)
{
	char folder[] = "/tmp/test-cache.XXXXXX";
	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof(path), "%s/%s.hmm", folder, key);
	snprintf(other, sizeof(other), "%s.other", path);
	test_names();
	test_contents();
	test_files();
	test_put();
	rmdir(folder);
	return test_end();
}
