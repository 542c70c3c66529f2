#include "pickle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "pickle_call.h"
#include "pickle_machine.h"

/* ---- what an opcode does: `number` is a count, a type, or the size of its argument ---- */

static int
skip(struct hmm_machine *machine, size_t size)
{
	return hmm_machine_take(machine->pickle, size) ? 0 : -1;
}

static int
drop(struct hmm_machine *machine, size_t unused)
{
	(void)unused;
	return hmm_machine_pop(machine) ? 0 : -1;
}

static int
drop_marked(struct hmm_machine *machine, size_t unused)
{
	(void)unused;
	return hmm_machine_pop_mark(machine) ? 0 : -1;
}

static int
repeat(struct hmm_machine *machine, size_t unused)
{
	(void)unused;
	return hmm_machine_push(machine, hmm_machine_top(machine));
}

static int
push_new(struct hmm_machine *machine, size_t type)
{
	return hmm_machine_push(machine, hmm_machine_make(machine->pickle, (enum hmm_pickle_type)type));
}

static int
push_int(struct hmm_machine *machine, int64_t number)
{
	struct hmm_pickle_value *value = hmm_machine_make(machine->pickle, HMM_PICKLE_INT);
	if (value)
		value->number = number;
	return hmm_machine_push(machine, value);
}

static int
push_bool(struct hmm_machine *machine, size_t number)
{
	return push_int(machine, (int64_t)number);
}

static int
push_unsigned(struct hmm_machine *machine, size_t size)
{
	int64_t number;
	return hmm_machine_number(machine->pickle, size, 0, &number) ? -1 : push_int(machine, number);
}

static int
push_signed(struct hmm_machine *machine, size_t size)
{
	int64_t number;
	return hmm_machine_number(machine->pickle, size, 1, &number) ? -1 : push_int(machine, number);
}

/* What stands there, of that many bytes, is never needed. */
static int
push_other(struct hmm_machine *machine, size_t size)
{
	return skip(machine, size) ? -1 : push_new(machine, HMM_PICKLE_OTHER);
}

/* The same, behind its length. */
static int
push_long_other(struct hmm_machine *machine, size_t length_size)
{
	int64_t length;
	return hmm_machine_number(machine->pickle, length_size, 0, &length)
	           ? -1
	           : push_other(machine, (size_t)length);
}

/* LONG1 and LONG4: its size stands before it, and may be any. */
static int
push_long(struct hmm_machine *machine, size_t length_size)
{
	int64_t size;
	if (hmm_machine_number(machine->pickle, length_size, 0, &size))
		return -1;
	return size > 8 ? push_other(machine, (size_t)size) : push_signed(machine, (size_t)size);
}

/* INT: a line of digits, which Python 2 writes of more than 32 bits. */
static int
push_digits(struct hmm_machine *machine, size_t unused)
{
	(void)unused;
	size_t length;
	char text[32], *end;
	const unsigned char *line = hmm_machine_line(machine->pickle, &length);
	if (!line)
		return -1;
	if (length >= sizeof(text))
		return push_new(machine, HMM_PICKLE_OTHER);
	memcpy(text, line, length);
	text[length] = '\0';
	errno = 0;
	const long long number = strtoll(text, &end, 10);
	return errno || end == text || *end ? push_new(machine, HMM_PICKLE_OTHER)
	                                    : push_int(machine, number);
}

static int
push_string(struct hmm_machine *machine, size_t length_size)
{
	int64_t length;
	struct hmm_pickle *pickle = machine->pickle;
	if (hmm_machine_number(pickle, length_size, 0, &length))
		return -1;
	const unsigned char *bytes = hmm_machine_take(pickle, (size_t)length);
	return bytes ? hmm_machine_push(machine,
	                   hmm_machine_text(pickle, HMM_PICKLE_STRING, bytes, (size_t)length, NULL, 0))
	             : -1;
}

static int
push_global(struct hmm_machine *machine, size_t unused)
{
	(void)unused;
	size_t module_length, name_length;
	const unsigned char *module = hmm_machine_line(machine->pickle, &module_length);
	const unsigned char *name = module ? hmm_machine_line(machine->pickle, &name_length) : NULL;
	return name ? hmm_machine_push(machine,
	                  hmm_pickle_global(machine->pickle, module, module_length, name, name_length))
	            : -1;
}

