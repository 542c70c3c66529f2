/* SHA-256 of files that were hashed before and have not changed since, by what the file system
 * says of them: a table in the folder of a cache. */
#ifndef HMM_JOURNAL_H
#define HMM_JOURNAL_H

#include "hmm/base/hash.h"

#define HMM_JOURNAL_FILE "journal.tsv"

struct hmm_journal;

/* The journal of that folder; with `rehash` what it says is not believed. One that cannot be read
 * is a warning, and begun anew. NULL, reported. */
struct hmm_journal *hmm_journal_open(const char *folder, int rehash);
void hmm_journal_close(struct hmm_journal *journal); /* NULL is legal */

/* Whether a file has not changed since it was hashed, and was then all that there is of an image
 * or a mask: 1, and its digest; or 0. */
int hmm_journal_knows(
    const struct hmm_journal *journal, char sha256[HMM_HASH_SIZE], const char *path);

/* The digest of a file: where it has changed, or was not hashed before, it is hashed, and that
 * noted; `alone`: it is all that there is of an image. It is not noted when it changed within the
 * last two seconds: within the tick of a clock it may change once more and keep its times. By any
 * thread. 0, or -1 reported. */
int hmm_journal_hash(
    struct hmm_journal *journal, char sha256[HMM_HASH_SIZE], const char *path, int alone);

/* Write what is new, beside what was there, in one step; others may do so at the same time, of whom
 * the last one stays. 0, or -1 reported: the work goes on without. */
int hmm_journal_save(struct hmm_journal *journal);

#endif
