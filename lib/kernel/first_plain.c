#include "lanes_plain.h"
#include "first_lines.h"

void
hmm_first_plain(const struct hmm_first_rows *rows)
{
	run(rows);
}
