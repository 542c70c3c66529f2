/* PNG of every colour type and depth, plain and interlaced, and PNM of several
 * depths, against Pillow (tests/golden/make_slice.py); and torn and hostile ones. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zlib.h>

#include "hmm/file/image.h"
#include "hmm/base/memory.h"
#include "hmm/base/random.h"
#include "hmm/file/safetensors.h"
#include "refuse.h"
#include "test.h"

/* Decode from memory: an exact copy, so that reading past its end is noticed. */
static int
decode(struct hmm_image *image, const char *name, const void *bytes, size_t size)
{
	char *copy = hmm_alloc(size, 1);
	memcpy(copy, bytes, size);
	FILE *file = fmemopen(copy, size, "rb");
	const int bad = !strncmp(name, "png", 3) ? hmm_png_read(image, file, name)
	                                         : hmm_pnm_read(image, file, name);
	fclose(file);
	free(copy);
	return bad;
}

static void
check_pixels(const struct hmm_weights *golden, const struct hmm_weight *file)
{
	char name[128];
	struct hmm_image image;
	size_t count = 0;
	snprintf(name, sizeof(name), "%s.pixels", file->name);
	const struct hmm_weight *want = hmm_weight_find(golden->weight, golden->count, name);
	const int bad = decode(&image, file->name, file->x.data, file->x.shape[0]);
	CHECK(!bad);
	const size_t shape[3] = {image.channels, image.height, image.width};
	CHECK(hmm_tensor_is(&want->x, shape, 3));
	hmm_tensor_count(&want->x, &count);
	const int same =
	    !bad && hmm_tensor_is(&want->x, shape, 3) && !memcmp(image.pixels, want->x.data, count);
	if (!same)
		printf("%s differs from Pillow\n", file->name);
	CHECK(same);
	hmm_image_free(&image);
}

/* Cut at every byte: refused in one line, whatever stood there. */
static void
check_torn(const struct hmm_weight *file)
{
	struct hmm_image image;
	refuse_begin();
	for (size_t size = 1; size < file->x.shape[0]; size++) {
		const int bad = decode(&image, file->name, file->x.data, size);
		CHECK(bad && !image.pixels);
		if (size % 29 == 0)
			CHECK(refuse_end(file->name));
		refuse_begin();
	}
}

/* Every byte damaged in turn: an image or a refusal, never a crash. */
static void
check_damaged(const struct hmm_weight *file)
{
	const size_t size = file->x.shape[0];
	unsigned char *copy = hmm_alloc(size, 1);
	struct hmm_image image;
	for (size_t at = 0; at < size; at++) {
		memcpy(copy, file->x.data, size);
		copy[at] ^= (unsigned char)(1 + at % 255);
		const int bad = decode(&image, file->name, copy, size);
		CHECK(!bad == (image.pixels != NULL));
		hmm_image_free(&image);
	}
	free(copy);
}

static void
check_refused(const char *name, const char *bytes, size_t size, const char *part)
{
	struct hmm_image image;
	refuse_begin();
	CHECK(decode(&image, name, bytes, size) && !image.pixels && refuse_end(part));
}

/* A PNG of 16384 x 16384 pixels with nothing in it. */
static void
check_hostile_file(void)
{
	unsigned char bytes[33] = "\x89PNG\r\n\x1a\n\0\0\0\15IHDR\0\0\x40\0\0\0\x40\0\10\6\0\0";
	const unsigned long crc = crc32(0, bytes + 12, 17);
	for (int i = 0; i < 4; i++)
		bytes[29 + i] = (unsigned char)(crc >> (24 - 8 * i));
	FILE *file = fopen("hostile.png", "wb");
	struct hmm_image image;
	fwrite(bytes, 1, sizeof(bytes), file);
	fwrite("\0\0\0\0IDAT\x35\xaf\6\x1e", 1, 12, file);
	fclose(file);
	refuse_begin();
	CHECK(hmm_image_read(&image, "hostile.png") && refuse_end("too small for them"));
	refuse_begin();
	CHECK(hmm_image_read(&image, ".") && refuse_end("but a folder"));
	refuse_begin();
	CHECK(hmm_image_read(&image, "absent.png") && refuse_end("cannot open"));
	file = fopen("empty.png", "wb");
	fclose(file);
	refuse_begin();
	CHECK(hmm_image_read(&image, "empty.png") && refuse_end("empty"));
	file = fopen("text.png", "wb");
	fputs("a text", file);
	fclose(file);
	refuse_begin();
	CHECK(hmm_image_read(&image, "text.png") && refuse_end("unknown format"));
}

