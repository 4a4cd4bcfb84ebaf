#if defined(__x86_64__)
#define GANRM_TARGET __attribute__((target("avx2,avxvnni,fma")))
#define GANRM_LANES 8
#define GANRM_HAS_VNNI
#define GANRM_TABLE ganrm_kernels_avx_vnni
#include "Cpu/level.inc.h"
#endif
