/* A pull parser for msgpack: one token at a time, so that a payload goes
 * straight from the file into its aligned buffer and no claimed length is ever
 * believed before the bytes have arrived.
 * https://github.com/msgpack/msgpack/blob/master/spec.md */
#ifndef HMM_TOKEN_H
#define HMM_TOKEN_H

#include <stdint.h>
#include <stdio.h>

#include "xxh3.h"

enum hmm_token_type {
	HMM_TOKEN_NIL,
	HMM_TOKEN_BOOL, /* unsigned_value: 0, 1 */
	HMM_TOKEN_UNSIGNED,
	HMM_TOKEN_NEGATIVE, /* value is below zero: unsigned_value holds its two's complement */
	HMM_TOKEN_FLOAT,    /* bytes skipped */
	HMM_TOKEN_STRING,   /* length bytes follow; str and bin alike */
	HMM_TOKEN_ARRAY,    /* length values follow */
	HMM_TOKEN_MAP,      /* length pairs follow */
	HMM_TOKEN_EXTENSION /* length bytes follow */
};

struct hmm_token {
	enum hmm_token_type type;
	uint64_t unsigned_value;
	uint32_t length;
};

struct hmm_input {
	FILE *file;
	const char *name;
	uint64_t offset;
	uint64_t payload;   /* the offset of the tensor that was read last */
	XXH3_state_t *hash; /* of all bytes since hmm_input_restart() */
};

/* 0, or -1 reported. */
int hmm_input_open(struct hmm_input *input, FILE *file, const char *name);
void hmm_input_close(struct hmm_input *input);
void hmm_input_restart(struct hmm_input *input);

/* 1 when at least one more byte is there, 0 at the end, -1 reported. */
int hmm_input_more(struct hmm_input *input);

/* Exactly size bytes; 0, or -1 reported. */
int hmm_input_bytes(struct hmm_input *input, void *bytes, size_t size);

/* The next token; 0, or -1 reported. */
int hmm_token_next(struct hmm_input *input, struct hmm_token *token);

/* The next token, of that type or an error that says what is wanted. */
int hmm_token_want(
    struct hmm_input *input, struct hmm_token *token, enum hmm_token_type type, const char *what);

/* A string of fewer than size bytes without NUL, of which the token was read; 0, or -1 reported. */
int hmm_token_text(struct hmm_input *input, char *text, size_t size, const struct hmm_token *token,
    const char *what);

/* The same with its token. */
int hmm_token_string(struct hmm_input *input, char *text, size_t size, const char *what);

/* Read past one whole value. */
int hmm_token_skip(struct hmm_input *input, int depth);

#endif
