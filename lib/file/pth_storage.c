#include "pth_storage.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/file/regular.h"
#include "archive.h"

enum { MAX_PICKLE = 64 << 20, MAGIC_START = 2, FRAME = 9 };

/* LONG1 of 10 bytes, the magic number, STOP. */
static const unsigned char magic[] = {
    0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, '.'};

/* ---- the archive ---- */

/* One entry, to free(); NULL, reported. */
static void *
read_entry(const struct hmm_pth_file *file, const char *name, size_t most, size_t *size)
{
	char full[600];
	snprintf(full, sizeof(full), "%s%s", file->prefix, name);
	return hmm_archive_read(file->zip, file->path, file->size, full, most, size);
}

static int
check_byte_order(const struct hmm_pth_file *file)
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

/* The archive's pickle, whose folder is that of all entries. */
static const struct hmm_pickle_value *
open_archive(struct hmm_pth_file *file)
{
	static const char entry[] = "data.pkl";
	const size_t tail = sizeof(entry) - 1;
	int error;
	file->zip = zip_open(file->path, ZIP_RDONLY, &error);
	if (!file->zip) {
		hmm_error("%s: a broken ZIP archive", file->path);
		return NULL;
	}
	const zip_int64_t entries = zip_get_num_entries(file->zip, 0);
	const char *name = NULL;
	for (zip_int64_t i = 0; i < entries && !name; i++) {
		const char *one = zip_get_name(file->zip, (zip_uint64_t)i, 0);
		const size_t length = one ? strlen(one) : 0;
		if (length >= tail && length - tail < sizeof(file->prefix) &&
		    !strcmp(one + length - tail, entry))
			name = one;
	}
	if (!name) {
		hmm_error("%s: no data.pkl in the archive: not a PyTorch file", file->path);
		return NULL;
	}
	memcpy(file->prefix, name, strlen(name) - tail);
	file->text = read_entry(file, entry, MAX_PICKLE, &file->pickle.size);
	file->pickle.bytes = file->text;
	return file->text && !check_byte_order(file) ? hmm_pickle_next(&file->pickle) : NULL;
}

/* ---- the legacy form: magic, protocol, system, the object, the list of keys, storages ---- */

static int
by_key(const void *left, const void *right)
{
	const struct hmm_pth_place *a = left, *b = right;
	return strcmp(a->key, b->key);
}

static struct hmm_pth_place *
find_place(const struct hmm_pth_file *file, const char *key)
{
	const struct hmm_pth_place want = {.key = key};
	return file->places ? bsearch(&want, file->place, file->places, sizeof(want), by_key) : NULL;
}

/* A place for every storage that the object has. 0, or -1 reported. */
static int
list_places(struct hmm_pth_file *file)
{
	size_t count = 0, kept = 0;
	for (const struct hmm_pickle_value *v = file->pickle.values; v; v = v->next)
		count += v->type == HMM_PICKLE_STORAGE;
	file->place = hmm_alloc(count, sizeof(*file->place));
	if (!file->place)
		return -1;
	for (const struct hmm_pickle_value *v = file->pickle.values; v; v = v->next)
		if (v->type == HMM_PICKLE_STORAGE)
			file->place[file->places++] =
			    (struct hmm_pth_place){.key = v->item[2]->text, .item = v->item[1]->element->size};
	qsort(file->place, file->places, sizeof(*file->place), by_key);
	for (size_t i = 0; i < file->places; i++) {
		if (kept && !by_key(&file->place[kept - 1], &file->place[i])) {
			if (file->place[kept - 1].item != file->place[i].item)
				return hmm_error(
				    "%s: storage '%s' is of two types", file->path, file->place[i].key);
			continue;
		}
		file->place[kept++] = file->place[i];
	}
	file->places = kept;
	return 0;
}

/* The places, from what follows the list of keys: an int64 count and the elements each. 0, or -1
 * reported. */
