#include "hmm/file/pth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "pth_dict.h"
#include "pth_storage.h"

/* What a tensor is a view of. */
struct view {
	const struct hmm_pickle_value *storage; /* NULL: the tensor is foreign */
	size_t elements;                        /* of the storage */
	size_t offset, stride[HMM_MAX_DIMENSIONS];
};

struct hmm_checkpoint {
	struct hmm_pth_file file;
	char *path;
	char entry[HMM_PTH_ENTRY];
	struct hmm_weight *weight; /* [count] */
	struct view *view;         /* [count] */
	size_t count;
};

/* A tuple of small whole numbers; -1 (not reported). */
static int
read_tuple(const struct hmm_pickle_value *tuple, size_t *numbers, int *count)
{
	if (tuple->type != HMM_PICKLE_LIST || tuple->count > HMM_MAX_DIMENSIONS)
		return -1;
	*count = (int)tuple->count;
	for (size_t i = 0; i < tuple->count; i++) {
		if (tuple->item[i]->type != HMM_PICKLE_INT || tuple->item[i]->number < 0)
			return -1;
		numbers[i] = (size_t)tuple->item[i]->number;
	}
	return 0;
}

/* The storage itself may be a part of another, as before 0.4: its key, and from where on. -1 (not
 * reported). */
static int
add_offset(struct view *view, const struct hmm_pickle_value *storage)
{
	const struct hmm_pickle_value *part = storage->count > 5 ? storage->item[5] : NULL;
	if (!part || part->type != HMM_PICKLE_LIST)
		return 0;
	if (part->count != 3 || part->item[1]->type != HMM_PICKLE_INT || part->item[1]->number < 0 ||
	    part->item[1]->number > INT32_MAX)
		return -1;
	view->offset += (size_t)part->item[1]->number;
	return 0;
}

/* What the arguments of _rebuild_tensor say. -1 (not reported). */
static int
describe(struct hmm_weight *weight, struct view *view, const struct hmm_pickle_value *tensor)
{
	const struct hmm_pickle_value *storage = tensor->item[0], *offset = tensor->item[1];
	int strides;
	if (storage->type != HMM_PICKLE_STORAGE || offset->type != HMM_PICKLE_INT ||
	    offset->number < 0 || storage->item[4]->number < 0 ||
	    read_tuple(tensor->item[2], weight->x.shape, &weight->x.dimensions) ||
	    read_tuple(tensor->item[3], view->stride, &strides) || strides != weight->x.dimensions)
		return -1;
	view->storage = storage;
	view->elements = (size_t)storage->item[4]->number;
	view->offset = (size_t)offset->number;
	weight->x.dtype = storage->item[1]->element->dtype;
	return add_offset(view, storage);
}

/* What _rebuild_tensor_v2's seventh argument makes of the numbers that are stored, such as their
 * negatives: to free(). NULL: nothing, or not enough memory (reported, *bad). */
static char *
describe_metadata(const struct hmm_pickle_value *tensor, int *bad)
{
	const struct hmm_pickle_value *metadata = tensor->count > 6 ? tensor->item[6] : NULL;
	const int is_dict = metadata && metadata->type == HMM_PICKLE_DICT;
	if (!metadata || metadata->type == HMM_PICKLE_OTHER || (is_dict && !metadata->count))
		return NULL; /* OTHER: None */
	const struct hmm_pickle_value *key = is_dict ? metadata->item[0] : metadata;
	char text[128];
	snprintf(text, sizeof(text), "%s view", key->type == HMM_PICKLE_STRING ? key->text : "unknown");
	char *copy = hmm_strdup(text);
	*bad = !copy;
	return copy;
}

/* A tensor, or what stands in a tensor's place and nobody will make. 0, or -1 reported. */
static int
add(struct hmm_checkpoint *checkpoint, const char *name, const struct hmm_pickle_value *value)
{
	struct hmm_weight *weight = &checkpoint->weight[checkpoint->count];
	struct view *view = &checkpoint->view[checkpoint->count];
	const char *foreign = NULL;
	int bad = 0;
	if (value->type == HMM_PICKLE_OBJECT)
		foreign = hmm_pickle_maker(value);
	else if (describe(weight, view, value))
		return hmm_error("%s: tensor '%s' is described wrongly", checkpoint->path, name);
	else
		foreign = view->storage->item[1]->element->foreign;
	checkpoint->count++; /* from here on closing releases it */
	weight->name = hmm_strdup(name);
	weight->foreign = foreign                            ? hmm_strdup(foreign)
	                  : value->type == HMM_PICKLE_TENSOR ? describe_metadata(value, &bad)
	                                                     : NULL;
	return !bad && weight->name && (!foreign || weight->foreign) ? 0 : -1;
}

