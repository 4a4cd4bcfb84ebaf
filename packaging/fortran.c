/* The one function of Fortran's run time library that the routines of LAPACK in the wheel call, whose archive cannot be
 * part of a shared library. */

#include <string.h>

/* Fortran's `first // second`, in a string of fixed length that is filled with spaces. */
void _gfortran_concat_string(size_t length, char *result, size_t first_length, const char *first,
                             size_t second_length, const char *second) {
    memset(result, ' ', length);
    if (first_length >= length) {
        memcpy(result, first, length);
        return;
    }
    memcpy(result, first, first_length);
    const size_t left = length - first_length;
    memcpy(result + first_length, second, second_length < left ? second_length : left);
}
