#include "pickle.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "pickle_machine.h"

enum { MAX_STRING = 1 << 16 };

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

/* LONG1: its size stands before it. */
static int
push_long(struct hmm_machine *machine, size_t length_size)
{
	int64_t size;
	return hmm_machine_number(machine->pickle, length_size, 0, &size)
	           ? -1
	           : push_signed(machine, (size_t)size);
}

/* Its value is never needed. */
static int
push_float(struct hmm_machine *machine, size_t size)
{
	return skip(machine, size) ? -1 : push_new(machine, HMM_PICKLE_FLOAT);
}

static int
push_string(struct hmm_machine *machine, size_t length_size)
{
	int64_t length;
	if (hmm_machine_number(machine->pickle, length_size, 0, &length))
		return -1;
	if (length < 0 || length > MAX_STRING)
		return hmm_machine_fail(machine->pickle, "a string that is too long");
	const unsigned char *bytes = hmm_machine_take(machine->pickle, (size_t)length);
	struct hmm_pickle_value *value =
	    bytes ? hmm_machine_make(machine->pickle, HMM_PICKLE_STRING) : NULL;
	if (!value || !(value->text = hmm_alloc((size_t)length + 1, 1)))
		return -1;
	memcpy(value->text, bytes, (size_t)length);
	return hmm_machine_push(machine, value);
}

/* The globals that a state_dict needs; any other is refused by name. */
static int
push_global(struct hmm_machine *machine, size_t unused)
{
	(void)unused;
	static const struct {
		const char *name;
		enum hmm_pickle_type type;
		enum hmm_dtype dtype;
	} known[] = {
	    {"collections\nOrderedDict\n", HMM_PICKLE_ORDERED_DICT, HMM_U8},
	    {"torch._utils\n_rebuild_tensor_v2\n", HMM_PICKLE_REBUILD_TENSOR, HMM_U8},
	    {"torch._utils\n_rebuild_parameter\n", HMM_PICKLE_REBUILD_PARAMETER, HMM_U8},
	    {"torch\nFloatStorage\n", HMM_PICKLE_STORAGE_TYPE, HMM_F32},
	    {"torch\nHalfStorage\n", HMM_PICKLE_STORAGE_TYPE, HMM_F16},
	    {"torch\nBFloat16Storage\n", HMM_PICKLE_STORAGE_TYPE, HMM_BF16},
	    {"torch\nDoubleStorage\n", HMM_PICKLE_STORAGE_TYPE, HMM_F64},
	    {"torch\nLongStorage\n", HMM_PICKLE_STORAGE_TYPE, HMM_I64},
	    {"torch\nIntStorage\n", HMM_PICKLE_STORAGE_TYPE, HMM_I32},
	    {"torch\nShortStorage\n", HMM_PICKLE_STORAGE_TYPE, HMM_I16},
	    {"torch\nCharStorage\n", HMM_PICKLE_STORAGE_TYPE, HMM_I8},
	    {"torch\nByteStorage\n", HMM_PICKLE_STORAGE_TYPE, HMM_U8},
	};
	struct hmm_pickle *pickle = machine->pickle;
	const unsigned char *at = pickle->bytes + pickle->at;
	const size_t left = pickle->size - pickle->at;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		const size_t length = strlen(known[i].name);
		if (length > left || memcmp(at, known[i].name, length))
			continue;
		pickle->at += length;
		struct hmm_pickle_value *value = hmm_machine_make(pickle, known[i].type);
		if (value)
			value->number = known[i].dtype;
		return hmm_machine_push(machine, value);
	}
	const unsigned char *module_end = memchr(at, '\n', left < 256 ? left : 256);
	const size_t module = module_end ? (size_t)(module_end - at) : 0;
	const unsigned char *name = at + module + 1;
	const size_t rest = module_end ? left - module - 1 : 0;
	const unsigned char *name_end = memchr(name, '\n', rest < 256 ? rest : 256);
	return hmm_error("%s: its pickle wants %.*s.%.*s, which a state_dict does not need: refused",
	    pickle->name, (int)module, (const char *)at, name_end ? (int)(name_end - name) : 0,
	    (const char *)name);
}

