#if defined(__x86_64__)
#define GANRM_TARGET                                                                      \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512bf16,fma," \
                          "amx-tile,amx-int8,amx-bf16")))
#define GANRM_LANES 16
#define GANRM_HAS_BF16
#define GANRM_HAS_VNNI
#define GANRM_HAS_AMX
#define GANRM_TABLE ganrm_kernels_amx
#include "Cpu/level.inc.h"
#endif
