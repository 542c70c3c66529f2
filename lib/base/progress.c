#include "hmm/base/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "hmm/base/error.h"
#include "hmm/base/option.h"

enum { BAR = 30 };
static const double patience = 2.0, interval = 0.1; /* seconds */

static double
now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

void
hmm_progress_start(struct hmm_progress *progress, const char *what, long total)
{
	*progress = (struct hmm_progress){.what = what, .total = total};
	progress->visible = !hmm_quiet && isatty(STDERR_FILENO);
	progress->start = progress->visible ? now() : 0;
}

void
hmm_progress_step(struct hmm_progress *progress, long done)
{
	if (!progress->visible)
		return;
	const double time = now(), spent = time - progress->start;
	if (spent < patience || time - progress->shown < interval)
		return;
	progress->shown = time;
	if (progress->total > 0 && done > progress->begun) {
		const double rate = (double)(done - progress->begun) / spent;
		const double left = (double)(progress->total - done) / rate;
		const int filled = (int)(BAR * done / progress->total);
		fprintf(stderr, "\r%s %s [%.*s%*s] %ld/%ld, %.3g/s, %.0f s left%s \033[K", hmm_program,
		    progress->what, filled, "##############################", BAR - filled, "", done,
		    progress->total, rate, left, progress->note);
	} else {
		fprintf(stderr, "\r%s %s %ld, %.0f s\033[K", hmm_program, progress->what, done, spent);
	}
}

void
hmm_progress_end(struct hmm_progress *progress)
{
	if (progress->visible && progress->shown > 0)
		fputs("\r\033[K", stderr);
}
