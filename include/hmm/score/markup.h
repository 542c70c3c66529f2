/* Text that anybody may have written, plain, in Markdown and in LaTeX: it is shown as it is and
 * never becomes markup. */
#ifndef HMM_MARKUP_H
#define HMM_MARKUP_H

#include <stdio.h>

enum hmm_markup { HMM_PLAIN, HMM_MARKDOWN, HMM_LATEX };

/* Write one line or the cell of a table: control characters are blanks, what is not UTF-8 is
 * '?'. The signs +- and ~ are LaTeX's. Errors stay in the FILE. */
void hmm_markup_write(FILE *file, enum hmm_markup markup, const char *text);

#endif
