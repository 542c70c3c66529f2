/* Rows of many numbers in coordinates of their own: few rows of many columns are as few columns
 * long, and a ridge is the same there, since lengths are. */
#ifndef HMM_SPAN_H
#define HMM_SPAN_H

#include <stddef.h>

/* An orthonormal base of what `count` rows x[count][columns], x_stride apart, span, by Gram and
 * Schmidt, each row twice: base[at most count][columns], and z[count], z_stride apart, the rows'
 * coordinates, which are to be 0 before: x = z base. Returns how many there are in the base. */
size_t hmm_span_make(double *base, double *z, size_t z_stride, const double *x, size_t x_stride,
    size_t count, size_t columns);

#endif
