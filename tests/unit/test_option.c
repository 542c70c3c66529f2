/* The option parser: every type, every way to write it, every refusal; and the history. */
#include "hmm/base/error.h"
#include "hmm/base/option.h"

#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

static int flag, other_flag, unset = HMM_UNSET;
static long count = 7, noted_count = 3, bytes = HMM_UNSET;
static double number = .5;
static const char *text, *noted_text;
static struct hmm_option_list list;
static enum { RED, GREEN, DEEP_BLUE } colour = GREEN;

static const struct hmm_option options[] = {
    HMM_OPTION_FLAG('f', "flag", &flag, "a flag", HMM_NOTED),
    HMM_OPTION_COUNT('n', "count", &count, "N", "a count", HMM_UNNOTED),
    HMM_OPTION_COUNT(0, "noted-count", &noted_count, "N", "a count in the history", HMM_NOTED),
    HMM_OPTION_NUMBER('x', "number", &number, "X", "a number", HMM_NOTED),
    HMM_OPTION_TEXT('t', "text", &text, "FILE", "a text", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "noted-text", &noted_text, "WORDS", "a text in the history", HMM_NOTED),
    HMM_OPTION_CHOICE('c', "colour", &colour, "red|green|deep-blue", "a choice", HMM_NOTED),
    HMM_OPTION_CHOICE(0, "unset", &unset, "one|two", "a choice without a default", HMM_NOTED),
    HMM_OPTION_BYTES('b', "bytes", &bytes, "BYTES", "bytes", HMM_UNNOTED),
    HMM_OPTION_LIST('l', "list", &list, "FILE", "a text, again for another", HMM_UNNOTED),
    HMM_OPTION_FLAG('o', "other-flag", &other_flag, "another", HMM_NOTED),
};
static const struct hmm_usage usage = {
    "[OPTION]... [FILE]", "Try the options.", options, HMM_COUNT_OF(options)};

static int once;            /* 1: hmm_option_parse_once */
static char *arguments[16]; /* as the parser leaves them, operands last */

static int
parse(const char *const *words)
{
	int argc = 0;
	for (; words[argc]; argc++)
		memcpy(&arguments[argc], &words[argc], sizeof(words[argc])); /* never written to */
	arguments[argc] = NULL;
	flag = other_flag = hmm_quiet = 0;
	unset = HMM_UNSET;
	count = 7;
	noted_count = 3;
	number = .5;
	text = noted_text = NULL;
	bytes = HMM_UNSET;
	list.count = 0;
	colour = GREEN;
	optind = 0; /* glibc: begin anew */
	return once ? hmm_option_parse_once(argc, arguments, &usage)
	            : hmm_option_parse(argc, arguments, &usage);
}
#define PARSE(...) parse((const char *[]){"/some/where/try", __VA_ARGS__, NULL})

static char said[4096]; /* standard output and standard error of the child */

