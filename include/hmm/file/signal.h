/* Recordings: channels over time, from CSV, .npy, EDF and BDF, and the .ts of aeon and sktime. */
#ifndef HMM_SIGNAL_H
#define HMM_SIGNAL_H

#include <stddef.h>

struct hmm_signal_channel {
	char *name;
	float *x; /* [length], finite; a channel without a number has none */
	size_t length;
};

struct hmm_signal { /* zeroes: none */
	struct hmm_signal_channel *channel;
	size_t channels;
	size_t capacity; /* private: bytes */
};
void hmm_signal_free(struct hmm_signal *signal); /* legal on zeroes; leaves zeroes */

/* Which axis of a matrix in a .npy goes from channel to channel. */
enum hmm_signal_axes { HMM_CHANNELS_TIME, HMM_TIME_CHANNELS };
#define HMM_SIGNAL_AXES "channels-time|time-channels"

/* What is wanted of a file. */
struct hmm_signal_want {
	const char *const *name; /* [count]: these channels; NULL: all */
	size_t count;
	int names; /* 1: what they are called, and no sample */
	int axes;  /* enum hmm_signal_axes of a matrix of which all are wanted, or HMM_UNSET */
};

/* Read channels of a file, which of a .ts are those of a case, "1" and so on, else NULL, into a
 * signal of zeroes, in the file's order. Missing samples at a channel's end shorten it; elsewhere
 * they are an error, as what is infinite is. A wanted channel that is not there is none. *last is
 * the last .ts, kept for its next case: NULL before, and hmm_ts_close() behind. 0, or -1 reported;
 * free the signal in either case. */
struct hmm_ts;
int hmm_signal_read(struct hmm_signal *signal, struct hmm_ts **last, const char *file,
    const char *number, const struct hmm_signal_want *want);

/* The channel of that name, or NULL (not reported). */
const struct hmm_signal_channel *hmm_signal_find(const struct hmm_signal *signal, const char *name);

/* Whether a file is a signal by the end of its name; whether that is such (".ts"), in any case; and
 * whether a channel is wanted. */
int hmm_signal_is(const char *file);
int hmm_signal_ends(const char *path, const char *ending);
int hmm_signal_wanted(const struct hmm_signal_want *want, const char *name);

/* For readers: add a channel of that many samples, undefined; their place, or NULL, reported: no
 * memory, a name that is empty, no UTF-8 or there already, or more channels than may be. `path` is
 * for messages. */
float *hmm_signal_add(struct hmm_signal *signal, const char *name, size_t length, const char *path);

/* The name of a channel that has only a number, from 1: "channel-01"; returns text. */
enum { HMM_SIGNAL_NAME = 40 };
const char *hmm_signal_name(char text[HMM_SIGNAL_NAME], const char *kind, size_t number);

/* A number in text up to `end`, where one of `ends` or a zero stands; NaN where it is missing:
 * empty, "?", "NaN", "NA", "n/a". 0, or -1 (not reported). */
int hmm_signal_number(float *number, const char *text, const char **end, const char *ends);

/* A whole regular file of text, to free(); NULL, reported: also with a zero byte in it. */
char *hmm_signal_text(const char *path, size_t *size);

/* One kind each. 0, or -1 reported. */
typedef int hmm_signal_reader(
    struct hmm_signal *signal, const char *path, const struct hmm_signal_want *want);
hmm_signal_reader hmm_signal_read_csv, hmm_signal_read_npy, hmm_signal_read_edf;

#endif
