#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/tensor.h"
#include "hmm/file/signal.h"
#include "hmm/file/ts.h"

static int
read_case(struct hmm_signal *signal, struct hmm_ts **last, const char *file, const char *text,
    const struct hmm_signal_want *want)
{
	if (!text)
		return hmm_error("%s: many cases, want one of them: FILE.ts#1", file);
	if (!*last || strcmp(hmm_ts_path(*last), file)) {
		hmm_ts_close(*last);
		*last = hmm_ts_open(file);
	}
	if (!*last)
		return -1;
	const size_t cases = hmm_ts_cases(*last);
	const unsigned long number = strtoul(text, NULL, 10);
	return number < 1 || number > cases
	           ? hmm_error("%s#%s: no such case, want #1 to #%zu", file, text, cases)
	           : hmm_ts_read(*last, number - 1, signal, want);
}

static const struct {
	const char *ending;
	hmm_signal_reader *read; /* NULL: it has cases */
} kinds[] = {{".ts", NULL}, {".csv", hmm_signal_read_csv}, {".tsv", hmm_signal_read_csv},
    {".npy", hmm_signal_read_npy}, {".edf", hmm_signal_read_edf}, {".bdf", hmm_signal_read_edf}};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* KINDS: none. */
static size_t
kind_of(const char *file)
{
	size_t kind = 0;
	while (kind < KINDS && !hmm_signal_ends(file, kinds[kind].ending))
		kind++;
	return kind;
}

int
hmm_signal_is(const char *file)
{
	return kind_of(file) < KINDS;
}

static int
read_any(struct hmm_signal *signal, struct hmm_ts **last, const char *file, const char *number,
    const struct hmm_signal_want *want)
{
	const size_t kind = kind_of(file);
	if (kind == KINDS)
		return hmm_error(
		    "%s: no known kind of signal, want .ts, .csv, .tsv, .npy, .edf or .bdf", file);
	if (!kinds[kind].read)
		return read_case(signal, last, file, number, want);
	return number ? hmm_error("%s#%s: it has no cases, want FILE alone", file, number)
	              : kinds[kind].read(signal, file, want);
}

/* Cut what is missing at a channel's end; what is missing elsewhere is an error, unless all is. */
static int
finish_channel(struct hmm_signal_channel *channel, const char *file, const char *number)
{
	while (channel->length && isnan(channel->x[channel->length - 1]))
		channel->length--;
	const size_t first = hmm_first_not_finite(channel->x, channel->length);
	if (first == channel->length)
		return 0;
	return hmm_error("%s%s%s: channel '%s': sample %zu is %s; interpolate it, or leave the channel "
	                 "out",
	    file, number ? "#" : "", number ? number : "", channel->name, first + 1,
	    isnan(channel->x[first]) ? "missing" : "infinite");
}

int
hmm_signal_read(struct hmm_signal *signal, struct hmm_ts **last, const char *file,
    const char *number, const struct hmm_signal_want *want)
{
	if (read_any(signal, last, file, number, want))
		return -1;
	for (size_t i = 0; i < signal->channels; i++)
		if (finish_channel(&signal->channel[i], file, number))
			return -1;
	return 0;
}
