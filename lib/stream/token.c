#include "token.h"

#include <errno.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

enum { MAX_DEPTH = 8 };

static const char *const type_names[] = {"nil", "bool", "whole number from 0", "number below 0",
    "number with a fraction", "string", "array", "map", "extension"};

int
hmm_input_open(struct hmm_input *input, FILE *file, const char *name)
{
	*input = (struct hmm_input){.file = file, .name = name, .hash = XXH3_createState()};
	if (!input->hash)
		return hmm_memory_out();
	hmm_input_restart(input);
	return 0;
}

void
hmm_input_close(struct hmm_input *input)
{
	XXH3_freeState(input->hash);
}

void
hmm_input_restart(struct hmm_input *input)
{
	XXH3_64bits_reset(input->hash);
}

int
hmm_input_more(struct hmm_input *input)
{
	const int byte = getc(input->file);
	if (byte != EOF)
		return ungetc(byte, input->file) == EOF ? -1 : 1;
	if (ferror(input->file))
		return hmm_error("%s: cannot read: %s", input->name, strerror(errno));
	return 0;
}

int
hmm_input_bytes(struct hmm_input *input, void *bytes, size_t size)
{
	const size_t got = fread(bytes, 1, size, input->file);
	if (got < size && ferror(input->file))
		return hmm_error("%s: cannot read: %s", input->name, strerror(errno));
	if (got < size)
		return hmm_error("%s: byte %llu: the stream ends early, want %zu more bytes", input->name,
		    (unsigned long long)(input->offset + got), size - got);
	XXH3_64bits_update(input->hash, bytes, size);
	input->offset += size;
	return 0;
}

/* A big-endian number of 1, 2, 4 or 8 bytes. */
static int
read_number(struct hmm_input *input, size_t size, uint64_t *value)
{
	unsigned char bytes[8];
	if (hmm_input_bytes(input, bytes, size))
		return -1;
	*value = 0;
	for (size_t i = 0; i < size; i++)
		*value = *value << 8 | bytes[i];
	return 0;
}

static int
read_length(struct hmm_input *input, struct hmm_token *token, enum hmm_token_type type, size_t size)
{
	uint64_t value;
	if (read_number(input, size, &value))
		return -1;
	token->type = type;
	token->length = (uint32_t)value;
	return 0;
}

static int
read_signed(struct hmm_input *input, struct hmm_token *token, size_t size)
{
	if (read_number(input, size, &token->unsigned_value))
		return -1;
	const int negative = (int)(token->unsigned_value >> (8 * size - 1) & 1);
	token->type = negative ? HMM_TOKEN_NEGATIVE : HMM_TOKEN_UNSIGNED;
	return 0;
}

static int
read_extension(struct hmm_input *input, struct hmm_token *token, uint32_t length)
{
	unsigned char type;
	token->type = HMM_TOKEN_EXTENSION;
	token->length = length;
	return hmm_input_bytes(input, &type, 1);
}

/* A value whose first byte says how many bytes hold its length: 1 if `byte` begins one, 0 if
 * not, -1 reported. */
static int
read_long(struct hmm_input *input, struct hmm_token *token, unsigned char byte)
{
	static const struct {
		unsigned char first, last; /* each with twice as many bytes as the one before */
		enum hmm_token_type type;
		size_t size;
	} forms[] = {{0xc4, 0xc6, HMM_TOKEN_STRING, 1}, {0xc7, 0xc9, HMM_TOKEN_EXTENSION, 1},
	    {0xd9, 0xdb, HMM_TOKEN_STRING, 1}, {0xdc, 0xdd, HMM_TOKEN_ARRAY, 2},
	    {0xde, 0xdf, HMM_TOKEN_MAP, 2}};
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (byte < forms[i].first || byte > forms[i].last)
			continue;
		if (read_length(input, token, forms[i].type, forms[i].size << (byte - forms[i].first)))
			return -1;
		return token->type == HMM_TOKEN_EXTENSION && read_extension(input, token, token->length)
		           ? -1
		           : 1;
	}
	return 0;
}

