// The baseline instructions of every CPU of an architecture: SSE2 on x86-64, NEON on ARM.
#define GANRM_TARGET
#define GANRM_LANES 4
#define GANRM_TABLE ganrm_kernels_portable
#include "Cpu/level.inc.h"
