/* A new manifest and its labels, of whichever source. */
#ifndef HMM_LABELLED_H
#define HMM_LABELLED_H

#include "hmm/data/bids.h"
#include "hmm/data/breakhis.h"
#include "hmm/data/folder.h"
#include "hmm/data/label_rule.h"
#include "hmm/data/target.h"

/* Where images, vectors or channels are: one of bids, breakhis, folder, vectors and signals. */
struct hmm_labelled_source {
	const char *bids, *breakhis, *folder;
	const char *const *vectors; /* [count] */
	size_t count;
	char *const *signals; /* [files] */
	size_t files;
	int axes;                   /* of signals, see hmm_signals_options */
	enum hmm_breakhis_group by; /* of BreaKHis */
	const char *suffixes, *entities;
	struct hmm_folder_options of_folder;
	int in_names; /* 1: the label is in what is listed: {label} of a pattern, or a signal's class */
	const char *label, *labels; /* the column, and the table that has it; NULL: none */
};

/* List them, sorted, with labels of the target. Binary: by the rule. Classes and values as they
 * stand there, without blanks around them, a value as a number. Times likewise, 0 or more, and a
 * column event, which the rule makes of the values in column `event`. Notes say what labels there
 * are, if any were asked for. NULL, reported. */
struct hmm_table *hmm_labelled_read(const struct hmm_labelled_source *source,
    struct hmm_label_rule *rule, enum hmm_target target, const char *event);

#endif
