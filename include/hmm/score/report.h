/* An experiment's results as a table for programs, and for people. */
#ifndef HMM_REPORT_H
#define HMM_REPORT_H

#include <stdio.h>

#include "hmm/score/markup.h"
#include "hmm/score/results.h"

/* What stands above and below the table for people. */
struct hmm_report {
	const char *note;      /* lines; what the data are */
	const char *reference; /* the system that the others are compared with */
	const char *split;
	int published; /* 1: the paper's numbers stand beside ours */
};

/* A line a system and metric of those that ran: scenario system metric mean sd low high runs n
 * difference p p_holm noise paper paper_sd. Errors of all of these stay in the FILE. */
void hmm_report_write(FILE *file, const struct hmm_results *results);

/* The note, a table of a line a system and one for the paper's numbers, a legend. */
void hmm_report_write_markup(FILE *file, enum hmm_markup markup, const struct hmm_results *results,
    const struct hmm_report *report);

#endif