static int
find_places(struct hmm_pth_file *file, const struct hmm_pickle_value *keys)
{
	size_t at = file->pickle.at;
	if (list_places(file))
		return -1;
	for (size_t i = 0; i < keys->count; i++) {
		uint64_t count;
		const char *key = keys->item[i]->type == HMM_PICKLE_STRING ? keys->item[i]->text : NULL;
		struct hmm_pth_place *place = key ? find_place(file, key) : NULL;
		if (!place || place->at)
			return hmm_error("%s: its list of storages is broken", file->path);
		if (file->size - at < sizeof(count))
			return hmm_error("%s: storage '%s' is missing: truncated", file->path, key);
		memcpy(&count, file->bytes + at, sizeof(count));
		at += sizeof(count);
		if (count > (file->size - at) / place->item)
			return hmm_error("%s: storage '%s' claims %llu elements: truncated", file->path, key,
			    (unsigned long long)count);
		place->at = at;
		place->bytes = (size_t)count * place->item;
		at += place->bytes;
	}
	return 0;
}

static const struct hmm_pickle_value *
open_legacy(struct hmm_pth_file *file)
{
	const struct hmm_pickle_value *value[4] = {NULL};
	file->pickle.bytes = file->bytes;
	file->pickle.size = file->size;
	/* since protocol 4 a frame may come before */
	for (size_t at = MAGIC_START; at <= MAGIC_START + FRAME && !file->pickle.at; at += FRAME)
		if (file->size >= at + sizeof(magic) && !memcmp(file->bytes + at, magic, sizeof(magic)))
			file->pickle.at = at + sizeof(magic);
	if (file->bytes[0] != 0x80 || !file->pickle.at) {
		hmm_error(
		    "%s: neither a ZIP archive, nor a legacy PyTorch file, nor safetensors", file->path);
		return NULL;
	}
	for (int i = 0; i < 4; i++)
		if (!(value[i] = hmm_pickle_next(&file->pickle)))
			return NULL;
	if (value[3]->type != HMM_PICKLE_LIST) {
		hmm_error("%s: its list of storages is broken", file->path);
		return NULL;
	}
	return find_places(file, value[3]) ? NULL : value[2];
}

/* ---- both ---- */

const struct hmm_pickle_value *
hmm_pth_open(struct hmm_pth_file *file, const char *path)
{
	*file = (struct hmm_pth_file){.path = path, .pickle = {.name = path}};
	void *map = hmm_regular_map(path, &file->size, 4);
	file->bytes = map;
	if (!map)
		return NULL;
	return memcmp(map, "PK\3\4", 4) ? open_legacy(file) : open_archive(file);
}

void
hmm_pth_close(struct hmm_pth_file *file)
{
	hmm_pickle_free(&file->pickle);
	if (file->zip)
		zip_discard(file->zip);
	if (file->bytes)
		munmap((void *)file->bytes, file->size);
	free(file->place);
	free(file->text);
	free(file->block);
	free(file->key);
	*file = (struct hmm_pth_file){0};
}

/* Read a storage of the archive, unless it is the one that was read last. 0, or -1 reported. */
static int
read_block(struct hmm_pth_file *file, const char *key, size_t bytes)
{
	char name[300];
	if (file->key && !strcmp(file->key, key))
		return 0;
	free(file->block);
	free(file->key);
	file->key = NULL;
	snprintf(name, sizeof(name), "data/%.200s", key);
	file->block = read_entry(file, name, bytes, &file->block_size);
	file->key = file->block ? hmm_strdup(key) : NULL;
	return file->key ? 0 : -1;
}

const unsigned char *
hmm_pth_storage(struct hmm_pth_file *file, const struct hmm_pickle_value *storage, size_t bytes)
{
	const char *key = storage->item[2]->text;
	const struct hmm_pth_place *place = find_place(file, key);
	if (!file->zip && (!place || !place->at)) {
		hmm_error("%s: storage '%s' is missing", file->path, key);
		return NULL;
	}
	if (file->zip && read_block(file, key, bytes))
		return NULL;
	const size_t found = file->zip ? file->block_size : place->bytes;
	if (found == bytes)
		return file->zip ? file->block : file->bytes + place->at;
	hmm_error("%s: storage '%s' holds %zu bytes, want %zu", file->path, key, found, bytes);
	return NULL;
}
