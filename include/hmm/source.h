/* Where manifests come from: a BIDS tree, a BreakHis tree, or any folder. Each
 * returns a table with the columns subject, modality, label, group, split, path
 * and what else the source knows, a row an image, in no particular order; NULL,
 * reported. Labels are 0, 1 or missing. */
#ifndef HMM_SOURCE_H
#define HMM_SOURCE_H

#include "hmm/table.h"

enum { HMM_MANIFEST_COLUMNS = 6 };
extern const char *const hmm_manifest_columns[HMM_MANIFEST_COLUMNS];

/* How a label is read from a column of another table. */
struct hmm_labelling {
	const char *column;
	const char *positive; /* the value that means 1, all others 0; NULL: values are 0 and 1 */
};

/* The label "0", "1" or NULL of a cell; -1, reported, when it is none. */
int hmm_labelling_read(
    const struct hmm_labelling *labelling, const char *cell, const char *where, const char **label);

/* BIDS: sub-*[/ses-*]/<any>/sub-*_<suffix>.nii[.gz]. The modality is the suffix
 * behind those entities of `entities` ("ce,trc") that the name has, such as
 * ce-gadolinium_T1w; `suffixes` ("T1w,pet", NULL: all) selects. The subject is
 * sub-X or sub-X_ses-Y, its group sub-X. Labels come from participants.tsv, or from
 * sub-X_sessions.tsv where only that has the column; other columns of
 * participants.tsv are carried along.
 * https://bids-specification.readthedocs.io */
struct hmm_table *hmm_source_bids(const char *folder, const char *suffixes, const char *entities,
    const struct hmm_labelling *labelling);

/* BreakHis: files SOB_<B|M>_<type>-<year>-<slide>-<magnification>-<seq>.png anywhere
 * below. The modality is 40X to 400X, the subject the slide, its group the
 * accession (the slide's number without its letters and its tumour type, since
 * some were entered twice) or the slide itself.
 * https://web.inf.ufpr.br/vri/databases/breast-cancer-histopathological-database-breakhis */
struct hmm_table *hmm_source_breakhis(const char *folder, int by_accession);

/* Files below a folder whose path matches a pattern such as
 * {group}/{subject}_{modality}.png: {subject} and {group} are as long as they can
 * be, {modality} has no '_', {label} is 0 or 1, {any} is anything; none has a '/'.
 * `labels` (NULL: none) has a column subject or group, and the label's. */
struct hmm_table *hmm_source_folder(const char *folder, const char *pattern,
    const struct hmm_table *labels, const struct hmm_labelling *labelling);

/* Call visit(path below folder, context) for every file below the folder, hidden
 * ones left out, until it returns other than 0. 0, or -1 reported. */
int hmm_source_walk(
    const char *folder, int (*visit)(const char *path, void *context), void *context);

#endif
