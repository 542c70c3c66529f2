/* inflate: zlib's version
 * inflate FILE.gz: the seconds that zlib alone takes to inflate it, memory to memory. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <zlib.h>

enum { CHUNK = 1 << 18, ANY_HEADER = 32 };

int
main(int argc, char **argv)
{
	if (argc < 2)
		return puts(zlibVersion()) < 0;
	FILE *file = fopen(argv[1], "rb");
	if (!file || fseek(file, 0, SEEK_END))
		return 1;
	const long size = ftell(file);
	unsigned char *in = malloc((size_t)size), *out = malloc(CHUNK);
	rewind(file);
	if (!in || !out || fread(in, 1, (size_t)size, file) != (size_t)size)
		return 1;
	fclose(file);

	struct timespec start, end;
	z_stream stream = {.next_in = in, .avail_in = (unsigned)size};
	int state = inflateInit2(&stream, MAX_WBITS + ANY_HEADER);
	clock_gettime(CLOCK_MONOTONIC, &start);
	while (state == Z_OK) {
		stream.next_out = out;
		stream.avail_out = CHUNK;
		state = inflate(&stream, Z_NO_FLUSH);
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	inflateEnd(&stream);
	free(in);
	free(out);
	printf("%.6f\n",
	    (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) * 1e-9);
	return state != Z_STREAM_END;
}
