/// Linear layers: `activation(x · weightsᵀ + bias)` for a tile of rows, in one pass.
///
/// Both operands of a product have the same dtype. Kernels read them in *cells* of 32 bits along the inner dimension
/// (in_features): 1 f32, 2 bf16 or 4 int8. The order of a row's sum depends on the inner length alone, so a row's bits
/// depend neither on the other rows nor on their count.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum ganrm_dtype {
    GANRM_F32,
    GANRM_BF16,
    /// Weights: signed, symmetric, with a scale per column and quantization group. Activations: unsigned, asymmetric,
    /// with a `ganrm_quantization` per row and quantization group.
    GANRM_INT8,
} ganrm_dtype;

/// Asymmetric quantization of a row to unsigned bytes: `x ≈ (q − zero_point) · scale`.
///
/// The row's minimum and maximum become 0 and 254, so activations that are skewed to one side, such as GELU's, use the
/// full range.
typedef struct ganrm_quantization {
    float scale;
    int32_t zero_point;
} ganrm_quantization;

/// The absolute error is at most 2e-7 · |x|, plus min(5e-5, 2e-4 · |x|) where the result is stored as bf16, whose
/// rounding itself costs up to 4e-3 · |x|.
typedef enum ganrm_activation {
    GANRM_NO_ACTIVATION,
    /// x · σ(1.702 x), as in CLIP.
    GANRM_QUICK_GELU,
    /// x · Φ(x).
    GANRM_GELU,
    /// max(x, 0), exactly; NaN stays NaN.
    GANRM_RELU,
} ganrm_activation;

typedef enum ganrm_destination {
    GANRM_STORE_F32,
    GANRM_STORE_BF16,
    /// Adds the f32 that is already in memory before the activation.
    GANRM_ADD_F32,
} ganrm_destination;

/// Columns of a panel of packed weights: one vector with AVX-512, two with AVX2.
enum { GANRM_PANEL_COLUMNS = 16 };

/// Columns are padded to a multiple of this, the largest number that a kernel computes at once.
enum { GANRM_COLUMN_BLOCK = 32 };

/// A linear layer's packed weights.
typedef struct ganrm_linear_weights {
    ganrm_dtype dtype;
    /// Input width (in_features): elements in a row of x.
    int64_t inner;
    /// Output width (out_features): elements in a row of the result.
    int64_t columns;
    /// Quantization groups: equal parts of the inner dimension, each a whole number of cells, with scales of their own.
    /// More than 1 requires int8, no activation and GANRM_ADD_F32.
    int64_t groups;
    /// Panels one after the other, `[cells, GANRM_PANEL_COLUMNS]` cells each, zero-padded to GANRM_COLUMN_BLOCK
    /// columns.
    const void *panels;
    /// `[padded columns]`
    const float *bias;
    /// Dequantization scale of each group of each column, `[groups, padded columns]`; int8 only.
    const float *scales;
    /// Sum of the int8 weights of each group of each column, `[groups, padded columns]`; int8 only. Multiplied by a
    /// row's zero point it is what the integer product must be corrected by. In f32, because AVX-512 takes two
    /// instructions for a product of int32; what rounding costs is far below the error of the quantization.
    const float *weight_sums;
    /// What `ganrm_weights_pair` wrote, `[panels, cells]` and `[panels, groups]`; NULL for other levels and dtypes.
    const uint16_t *offsets, *paired;
} ganrm_linear_weights;

/// Input and output of one call of a linear layer.
typedef struct ganrm_linear_args {
    int64_t rows;
    /// `[rows, inner]` of the weights' dtype. A row's last cell is read whole, so it must be readable, and finite.
    const void *x;
    /// Row stride of x, in bytes.
    int64_t stride;
    /// Quantization of each group of each row, `[groups, rows]`; int8 only.
    const ganrm_quantization *quantization;
    ganrm_activation activation;
    ganrm_destination destination;
    void *out;
    /// Row stride of the result, in elements.
    int64_t out_stride;
} ganrm_linear_args;

/// Number of cells that `inner` elements fill.
int64_t ganrm_cell_count(ganrm_dtype dtype, int64_t inner);

/// `columns` rounded up to a multiple of GANRM_COLUMN_BLOCK.
static inline int64_t ganrm_padded_columns(int64_t columns) {
    return (columns + GANRM_COLUMN_BLOCK - 1) / GANRM_COLUMN_BLOCK * GANRM_COLUMN_BLOCK;
}

/// Size of a layer's panels in bytes.
int64_t ganrm_panel_bytes(ganrm_dtype dtype, int64_t inner, int64_t columns);

/// Weights in the layout of checkpoints: `[rows, inner]`, a row for each column of the layer's result.
typedef struct ganrm_unpacked_weights {
    int64_t rows;
    /// `[rows, inner]`
    const float *values;
    /// `[rows]` and `[inner]`: factors for rows and inner elements, applied in this order. NULL means 1.
    const float *row_factors, *inner_factors;
} ganrm_unpacked_weights;

/// Packs some of a layer's columns, `first` to `first + weights->rows - 1`.
///
/// - `columns`: Column count of the whole layer.
/// - `panels`: Only these columns' cells are written; padding must be zero already.
/// - `groups`, `scales`, `weight_sums`: As in `ganrm_linear_weights`; the last two are written for int8 only, where the
///   largest magnitude of each group of a column becomes 127.
/// - `limits_pairs`: int8 only: whether the sum of the two weights of each half of a cell counts as a magnitude, too.
///   Two products with unsigned bytes then add up to at most 255 · 128, which fits in 16 bits.
void ganrm_weights_pack(
    const ganrm_unpacked_weights *weights, ganrm_dtype dtype, int64_t inner, int64_t columns,
    int64_t first, int64_t groups, bool limits_pairs, void *panels, float *scales, float *weight_sums);

/// Size in bytes of the scratch memory of `ganrm_weights_pair`.
int64_t ganrm_weights_pair_scratch(int64_t inner, int64_t groups);

/// Reorders the cells of each panel and group of int8 weights, so that as many as possible come in pairs whose products fit
/// in 16 bits together: for any unsigned bytes, those of the first two elements of both cells, and those of the last two.
///
/// - `inner`: At most 65536 per group.
/// - `panels`: All columns, packed with `limits_pairs`.
/// - `offsets`: Receives where in a row of x the bytes of each cell are, from its group's first on, `[panels, cells]`.
/// - `paired`: Receives how many cells of a group, from its first on, are in pairs, an even number, `[panels, groups]`.
void ganrm_weights_pair(
    int64_t inner, int64_t columns, int64_t groups, void *panels, uint16_t *offsets, uint16_t *paired,
    void *scratch);

#ifdef __cplusplus
}
#endif
