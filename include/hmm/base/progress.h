/* A progress bar on standard error: only on a terminal, only when the work
 * takes more than two seconds, never with -q. */
#ifndef HMM_PROGRESS_H
#define HMM_PROGRESS_H

struct hmm_progress {
	const char *what;
	long total; /* 0: not known, only counted */
	long begun; /* what was done before it started; to be set behind the start */
	double start, shown;
	int visible;
	char note[240]; /* what else is said, to be changed at will */
};

void hmm_progress_start(struct hmm_progress *progress, const char *what, long total);
void hmm_progress_step(struct hmm_progress *progress, long done);
/* Clear the line. */
void hmm_progress_end(struct hmm_progress *progress);

#endif
