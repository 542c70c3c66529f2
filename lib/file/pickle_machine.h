/* What a pickle's opcodes work on: its bytes, a stack, a memo, and the values that were made. */
#ifndef HMM_PICKLE_MACHINE_H
#define HMM_PICKLE_MACHINE_H

#include "pickle.h"

struct hmm_machine {
	struct hmm_pickle *pickle;
	void *stack, *memo; /* of struct hmm_pickle_value * */
	size_t stack_room, memo_room;
	size_t depth, memos; /* values on the stack, and how many the memo holds */
};

/* Report what is wrong, with its place; -1. */
int hmm_machine_fail(const struct hmm_pickle *pickle, const char *what);

/* A new value, which the pickle owns; NULL, reported. Of a mark and of what is never needed there
 * is but one. */
struct hmm_pickle_value *hmm_machine_make(struct hmm_pickle *pickle, enum hmm_pickle_type type);
/* What `maker` would make. */
struct hmm_pickle_value *hmm_machine_object(
    struct hmm_pickle *pickle, const struct hmm_pickle_value *maker);
/* A text, NUL-terminated, of `length` bytes; of two with a dot between where `name` is not NULL. */
struct hmm_pickle_value *hmm_machine_text(struct hmm_pickle *pickle, enum hmm_pickle_type type,
    const void *bytes, size_t length, const void *name, size_t name_length);
/* An item more at a list's end. 0, or -1 reported. */
int hmm_machine_append(struct hmm_pickle_value *list, struct hmm_pickle_value *item);

/* NULL is refused: it was reported where it was made. 0, or -1 reported. */
int hmm_machine_push(struct hmm_machine *machine, struct hmm_pickle_value *value);
struct hmm_pickle_value *hmm_machine_pop(struct hmm_machine *machine); /* NULL, reported */
struct hmm_pickle_value *hmm_machine_top(struct hmm_machine *machine); /* the same */
/* Pop the `count` topmost values, or those above the topmost mark, and the mark, into a new list;
 * NULL, reported. */
struct hmm_pickle_value *hmm_machine_pop_many(struct hmm_machine *machine, size_t count);
struct hmm_pickle_value *hmm_machine_pop_mark(struct hmm_machine *machine);

/* Remember the topmost value under a number, and push what is remembered. 0, or -1 reported. */
int hmm_machine_remember(struct hmm_machine *machine, uint64_t index);
int hmm_machine_recall(struct hmm_machine *machine, uint64_t index);

/* The next `size` bytes of the pickle, and its next line without the end; NULL, reported. */
const unsigned char *hmm_machine_take(struct hmm_pickle *pickle, size_t size);
const unsigned char *hmm_machine_line(struct hmm_pickle *pickle, size_t *length);
/* A little-endian number of up to 8 bytes, sign-extended when asked for. 0, or -1 reported. */
int hmm_machine_number(struct hmm_pickle *pickle, size_t size, int is_signed, int64_t *number);

#endif
