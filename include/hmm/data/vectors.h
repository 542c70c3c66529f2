/* A file of vectors: a row of a table (.csv; .jsonl; else tabs between columns), whose first column
 * is its key, an array of an .npz, whose key is its name, or a row of a matrix in an .npy, whose
 * key is that of the row in the table beside it, of the same name but .csv or .tsv. */
#ifndef HMM_VECTORS_H
#define HMM_VECTORS_H

#include "hmm/data/element.h"
#include "hmm/data/names.h"
#include "hmm/data/table.h"
#include "hmm/file/npz.h"

struct hmm_vectors {
	char *file;
	struct hmm_names keys;   /* by row, or array */
	struct hmm_table *table; /* NULL: arrays; its missing cells are NULL, however spelt */
	int *column;             /* [width]: of the table */
	size_t width;
	struct hmm_npz *npz; /* NULL: x is a matrix */
	struct hmm_tensor x; /* the array in hand */
	float *number;       /* [width]: the same */
};

/* Open the file of an element, with its columns. A key that stands twice, columns that are not
 * there, and arrays of several widths are errors. 0, or -1 reported; close it in either case. */
int hmm_vectors_open(struct hmm_vectors *vectors, const struct hmm_element *element);
void hmm_vectors_close(struct hmm_vectors *vectors); /* legal on zeroes */

/* A cell of a table's row, NULL: missing. */
const char *hmm_vectors_cell(const struct hmm_vectors *vectors, size_t row, size_t i);

/* Whether something stands in a row; of arrays always. */
int hmm_vectors_stands(const struct hmm_vectors *vectors, size_t row);

/* The numbers of an array, [width], finite, until the next call; NULL, reported. */
const float *hmm_vectors_array(struct hmm_vectors *vectors, size_t array);

#endif