/* The same, of two strings. */
static int
push_stack_global(struct hmm_machine *machine, size_t unused)
{
	(void)unused;
	const struct hmm_pickle_value *pair = hmm_machine_pop_many(machine, 2);
	if (!pair)
		return -1;
	const struct hmm_pickle_value *module = pair->item[0], *name = pair->item[1];
	if (module->type != HMM_PICKLE_STRING || name->type != HMM_PICKLE_STRING)
		return hmm_machine_fail(machine->pickle, "a global without a name");
	return hmm_machine_push(machine, hmm_pickle_global(machine->pickle, module->text,
	                                     strlen(module->text), name->text, strlen(name->text)));
}

/* A global by its number in a registry that Python alone has. */
static int
push_extension(struct hmm_machine *machine, size_t size)
{
	return skip(machine, size) ? -1 : push_new(machine, HMM_PICKLE_OBJECT);
}

static int
push_tuple(struct hmm_machine *machine, size_t count)
{
	return hmm_machine_push(machine, hmm_machine_pop_many(machine, count));
}

static int
push_marked(struct hmm_machine *machine, size_t unused)
{
	(void)unused;
	return hmm_machine_push(machine, hmm_machine_pop_mark(machine));
}

/* A frozenset. */
static int
push_marked_other(struct hmm_machine *machine, size_t unused)
{
	return drop_marked(machine, unused) ? -1 : push_new(machine, HMM_PICKLE_OTHER);
}

/* Callable and arguments, of which the last is not needed where they are three. */
static int
call(struct hmm_machine *machine, size_t count)
{
	const struct hmm_pickle_value *parts = hmm_machine_pop_many(machine, count);
	return parts ? hmm_machine_push(
	                   machine, hmm_pickle_call(machine->pickle, parts->item[0], parts->item[1]))
	             : -1;
}

/* OBJ: the class and its arguments above a mark. */
static int
call_marked(struct hmm_machine *machine, size_t unused)
{
	(void)unused;
	const struct hmm_pickle_value *parts = hmm_machine_pop_mark(machine);
	if (parts && parts->count == 0)
		return hmm_machine_fail(machine->pickle, "an object without a class");
	return parts ? hmm_machine_push(machine, hmm_machine_object(machine->pickle, parts->item[0]))
	             : -1;
}

static int
push_persistent(struct hmm_machine *machine, size_t unused)
{
	(void)unused;
	struct hmm_pickle_value *id = hmm_machine_pop(machine);
	return id ? hmm_machine_push(machine, hmm_pickle_persistent(machine->pickle, id)) : -1;
}

/* Add the items to the list or dict on top of the stack; what else is there does not need them. */
static int
extend(struct hmm_machine *machine, const struct hmm_pickle_value *items, enum hmm_pickle_type type)
{
	struct hmm_pickle_value *to = items ? hmm_machine_top(machine) : NULL;
	if (!to)
		return -1;
	if (to->type == HMM_PICKLE_OBJECT || to->type == HMM_PICKLE_OTHER)
		return 0;
	if (to->type != type || (type == HMM_PICKLE_DICT && items->count % 2))
		return hmm_machine_fail(
		    machine->pickle, "items for something that is neither list nor dict");
	for (size_t i = 0; i < items->count; i++)
		if (hmm_machine_append(to, items->item[i]))
			return -1;
	return 0;
}

/* key, value -> dict (SETITEM), or value -> list (APPEND). */
static int
set_one(struct hmm_machine *machine, size_t type)
{
	return extend(machine, hmm_machine_pop_many(machine, type == HMM_PICKLE_DICT ? 2 : 1),
	    (enum hmm_pickle_type)type);
}

/* What lies above the mark -> dict (SETITEMS), list (APPENDS) or set (ADDITEMS). */
static int
set_marked(struct hmm_machine *machine, size_t type)
{
	return extend(machine, hmm_machine_pop_mark(machine), (enum hmm_pickle_type)type);
}

static int
remember(struct hmm_machine *machine, size_t index_size)
{
	int64_t index;
	return hmm_machine_number(machine->pickle, index_size, 0, &index)
	           ? -1
	           : hmm_machine_remember(machine, (uint64_t)index);
}

static int
remember_next(struct hmm_machine *machine, size_t unused)
{
	(void)unused;
	return hmm_machine_remember(machine, machine->memos);
}

