#include "kernels.h"

#include <math.h>
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

/// What 1 is worth if the largest of `count` numbers becomes 127.
static float scale_of(const float *numbers, int64_t count) {
    float largest = 0;
    for (int64_t k = 0; k < count; k++) largest = fmaxf(largest, fabsf(numbers[k]));
    return largest > 0 ? largest / 127 : 1;
}

/// Writes a part of a column of a panel and nothing else; of bytes, adds them up.
static void pack_part(
    const float *column, ganrm_number number, int64_t count, float scale, char *out, int32_t *sum) {
    int64_t length = cell_length(number);
    for (int64_t k = 0; k < count; k++) {
        char *cell = out + k / length * GANRM_PANEL * 4;
        switch (number) {
        case GANRM_F32: memcpy(cell, column + k, 4); break;
        case GANRM_BF16: {
            uint16_t bits = ganrm_bf16(column[k]);
            memcpy(cell + k % 2 * 2, &bits, 2);
            break;
        }
        case GANRM_INT8: {
            int8_t byte = (int8_t)lrintf(column[k] / scale);
            *sum += byte;
            memcpy(cell + k % 4, &byte, 1);
        }
        }
    }
}

void ganrm_pack(
    const float *weights, ganrm_number number, int64_t inner, int64_t columns, int64_t parts,
    void *panels, float *scales, int32_t *sums) {
    int64_t cells = ganrm_cells(number, inner), padded = ganrm_padded_columns(columns);
    int64_t length = inner / parts;
    memset(panels, 0, (size_t)ganrm_panel_bytes(number, inner, columns));
    for (int64_t c = 0; c < columns; c++)
        for (int64_t p = 0; p < parts; p++) {
            const float *part = weights + c * inner + p * length;
            int64_t cell = c / GANRM_PANEL * cells + p * (cells / parts);
            char *place = (char *)panels + (cell * GANRM_PANEL + c % GANRM_PANEL) * 4;
            float scale = 1;
            int32_t sum = 0;
            if (number == GANRM_INT8) scale = scales[p * padded + c] = scale_of(part, length);
            pack_part(part, number, length, scale, place, &sum);
            if (number == GANRM_INT8) sums[p * padded + c] = sum;
        }
}
