/* Slices of a stream on a contact sheet. */
#ifndef HMM_CONTACTS_H
#define HMM_CONTACTS_H

#include <stdio.h>

/* Of each subject and modality so many slices, evenly over an image; and so many subjects. */
enum { HMM_CONTACT_SLICES = 8, HMM_CONTACT_SUBJECTS = 12 };

struct hmm_contacts; /* what is wanted, and what was found of it */

/* Names of subjects and numbers of slices, with commas between them; NULL: as many as above. And a
 * table whose numbers are drawn below the slices, see bars.h, or NULL.
 * NULL, either reported or with what is `wrong` with them. */
struct hmm_contacts *hmm_contacts_open(
    const char *subjects, const char *slices, const char *bars, const char **wrong);
void hmm_contacts_close(struct hmm_contacts *contacts); /* NULL is legal */

/* Draw the slices of that file's streams into a PNG, whole or absent: a row a subject, as they come
 * or are wanted. A line says what was left out unasked. 0, or -1 reported: also where one that is
 * wanted is not there. */
int hmm_contacts_draw(
    struct hmm_contacts *contacts, const char *path, FILE *file, const char *name);

#endif
