#include "pickle_machine.h"

#include <stdlib.h>

#include "hmm/base/error.h"

enum { MAX_VALUES = 1 << 22 };

int
hmm_machine_fail(const struct hmm_pickle *pickle, const char *what)
{
	return hmm_error("%s: byte %zu of its pickle: %s", pickle->name, pickle->at, what);
}

struct hmm_pickle_value *
hmm_machine_make(struct hmm_pickle *pickle, enum hmm_pickle_type type)
{
	if (++pickle->made > MAX_VALUES) {
		hmm_machine_fail(pickle, "too many values");
		return NULL;
	}
	struct hmm_pickle_value *value = calloc(1, sizeof(*value));
	if (!value) {
		hmm_error("out of memory");
		return NULL;
	}
	value->type = type;
	value->next = pickle->values;
	pickle->values = value;
	return value;
}

int
hmm_machine_append(struct hmm_pickle_value *list, struct hmm_pickle_value *item)
{
	if (list->count == list->room) {
		const size_t room = list->room ? 2 * list->room : 4;
		void *grown = realloc(list->item, room * sizeof(*list->item));
		if (!grown)
			return hmm_error("out of memory");
		list->item = grown;
		list->room = room;
	}
	list->item[list->count++] = item;
	return 0;
}

int
hmm_machine_push(struct hmm_machine *machine, struct hmm_pickle_value *value)
{
	if (!value)
		return -1;
	if (machine->depth == HMM_MACHINE_STACK)
		return hmm_machine_fail(machine->pickle, "its stack is too deep");
	machine->stack[machine->depth++] = value;
	return 0;
}

struct hmm_pickle_value *
hmm_machine_pop(struct hmm_machine *machine)
{
	if (machine->depth == 0) {
		hmm_machine_fail(machine->pickle, "its stack is empty");
		return NULL;
	}
	return machine->stack[--machine->depth];
}

struct hmm_pickle_value *
hmm_machine_pop_mark(struct hmm_machine *machine)
{
	size_t mark = machine->depth;
	while (mark > 0 && machine->stack[mark - 1]->type != HMM_PICKLE_MARK)
		mark--;
	if (mark == 0) {
		hmm_machine_fail(machine->pickle, "no mark on its stack");
		return NULL;
	}
	struct hmm_pickle_value *list = hmm_machine_make(machine->pickle, HMM_PICKLE_LIST);
	for (size_t i = mark; list && i < machine->depth; i++)
		if (hmm_machine_append(list, machine->stack[i]))
			return NULL;
	machine->depth = mark - 1;
	return list;
}

const unsigned char *
hmm_machine_take(struct hmm_pickle *pickle, size_t size)
{
	if (size > pickle->size - pickle->at) {
		hmm_machine_fail(pickle, "truncated");
		return NULL;
	}
	pickle->at += size;
	return pickle->bytes + pickle->at - size;
}

int
hmm_machine_number(struct hmm_pickle *pickle, size_t size, int is_signed, int64_t *number)
{
	if (size > 8)
		return hmm_machine_fail(pickle, "a number of more than 64 bits");
	const unsigned char *bytes = hmm_machine_take(pickle, size);
	uint64_t value = 0;
	if (!bytes)
		return -1;
	for (size_t i = size; i-- > 0;)
		value = value << 8 | bytes[i];
	if (is_signed && size > 0 && size < 8 && bytes[size - 1] & 0x80)
		value |= ~(uint64_t)0 << 8 * size;
	*number = (int64_t)value;
	return 0;
}
