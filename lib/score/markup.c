#include "hmm/score/markup.h"

#include <ctype.h>
#include <string.h>

#include "hmm/base/utf8.h"

/* Whether Markdown (CommonMark, with GitHub's tables) would take this character for a sign of its
 * own. It is left alone where it cannot be one, so that the text stays readable as it is. */
static int
is_markdown(const char *text, const char *at)
{
	const unsigned char before = at > text ? (unsigned char)at[-1] : ' ';
	const unsigned char after = (unsigned char)at[1];
	switch (*at) {
	case '\\':
	case '`':
	case '*':
	case '|':
	case '~':
		return 1;
	case '_':
		return !isalnum(before) || !isalnum(after);
	case '<':
		return isalpha(after) || (after && strchr("/!?", after));
	case '&':
		return isalpha(after) || after == '#';
	case ']':
		return after && strchr("([:", after);
	default:
		return 0;
	}
}

/* What LaTeX has for a character that is a sign of its own, or NULL. A line of a table may not
 * begin with [ or *, which the \\ before it would take. */
static const char *
latex(const char *text, const char *at)
{
	static const struct {
		char sign;
		const char *text;
	} signs[] = {{'\\', "\\textbackslash{}"}, {'{', "\\{"}, {'}', "\\}"}, {'$', "\\$"},
	    {'&', "\\&"}, {'#', "\\#"}, {'_', "\\_"}, {'%', "\\%"}, {'~', "$\\sim$"},
	    {'^', "\\textasciicircum{}"}, {'<', "$<$"}, {'>', "$>$"}, {'|', "$|$"}};
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (signs[i].sign == *at)
			return signs[i].text;
	if (at == text && *at == '[')
		return "{[}";
	return at == text && *at == '*' ? "{*}" : NULL;
}

/* A blank that neither would show: at an end, or behind another one. */
static int
is_lost(const char *text, const char *at)
{
	return *at == ' ' && (at == text || !at[1] || at[-1] == ' ');
}

/* Whether LaTeX makes another sign of this one and the next: -- ,, `` '' ?` !` */
static int
is_ligature(const char *at)
{
	return strchr("-,`'", *at) ? at[1] == *at : strchr("?!", *at) && at[1] == '`';
}

void
hmm_markup_write(FILE *file, enum hmm_markup markup, const char *text)
{
	for (const char *at = text; *at;) {
		const size_t bytes = hmm_utf8_character(at);
		const unsigned char byte = (unsigned char)*at;
		const char *other = bytes && markup == HMM_LATEX ? latex(text, at) : NULL;
		if (bytes == 2 && !memcmp(at, "\xc2\xb1", 2) && markup == HMM_LATEX)
			other = "$\\pm$";
		if (!bytes || (bytes == 2 && byte == 0xc2 && (unsigned char)at[1] < 0xa0))
			other = "?"; /* controls of the second kind too */
		else if (byte < ' ' || byte == 0x7f)
			other = " ";
		else if (markup == HMM_MARKDOWN && is_markdown(text, at))
			putc('\\', file);
		if (markup != HMM_PLAIN && is_lost(text, at))
			other = markup == HMM_LATEX ? "\\ " : "&nbsp;";
		if (other)
			fputs(other, file);
		else
			fwrite(at, 1, bytes, file);
		if (markup == HMM_LATEX && is_ligature(at))
			fputs("{}", file);
		at += bytes ? bytes : 1;
	}
}
