#include "hmm/file/pth.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <zip.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "pickle.h"
#include "regular.h"

enum { MAX_PICKLE = 64 << 20, MAX_RATIO = 1032 };
static const unsigned char magic[] = {0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19};

/* Where storages come from: entries of an archive, or the end of a legacy file. */
struct file {
	const char *path;
	size_t size;
	zip_t *zip;
	char prefix[256];           /* of the archive's entries, with its '/' */
	const unsigned char *bytes; /* the legacy file, mapped */
	const struct hmm_pickle_value *keys;
	size_t storages; /* where the legacy storages begin */
};

/* One entry of the archive, to free(); NULL, reported. */
static void *
read_entry(const struct file *file, const char *name, size_t most, size_t *size)
{
	char full[600];
	zip_stat_t status;
	snprintf(full, sizeof(full), "%s%s", file->prefix, name);
	if (zip_stat(file->zip, full, 0, &status) || !(status.valid & ZIP_STAT_SIZE)) {
		hmm_error("%s: no entry '%s' in the archive", file->path, full);
		return NULL;
	}
	if (status.size > most || status.size / MAX_RATIO > file->size) {
		hmm_error("%s: entry '%s' claims %llu bytes, want at most %zu", file->path, full,
		    (unsigned long long)status.size, most);
		return NULL;
	}
	*size = (size_t)status.size;
	void *bytes = hmm_alloc(*size, 1);
	zip_file_t *entry = bytes ? zip_fopen(file->zip, full, 0) : NULL;
	const int bad = !entry || zip_fread(entry, bytes, status.size) != (zip_int64_t)status.size;
	if (entry)
		zip_fclose(entry);
	if (!bad)
		return bytes;
	hmm_error("%s: entry '%s' is damaged", file->path, full);
	free(bytes);
	return NULL;
}

/* A copy of a legacy storage: int64 count and raw bytes each, in the order of the keys. */
static void *
read_legacy(const struct file *file, const struct hmm_pickle_value *storages, const char *key,
    size_t bytes, size_t item)
{
	size_t at = file->storages;
	for (size_t i = 0; i < file->keys->count; i++) {
		uint64_t count;
		if (file->size - at < sizeof(count))
			break;
		memcpy(&count, file->bytes + at, sizeof(count));
		at += sizeof(count);
		/* what lies between is as long as the storage of that key says */
		const struct hmm_pickle_value *id = NULL;
		for (const struct hmm_pickle_value *v = storages; v && !id; v = v->next)
			if (v->type == HMM_PICKLE_STORAGE &&
			    !strcmp(v->item[2]->text, file->keys->item[i]->text))
				id = v;
		const size_t size = id ? hmm_dtype_size((enum hmm_dtype)id->item[1]->number) : item;
		if (count > (file->size - at) / size)
			break;
		if (!strcmp(file->keys->item[i]->text, key)) {
			void *copy = count * size == bytes ? hmm_alloc(bytes, 1) : NULL;
			if (copy)
				memcpy(copy, file->bytes + at, bytes);
			else
				hmm_error("%s: storage '%s' holds %zu bytes, want %zu", file->path, key,
				    (size_t)count * size, bytes);
			return copy;
		}
		at += (size_t)count * size;
	}
	hmm_error("%s: storage '%s' is missing: truncated", file->path, key);
	return NULL;
}

/* The bytes of a tensor's storage, to free(); NULL, reported. */
static void *
read_storage(const struct file *file, const struct hmm_pickle_value *id,
    const struct hmm_pickle_value *all, size_t *elements)
{
	const char *key = id->item[2]->text;
	const size_t item = hmm_dtype_size((enum hmm_dtype)id->item[1]->number);
	size_t bytes, size;
	char name[300];
	*elements = (size_t)id->item[4]->number;
	if (id->item[4]->number < 0 || hmm_multiply(&bytes, *elements, item) ||
	    bytes / MAX_RATIO > file->size) {
		hmm_error("%s: storage '%s' claims %lld elements", file->path, key,
		    (long long)id->item[4]->number);
		return NULL;
	}
	if (!file->zip)
		return read_legacy(file, all, key, bytes, item);
	snprintf(name, sizeof(name), "data/%.200s", key);
	void *data = read_entry(file, name, bytes, &size);
	if (data && size != bytes) {
		hmm_error("%s: storage '%s' holds %zu bytes, want %zu", file->path, key, size, bytes);
		free(data);
		return NULL;
	}
	return data;
}

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

