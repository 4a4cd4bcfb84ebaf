#if defined(__x86_64__)
#define GANRM_TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,fma")))
#define GANRM_LANES 16
#define GANRM_HAS_VNNI
#define GANRM_TABLE ganrm_kernels_avx512_vnni
#include "Cpu/level.inc.h"
#endif
