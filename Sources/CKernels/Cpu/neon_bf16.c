#if defined(__aarch64__)
#define GANRM_TARGET __attribute__((target("bf16,i8mm")))
#define GANRM_LANES 4
#define GANRM_HAS_BF16
#define GANRM_HAS_I8MM
#define GANRM_TABLE ganrm_kernels_neon_bf16
#include "Cpu/level.inc.h"
#endif
