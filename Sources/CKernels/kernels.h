/// The levels, each defined in its own file.
#pragma once

#include "CKernels.h"

extern const ganrm_kernels ganrm_kernels_plain;

#if defined(__x86_64__)
extern const ganrm_kernels ganrm_kernels_avx2;
extern const ganrm_kernels ganrm_kernels_avx512;
#endif
