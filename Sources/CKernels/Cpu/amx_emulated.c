// AVX-512 with VNNI, and AMX in C: tests of the kernels with AMX on processors that do not have it.
#if defined(__x86_64__)
#define GANRM_TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,fma")))
#define GANRM_LANES 16
#define GANRM_HAS_VNNI
#define GANRM_HAS_AMX
#define GANRM_EMULATES_AMX
#define GANRM_TABLE ganrm_kernels_amx_emulated
#include "Cpu/level.inc.h"
#endif