/* Parse in a child; its exit status, or -1 where it did not end by itself. */
static int
end_of(const char *const *words)
{
	int ends[2], status;
	fflush(NULL);
	if (pipe(ends))
		return -1;
	const pid_t child = fork();
	if (child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		parse(words);
		_exit(99);
	}
	close(ends[1]);
	size_t used = 0;
	for (ssize_t got; (got = read(ends[0], said + used, sizeof(said) - 1 - used)) > 0;)
		used += (size_t)got;
	said[used] = '\0';
	close(ends[0]);
	return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
#define END_OF(...) end_of((const char *[]){"/some/where/try", __VA_ARGS__, NULL})

/* Whether the program ended with status 2 and said this, in one line with its name. */
static int
refused(int status, const char *what)
{
	char line[512];
	snprintf(line, sizeof(line), "try: %s (try try --help)\n", what);
	if (status == 2 && !strcmp(said, line))
		return 1;
	printf("status %d: %swant: %s", status, said, line);
	return 0;
}
#define REFUSED(what, ...) refused(END_OF(__VA_ARGS__), what)

static void
test_defaults(void)
{
	CHECK(parse((const char *[]){"try", NULL}) == 1);
	CHECK(!flag && !other_flag && !hmm_quiet && count == 7 && number == .5);
	CHECK(!text && colour == GREEN && unset == HMM_UNSET);
}

static void
test_types(void)
{
	CHECK(PARSE("-f") == 2 && flag == 1 && other_flag == 0);
	CHECK(PARSE("--flag") == 2 && flag == 1);
	CHECK(PARSE("-fo") == 2 && flag == 1 && other_flag == 1);
	CHECK(PARSE("-q") == 2 && hmm_quiet == 1);
	CHECK(PARSE("-n", "0") == 3 && count == 0);
	CHECK(PARSE("-n12") == 2 && count == 12);
	CHECK(PARSE("-fn12") == 2 && flag == 1 && count == 12);
	CHECK(PARSE("--count", "9223372036854775807") == 3 && count == LONG_MAX);
	CHECK(PARSE("--count=5") == 2 && count == 5 && noted_count == 3);
	CHECK(PARSE("-x", "1e-3") == 3 && number == 1e-3);
	CHECK(PARSE("--number=0") == 2 && number == 0);
	CHECK(PARSE("-t", "--flag") == 3 && !strcmp(text, "--flag") && !flag);
	CHECK(PARSE("--text=") == 2 && !strcmp(text, ""));
	CHECK(PARSE("-n", "1", "-n", "2") == 5 && count == 2);
}

static void
test_bytes(void)
{
	char value[32];
	CHECK(PARSE("-f") == 2 && bytes == HMM_UNSET);
	CHECK(hmm_option_value(value, sizeof(value), &options[8]) == NULL);
	CHECK(PARSE("-b", "0") == 3 && bytes == 0);
	CHECK(!strcmp(hmm_option_value(value, sizeof(value), &options[8]), "0"));
	CHECK(PARSE("-b12") == 2 && bytes == 12);
	CHECK(PARSE("-b1K") == 2 && bytes == 1024);
	CHECK(PARSE("-b3M") == 2 && bytes == 3L << 20);
	CHECK(PARSE("--bytes=20G") == 2 && bytes == 20L << 30);
	CHECK(PARSE("--bytes=8388607T") == 2 && bytes == 8388607L << 40);
	static const char *const wrong[] = {
	    "", "x", "G", "1k", "1KB", "1Kx", "1.5G", "-1", "8388608T", "9223372036854775808"};
	for (size_t i = 0; i < HMM_COUNT_OF(wrong); i++) {
		char want[128];
		snprintf(want, sizeof(want),
		    "--bytes: found '%s', want a number of bytes, such as 500M or 20G", wrong[i]);
		CHECK(REFUSED(want, "-b", wrong[i]));
	}
}

static void
test_list(void)
{
	char value[32];
	CHECK(PARSE("-f") == 2 && list.count == 0);
	CHECK(hmm_option_value(value, sizeof(value), &options[9]) == NULL);
	CHECK(PARSE("-l", "one", "operand", "--list=", "-l--list") == 5 && list.count == 3);
	CHECK(!strcmp(list.text[0], "one") && !strcmp(list.text[1], ""));
	CHECK(!strcmp(list.text[2], "--list"));
	CHECK(!strcmp(hmm_option_value(value, sizeof(value), &options[9]), "one"));
	CHECK(REFUSED("--list: no value, want FILE", "-l"));
}

static void
test_choices(void)
{
	CHECK(PARSE("--colour", "red") == 3 && colour == RED);
	CHECK(PARSE("-cgreen") == 2 && colour == GREEN);
	CHECK(PARSE("--colour=deep-blue") == 2 && colour == DEEP_BLUE);
	CHECK(PARSE("--unset", "one") == 3 && unset == 0);
	CHECK(PARSE("--unset", "two") == 3 && unset == 1);
	CHECK(hmm_option_place("a|bc|d", "a") == 0 && hmm_option_place("a|bc|d", "bc") == 1);
	CHECK(hmm_option_place("a|bc|d", "d") == 2);
	CHECK(hmm_option_place("a|bc|d", "b") == HMM_UNSET);
	CHECK(hmm_option_place("a|bc|d", "bcd") == HMM_UNSET);
	CHECK(hmm_option_place("a|bc|d", "a|bc") == HMM_UNSET);
	CHECK(hmm_option_place("a|bc|d", "") == HMM_UNSET);
	char word[8];
	CHECK(!strcmp(hmm_option_word(word, sizeof(word), "a|bc|d", 0), "a"));
	CHECK(!strcmp(hmm_option_word(word, sizeof(word), "a|bc|d", 1), "bc"));
	CHECK(!strcmp(hmm_option_word(word, sizeof(word), "a|bc|d", 2), "d"));
}

static void
test_operands(void)
{
	CHECK(PARSE("one", "-f", "two", "--count", "4") == 4 && flag && count == 4);
	CHECK(!strcmp(arguments[4], "one") && !strcmp(arguments[5], "two"));
	CHECK(PARSE("-f", "--", "-n", "--no-such") == 3 && flag && count == 7);
	CHECK(!strcmp(arguments[3], "-n") && !strcmp(arguments[4], "--no-such"));
	CHECK(PARSE("-") == 1);
}

static void
test_once(void)
{
	once = 1;
	CHECK(REFUSED("--count is given twice, want it once", "-n", "1", "--count", "1"));
	CHECK(REFUSED("--text is given twice, want it once", "-ta", "-tb"));
	CHECK(PARSE("-f", "--flag", "-n", "1", "-t", "x") == 7 && flag && count == 1);
	CHECK(PARSE("-la", "-lb") == 3 && list.count == 2);
	once = 0;
}

static void
test_refusals(void)
{
	CHECK(REFUSED("--count: found 'x', want a whole number", "-n", "x"));
	CHECK(REFUSED("--count: found '5x', want a whole number", "--count=5x"));
	CHECK(REFUSED("--count: found '', want a whole number", "--count="));
	CHECK(REFUSED("--count: found '-1', want a whole number", "-n", "-1"));
	CHECK(REFUSED("--count: found '1.5', want a whole number", "-n", "1.5"));
	CHECK(REFUSED(
	    "--count: found '9223372036854775808', want a whole number", "-n", "9223372036854775808"));
	CHECK(REFUSED("--number: found 'nan', want a number, 0 or more", "-x", "nan"));
	CHECK(REFUSED("--number: found 'inf', want a number, 0 or more", "-x", "inf"));
	CHECK(REFUSED("--number: found '-0.1', want a number, 0 or more", "-x", "-0.1"));
	CHECK(REFUSED("--number: found '1e999', want a number, 0 or more", "-x", "1e999"));
	CHECK(REFUSED("--number: found '1,5', want a number, 0 or more", "-x", "1,5"));
	CHECK(REFUSED("--number: found '', want a number, 0 or more", "--number="));
	CHECK(REFUSED("--colour: found 'deep', want red|green|deep-blue", "-c", "deep"));
	CHECK(REFUSED("--colour: found '', want red|green|deep-blue", "--colour="));
	CHECK(REFUSED("unknown option '--no-such'", "-f", "--no-such"));
	CHECK(REFUSED("unknown option '-Z'", "-fZq"));
	CHECK(REFUSED("unknown option '--no?line'", "--no\nline"));
	CHECK(REFUSED("--text: no value, want FILE", "-f", "-t"));
	CHECK(REFUSED("--text: no value, want FILE", "--text"));
	CHECK(REFUSED("--flag takes no value", "--flag=1"));
	CHECK(REFUSED("--quiet takes no value", "--quiet=1"));
}

static void
test_help(void)
{
	CHECK(END_OF("-n", "3", "--help") == 0);
	static const char head[] = "usage: try [OPTION]... [FILE]\n\nTry the options.\n\n  -f, ";
	CHECK(!strncmp(said, head, sizeof(head) - 1));
	CHECK(strstr(said, "\n  -f, --flag                       a flag\n") != NULL);
	CHECK(strstr(said, "\n      --noted-count N              a count in the history\n") != NULL);
	CHECK(strstr(said, "\n  -c, --colour red|green|deep-blue a choice\n") != NULL);
	CHECK(strstr(said, "\n  -q, --quiet                      say nothing but") != NULL);
	CHECK(END_OF("--version") == 0 && !strncmp(said, "try ", 4) && strstr(said, " (numerics "));
	CHECK(END_OF("-h") == 0 && END_OF("-V") == 0);
}

/* The history in a block of exactly `size` bytes. */
static int
history(char *line, size_t size)
{
	char *block = malloc(size);
	const int bad = hmm_option_history(block, size, &usage, HMM_NOTED);
	snprintf(line, 256, "%s", block);
	free(block);
	return bad;
}

static void
test_history(void)
{
	char line[256];
	PARSE("-n", "4", "-t", "unnoted");
	CHECK(!history(line, 256) && !strcmp(line, "noted-count=3 number=0.5 colour=green"));
	PARSE("--unset", "two", "-f", "-x", "0.123456789", "-c", "deep-blue");
	CHECK(!history(line, 256) &&
	      !strcmp(line, "flag noted-count=3 number=0.123456789 colour=deep-blue unset=two"));
	PARSE("--noted-text", "a b", "--noted-count", "0", "-o", "-x", "1e-10");
	CHECK(!history(line, 256) &&
	      !strcmp(line, "noted-count=0 number=1e-10 noted-text=a b colour=green other-flag"));
	static const char want[] = "flag noted-count=3 number=0.5 colour=green other-flag";
	PARSE("-f", "-o");
	CHECK(!history(line, sizeof(want)) && !strcmp(line, want));
	/* every smaller room is refused, and no option is cut or left out */
	for (size_t size = 1; size < sizeof(want); size++) {
		fflush(NULL);
		const int saved = dup(STDERR_FILENO);
		FILE *reported = tmpfile();
		dup2(fileno(reported), STDERR_FILENO);
		const int bad = history(line, size);
		dup2(saved, STDERR_FILENO);
		close(saved);
		const ssize_t got = pread(fileno(reported), line, sizeof(line) - 1, 0);
		line[got > 0 ? got : 0] = '\0';
		fclose(reported);
		CHECK(bad == -1 && strstr(line, ": too long for the history\n"));
	}
	/* full to the last byte, and then only options that are not set */
	PARSE("-x", "0.25");
	CHECK(!history(line, sizeof("noted-count=3 number=0.25 colour=green")) &&
	      !strcmp(line, "noted-count=3 number=0.25 colour=green"));
}

int
main(void)
{
	test_defaults();
	test_types();
	test_bytes();
	test_list();
	test_choices();
	test_operands();
	test_once();
	test_refusals();
	test_help();
	test_history();
	return test_end();
}