/* Copy a strided view of `elements` into a contiguous tensor; -1 when it reaches
 * outside (not reported). */
static int
copy_view(struct hmm_tensor *x, const unsigned char *storage, size_t elements, size_t offset,
    const size_t *stride)
{
	size_t count, last = offset, index[HMM_MAX_DIMENSIONS] = {0};
	const size_t item = hmm_dtype_size(x->dtype);
	if (hmm_tensor_count(x, &count))
		return -1;
	for (int i = 0; i < x->dimensions && count; i++) {
		size_t reach;
		if (hmm_multiply(&reach, x->shape[i] - 1, stride[i]) || reach > elements || last > elements)
			return -1;
		last += reach;
	}
	if (count && last >= elements)
		return -1;
	for (size_t n = 0; n < count; n++) {
		size_t at = offset;
		for (int i = 0; i < x->dimensions; i++)
			at += index[i] * stride[i];
		memcpy((unsigned char *)x->data + n * item, storage + at * item, item);
		for (int i = x->dimensions; i-- > 0;) {
			if (++index[i] < x->shape[i])
				break;
			index[i] = 0;
		}
	}
	return 0;
}

static int
add_tensor(struct hmm_checkpoint *checkpoint, const struct file *file, const char *name,
    const struct hmm_pickle_value *tensor, const struct hmm_pickle_value *all)
{
	const struct hmm_pickle_value *id = tensor->item[0], *offset = tensor->item[1];
	struct hmm_weight *weight = &checkpoint->weight[checkpoint->count];
	size_t shape[HMM_MAX_DIMENSIONS], stride[HMM_MAX_DIMENSIONS], elements, count;
	int dimensions, strides;
	if (id->type != HMM_PICKLE_STORAGE || offset->type != HMM_PICKLE_INT || offset->number < 0 ||
	    read_tuple(tensor->item[2], shape, &dimensions) ||
	    read_tuple(tensor->item[3], stride, &strides) || strides != dimensions)
		return hmm_error("%s: tensor '%s' is described wrongly", file->path, name);
	unsigned char *storage = read_storage(file, id, all, &elements);
	if (!storage)
		return -1;
	struct hmm_tensor *x = &weight->x;
	x->dimensions = dimensions;
	memcpy(x->shape, shape, sizeof(shape));
	int bad = 0;
	/* a view may repeat elements (stride 0), but a state_dict's has no need to */
	if (hmm_tensor_count(x, &count) || count > elements)
		bad = hmm_error(
		    "%s: tensor '%s' has more elements than its storage's %zu", file->path, name, elements);
	weight->name = bad ? NULL : hmm_strdup(name);
	bad = bad || !weight->name;
	checkpoint->count += !bad;
	bad = bad || hmm_tensor_resize(x, (enum hmm_dtype)id->item[1]->number, shape, dimensions);
	if (!bad && copy_view(x, storage, elements, (size_t)offset->number, stride))
		bad = hmm_error("%s: tensor '%s' reaches outside its storage", file->path, name);
	free(storage);
	return bad ? -1 : 0;
}

static const struct hmm_pickle_value *
entry_of(const struct hmm_pickle_value *dict, const char *key)
{
	for (size_t i = 0; i + 1 < dict->count; i += 2)
		if (dict->item[i]->type == HMM_PICKLE_STRING && !strcmp(dict->item[i]->text, key) &&
		    dict->item[i + 1]->type == HMM_PICKLE_DICT)
			return dict->item[i + 1];
	return NULL;
}

static int
read_tensors(struct hmm_checkpoint *checkpoint, const struct file *file,
    const struct hmm_pickle_value *dict, const struct hmm_pickle_value *all)
{
	if (dict->type != HMM_PICKLE_DICT)
		return hmm_error("%s: holds no dict of tensors (a state_dict)", file->path);
	const struct hmm_pickle_value *inner = entry_of(dict, "state_dict");
	inner = inner ? inner : entry_of(dict, "model");
	dict = inner ? inner : dict;
	checkpoint->weight = hmm_alloc(dict->count / 2, sizeof(*checkpoint->weight));
	if (!checkpoint->weight)
		return -1;
	for (size_t i = 0; i + 1 < dict->count; i += 2)
		if (dict->item[i]->type == HMM_PICKLE_STRING &&
		    dict->item[i + 1]->type == HMM_PICKLE_TENSOR &&
		    add_tensor(checkpoint, file, dict->item[i]->text, dict->item[i + 1], all))
			return -1;
	if (checkpoint->count == 0)
		return hmm_error("%s: holds no tensors", file->path);
	return 0;
}

