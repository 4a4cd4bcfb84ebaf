/// Linear layers: `x · weightsᵀ + bias` for the rows of a tile, and what comes after, in one pass.
///
/// All numbers of a product are of one kind. They are read in *cells* of 4 bytes along the inner
/// dimension: 1 float, 2 bfloat16 or 4 bytes. A row's sums are made in an order that depends on the inner
/// length alone: neither the other rows nor their number change a bit of it.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum ganrm_number {
    GANRM_F32,
    GANRM_BF16,
    /// Weights: signed bytes, of which `ganrm_weights.scales` says what one is worth. Rows: unsigned
    /// bytes with a `ganrm_byte_scale` for each row.
    GANRM_INT8,
} ganrm_number;

/// What a row's bytes stand for: `(byte − zero) · one`. Its smallest and its largest number are 0 and
/// 254, so numbers that reach far to one side only, such as a GELU's, keep all of the range.
typedef struct ganrm_byte_scale {
    float one;
    int32_t zero;
} ganrm_byte_scale;

/// With an absolute error of at most 2e-7 · |x|, and 5e-5 or 2e-4 · |x| (what is less) on top where the result is
/// stored as bfloat16, whose rounding may cost 4e-3 · |x|.
typedef enum ganrm_activation {
    GANRM_NO_ACTIVATION,
    /// x · σ(1.702 x), CLIP's.
    GANRM_QUICK_GELU,
    /// x · Φ(x).
    GANRM_GELU,
} ganrm_activation;

typedef enum ganrm_destination {
    GANRM_STORE_F32,
    GANRM_STORE_BF16,
    /// Added to the float that is there.
    GANRM_ADD_F32,
} ganrm_destination;

/// Columns of a panel of packed weights: a vector's lanes with AVX-512, two vectors' with AVX2.
enum { GANRM_PANEL = 16 };

/// Columns that kernels take at once.
enum { GANRM_COLUMN_GROUP = 32 };

/// A layer's weights, packed.
typedef struct ganrm_weights {
    ganrm_number number;
    /// Length of a row of x.
    int64_t inner;
    /// Length of a row of the result.
    int64_t columns;
    /// int8: equal parts, whole cells each, of a row of x and of the weights, which have scales of their own. More than
    /// one are for layers without an activation that add to what is there; else 1.
    int64_t parts;
    /// Panel after panel, `[cells, GANRM_PANEL]` cells each, filled up to whole groups with zeros.
    const void *panels;
    /// `[columns]`, filled up to whole groups, as those that follow.
    const float *bias;
    /// int8: what 1 is worth in each part of each column, `[parts, columns]`.
    const float *scales;
    /// int8: the sum of each part of each column's bytes; times a row's zero it is too much in the product.
    const int32_t *sums;
} ganrm_weights;

/// What a layer is applied to, and where the result goes.
typedef struct ganrm_linear {
    int64_t rows;
    /// Numbers of the weights' kind; the last cell of a row is read whole, so it must be there, and finite.
    const void *x;
    /// From one row of x to the next, in bytes.
    int64_t stride;
    /// int8: of each part of each row, `[parts, rows]`.
    const ganrm_byte_scale *scales;
    ganrm_activation activation;
    ganrm_destination destination;
    void *out;
    /// From one row of the result to the next, in numbers.
    int64_t out_stride;
} ganrm_linear;

/// Cells along an inner dimension.
int64_t ganrm_cells(ganrm_number number, int64_t inner);

/// Columns of a layer, filled up to whole groups.
static inline int64_t ganrm_padded_columns(int64_t columns) {
    return (columns + GANRM_COLUMN_GROUP - 1) / GANRM_COLUMN_GROUP * GANRM_COLUMN_GROUP;
}

/// Bytes of the panels of a layer.
int64_t ganrm_panel_bytes(ganrm_number number, int64_t inner, int64_t columns);

/// Weights as checkpoints have them: a row for each column of a layer's result.
typedef struct ganrm_matrix {
    int64_t rows;
    /// `[rows, inner]`.
    const float *numbers;
    /// What each row is multiplied by, or NULL: nothing; after that, what each inner number is.
    const float *factors, *inner_factors;
} ganrm_matrix;

/// Packs some of a layer's columns, from `first` on.
///
/// - `columns`: Of the whole layer.
/// - `parts`, `panels`, `scales`, `sums`: as in `ganrm_weights`. Of the panels, only what the columns fill is written; the
///   latter two are for int8 only, where the largest weight of a part of a column becomes 127.
void ganrm_pack(
    const ganrm_matrix *matrix, ganrm_number number, int64_t inner, int64_t columns, int64_t first,
    int64_t parts, void *panels, float *scales, int32_t *sums);

#ifdef __cplusplus
}
#endif
