/// Template of all kernels of one CPU level, included once per level by a file that defines
/// `GANRM_TARGET` (the functions' target attribute), `GANRM_LANES` (f32 per vector), `GANRM_TABLE` (the table's name),
/// `GANRM_HAS_BF16` if it has AVX512-BF16 or NEON's BF16, `GANRM_HAS_VNNI` if it has AVX512-VNNI or AVX-VNNI, and
/// `GANRM_HAS_I8MM` if it has NEON's.

#include "Cpu/levels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "Cpu/vectors.inc.h"
#ifdef GANRM_HAS_AMX
#include "Cpu/amx.inc.h"
#endif
#include "Quantization/quantize.inc.h"
#include "Norm/layer_norm.inc.h"
#include "Pooling/column_means.inc.h"
#include "Pooling/windows.inc.h"
#include "Linear/products.inc.h"
#include "Attention/packing.inc.h"
#include "Attention/attention.inc.h"
#include "Linear/activations.inc.h"
#include "Linear/linear.inc.h"
#include "Linear/unfold.inc.h"
#include "Linear/winograd.inc.h"
#include "Head/head.inc.h"
#include "Motion/gram.inc.h"
#include "Resampling/resample.inc.h"

const ganrm_kernels GANRM_TABLE = {
#if defined(GANRM_HAS_BF16) || defined(GANRM_HAS_AMX)
    .multiplies_bf16 = true,
#endif
    .adds_int8_pairs = ADDS_INT8_PAIRS,
    .layer_norm = layer_norm,
    .layer_norm_bf16 = layer_norm_bf16,
    .layer_norm_int8 = layer_norm_int8,
    .f32_to_bf16 = f32_to_bf16,
    .f32_to_int8 = f32_to_int8,
    .bf16_to_int8 = bf16_to_int8,
    .column_means = column_means,
    .pool_maximum = pool_maximum,
    .pool_mean = pool_mean,
    .unfold = unfold,
    .winograd_input = winograd_input,
    .winograd_output = winograd_output,
    .linear = linear,
    .attention = attention,
    .attention_bf16 = attention_bf16,
    .attention_int8 = attention_int8,
    .head_forward = head_forward,
    .head_backward = head_backward,
    .adamw_update = adamw_update,
    .adamw_update_linear = adamw_update_linear,
    .frame_gram = frame_gram,
    .resample_fixed22 = resample_fixed22,
    .resample_fixed22_rows_first = resample_fixed22_rows_first,
    .resample_fixed11 = resample_fixed11,
    .resample_float = resample_float,
    .resample_float_rounded = resample_float_rounded,
    .resample_double = resample_double,
    .resample_double_rows_first = resample_double_rows_first,
};