static int
push_tuple(struct hmm_machine *machine, size_t count)
{
	struct hmm_pickle_value *tuple = hmm_machine_make(machine->pickle, HMM_PICKLE_LIST);
	if (!tuple || machine->depth < count)
		return hmm_machine_fail(machine->pickle, "its stack is empty");
	for (size_t i = machine->depth - count; i < machine->depth; i++)
		if (hmm_machine_append(tuple, machine->stack[i]))
			return -1;
	machine->depth -= count;
	return hmm_machine_push(machine, tuple);
}

static int
push_marked(struct hmm_machine *machine, size_t unused)
{
	(void)unused;
	return hmm_machine_push(machine, hmm_machine_pop_mark(machine));
}

/* Add the items to the list or dict on top of the stack. */
static int
extend(struct hmm_machine *machine, const struct hmm_pickle_value *items, enum hmm_pickle_type type)
{
	if (!items || machine->depth == 0)
		return items ? hmm_machine_fail(machine->pickle, "its stack is empty") : -1;
	struct hmm_pickle_value *to = machine->stack[machine->depth - 1];
	if (to->type != type || (type == HMM_PICKLE_DICT && items->count % 2))
		return hmm_machine_fail(
		    machine->pickle, "items for something that is neither list nor dict");
	for (size_t i = 0; i < items->count; i++)
		if (hmm_machine_append(to, items->item[i]))
			return -1;
	return 0;
}

/* callable(*arguments), for the three callables that are known. */
static int
reduce(struct hmm_machine *machine, size_t unused)
{
	(void)unused;
	struct hmm_pickle_value *arguments = hmm_machine_pop(machine);
	struct hmm_pickle_value *callable = arguments ? hmm_machine_pop(machine) : NULL;
	if (!callable)
		return -1;
	if (arguments->type != HMM_PICKLE_LIST)
		return hmm_machine_fail(machine->pickle, "a call without a tuple of arguments");
	if (callable->type == HMM_PICKLE_ORDERED_DICT && arguments->count == 0)
		return hmm_machine_push(machine, hmm_machine_make(machine->pickle, HMM_PICKLE_DICT));
	if (callable->type == HMM_PICKLE_REBUILD_PARAMETER && arguments->count >= 1 &&
	    arguments->item[0]->type == HMM_PICKLE_TENSOR)
		return hmm_machine_push(machine, arguments->item[0]);
	if (callable->type != HMM_PICKLE_REBUILD_TENSOR || arguments->count < 4)
		return hmm_machine_fail(machine->pickle, "a call that a state_dict does not need");
	struct hmm_pickle_value *tensor = hmm_machine_make(machine->pickle, HMM_PICKLE_TENSOR);
	for (size_t i = 0; tensor && i < arguments->count; i++)
		if (hmm_machine_append(tensor, arguments->item[i]))
			return -1;
	return hmm_machine_push(machine, tensor);
}

static int
push_storage(struct hmm_machine *machine, size_t unused)
{
	(void)unused;
	struct hmm_pickle_value *id = hmm_machine_pop(machine);
	if (!id)
		return -1;
	if (id->type != HMM_PICKLE_LIST || id->count < 5 || id->item[0]->type != HMM_PICKLE_STRING ||
	    strcmp(id->item[0]->text, "storage") || id->item[1]->type != HMM_PICKLE_STORAGE_TYPE ||
	    id->item[2]->type != HMM_PICKLE_STRING || id->item[4]->type != HMM_PICKLE_INT)
		return hmm_machine_fail(machine->pickle, "a persistent id that is no storage");
	struct hmm_pickle_value *storage = hmm_machine_make(machine->pickle, HMM_PICKLE_STORAGE);
	for (size_t i = 0; storage && i < id->count; i++)
		if (hmm_machine_append(storage, id->item[i]))
			return -1;
	return hmm_machine_push(machine, storage);
}