/* Written and read again; refused where there is no room for it, with nothing left behind. */
static void
check_written(size_t channels, size_t height, size_t width)
{
	const struct hmm_place place = {.seed = channels};
	struct hmm_image image = {.channels = channels, .height = height, .width = width}, again;
	const size_t count = channels * height * width;
	struct rlimit limit;
	image.pixels = hmm_alloc(count, 1);
	for (size_t i = 0; i < count; i++)
		image.pixels[i] = (uint8_t)hmm_random_bits(place, (uint32_t)i);
	CHECK(!hmm_png_write(&image, "written.png") && !hmm_image_read(&again, "written.png"));
	CHECK(again.channels == channels && again.height == height && again.width == width);
	CHECK(!memcmp(again.pixels, image.pixels, count));
	hmm_image_free(&again);
	unlink("written.png");

	refuse_begin();
	CHECK(hmm_png_write(&image, "absent/written.png") && refuse_end("cannot create"));
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	const struct rlimit tight = {100, limit.rlim_max};
	setrlimit(RLIMIT_FSIZE, &tight);
	const int bad = hmm_png_write(&image, "written.png");
	setrlimit(RLIMIT_FSIZE, &limit);
	CHECK(bad && access("written.png", F_OK));
	hmm_image_free(&image);
}

#define REFUSED(bytes, part) check_refused("pnm", bytes, sizeof(bytes) - 1, part)

int
main(void)
{
	char folder[] = "/tmp/test_image.XXXXXX";
	struct hmm_weights *golden = hmm_weights_open("tests/golden/image.safetensors");
	if (!golden || !mkdtemp(folder) || chdir(folder))
		return 1;
	for (size_t i = 0; i < golden->count; i++) {
		const char *name = golden->weight[i].name;
		if (!strstr(name, ".pixels"))
			check_pixels(golden, &golden->weight[i]);
	}
	static const char *const torn[] = {"png_2_8", "png_3_4", "png_0_16_interlaced", "pnm_P6_4095"};
	for (size_t i = 0; i < sizeof(torn) / sizeof(torn[0]); i++)
		check_torn(hmm_weight_find(golden->weight, golden->count, torn[i]));
	for (size_t i = 0; i < sizeof(torn) / sizeof(torn[0]); i++)
		check_damaged(hmm_weight_find(golden->weight, golden->count, torn[i]));
	hmm_weights_close(golden);
	REFUSED("P4 1 1\n\377", "P5 or P6");
	REFUSED("P5 0 1 255\n1", "0x1");
	REFUSED("P5 1 1 0\n1", "pixels");
	REFUSED("P5 1 1 65536\n11", "pixels");
	REFUSED("P5 16385 16385 255\n", "at most");
	REFUSED("P5 99999999999999999999 1 255\n", "header");
	REFUSED("P5 -1 1 255\n", "header");
	REFUSED("P6 16384 16384 65535\n123456", "found 6 bytes of pixels, want 1610612736");
	REFUSED("P5 # no end", "header");
	check_hostile_file();
	check_written(1, 5, 7);
	check_written(3, 90, 101);
	freopen("/dev/null", "w", stderr);
	static const char *const left[] = {"refused.txt", "hostile.png", "empty.png", "text.png"};
	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
		unlink(left[i]);
	CHECK(!chdir("/") && !rmdir(folder));
	return test_end();
}
