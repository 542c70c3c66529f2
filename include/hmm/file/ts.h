/* The .ts of aeon and sktime: many cases in a file, a line each, channels between colons, and
 * mostly a class behind the last one. https://www.aeon-toolkit.org, "ts file format" */
#ifndef HMM_TS_H
#define HMM_TS_H

#include "hmm/file/signal.h"

struct hmm_ts *hmm_ts_open(const char *path); /* NULL, reported: also one with time stamps */
void hmm_ts_close(struct hmm_ts *ts);         /* NULL is legal */
const char *hmm_ts_path(const struct hmm_ts *ts);
size_t hmm_ts_cases(const struct hmm_ts *ts);

/* The class of a case, from 0, or NULL. */
const char *hmm_ts_class(const struct hmm_ts *ts, size_t number);

/* A case's channels, see hmm_signal_read(). 0, or -1 reported. */
int hmm_ts_read(const struct hmm_ts *ts, size_t number, struct hmm_signal *signal,
    const struct hmm_signal_want *want);

#endif