static int
remember(struct hmm_machine *machine, size_t index_size)
{
	int64_t index;
	if (hmm_machine_number(machine->pickle, index_size, 0, &index))
		return -1;
	if (index >= HMM_MACHINE_MEMO || machine->depth == 0)
		return hmm_machine_fail(machine->pickle, "a memo out of range");
	machine->memo[index] = machine->stack[machine->depth - 1];
	return 0;
}

static int
recall(struct hmm_machine *machine, size_t index_size)
{
	int64_t index;
	if (hmm_machine_number(machine->pickle, index_size, 0, &index))
		return -1;
	if (index >= HMM_MACHINE_MEMO || !machine->memo[index])
		return hmm_machine_fail(machine->pickle, "a memo that was never set");
	return hmm_machine_push(machine, machine->memo[index]);
}

/* key, value -> dict (SETITEM), or value -> list (APPEND). */
static int
set_one(struct hmm_machine *machine, size_t type)
{
	if (push_tuple(machine, type == HMM_PICKLE_DICT ? 2 : 1))
		return -1;
	return extend(machine, hmm_machine_pop(machine), (enum hmm_pickle_type)type);
}

/* What lies above the mark -> dict (SETITEMS) or list (APPENDS). */
static int
set_marked(struct hmm_machine *machine, size_t type)
{
	return extend(machine, hmm_machine_pop_mark(machine), (enum hmm_pickle_type)type);
}

/* What an opcode does, and with which number: a count, a type, the size of its argument. */
static const struct {
	int (*run)(struct hmm_machine *machine, size_t number);
	size_t number;
} opcodes[256] = {
    [0x80] = {skip, 1}, /* PROTO */
    ['}'] = {push_new, HMM_PICKLE_DICT},
    [']'] = {push_new, HMM_PICKLE_LIST},
    ['('] = {push_new, HMM_PICKLE_MARK},
    ['N'] = {push_new, HMM_PICKLE_NONE},
    [')'] = {push_tuple, 0},
    [0x85] = {push_tuple, 1},
    [0x86] = {push_tuple, 2},
    [0x87] = {push_tuple, 3},
    ['t'] = {push_marked, 0},
    [0x88] = {push_bool, 1},
    [0x89] = {push_bool, 0},
    ['J'] = {push_signed, 4},
    ['K'] = {push_unsigned, 1},
    ['M'] = {push_unsigned, 2},
    [0x8a] = {push_long, 1},
    ['G'] = {push_float, 8},
    ['X'] = {push_string, 4},
    ['T'] = {push_string, 4},
    ['U'] = {push_string, 1},
    ['c'] = {push_global, 0},
    ['q'] = {remember, 1},
    ['r'] = {remember, 4},
    ['h'] = {recall, 1},
    ['j'] = {recall, 4},
    ['R'] = {reduce, 0},
    ['Q'] = {push_storage, 0},
    ['b'] = {drop, 0}, /* BUILD: a state_dict's _metadata, not needed */
    ['s'] = {set_one, HMM_PICKLE_DICT},
    ['a'] = {set_one, HMM_PICKLE_LIST},
    ['u'] = {set_marked, HMM_PICKLE_DICT},
    ['e'] = {set_marked, HMM_PICKLE_LIST},
};

static int
step(struct hmm_machine *machine, unsigned char opcode)
{
	if (opcodes[opcode].run)
		return opcodes[opcode].run(machine, opcodes[opcode].number);
	machine->pickle->at--;
	return hmm_machine_fail(machine->pickle, "an opcode that torch.save() does not write");
}

struct hmm_pickle_value *
hmm_pickle_next(struct hmm_pickle *pickle)
{
	struct hmm_machine machine = {.pickle = pickle};
	struct hmm_pickle_value *value = NULL;
	machine.stack = hmm_alloc(HMM_MACHINE_STACK, sizeof(*machine.stack));
	machine.memo = hmm_alloc(HMM_MACHINE_MEMO, sizeof(*machine.memo));
	int bad = !machine.stack || !machine.memo;
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
