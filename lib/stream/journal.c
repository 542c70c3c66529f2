#include "hmm/stream/journal.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/names.h"
#include "hmm/data/table.h"
#include "hmm/file/output.h"
#include "hmm/file/tree.h"

/* What tells that a file is still the one that was hashed. */
enum { DEVICE, INODE, SIZE, MTIME, CTIME, FACTS, FACT = 48 };
struct facts {
	char text[FACTS][FACT];
};

/* The columns of journal.tsv. */
enum { PATH, ALONE = 1 + FACTS, SHA256, COLUMNS };
static const char *const header[COLUMNS] = {
    "path", "device", "inode", "size", "mtime", "ctime", "alone", "sha256"};

struct note {
	char *path;
	struct facts facts;
	char sha256[HMM_HASH_SIZE];
	int alone;
};

struct hmm_journal {
	char *file;
	char *here;              /* the working folder, for names that begin in it */
	struct hmm_table *table; /* NULL: there is none */
	int distrusted;
	int strange; /* what stands in its place is no file of ours: neither read nor written */
	struct hmm_names paths; /* of its rows, by their numbers */
	pthread_mutex_t noting;
	struct note *note; /* [count], of this run */
	size_t count, capacity;
};

static char *
absolute(const struct hmm_journal *journal, const char *path)
{
	return *path == '/' ? hmm_strdup(path) : hmm_tree_join(journal->here, path);
}

static void
get_facts(struct facts *facts, const struct stat *status)
{
	*facts = (struct facts){0};
	snprintf(facts->text[DEVICE], FACT, "%ju", (uintmax_t)status->st_dev);
	snprintf(facts->text[INODE], FACT, "%ju", (uintmax_t)status->st_ino);
	snprintf(facts->text[SIZE], FACT, "%jd", (intmax_t)status->st_size);
	snprintf(facts->text[MTIME], FACT, "%jd.%09ld", (intmax_t)status->st_mtim.tv_sec,
	    status->st_mtim.tv_nsec);
	snprintf(facts->text[CTIME], FACT, "%jd.%09ld", (intmax_t)status->st_ctim.tv_sec,
	    status->st_ctim.tv_nsec);
}

/* Whether a file that is there begins as a journal does, as far as it goes: one of which a disk
 * that was full has kept nothing else is one. */
static int
is_ours(const char *path)
{
	char line[128] = "", want[128] = "";
	FILE *file = fopen(path, "rb");
	if (!file)
		return 0;
	for (int c = 0; c < COLUMNS; c++)
		snprintf(want + strlen(want), sizeof(want) - strlen(want), "%s%c", header[c],
		    c + 1 < COLUMNS ? '\t' : '\n');
	const size_t length = fread(line, 1, strlen(want), file);
	const int ours = !ferror(file) && !memcmp(line, want, length);
	fclose(file);
	return ours;
}

/* 1, 0: it is no journal, or -1 reported. */
static int
number_rows(struct hmm_journal *journal)
{
	const struct hmm_table *table = journal->table;
	int good = table->columns == COLUMNS;
	for (size_t row = 0; good && row < table->rows; row++) {
		for (int c = 0; good && c < COLUMNS; c++)
			good = hmm_table_cell(table, row, c) != NULL;
		good = good && hmm_hash_is_digest(hmm_table_cell(table, row, SHA256));
		if (!good)
			break;
		const long number = hmm_names_add(&journal->paths, hmm_table_cell(table, row, PATH));
		if (number < 0)
			return -1;
		good = (size_t)number == row;
	}
	return good;
}

static int
read_journal(struct hmm_journal *journal)
{
	struct stat status;
	if (lstat(journal->file, &status))
		return 0;
	const int regular = S_ISREG(status.st_mode);
	if (!regular || !is_ours(journal->file)) {
		journal->strange = 1;
		hmm_warn("%s: %s; it stays as it is, and all files are hashed", journal->file,
		    regular ? "does not begin as a journal of files does" : "not a regular file");
		return 0;
	}
	journal->table = hmm_table_read_named(journal->file, '\t');
	const int good = journal->table ? number_rows(journal) : 0;
	if (good < 0)
		return -1;
	if (good)
		return 0;
	hmm_warn("%s: no journal of files; it is begun anew, and all files are hashed", journal->file);
	hmm_table_free(journal->table);
	journal->table = NULL;
	return 0;
}

struct hmm_journal *
hmm_journal_open(const char *folder, int rehash)
{
	struct hmm_journal *journal = hmm_alloc(1, sizeof(*journal));
	if (!journal)
		return NULL;
	pthread_mutex_init(&journal->noting, NULL);
	journal->distrusted = rehash;
	journal->here = getcwd(NULL, 0);
	journal->file = hmm_tree_join(folder, HMM_JOURNAL_FILE);
	if (!journal->here)
		hmm_error("working folder: %s", strerror(errno));
	else if (journal->file && !read_journal(journal))
		return journal;
	hmm_journal_close(journal);
	return NULL;
}

