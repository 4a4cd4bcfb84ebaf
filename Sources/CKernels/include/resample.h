#pragma once
#include <stdint.h>

// Separable resampling of 8-bit RGB images: a horizontal pass over the source rows that are
// needed, then a vertical pass. Both passes are weighted sums over `taps` source samples, whose
// indices are listed, so that borders need no special case and only the wanted columns and rows are computed.

/// Coefficients of a resampling; the arrays are borrowed for the duration of a call.
typedef struct {
    int32_t source_width, source_height;  ///< pixels
    int32_t width, height;                ///< of the result, pixels
    int32_t column_taps, row_taps;        ///< samples per weighted sum
    int32_t used_rows;                    ///< number of source rows that any sum reads
    const int32_t *used_row;        ///< [used_rows]: source row indices, ascending
    const int32_t *column_offset;   ///< [width, column_taps]: byte offsets in a source row
    const int32_t *column_weight;   ///< [width, column_taps]: int32, or the bits of a float
    const int32_t *row_index;       ///< [height, row_taps]: indices into used_row
    const int32_t *row_weight;      ///< [height, row_taps]: int32, or the bits of a float
} ganrm_resample_plan;

/// Weights have 22 fractional bits; each pass rounds to 8 bits (Pillow, Resample.c, 8bpc).
///
/// `source` is [source_height, source_width, 3], `result` [height, width, 3]. Returns 0, or −1 if out of memory.
int ganrm_resample_fixed22(
    const ganrm_resample_plan *plan, const uint8_t *source, uint8_t *result
);

/// The same with the vertical pass first.
int ganrm_resample_fixed22_rows_first(
    const ganrm_resample_plan *plan, const uint8_t *source, uint8_t *result
);

/// Two taps, weights with 11 fractional bits, one rounding at the end (OpenCV, resize.cpp).
int ganrm_resample_fixed11(
    const ganrm_resample_plan *plan, const uint8_t *source, uint8_t *result
);

/// Four taps, float weights, fused multiply-adds in PyTorch's order; clamped, rounded to nearest even.
int ganrm_resample_float(
    const ganrm_resample_plan *plan, const uint8_t *source, uint8_t *result
);
