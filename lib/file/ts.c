#include "hmm/file/ts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

struct hmm_ts {
	char *path, *text;
	char **line; /* [cases] */
	size_t cases, capacity;
	int classed;          /* 1: a class, or a number to predict, behind the last channel */
	const char *declared; /* the classes in the header, in text; NULL: none */
	size_t parts;         /* of a case: channels, and its class */
};

/* Cut a line off the text, without the blanks around it; NULL at the end. */
static char *
cut_line(char **at)
{
	if (!**at)
		return NULL;
	char *line = *at + strspn(*at, " \t"), *end = *at + strcspn(*at, "\n");
	*at = end + (*end != '\0');
	while (end > line && strchr(" \t\r", end[-1]))
		end--;
	*end = '\0';
	return line;
}

/* The text behind a tag, or NULL where the line is of another one. */
static char *
value_of(char *line, const char *tag)
{
	const size_t length = strlen(tag);
	if (strncasecmp(line, tag, length) || !strchr(" \t", line[length]))
		return NULL;
	return line + length + strspn(line + length, " \t");
}

static int
is_true(const char *value)
{
	return value && !strncasecmp(value, "true", 4);
}

static int
read_header(struct hmm_ts *ts, char **at)
{
	char *line;
	while ((line = cut_line(at)) && strcasecmp(line, "@data")) {
		if (is_true(value_of(line, "@timeStamps")))
			return hmm_error("%s: samples with time stamps, want evenly spaced ones without "
			                 "(@timeStamps false)",
			    ts->path);
		const char *classes = value_of(line, "@classLabel");
		if (is_true(classes))
			ts->declared = classes + strlen("true");
		ts->classed = ts->classed || is_true(classes) || is_true(value_of(line, "@targetLabel"));
		if (*line && *line != '#' && *line != '@')
			return hmm_error(
			    "%s: '%.40s' in its header, want a line '@data' before the cases", ts->path, line);
	}
	return line ? 0 : hmm_error("%s: no line '@data', want a .ts of aeon or sktime", ts->path);
}

/* Whether a class is one of those that the header declares, if it does. */
static int
is_declared(const struct hmm_ts *ts, const char *class)
{
	const char *at = ts->declared ? ts->declared + strspn(ts->declared, " \t") : "";
	if (!*at || !strcmp(class, "?"))
		return 1;
	for (; *at; at += strspn(at, " \t")) {
		const size_t length = strcspn(at, " \t");
		if (strlen(class) == length && !strncmp(class, at, length))
			return 1;
		at += length;
	}
	return 0;
}

/* All cases have as many channels, or one lacks its class, or a channel, and others slip into its
 * place. 0, or -1 reported. */
static int
check_case(struct hmm_ts *ts, const char *line)
{
	size_t parts = 1;
	for (const char *at = line; (at = strchr(at, ':')); at++)
		parts++;
	if (ts->classed && parts == 1)
		return hmm_error("%s: case %zu has no class behind its channels", ts->path, ts->cases + 1);
	if (ts->classed && !is_declared(ts, strrchr(line, ':') + 1))
		return hmm_error("%s: case %zu: its class '%.40s' is none of @classLabel%s", ts->path,
		    ts->cases + 1, strrchr(line, ':') + 1, ts->declared);
	if (ts->cases == 0)
		ts->parts = parts;
	return parts == ts->parts
	           ? 0
	           : hmm_error("%s: case %zu has %zu channels, want %zu as in case 1", ts->path,
	                 ts->cases + 1, parts - (size_t)ts->classed, ts->parts - (size_t)ts->classed);
}

static int
read_lines(struct hmm_ts *ts, char *at)
{
	char *line;
	while ((line = cut_line(&at))) {
		void *list = ts->line;
		if (!*line || *line == '#')
			continue;
		if (check_case(ts, line))
			return -1;
		if (hmm_grow(&list, &ts->capacity, (ts->cases + 1) * sizeof(*ts->line)))
			return -1;
		ts->line = list;
		ts->line[ts->cases++] = line;
	}
	return 0;
}

struct hmm_ts *
hmm_ts_open(const char *path)
{
	size_t size;
	struct hmm_ts *ts = hmm_alloc(1, sizeof(*ts));
	if (!ts)
		return NULL;
	ts->path = hmm_strdup(path);
	char *at = ts->text = ts->path ? hmm_signal_text(path, &size) : NULL;
	if (at && !read_header(ts, &at) && !read_lines(ts, at))
		return ts;
	hmm_ts_close(ts);
	return NULL;
}

void
hmm_ts_close(struct hmm_ts *ts)
{
	if (!ts)
		return;
	free(ts->path);
	free(ts->text);
	free(ts->line);
	free(ts);
}

const char *
hmm_ts_path(const struct hmm_ts *ts)
{
	return ts->path;
}

size_t
hmm_ts_cases(const struct hmm_ts *ts)
{
	return ts->cases;
}

const char *
hmm_ts_class(const struct hmm_ts *ts, size_t number)
{
	const char *class = ts->classed ? strrchr(ts->line[number], ':') + 1 : "";
	return *class && strcmp(class, "?") ? class : NULL;
}

/* The samples of one channel from `at` to `end`. */
static int
read_channel(float *x, const char *at, const char *end, const char *place)
{
	const char *behind = at;
	for (size_t i = 0; behind < end || !i; i++, at = behind + 1)
		if (hmm_signal_number(&x[i], at, &behind, ",:"))
			return hmm_error("%s: sample %zu is '%.*s', want a number", place, i + 1,
			    (int)(behind - at < 40 ? behind - at : 40), at);
	return 0;
}

int
hmm_ts_read(const struct hmm_ts *ts, size_t number, struct hmm_signal *signal,
    const struct hmm_signal_want *want)
{
	char place[1200], name[HMM_SIGNAL_NAME];
	const char *at = ts->line[number];
	const char *last = ts->classed ? strrchr(at, ':') : at + strlen(at);
	int bad = 0;
	snprintf(place, sizeof(place), "%.1000s: case %zu", ts->path, number + 1);
	for (size_t channel = 1; at <= last && !bad; channel++) {
		const char *end = at + strcspn(at, ":");
		size_t length = 1;
		for (const char *c = at; c < end; c++)
			length += *c == ',';
		if (hmm_signal_wanted(want, hmm_signal_name(name, "channel", channel))) {
			float *x = hmm_signal_add(signal, name, want->names ? 0 : length, place);
			bad = !x || (!want->names && read_channel(x, at, end, place));
		}
		at = end + 1;
	}
	return bad ? -1 : 0;
}
