#pragma once
#include <stdint.h>

// Separable resampling of 8-bit RGB pictures: a horizontal pass over the source rows that are
// used, then a vertical pass. Both passes are weighted sums over `taps` source samples, listed
// one by one, so that borders cost nothing and only the wanted columns and rows are computed.

/// What to compute; lends its tables for the time of a call.
typedef struct {
    int32_t source_width, source_height;  ///< pixels
    int32_t width, height;                ///< of the result, pixels
    int32_t column_taps, row_taps;        ///< samples per weighted sum
    int32_t used_rows;                    ///< source rows that any sum reads
    const int32_t *used_row;        ///< [used_rows]: source row numbers, ascending
    const int32_t *column_offset;   ///< [width, column_taps]: byte offsets in a source row
    const int32_t *column_weight;   ///< [width, column_taps]: int32 or, by bits, float
    const int32_t *row_index;       ///< [height, row_taps]: positions in used_row
    const int32_t *row_weight;      ///< [height, row_taps]: int32 or, by bits, float
} ck_resample_plan;

/// Weights have 22 fractional bits; each pass rounds to 8 bits (Pillow, Resample.c, 8bpc).
///
/// `source` is [source_height, source_width, 3], `result` [height, width, 3]; 0, or −1 without memory.
int ck_resample_fixed22(const ck_resample_plan *plan, const uint8_t *source, uint8_t *result);

/// As above, but the vertical pass comes first.
int ck_resample_fixed22_rows_first(
    const ck_resample_plan *plan, const uint8_t *source, uint8_t *result
);

/// Two taps, weights with 11 fractional bits, one rounding at the end (OpenCV, resize.cpp).
int ck_resample_fixed11(const ck_resample_plan *plan, const uint8_t *source, uint8_t *result);

/// Four taps, float weights, fused multiply-adds in PyTorch's order; clamped, rounded to even.
int ck_resample_float(const ck_resample_plan *plan, const uint8_t *source, uint8_t *result);