int
hmm_token_next(struct hmm_input *input, struct hmm_token *token)
{
	unsigned char byte;
	uint64_t ignored;
	*token = (struct hmm_token){0};
	if (hmm_input_bytes(input, &byte, 1))
		return -1;
	if (byte < 0x80 || byte >= 0xe0) { /* a small number in the byte itself */
		token->type = byte < 0x80 ? HMM_TOKEN_UNSIGNED : HMM_TOKEN_NEGATIVE;
		token->unsigned_value = (uint64_t)(int64_t)(int8_t)byte;
		return 0;
	}
	if (byte < 0xc0) { /* a short map, array or string */
		token->type = byte < 0x90   ? HMM_TOKEN_MAP
		              : byte < 0xa0 ? HMM_TOKEN_ARRAY
		                            : HMM_TOKEN_STRING;
		token->length = byte & (byte < 0xa0 ? 15u : 31u);
		return 0;
	}
	if (byte == 0xc0) {
		token->type = HMM_TOKEN_NIL;
		return 0;
	}
	if (byte == 0xc2 || byte == 0xc3) {
		token->type = HMM_TOKEN_BOOL;
		token->unsigned_value = byte & 1;
		return 0;
	}
	if (byte == 0xca || byte == 0xcb) {
		token->type = HMM_TOKEN_FLOAT;
		return read_number(input, byte == 0xca ? 4 : 8, &ignored);
	}
	if (byte >= 0xcc && byte <= 0xcf) {
		token->type = HMM_TOKEN_UNSIGNED;
		return read_number(input, (size_t)1 << (byte - 0xcc), &token->unsigned_value);
	}
	if (byte >= 0xd0 && byte <= 0xd3)
		return read_signed(input, token, (size_t)1 << (byte - 0xd0));
	if (byte >= 0xd4 && byte <= 0xd8)
		return read_extension(input, token, 1u << (byte - 0xd4));
	const int state = read_long(input, token, byte);
	return state ? (state < 0 ? -1 : 0)
	             : hmm_error("%s: byte %llu: 0x%02x begins no msgpack value", input->name,
	                   (unsigned long long)input->offset - 1, byte);
}

int
hmm_token_want(
    struct hmm_input *input, struct hmm_token *token, enum hmm_token_type type, const char *what)
{
	const uint64_t offset = input->offset;
	if (hmm_token_next(input, token))
		return -1;
	if (token->type != type)
		return hmm_error("%s: byte %llu: %s is a %s, want a %s", input->name,
		    (unsigned long long)offset, what, type_names[token->type], type_names[type]);
	return 0;
}

int
hmm_token_text(struct hmm_input *input, char *text, size_t size, const struct hmm_token *token,
    const char *what)
{
	const uint64_t offset = input->offset;
	if (token->length >= size)
		return hmm_error("%s: byte %llu: %s has %u bytes, want at most %zu", input->name,
		    (unsigned long long)offset, what, token->length, size - 1);
	if (hmm_input_bytes(input, text, token->length))
		return -1;
	text[token->length] = '\0';
	if (strlen(text) != token->length)
		return hmm_error(
		    "%s: byte %llu: %s holds a zero byte", input->name, (unsigned long long)offset, what);
	return 0;
}

int
hmm_token_string(struct hmm_input *input, char *text, size_t size, const char *what)
{
	struct hmm_token token;
	return hmm_token_want(input, &token, HMM_TOKEN_STRING, what) ||
	               hmm_token_text(input, text, size, &token, what)
	           ? -1
	           : 0;
}

int
hmm_token_skip(struct hmm_input *input, int depth)
{
	struct hmm_token token;
	if (depth > MAX_DEPTH)
		return hmm_error("%s: byte %llu: nested deeper than %d", input->name,
		    (unsigned long long)input->offset, MAX_DEPTH);
	if (hmm_token_next(input, &token))
		return -1;
	if (token.type == HMM_TOKEN_STRING || token.type == HMM_TOKEN_EXTENSION) {
		char bytes[4096];
		for (uint32_t left = token.length; left;) {
			const uint32_t take = left < sizeof(bytes) ? left : (uint32_t)sizeof(bytes);
			if (hmm_input_bytes(input, bytes, take))
				return -1;
			left -= take;
		}
	}
	uint64_t values = 0;
	if (token.type == HMM_TOKEN_ARRAY || token.type == HMM_TOKEN_MAP)
		values = (uint64_t)token.length << (token.type == HMM_TOKEN_MAP);
	for (uint64_t i = 0; i < values; i++)
		if (hmm_token_skip(input, depth + 1))
			return -1;
	return 0;
}
