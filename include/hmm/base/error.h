/* Errors: one clear line on standard error, prefixed with the program's name.
 *
 * A library function that fails reports once, where it knows the most, and
 * returns -1 or NULL; its callers only pass the failure on. */
#ifndef HMM_ERROR_H
#define HMM_ERROR_H

#define HMM_PRINTF(string, first) __attribute__((format(printf, string, first)))

/* The program's name in messages; points to static storage. */
extern const char *hmm_program;

/* Print "<program>: <message>" and return -1. Control characters that came in
 * with file names or fields are shown as '?', so that a message stays one line. */
int hmm_error(const char *format, ...) HMM_PRINTF(1, 2);

/* Print "<program>: <message>", of what is no fault; hmm_say() not where hmm_quiet is set. */
void hmm_note(const char *format, ...) HMM_PRINTF(1, 2);
void hmm_say(const char *format, ...) HMM_PRINTF(1, 2);
extern int hmm_quiet;

/* Print "<program>: warning: <message>". */
void hmm_warn(const char *format, ...) HMM_PRINTF(1, 2);

/* The same for what may be so of many files or records: the first of a kind (of a format, which
 * must be a literal) is printed when the program ends, with the number of the others. By any
 * thread. */
void hmm_warn_counted(const char *format, ...) HMM_PRINTF(1, 2);

/* 1: none of both are made, of what is read again. */
extern int hmm_warnings_off;

/* Print them now. */
void hmm_warn_flush(void);

#endif
