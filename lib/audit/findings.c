#include "hmm/audit/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TEXT = 2048 }; /* room for one finding */

struct hmm_table *
hmm_findings_new(void)
{
	static const char *const header[] = {"check", "severity", "what", "found"};
	return hmm_table_new("findings", header, 4);
}

int
hmm_findings_add(struct hmm_table *findings, const char *check, enum hmm_severity severity,
    const char *what, const char *format, ...)
{
	static const char *const names[] = {"ok", "note", "warning", "error"};
	char found[TEXT];
	va_list args;
	va_start(args, format);
	vsnprintf(found, sizeof(found), format, args);
	va_end(args);
	const char *const cells[] = {check, names[severity], what, found};
	return hmm_table_append(findings, cells);
}

size_t
hmm_findings_count(const struct hmm_table *findings)
{
	size_t count = 0;
	for (size_t row = 0; row < findings->rows; row++)
		count += strcmp(hmm_table_cell(findings, row, 1), "note") != 0 &&
		         strcmp(hmm_table_cell(findings, row, 1), "ok") != 0;
	return count;
}

int
hmm_findings_has(const struct hmm_table *findings, const char *check)
{
	for (size_t row = 0; row < findings->rows; row++)
		if (!strcmp(hmm_table_cell(findings, row, 0), check))
			return 1;
	return 0;
}