void
hmm_journal_close(struct hmm_journal *journal)
{
	if (!journal)
		return;
	for (size_t i = 0; i < journal->count; i++)
		free(journal->note[i].path);
	free(journal->note);
	hmm_names_close(&journal->paths);
	hmm_table_free(journal->table);
	free(journal->file);
	free(journal->here);
	pthread_mutex_destroy(&journal->noting);
	free(journal);
}

/* The row of a file that has not changed since it was hashed; -1: there is none. */
static long
find_row(const struct hmm_journal *journal, const char *path)
{
	struct stat status;
	struct facts facts;
	const int known = journal->table && !journal->distrusted && !stat(path, &status);
	char *name = known ? absolute(journal, path) : NULL;
	const long row = name ? hmm_names_find(&journal->paths, name) : -1;
	free(name);
	if (row < 0)
		return -1;
	get_facts(&facts, &status);
	for (int i = 0; i < FACTS; i++)
		if (strcmp(facts.text[i], hmm_table_cell(journal->table, (size_t)row, 1 + i)))
			return -1;
	return row;
}

int
hmm_journal_knows(const struct hmm_journal *journal, char sha256[HMM_HASH_SIZE], const char *path)
{
	const long row = find_row(journal, path);
	if (row < 0 || strcmp(hmm_table_cell(journal->table, (size_t)row, ALONE), "yes"))
		return 0;
	memcpy(sha256, hmm_table_cell(journal->table, (size_t)row, SHA256), HMM_HASH_SIZE);
	return 1;
}

/* Whether a file was old when that began, and is what it was. */
static int
is_settled(const struct stat *before, const char *path, time_t began)
{
	static const time_t soon = 2;
	struct stat after;
	struct facts one, other;
	if (stat(path, &after))
		return 0;
	get_facts(&one, before);
	get_facts(&other, &after);
	return before->st_mtim.tv_sec < began - soon && before->st_ctim.tv_sec < began - soon &&
	       !memcmp(&one, &other, sizeof(one));
}

int
hmm_journal_hash(
    struct hmm_journal *journal, char sha256[HMM_HASH_SIZE], const char *path, int alone)
{
	const time_t began = time(NULL);
	const long row = find_row(journal, path);
	struct note note = {.alone = alone};
	struct stat before;
	if (row >= 0) {
		memcpy(sha256, hmm_table_cell(journal->table, (size_t)row, SHA256), HMM_HASH_SIZE);
		return 0;
	}
	const int known = !stat(path, &before);
	if (hmm_hash_file(sha256, path))
		return -1;
	if (!known || !is_settled(&before, path, began))
		return 0;
	get_facts(&note.facts, &before);
	memcpy(note.sha256, sha256, HMM_HASH_SIZE);
	if (!(note.path = absolute(journal, path)))
		return -1;
	pthread_mutex_lock(&journal->noting);
	void *notes = journal->note;
	const int bad = hmm_grow(&notes, &journal->capacity, (journal->count + 1) * sizeof(note));
	journal->note = notes;
	if (!bad)
		journal->note[journal->count++] = note;
	pthread_mutex_unlock(&journal->noting);
	if (bad)
		free(note.path);
	return bad;
}

static void
write_note(FILE *file, struct note *note)
{
	char yes[] = "yes", no[] = "no", *cell[COLUMNS];
	cell[PATH] = note->path;
	for (int i = 0; i < FACTS; i++)
		cell[1 + i] = note->facts.text[i];
	cell[ALONE] = note->alone ? yes : no;
	cell[SHA256] = note->sha256;
	hmm_table_write_line(file, cell, COLUMNS);
}

/* Each note once, and the rows of other files. 0, or -1 reported. */
static int
write_journal(FILE *file, struct hmm_journal *journal)
{
	struct hmm_names noted = {0};
	const struct hmm_table *table = journal->table;
	int bad = 0;
	for (int c = 0; c < COLUMNS; c++)
		hmm_table_write(file, header[c], c == 0);
	putc('\n', file);
	for (size_t i = 0; i < journal->count && !bad; i++) {
		const size_t before = noted.count;
		bad = hmm_names_add(&noted, journal->note[i].path) < 0;
		if (!bad && noted.count > before)
			write_note(file, &journal->note[i]);
	}
	for (size_t row = 0; table && row < table->rows && !bad; row++)
		if (hmm_names_find(&noted, hmm_table_cell(table, row, PATH)) < 0)
			hmm_table_write_line(file, table->cells + row * COLUMNS, COLUMNS);
	hmm_names_close(&noted);
	return bad;
}

int
hmm_journal_save(struct hmm_journal *journal)
{
	struct hmm_output output = {0};
	if (journal->count == 0 || journal->strange)
		return 0;
	int bad = hmm_tree_above(journal->file) || hmm_output_open(&output, journal->file) ||
	          write_journal(output.file, journal) || hmm_output_finish(&output);
	hmm_output_abandon(&output);
	if (bad)
		hmm_warn("%s: without it these files are hashed again next time", journal->file);
	return bad ? -1 : 0;
}
