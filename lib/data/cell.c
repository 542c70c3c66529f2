#include "cell.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

size_t
hmm_cell_blank(const char *at)
{
	return *at == ' ' ? 1 : at[0] == '\xc2' && at[1] == '\xa0' ? 2 : 0;
}

size_t
hmm_cell_blank_before(const char *start, const char *end)
{
	if (end > start && end[-1] == ' ')
		return 1;
	return end - start >= 2 && hmm_cell_blank(end - 2) == 2 ? 2 : 0;
}

int
hmm_cell_missing(const char *text)
{
	/* those of pandas, of C libraries and, from #null! on, of spreadsheets */
	static const char *const spellings[] = {"", "n/a", "na", "nan", "-nan", "null", "none", "#n/a",
	    "#na", "<na>", ".", "-", "nat", "#n/a n/a", "1.#qnan", "-1.#qnan", "1.#ind", "-1.#ind",
	    "#null!", "#div/0!", "#value!", "#ref!", "#name?", "#num!", "#spill!", "#calc!", "#error!"};
	while (hmm_cell_blank(text))
		text += hmm_cell_blank(text);
	const char *end = text + strlen(text);
	while (hmm_cell_blank_before(text, end))
		end -= hmm_cell_blank_before(text, end);
	const size_t length = (size_t)(end - text);
	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++)
		if (length == strlen(spellings[i]) && !strncasecmp(text, spellings[i], length))
			return 1;
	return 0;
}

char *
hmm_cell_trim(char *text)
{
	char *end = text + strlen(text);
	while (hmm_cell_blank_before(text, end))
		end -= hmm_cell_blank_before(text, end);
	*end = '\0';
	const char *start = text;
	while (hmm_cell_blank(start))
		start += hmm_cell_blank(start);
	return memmove(text, start, (size_t)(end - start) + 1);
}

int
hmm_cell_decimal(double *value, const char *text)
{
	char *end = NULL;
	if (!*text || text[strspn(text, "+-.0123456789eE")])
		return -1; /* strtod takes hexadecimal ones, words and blanks too */
	*value = strtod(text, &end);
	return end == text || *end ? -1 : 0;
}

int
hmm_cell_number(double *value, const char *text)
{
	return hmm_cell_decimal(value, text) || !isfinite(*value) ? -1 : 0;
}
