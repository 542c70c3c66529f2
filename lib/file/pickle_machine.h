/* What a pickle's opcodes work on: its bytes, a stack, a memo, and the values that were made. */
#ifndef HMM_PICKLE_MACHINE_H
#define HMM_PICKLE_MACHINE_H

#include "pickle.h"

enum { HMM_MACHINE_STACK = 1 << 16, HMM_MACHINE_MEMO = 1 << 20 };

struct hmm_machine {
	struct hmm_pickle *pickle;
	struct hmm_pickle_value **stack, **memo; /* [HMM_MACHINE_STACK], [HMM_MACHINE_MEMO] */
	size_t depth;
};

/* Report what is wrong, with its place; -1. */
int hmm_machine_fail(const struct hmm_pickle *pickle, const char *what);

/* A new value, which the pickle owns; NULL, reported. */
struct hmm_pickle_value *hmm_machine_make(struct hmm_pickle *pickle, enum hmm_pickle_type type);
/* An item more at a list's end. 0, or -1 reported. */
int hmm_machine_append(struct hmm_pickle_value *list, struct hmm_pickle_value *item);

/* NULL is refused: it was reported where it was made. 0, or -1 reported. */
int hmm_machine_push(struct hmm_machine *machine, struct hmm_pickle_value *value);
struct hmm_pickle_value *hmm_machine_pop(struct hmm_machine *machine); /* NULL, reported */
/* Pop the values above the topmost mark, and the mark, into a new list; NULL, reported. */
struct hmm_pickle_value *hmm_machine_pop_mark(struct hmm_machine *machine);

/* The next `size` bytes of the pickle; NULL, reported. */
const unsigned char *hmm_machine_take(struct hmm_pickle *pickle, size_t size);
/* A little-endian number of up to 8 bytes, sign-extended when asked for. 0, or -1 reported. */
int hmm_machine_number(struct hmm_pickle *pickle, size_t size, int is_signed, int64_t *number);

#endif
