/// All kernels of one CPU level, in terms of vectors. Included once per level, which defines
/// `GANRM_TARGET` (the functions' target attribute), `GANRM_LANES`, `GANRM_TABLE`, and
/// `GANRM_HAS_DOT_PRODUCTS` where the CPU has AVX512-BF16 and AVX512-VNNI.

#include "kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif
#include <math.h>
#include <string.h>

#include "vectors.h"
#include "rows.h"
#include "products.h"
#include "attention-packing.h"
#include "attention.h"
#include "activations.h"
#include "linear-vectors.h"

const ganrm_kernels GANRM_TABLE = {
    .layer_norm = layer_norm,
    .layer_norm_bf16 = layer_norm_bf16,
    .layer_norm_int8 = layer_norm_int8,
    .to_bf16 = to_bf16,
    .to_int8 = to_int8,
    .bf16_to_int8 = bf16_to_int8,
    .column_means = column_means,
    .linear = linear,
    .attention = attention,
    .attention_bf16 = attention_bf16,
    .attention_int8 = attention_int8,
};
