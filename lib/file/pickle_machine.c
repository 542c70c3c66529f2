#include "pickle_machine.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

/* Values are some hundred bytes; and how far beyond what it holds a memo's numbers may reach. */
enum { MAX_VALUES = 1 << 22, MEMO_GAP = 1024 };

int
hmm_machine_fail(const struct hmm_pickle *pickle, const char *what)
{
	return hmm_error("%s: byte %zu of its pickle: %s", pickle->name, pickle->at, what);
}

struct hmm_pickle_value *
hmm_machine_make(struct hmm_pickle *pickle, enum hmm_pickle_type type)
{
	static struct hmm_pickle_value other = {.type = HMM_PICKLE_OTHER};
	static struct hmm_pickle_value mark = {.type = HMM_PICKLE_MARK};
	if (type == HMM_PICKLE_OTHER || type == HMM_PICKLE_MARK)
		return type == HMM_PICKLE_OTHER ? &other : &mark;
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

struct hmm_pickle_value *
hmm_machine_object(struct hmm_pickle *pickle, const struct hmm_pickle_value *maker)
{
	struct hmm_pickle_value *object = hmm_machine_make(pickle, HMM_PICKLE_OBJECT);
	if (object)
		object->maker = maker->type == HMM_PICKLE_OBJECT ? maker->maker : maker;
	return object;
}

struct hmm_pickle_value *
hmm_machine_text(struct hmm_pickle *pickle, enum hmm_pickle_type type, const void *bytes,
    size_t length, const void *name, size_t name_length)
{
	/* a name that a zero ends is another name */
	if (memchr(bytes, '\0', length) || (name && memchr(name, '\0', name_length)))
		return hmm_machine_make(pickle, HMM_PICKLE_OTHER);
	struct hmm_pickle_value *value = hmm_machine_make(pickle, type);
	if (!value || !(value->text = hmm_alloc(length + name_length + 2, 1)))
		return NULL;
	memcpy(value->text, bytes, length);
	if (name) {
		value->text[length] = '.';
		memcpy(value->text + length + 1, name, name_length);
	}
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
	if (!value || hmm_grow(&machine->stack, &machine->stack_room,
	                  (machine->depth + 1) * sizeof(struct hmm_pickle_value *)))
		return -1;
	((struct hmm_pickle_value **)machine->stack)[machine->depth++] = value;
	return 0;
}

struct hmm_pickle_value *
hmm_machine_top(struct hmm_machine *machine)
{
	if (machine->depth == 0) {
		hmm_machine_fail(machine->pickle, "its stack is empty");
		return NULL;
	}
	return ((struct hmm_pickle_value **)machine->stack)[machine->depth - 1];
}

struct hmm_pickle_value *
hmm_machine_pop(struct hmm_machine *machine)
{
	struct hmm_pickle_value *top = hmm_machine_top(machine);
	machine->depth -= top != NULL;
	return top;
}

struct hmm_pickle_value *
hmm_machine_pop_many(struct hmm_machine *machine, size_t count)
{
	struct hmm_pickle_value *list = NULL, **stack = machine->stack;
	if (machine->depth < count)
		hmm_machine_fail(machine->pickle, "its stack is empty");
	else
		list = hmm_machine_make(machine->pickle, HMM_PICKLE_LIST);
	for (size_t i = machine->depth - count; list && i < machine->depth; i++)
		if (hmm_machine_append(list, stack[i]))
			return NULL;
	machine->depth -= list ? count : 0;
	return list;
}

struct hmm_pickle_value *
hmm_machine_pop_mark(struct hmm_machine *machine)
{
	struct hmm_pickle_value **stack = machine->stack;
	size_t mark = machine->depth;
	while (mark > 0 && stack[mark - 1]->type != HMM_PICKLE_MARK)
		mark--;
	if (mark == 0) {
		hmm_machine_fail(machine->pickle, "no mark on its stack");
		return NULL;
	}
	struct hmm_pickle_value *list = hmm_machine_pop_many(machine, machine->depth - mark);
	machine->depth -= list != NULL; /* the mark */
	return list;
}

int
hmm_machine_remember(struct hmm_machine *machine, uint64_t index)
{
	struct hmm_pickle_value *top = hmm_machine_top(machine);
	if (!top)
		return -1;
	if (index > 2 * machine->memos + MEMO_GAP)
		return hmm_machine_fail(machine->pickle, "a memo out of range");
	const size_t before = machine->memo_room;
	if (hmm_grow(&machine->memo, &machine->memo_room, (index + 1) * sizeof(top)))
		return -1;
	memset((char *)machine->memo + before, 0, machine->memo_room - before);
	struct hmm_pickle_value **memo = machine->memo;
	machine->memos += !memo[index];
	memo[index] = top;
	return 0;
}

int
hmm_machine_recall(struct hmm_machine *machine, uint64_t index)
{
	struct hmm_pickle_value **memo = machine->memo;
	if (index >= machine->memo_room / sizeof(*memo) || !memo[index])
		return hmm_machine_fail(machine->pickle, "a memo that was never set");
	return hmm_machine_push(machine, memo[index]);
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

const unsigned char *
hmm_machine_line(struct hmm_pickle *pickle, size_t *length)
{
	const unsigned char *at = pickle->bytes + pickle->at;
	const unsigned char *end = memchr(at, '\n', pickle->size - pickle->at);
	if (!end) {
		hmm_machine_fail(pickle, "truncated");
		return NULL;
	}
	*length = (size_t)(end - at);
	pickle->at += *length + 1;
	return at;
}

int
hmm_machine_number(struct hmm_pickle *pickle, size_t size, int is_signed, int64_t *number)
{
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