static int
recall(struct hmm_machine *machine, size_t index_size)
{
	int64_t index;
	return hmm_machine_number(machine->pickle, index_size, 0, &index)
	           ? -1
	           : hmm_machine_recall(machine, (uint64_t)index);
}

static const struct {
	int (*run)(struct hmm_machine *machine, size_t number);
	size_t number;
} opcodes[256] = {
    [0x80] = {skip, 1}, /* PROTO */
    [0x95] = {skip, 8}, /* FRAME */
    ['}'] = {push_new, HMM_PICKLE_DICT},
    [']'] = {push_new, HMM_PICKLE_LIST},
    ['('] = {push_new, HMM_PICKLE_MARK},
    ['N'] = {push_new, HMM_PICKLE_OTHER},  /* None */
    [0x8f] = {push_new, HMM_PICKLE_OTHER}, /* EMPTY_SET */
    [')'] = {push_tuple, 0},
    [0x85] = {push_tuple, 1},
    [0x86] = {push_tuple, 2},
    [0x87] = {push_tuple, 3},
    ['t'] = {push_marked, 0},
    [0x91] = {push_marked_other, 0}, /* FROZENSET */
    [0x88] = {push_bool, 1},
    [0x89] = {push_bool, 0},
    ['I'] = {push_digits, 0},
    ['J'] = {push_signed, 4},
    ['K'] = {push_unsigned, 1},
    ['M'] = {push_unsigned, 2},
    [0x8a] = {push_long, 1},
    [0x8b] = {push_long, 4},
    ['G'] = {push_other, 8},      /* BINFLOAT */
    ['C'] = {push_long_other, 1}, /* bytes, and a bytearray */
    ['B'] = {push_long_other, 4},
    [0x8e] = {push_long_other, 8},
    [0x96] = {push_long_other, 8},
    ['U'] = {push_string, 1}, /* of Python 2 */
    ['T'] = {push_string, 4},
    [0x8c] = {push_string, 1},
    ['X'] = {push_string, 4},
    [0x8d] = {push_string, 8},
    ['c'] = {push_global, 0},
    [0x93] = {push_stack_global, 0},
    [0x82] = {push_extension, 1},
    [0x83] = {push_extension, 2},
    [0x84] = {push_extension, 4},
    ['q'] = {remember, 1},
    ['r'] = {remember, 4},
    [0x94] = {remember_next, 0}, /* MEMOIZE */
    ['h'] = {recall, 1},
    ['j'] = {recall, 4},
    ['R'] = {call, 2},
    [0x81] = {call, 2}, /* NEWOBJ */
    [0x92] = {call, 3}, /* NEWOBJ_EX */
    ['o'] = {call_marked, 0},
    ['Q'] = {push_persistent, 0},
    ['b'] = {drop, 0}, /* BUILD: a state_dict's _metadata, an object's attributes */
    ['s'] = {set_one, HMM_PICKLE_DICT},
    ['a'] = {set_one, HMM_PICKLE_LIST},
    ['u'] = {set_marked, HMM_PICKLE_DICT},
    ['e'] = {set_marked, HMM_PICKLE_LIST},
    [0x90] = {set_marked, HMM_PICKLE_OTHER}, /* ADDITEMS */
    ['0'] = {drop, 0},
    ['1'] = {drop_marked, 0},
    ['2'] = {repeat, 0},
};

static int
step(struct hmm_machine *machine, unsigned char opcode)
{
	if (opcodes[opcode].run)
		return opcodes[opcode].run(machine, opcodes[opcode].number);
	machine->pickle->at--;
	return hmm_machine_fail(machine->pickle, "no opcode of protocol 2 to 5");
}

struct hmm_pickle_value *
hmm_pickle_next(struct hmm_pickle *pickle)
{
	struct hmm_machine machine = {.pickle = pickle};
	struct hmm_pickle_value *value = NULL;
	int bad = 0;
	while (!bad) {
		const unsigned char *opcode = hmm_machine_take(pickle, 1);
		if (opcode && *opcode == '.') {
			value = hmm_machine_pop(&machine);
			break;
		}
		bad = !opcode || step(&machine, *opcode);
	}
	free(machine.stack);
	free(machine.memo);
	return value;
}

void
hmm_pickle_free(struct hmm_pickle *pickle)
{
	while (pickle->values) {
		struct hmm_pickle_value *value = pickle->values;
		pickle->values = value->next;
		free(value->text);
		free(value->item);
		free(value);
	}
}
