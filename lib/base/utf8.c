#include "hmm/base/utf8.h"

#include <string.h>

#include "hmm/base/memory.h"

size_t
hmm_utf8_character(const char *at)
{
	const unsigned char *byte = (const unsigned char *)at;
	const unsigned char first = byte[0];
	if (first < 0x80)
		return 1;
	const size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	/* no overlong forms, no surrogates, nothing above U+10FFFF */
	const unsigned char least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	const unsigned char most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
	if (first < 0xc2 || first > 0xf4 || byte[1] < least || byte[1] > most)
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((byte[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

int
hmm_utf8_valid(const char *text)
{
	size_t length = 1;
	while (*text && (length = hmm_utf8_character(text)))
		text += length;
	return length != 0;
}

char *
hmm_utf8_mend(const char *text)
{
	static const char replacement[] = "\xef\xbf\xbd";
	char *mended = hmm_alloc(3 * strlen(text) + 1, 1), *to = mended;
	while (mended && *text) {
		const size_t length = hmm_utf8_character(text);
		memcpy(to, length ? text : replacement, length ? length : 3);
		to += length ? length : 3;
		text += length ? length : 1;
	}
	return mended;
}
