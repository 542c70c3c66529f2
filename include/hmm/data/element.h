/* An element that is a part of a file, as the path of a manifest's row names it:
 *
 *   blood.csv#001            the row of a table, or the array of an .npz, with that key
 *   all.tsv[age,blood_*]#001 of these columns alone: names, or patterns of glob(7) */
#ifndef HMM_ELEMENT_H
#define HMM_ELEMENT_H

struct hmm_element {
	const char *file;
	const char *columns; /* NULL: all but the key's */
	const char *key;     /* NULL: none is named */
	char *text;          /* owns them */
};

/* Take a path apart, FILE[COLUMNS] where `keyed` is 0. 0, or -1 reported: close it in either
 * case. */
int hmm_element_open(struct hmm_element *element, const char *path, int keyed);
void hmm_element_close(struct hmm_element *element); /* legal on zeroes */

/* The path of an element of the same file and columns with that key, to free(); NULL, reported. */
char *hmm_element_path(const struct hmm_element *element, const char *key);

#endif