/* ---- the two forms ---- */

static int
check_byte_order(const struct file *file)
{
	char full[300];
	size_t size;
	snprintf(full, sizeof(full), "%sbyteorder", file->prefix);
	if (zip_name_locate(file->zip, full, 0) < 0)
		return 0;
	char *order = read_entry(file, "byteorder", 64, &size);
	if (!order)
		return -1;
	const int little = size >= 6 && !memcmp(order, "little", 6);
	free(order);
	return little ? 0 : hmm_error("%s: big-endian, want little-endian", file->path);
}

static int
read_zip(struct hmm_checkpoint *checkpoint, struct file *file)
{
	static const char entry[] = "data.pkl";
	int error;
	file->zip = zip_open(file->path, ZIP_RDONLY, &error);
	if (!file->zip)
		return hmm_error("%s: a broken ZIP archive", file->path);
	const zip_int64_t entries = zip_get_num_entries(file->zip, 0);
	const char *name = NULL;
	for (zip_int64_t i = 0; i < entries && !name; i++) {
		const char *one = zip_get_name(file->zip, (zip_uint64_t)i, 0);
		const size_t length = one ? strlen(one) : 0, tail = sizeof(entry) - 1;
		if (length >= tail && length - tail < sizeof(file->prefix) &&
		    !strcmp(one + length - tail, entry))
			name = one;
	}
	int bad =
	    name ? 0 : hmm_error("%s: no data.pkl in the archive: not a PyTorch file", file->path);
	struct hmm_pickle pickle = {.name = file->path};
	void *bytes = NULL;
	if (!bad) {
		memcpy(file->prefix, name, strlen(name) - (sizeof(entry) - 1));
		bytes = read_entry(file, entry, MAX_PICKLE, &pickle.size);
		pickle.bytes = bytes;
		const struct hmm_pickle_value *dict =
		    bytes && !check_byte_order(file) ? hmm_pickle_next(&pickle) : NULL;
		bad = !dict || read_tensors(checkpoint, file, dict, pickle.values);
	}
	hmm_pickle_free(&pickle);
	free(bytes);
	zip_discard(file->zip);
	return bad;
}

/* Legacy: magic, protocol, system info, the object, the list of keys, storages. */
static int
read_pickles(struct hmm_checkpoint *checkpoint, struct file *file)
{
	struct hmm_pickle pickle = {.name = file->path, .bytes = file->bytes, .size = file->size};
	const struct hmm_pickle_value *value[5] = {NULL};
	int bad = 0;
	/* PROTO 2, LONG1 of 10 bytes, STOP: the magic number does not fit 64 bits */
	if (file->size < 15 || memcmp(file->bytes + 4, magic, sizeof(magic)))
		bad = hmm_error(
		    "%s: neither a ZIP archive, nor a legacy PyTorch file, nor safetensors", file->path);
	pickle.at = 15;
	for (int i = 1; i < 5 && !bad; i++)
		bad = !(value[i] = hmm_pickle_next(&pickle));
	if (!bad) {
		file->keys = value[4];
		file->storages = pickle.at;
		for (size_t i = 0; i < file->keys->count && !bad; i++)
			if (file->keys->type != HMM_PICKLE_LIST ||
			    file->keys->item[i]->type != HMM_PICKLE_STRING)
				bad = hmm_error("%s: its list of storages is broken", file->path);
		bad = bad || read_tensors(checkpoint, file, value[3], pickle.values);
	}
	hmm_pickle_free(&pickle);
	return bad;
}

int
hmm_pth_read(struct hmm_checkpoint *checkpoint, const char *path)
{
	struct file file = {.path = path};
	*checkpoint = (struct hmm_checkpoint){0};
	void *map = hmm_regular_map(path, &file.size, 4);
	int bad = !map;
	if (!bad) {
		file.bytes = map;
		bad = memcmp(map, "PK\3\4", 4) ? read_pickles(checkpoint, &file)
		                               : read_zip(checkpoint, &file);
		munmap(map, file.size);
	}
	if (bad)
		hmm_checkpoint_free(checkpoint);
	return bad ? -1 : 0;
}

void
hmm_checkpoint_free(struct hmm_checkpoint *checkpoint)
{
	for (size_t i = 0; i < checkpoint->count; i++) {
		free(checkpoint->weight[i].name);
		hmm_tensor_free(&checkpoint->weight[i].x);
	}
	free(checkpoint->weight);
	*checkpoint = (struct hmm_checkpoint){0};
}
