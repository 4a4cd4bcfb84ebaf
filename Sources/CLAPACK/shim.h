#pragma once

#include <cblas.h>
#include <lapacke.h>

/* The reference BLAS, whose cblas.h an administrator may have chosen, does not declare it. */
void openblas_set_num_threads(int count);

/* Lets BLAS and LAPACK compute in the calling thread alone, in the whole process: with more threads, sums are split in
 * as many parts, and the last bits of results would depend on the number of processors. To be called before any other
 * function of this module. */
static inline void ganrm_lapack_use_one_thread(void) { openblas_set_num_threads(1); }
