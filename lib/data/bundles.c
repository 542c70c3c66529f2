#include "hmm/data/bundles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/memory.h"

int
hmm_bundles_open(
    struct hmm_bundles *bundles, const struct hmm_table *table, int column, int otherwise)
{
	*bundles = (struct hmm_bundles){0};
	if (hmm_names_open(&bundles->names, table, column, otherwise))
		return -1;
	const size_t count = bundles->names.count;
	bundles->start = hmm_alloc(count + 2, sizeof(*bundles->start));
	bundles->row = hmm_alloc(table->rows, sizeof(*bundles->row));
	if (!bundles->start || !bundles->row)
		return -1;
	size_t *next = bundles->start + 1; /* next[b]: where b's next row goes, at last its end */
	for (size_t row = 0; row < table->rows; row++)
		next[bundles->names.of[row] + 1]++;
	for (size_t b = 0; b < count; b++)
		next[b + 1] += next[b];
	for (size_t row = 0; row < table->rows; row++)
		bundles->row[next[bundles->names.of[row]]++] = row;
	return 0;
}

void
hmm_bundles_close(struct hmm_bundles *bundles)
{
	hmm_names_close(&bundles->names);
	free(bundles->start);
	free(bundles->row);
	*bundles = (struct hmm_bundles){0};
}

size_t
hmm_bundles_values(char *text, size_t size, const struct hmm_bundles *bundles, size_t bundle,
    const struct hmm_table *table, int column)
{
	const size_t start = bundles->start[bundle], end = bundles->start[bundle + 1];
	size_t values = 0, used = 0;
	text[0] = '\0';
	for (size_t i = start; i < end; i++) {
		const char *value = hmm_table_cell(table, bundles->row[i], column);
		size_t first = start, lines = 0;
		while (value && first < i) {
			const char *earlier = hmm_table_cell(table, bundles->row[first], column);
			if (earlier && !strcmp(earlier, value))
				break;
			first++;
		}
		if (!value || first < i)
			continue;
		for (size_t k = i; k < end; k++) {
			const char *other = hmm_table_cell(table, bundles->row[k], column);
			lines += other && !strcmp(other, value);
		}
		const int length =
		    snprintf(text + used, size - used, "%s%s (%zu)", values ? ", " : "", value, lines);
		used += length > 0 && (size_t)length < size - used ? (size_t)length : 0;
		values++;
	}
	return values;
}
