#include "pickle_call.h"

#include <string.h>

#include "hmm/base/memory.h"

enum { STORAGE_ID = 5 }; /* 'storage', type, key, location, elements */

static const struct {
	const char *name;
	enum hmm_pickle_callable callable;
	struct hmm_pickle_element element;
} known[] = {
    {"collections.OrderedDict", HMM_PICKLE_ORDERED_DICT, {0}},
    {"torch._utils._rebuild_tensor", HMM_PICKLE_REBUILD_TENSOR, {0}}, /* before 0.4 */
    {"torch._utils._rebuild_tensor_v2", HMM_PICKLE_REBUILD_TENSOR, {0}},
    {"torch._utils._rebuild_parameter", HMM_PICKLE_REBUILD_PARAMETER, {0}},
    {"torch._utils._rebuild_parameter_with_state", HMM_PICKLE_REBUILD_PARAMETER, {0}},
    {"torch.nn.parameter.Parameter", HMM_PICKLE_REBUILD_PARAMETER, {0}},     /* before 0.4 */
    {"torch.autograd.variable.Variable", HMM_PICKLE_REBUILD_PARAMETER, {0}}, /* the same */
    {"torch.FloatStorage", HMM_PICKLE_STORAGE_TYPE, {NULL, HMM_F32, 4}},
    {"torch.HalfStorage", HMM_PICKLE_STORAGE_TYPE, {NULL, HMM_F16, 2}},
    {"torch.BFloat16Storage", HMM_PICKLE_STORAGE_TYPE, {NULL, HMM_BF16, 2}},
    {"torch.DoubleStorage", HMM_PICKLE_STORAGE_TYPE, {NULL, HMM_F64, 8}},
    {"torch.LongStorage", HMM_PICKLE_STORAGE_TYPE, {NULL, HMM_I64, 8}},
    {"torch.IntStorage", HMM_PICKLE_STORAGE_TYPE, {NULL, HMM_I32, 4}},
    {"torch.ShortStorage", HMM_PICKLE_STORAGE_TYPE, {NULL, HMM_I16, 2}},
    {"torch.CharStorage", HMM_PICKLE_STORAGE_TYPE, {NULL, HMM_I8, 1}},
    {"torch.ByteStorage", HMM_PICKLE_STORAGE_TYPE, {NULL, HMM_U8, 1}},
    {"torch.BoolStorage", HMM_PICKLE_STORAGE_TYPE, {"BOOL", HMM_U8, 1}},
    {"torch.ComplexFloatStorage", HMM_PICKLE_STORAGE_TYPE, {"C64", HMM_U8, 8}},
    {"torch.ComplexDoubleStorage", HMM_PICKLE_STORAGE_TYPE, {"C128", HMM_U8, 16}},
    {"torch.QInt8Storage", HMM_PICKLE_STORAGE_TYPE, {"QINT8", HMM_U8, 1}},
    {"torch.QUInt8Storage", HMM_PICKLE_STORAGE_TYPE, {"QUINT8", HMM_U8, 1}},
    {"torch.QInt32Storage", HMM_PICKLE_STORAGE_TYPE, {"QINT32", HMM_U8, 4}},
    {"torch.UntypedStorage", HMM_PICKLE_STORAGE_TYPE, {"UNTYPED", HMM_U8, 1}},
    {"torch.storage.UntypedStorage", HMM_PICKLE_STORAGE_TYPE, {"UNTYPED", HMM_U8, 1}},
};

const char *
hmm_pickle_maker(const struct hmm_pickle_value *object)
{
	return object->maker && object->maker->text ? object->maker->text : "something unknown";
}

struct hmm_pickle_value *
hmm_pickle_global(struct hmm_pickle *pickle, const void *module, size_t module_length,
    const void *name, size_t name_length)
{
	struct hmm_pickle_value *global =
	    hmm_machine_text(pickle, HMM_PICKLE_GLOBAL, module, module_length, name, name_length);
	if (!global || !global->text)
		return global;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(known[i].name, global->text)) {
			global->callable = known[i].callable;
			global->element = &known[i].element;
		}
	return global;
}

