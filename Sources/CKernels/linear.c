#include "kernels.h"

#include <string.h>

/// Numbers in a cell.
static int64_t cell_length(ganrm_number number) {
    return number == GANRM_F32 ? 1 : number == GANRM_BF16 ? 2 : 4;
}

int64_t ganrm_cells(ganrm_number number, int64_t inner) {
    int64_t length = cell_length(number);
    return (inner + length - 1) / length;
}

int64_t ganrm_panel_bytes(ganrm_number number, int64_t inner, int64_t columns) {
    return ganrm_padded_columns(columns) * ganrm_cells(number, inner) * 4;
}

/// A row of the matrix, times what belongs to it.
static void scale_row(const ganrm_matrix *matrix, int64_t inner, int64_t row, float *out) {
    const float *numbers = matrix->numbers + row * inner;
    float factor = matrix->factors ? matrix->factors[row] : 1;
    for (int64_t k = 0; k < inner; k++) out[k] = numbers[k] * factor;
    if (!matrix->inner_factors) return;
    for (int64_t k = 0; k < inner; k++) out[k] *= matrix->inner_factors[k];
}

/// What 1 is worth if the largest of `count` numbers becomes 127; NaN if one of them is.
static float scale_of(const float *numbers, int64_t count) {
    // Floats that are not negative have the order of their bits, NaN beyond all others.
    int32_t largest = 0;
    for (int64_t k = 0; k < count; k++) {
        int32_t bits;
        memcpy(&bits, numbers + k, sizeof bits);
        bits &= 0x7fffffff;
        largest = bits > largest ? bits : largest;
    }
    float number;
    memcpy(&number, &largest, sizeof number);
    return largest ? number / 127 : 1;
}

/// Rounds numbers to bytes; returns their sum.
static int32_t round_to_bytes(const float *numbers, int64_t count, float scale, int8_t *out) {
    int32_t sum = 0;
    for (int64_t k = 0; k < count; k++) {
        float shifted = numbers[k] / scale + shifter;
        int32_t bits;
        memcpy(&bits, &shifted, sizeof bits);
        out[k] = (int8_t)bits;
        sum += out[k];
    }
    return sum;
}

/// Writes a column's cells, the last one filled up with zeros, where they belong in its panel.
static void place_cells(const void *numbers, int64_t byte_count, int32_t *panel) {
    const char *bytes = numbers;
    for (; byte_count >= 4; byte_count -= 4, bytes += 4, panel += GANRM_PANEL)
        memcpy(panel, bytes, 4);
    if (byte_count == 0) return;
    *panel = 0;
    memcpy(panel, bytes, (size_t)byte_count);
}

void ganrm_pack(
    const ganrm_matrix *matrix, ganrm_number number, int64_t inner, int64_t columns, int64_t first,
    int64_t parts, void *panels, float *scales, int32_t *sums) {
    int64_t cells = ganrm_cells(number, inner), padded = ganrm_padded_columns(columns);
    int64_t length = inner / parts;
    float numbers[inner], rounded[inner];
    for (int64_t row = 0; row < matrix->rows; row++) {
        int64_t column = first + row;
        int32_t *panel = (int32_t *)panels + column / GANRM_PANEL * GANRM_PANEL * cells
            + column % GANRM_PANEL;
        scale_row(matrix, inner, row, numbers);
        switch (number) {
        case GANRM_F32: place_cells(numbers, 4 * inner, panel); break;
        case GANRM_BF16:
            for (int64_t k = 0; k < inner; k++) ((uint16_t *)rounded)[k] = ganrm_bf16(numbers[k]);
            place_cells(rounded, 2 * inner, panel);
            break;
        case GANRM_INT8:
            for (int64_t p = 0; p < parts; p++) {
                const float *part = numbers + p * length;
                float *scale = scales + p * padded + column;
                *scale = scale_of(part, length);
                sums[p * padded + column] =
                    round_to_bytes(part, length, *scale, (int8_t *)rounded + p * length);
            }
            place_cells(rounded, inner, panel);
        }
    }
}
