/* What stands where an entry does: whole, bad, not to be read, or gone; and names of files. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
	rmdir(folder);
	return test_end();
}