/* A value of another type with the items of a list. NULL, reported. */
static struct hmm_pickle_value *
copy_as(struct hmm_pickle *pickle, enum hmm_pickle_type type, const struct hmm_pickle_value *list)
{
	struct hmm_pickle_value *copy = hmm_machine_make(pickle, type);
	for (size_t i = 0; copy && i < list->count; i++)
		if (hmm_machine_append(copy, list->item[i]))
			return NULL;
	return copy;
}

/* A dict of a list of pairs, as Python 2 makes its OrderedDict of; an object where they are
 * none. NULL, reported. */
static struct hmm_pickle_value *
make_dict(struct hmm_pickle *pickle, const struct hmm_pickle_value *maker,
    const struct hmm_pickle_value *pairs)
{
	for (size_t i = 0; i < pairs->count; i++)
		if (pairs->item[i]->type != HMM_PICKLE_LIST || pairs->item[i]->count != 2)
			return hmm_machine_object(pickle, maker);
	struct hmm_pickle_value *dict = hmm_machine_make(pickle, HMM_PICKLE_DICT);
	for (size_t i = 0; dict && i < 2 * pairs->count; i++)
		if (hmm_machine_append(dict, pairs->item[i / 2]->item[i % 2]))
			return NULL;
	return dict;
}

struct hmm_pickle_value *
hmm_pickle_call(struct hmm_pickle *pickle, struct hmm_pickle_value *callable,
    struct hmm_pickle_value *arguments)
{
	const int is_tuple = arguments->type == HMM_PICKLE_LIST;
	const size_t count = is_tuple ? arguments->count : 0;
	const struct hmm_pickle_value *first = count ? arguments->item[0] : NULL;
	const int is_global = is_tuple && callable->type == HMM_PICKLE_GLOBAL;
	switch (is_global ? callable->callable : HMM_PICKLE_UNKNOWN) {
	case HMM_PICKLE_ORDERED_DICT:
		if (count == 0)
			return hmm_machine_make(pickle, HMM_PICKLE_DICT);
		if (count == 1 && first->type == HMM_PICKLE_LIST)
			return make_dict(pickle, callable, first);
		break;
	case HMM_PICKLE_REBUILD_PARAMETER:
		if (count >= 1 && (first->type == HMM_PICKLE_TENSOR || first->type == HMM_PICKLE_OBJECT))
			return arguments->item[0];
		break;
	case HMM_PICKLE_REBUILD_TENSOR:
		if (count < 4)
			break;
		return first->type == HMM_PICKLE_OBJECT ? arguments->item[0]
		                                        : copy_as(pickle, HMM_PICKLE_TENSOR, arguments);
	case HMM_PICKLE_STORAGE_TYPE:
	case HMM_PICKLE_UNKNOWN:
		break;
	}
	return hmm_machine_object(pickle, callable);
}

struct hmm_pickle_value *
hmm_pickle_persistent(struct hmm_pickle *pickle, struct hmm_pickle_value *id)
{
	const int is_list = id->type == HMM_PICKLE_LIST && id->count > 1;
	const char *what = is_list && id->item[0]->type == HMM_PICKLE_STRING ? id->item[0]->text : "";
	if (!strcmp(what, "module")) /* a class, with its source */
		return id->item[1];
	if (strcmp(what, "storage") || id->count < STORAGE_ID)
		return hmm_machine_object(pickle, id);
	const struct hmm_pickle_value *type = id->item[1];
	if (type->type == HMM_PICKLE_GLOBAL && type->callable != HMM_PICKLE_STORAGE_TYPE)
		return hmm_machine_object(pickle, type);
	if (type->type != HMM_PICKLE_GLOBAL || id->item[2]->type != HMM_PICKLE_STRING ||
	    id->item[4]->type != HMM_PICKLE_INT) {
		hmm_machine_fail(pickle, "a storage that is described wrongly");
		return NULL;
	}
	return copy_as(pickle, HMM_PICKLE_STORAGE, id);
}