static int
list_tensors(struct hmm_checkpoint *checkpoint, const struct hmm_pickle_value *dict)
{
	checkpoint->weight = hmm_alloc(dict->count / 2, sizeof(*checkpoint->weight));
	checkpoint->view = hmm_alloc(dict->count / 2, sizeof(*checkpoint->view));
	if (!checkpoint->weight || !checkpoint->view)
		return -1;
	for (size_t i = 0; i + 1 < dict->count; i += 2) {
		const struct hmm_pickle_value *key = dict->item[i], *value = dict->item[i + 1];
		if (key->type == HMM_PICKLE_STRING &&
		    (value->type == HMM_PICKLE_TENSOR || value->type == HMM_PICKLE_OBJECT) &&
		    add(checkpoint, key->text, value))
			return -1;
	}
	return 0;
}

struct hmm_checkpoint *
hmm_checkpoint_open(const char *path, const char *entry)
{
	struct hmm_checkpoint *checkpoint = hmm_alloc(1, sizeof(*checkpoint));
	if (!checkpoint)
		return NULL;
	checkpoint->path = hmm_strdup(path);
	const struct hmm_pickle_value *dict =
	    checkpoint->path ? hmm_pth_open(&checkpoint->file, checkpoint->path) : NULL;
	if (dict)
		dict = hmm_pth_find_dict(checkpoint->entry, path, dict, entry);
	if (dict && !list_tensors(checkpoint, dict))
		return checkpoint;
	hmm_checkpoint_close(checkpoint);
	return NULL;
}

void
hmm_checkpoint_close(struct hmm_checkpoint *checkpoint)
{
	if (!checkpoint)
		return;
	for (size_t i = 0; i < checkpoint->count; i++) {
		free(checkpoint->weight[i].name);
		free(checkpoint->weight[i].foreign);
	}
	hmm_pth_close(&checkpoint->file);
	free(checkpoint->weight);
	free(checkpoint->view);
	free(checkpoint->path);
	free(checkpoint);
}

const char *
hmm_checkpoint_entry(const struct hmm_checkpoint *checkpoint)
{
	return checkpoint->entry;
}

const struct hmm_weight *
hmm_checkpoint_weights(const struct hmm_checkpoint *checkpoint, size_t *count)
{
	*count = checkpoint->count;
	return checkpoint->weight;
}

/* Copy a strided view of a storage into a contiguous tensor of `count` elements; -1 when it
 * reaches outside (not reported). */
static int
copy_view(struct hmm_tensor *x, size_t count, const unsigned char *storage, const struct view *view)
{
	size_t last = view->offset, index[HMM_MAX_DIMENSIONS] = {0};
	const size_t item = hmm_dtype_size(x->dtype);
	for (int i = 0; i < x->dimensions && count; i++) {
		size_t reach;
		if (hmm_multiply(&reach, x->shape[i] - 1, view->stride[i]) || reach > view->elements ||
		    last > view->elements)
			return -1;
		last += reach;
	}
	if (count && last >= view->elements)
		return -1;
	for (size_t n = 0; n < count; n++) {
		size_t at = view->offset;
		for (int i = 0; i < x->dimensions; i++)
			at += index[i] * view->stride[i];
		memcpy((unsigned char *)x->data + n * item, storage + at * item, item);
		for (int i = x->dimensions; i-- > 0;) {
			if (++index[i] < x->shape[i])
				break;
			index[i] = 0;
		}
	}
	return 0;
}

int
hmm_checkpoint_read(struct hmm_checkpoint *checkpoint, size_t i, struct hmm_tensor *x)
{
	const struct hmm_weight *weight = &checkpoint->weight[i];
	const struct view *view = &checkpoint->view[i];
	const char *path = checkpoint->path;
	size_t bytes, count;
	if (weight->foreign)
		return hmm_error("%s: tensor '%s' is of type %s, which is not read", path, weight->name,
		    weight->foreign);
	/* a view may repeat elements (stride 0), but a state_dict's has no need to */
	if (hmm_tensor_count(&weight->x, &count) || count > view->elements)
		return hmm_error("%s: tensor '%s' has more elements than its storage's %zu", path,
		    weight->name, view->elements);
	if (hmm_multiply(&bytes, view->elements, hmm_dtype_size(weight->x.dtype)))
		return hmm_error(
		    "%s: tensor '%s': a storage of %zu elements", path, weight->name, view->elements);
	const unsigned char *storage = hmm_pth_storage(&checkpoint->file, view->storage, bytes);
	if (!storage || hmm_tensor_resize(x, weight->x.dtype, weight->x.shape, weight->x.dimensions))
		return -1;
	return copy_view(x, count, storage, view)
	           ? hmm_error("%s: tensor '%s' reaches outside its storage", path, weight->name)
	           : 0;
}
