#include "pickle.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

enum { MAX_STACK = 1 << 16, MAX_MEMO = 1 << 20, MAX_VALUES = 1 << 22, MAX_STRING = 1 << 16 };

struct machine {
	struct hmm_pickle *pickle;
	struct hmm_pickle_value **stack, **memo;
	size_t depth;
};

static int
fail(struct hmm_pickle *pickle, const char *what)
{
	return hmm_error("%s: byte %zu of its pickle: %s", pickle->name, pickle->at, what);
}

static struct hmm_pickle_value *
make(struct hmm_pickle *pickle, enum hmm_pickle_type type)
{
	if (++pickle->made > MAX_VALUES) {
		fail(pickle, "too many values");
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

static int
append(struct hmm_pickle_value *list, struct hmm_pickle_value *item)
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

static int
push(struct machine *machine, struct hmm_pickle_value *value)
{
	if (!value)
		return -1;
	if (machine->depth == MAX_STACK)
		return fail(machine->pickle, "its stack is too deep");
	machine->stack[machine->depth++] = value;
	return 0;
}

static struct hmm_pickle_value *
pop(struct machine *machine)
{
	if (machine->depth == 0) {
		fail(machine->pickle, "its stack is empty");
		return NULL;
	}
	return machine->stack[--machine->depth];
}

/* `size` bytes of the pickle, or NULL, reported. */
static const unsigned char *
take(struct hmm_pickle *pickle, size_t size)
{
	if (size > pickle->size - pickle->at) {
		fail(pickle, "truncated");
		return NULL;
	}
	pickle->at += size;
	return pickle->bytes + pickle->at - size;
}

/* A little-endian number of up to 8 bytes, sign-extended when asked for. */
static int
take_number(struct hmm_pickle *pickle, size_t size, int is_signed, int64_t *number)
{
	if (size > 8)
		return fail(pickle, "a number of more than 64 bits");
	const unsigned char *bytes = take(pickle, size);
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

static int
push_int(struct machine *machine, size_t size, int is_signed)
{
	int64_t number = 0;
	if (take_number(machine->pickle, size, is_signed, &number))
		return -1;
	struct hmm_pickle_value *value = make(machine->pickle, HMM_PICKLE_INT);
	if (value)
		value->number = number;
	return push(machine, value);
}

static int
push_string(struct machine *machine, size_t length_size)
{
	int64_t length;
	if (take_number(machine->pickle, length_size, 0, &length))
		return -1;
	if (length < 0 || length > MAX_STRING)
		return fail(machine->pickle, "a string that is too long");
	const unsigned char *bytes = take(machine->pickle, (size_t)length);
	struct hmm_pickle_value *value = bytes ? make(machine->pickle, HMM_PICKLE_STRING) : NULL;
	if (!value || !(value->text = calloc(1, (size_t)length + 1)))
		return -1;
	memcpy(value->text, bytes, (size_t)length);
	return push(machine, value);
}

/* The globals that a state_dict needs; any other is refused by name. */
static int
push_global(struct machine *machine)
{
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
		struct hmm_pickle_value *value = make(pickle, known[i].type);
		if (value)
			value->number = known[i].dtype;
		return push(machine, value);
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

/* Pop the values above the topmost mark into a new list. */
static struct hmm_pickle_value *
pop_mark(struct machine *machine)
{
	size_t mark = machine->depth;
	while (mark > 0 && machine->stack[mark - 1]->type != HMM_PICKLE_MARK)
		mark--;
	if (mark == 0) {
		fail(machine->pickle, "no mark on its stack");
		return NULL;
	}
	struct hmm_pickle_value *list = make(machine->pickle, HMM_PICKLE_LIST);
	for (size_t i = mark; list && i < machine->depth; i++)
		if (append(list, machine->stack[i]))
			return NULL;
	machine->depth = mark - 1;
	return list;
}

static int
push_tuple(struct machine *machine, size_t count)
{
	struct hmm_pickle_value *tuple = make(machine->pickle, HMM_PICKLE_LIST);
	if (!tuple || machine->depth < count)
		return fail(machine->pickle, "its stack is empty");
	for (size_t i = machine->depth - count; i < machine->depth; i++)
		if (append(tuple, machine->stack[i]))
			return -1;
	machine->depth -= count;
	return push(machine, tuple);
}

/* Add the items to the list or dict on top of the stack. */
static int
extend(struct machine *machine, const struct hmm_pickle_value *items, enum hmm_pickle_type type)
{
	if (!items || machine->depth == 0)
		return items ? fail(machine->pickle, "its stack is empty") : -1;
	struct hmm_pickle_value *to = machine->stack[machine->depth - 1];
	if (to->type != type || (type == HMM_PICKLE_DICT && items->count % 2))
		return fail(machine->pickle, "items for something that is neither list nor dict");
	for (size_t i = 0; i < items->count; i++)
		if (append(to, items->item[i]))
			return -1;
	return 0;
}

/* callable(*arguments), for the three callables that are known. */
static int
reduce(struct machine *machine)
{
	struct hmm_pickle_value *arguments = pop(machine);
	struct hmm_pickle_value *callable = arguments ? pop(machine) : NULL;
	if (!callable)
		return -1;
	if (arguments->type != HMM_PICKLE_LIST)
		return fail(machine->pickle, "a call without a tuple of arguments");
	if (callable->type == HMM_PICKLE_ORDERED_DICT && arguments->count == 0)
		return push(machine, make(machine->pickle, HMM_PICKLE_DICT));
	if (callable->type == HMM_PICKLE_REBUILD_PARAMETER && arguments->count >= 1 &&
	    arguments->item[0]->type == HMM_PICKLE_TENSOR)
		return push(machine, arguments->item[0]);
	if (callable->type != HMM_PICKLE_REBUILD_TENSOR || arguments->count < 4)
		return fail(machine->pickle, "a call that a state_dict does not need");
	struct hmm_pickle_value *tensor = make(machine->pickle, HMM_PICKLE_TENSOR);
	for (size_t i = 0; tensor && i < arguments->count; i++)
		if (append(tensor, arguments->item[i]))
			return -1;
	return push(machine, tensor);
}

static int
persistent(struct machine *machine)
{
	struct hmm_pickle_value *id = pop(machine);
	if (!id)
		return -1;
	if (id->type != HMM_PICKLE_LIST || id->count < 5 || id->item[0]->type != HMM_PICKLE_STRING ||
	    strcmp(id->item[0]->text, "storage") || id->item[1]->type != HMM_PICKLE_STORAGE_TYPE ||
	    id->item[2]->type != HMM_PICKLE_STRING || id->item[4]->type != HMM_PICKLE_INT)
		return fail(machine->pickle, "a persistent id that is no storage");
	struct hmm_pickle_value *storage = make(machine->pickle, HMM_PICKLE_STORAGE);
	for (size_t i = 0; storage && i < id->count; i++)
		if (append(storage, id->item[i]))
			return -1;
	return push(machine, storage);
}

static int
remember(struct machine *machine, size_t index_size)
{
	int64_t index;
	if (take_number(machine->pickle, index_size, 0, &index))
		return -1;
	if (index >= MAX_MEMO || machine->depth == 0)
		return fail(machine->pickle, "a memo out of range");
	machine->memo[index] = machine->stack[machine->depth - 1];
	return 0;
}

static int
recall(struct machine *machine, size_t index_size)
{
	int64_t index;
	if (take_number(machine->pickle, index_size, 0, &index))
		return -1;
	if (index >= MAX_MEMO || !machine->memo[index])
		return fail(machine->pickle, "a memo that was never set");
	return push(machine, machine->memo[index]);
}

static int
push_flag(struct machine *machine, int64_t number)
{
	struct hmm_pickle_value *value = make(machine->pickle, HMM_PICKLE_INT);
	if (value)
		value->number = number;
	return push(machine, value);
}

/* key, value -> dict (SETITEM), or value -> list (APPEND). */
static int
set_one(struct machine *machine, size_t count, enum hmm_pickle_type type)
{
	if (push_tuple(machine, count))
		return -1;
	return extend(machine, pop(machine), type);
}

static int
step(struct machine *machine, int opcode)
{
	struct hmm_pickle *pickle = machine->pickle;
	int64_t length;
	switch (opcode) {
	case 0x80: /* PROTO */
		return take(pickle, 1) ? 0 : -1;
	case '}':
		return push(machine, make(pickle, HMM_PICKLE_DICT));
	case ']':
		return push(machine, make(pickle, HMM_PICKLE_LIST));
	case ')':
		return push_tuple(machine, 0);
	case '(':
		return push(machine, make(pickle, HMM_PICKLE_MARK));
	case 't':
		return push(machine, pop_mark(machine));
	case 0x85:
	case 0x86:
	case 0x87:
		return push_tuple(machine, (size_t)(opcode - 0x84));
	case 'N':
		return push(machine, make(pickle, HMM_PICKLE_NONE));
	case 0x88:
	case 0x89:
		return push_flag(machine, opcode == 0x88);
	case 'J':
		return push_int(machine, 4, 1);
	case 'K':
		return push_int(machine, 1, 0);
	case 'M':
		return push_int(machine, 2, 0);
	case 0x8a: /* LONG1 */
		return take_number(pickle, 1, 0, &length) ? -1 : push_int(machine, (size_t)length, 1);
	case 'G':
		return take(pickle, 8) ? push(machine, make(pickle, HMM_PICKLE_FLOAT)) : -1;
	case 'X':
	case 'T':
		return push_string(machine, 4);
	case 'U':
		return push_string(machine, 1);
	case 'c':
		return push_global(machine);
	case 'q':
		return remember(machine, 1);
	case 'r':
		return remember(machine, 4);
	case 'h':
		return recall(machine, 1);
	case 'j':
		return recall(machine, 4);
	case 'R':
		return reduce(machine);
	case 'Q':
		return persistent(machine);
	case 'b': /* BUILD: a state_dict's _metadata, not needed */
		return pop(machine) ? 0 : -1;
	case 's':
		return set_one(machine, 2, HMM_PICKLE_DICT);
	case 'a':
		return set_one(machine, 1, HMM_PICKLE_LIST);
	case 'u':
		return extend(machine, pop_mark(machine), HMM_PICKLE_DICT);
	case 'e':
		return extend(machine, pop_mark(machine), HMM_PICKLE_LIST);
	default:
		pickle->at--;
		return fail(pickle, "an opcode that torch.save() does not write");
	}
}

struct hmm_pickle_value *
hmm_pickle_next(struct hmm_pickle *pickle)
{
	struct machine machine = {.pickle = pickle};
	struct hmm_pickle_value *value = NULL;
	machine.stack = hmm_alloc(MAX_STACK, sizeof(*machine.stack));
	machine.memo = hmm_alloc(MAX_MEMO, sizeof(*machine.memo));
	int bad = !machine.stack || !machine.memo;
	while (!bad) {
		const unsigned char *opcode = take(pickle, 1);
		if (opcode && *opcode == '.') {
			value = pop(&machine);
			break;
		}
		bad = !opcode || step(&machine, *opcode);
	}
	free(machine.stack);
	free(machine.memo);
	return value;
}
