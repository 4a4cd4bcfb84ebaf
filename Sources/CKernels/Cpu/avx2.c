#if defined(__x86_64__)
#define GANRM_TARGET __attribute__((target("avx2,fma")))
#define GANRM_LANES 8
#define GANRM_TABLE ganrm_kernels_avx2
#include "Cpu/level.inc.h"
#endif
