/// AMX in plain C: the instructions of `amx.inc.h` with the processor's results, bit by bit.
///
/// Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, LDTILECFG, TDPBF16PS and TDPBUSD.

#include <math.h>

/// The AMX tiles of a thread.
static _Thread_local struct {
    amx_shapes shapes;
    uint8_t bytes[8][AMX_ROWS][64];
} amx_state;

/// Bit of each product's first sum that is wrong; −1 for none. For tests of the self-check.
static _Thread_local int amx_wrong_bit = -1;

void ganrm_amx_emulation_fail(int bit) { amx_wrong_bit = bit; }

INLINE void amx_configure(const amx_shapes *shapes) {
    memset(&amx_state, 0, sizeof amx_state);
    amx_state.shapes = *shapes;
}

INLINE void amx_release(void) { memset(&amx_state, 0, sizeof amx_state); }

INLINE void amx_zero(int tile) { memset(amx_state.bytes[tile], 0, sizeof amx_state.bytes[tile]); }

INLINE void amx_load(int tile, const void *from, int64_t stride) {
    amx_zero(tile);
    for (int row = 0; row < amx_state.shapes.rows[tile]; row++)
        memcpy(
            amx_state.bytes[tile][row], (const char *)from + row * stride,
            amx_state.shapes.row_bytes[tile]);
}

INLINE void amx_store(int tile, void *to, int64_t stride) {
    for (int row = 0; row < amx_state.shapes.rows[tile]; row++)
        memcpy(
            (char *)to + row * stride, amx_state.bytes[tile][row],
            amx_state.shapes.row_bytes[tile]);
}

INLINE void amx_apply_fault(int tile) {
    if (amx_wrong_bit >= 0)
        amx_state.bytes[tile][0][amx_wrong_bit / 8] ^= (uint8_t)(1 << amx_wrong_bit % 8);
}

INLINE void amx_dot_int8x4(int sum, int left, int right) {
    for (int m = 0; m < amx_state.shapes.rows[sum]; m++) {
        int32_t sums[AMX_CELLS];
        memcpy(sums, amx_state.bytes[sum][m], sizeof sums);
        for (int k = 0; k < amx_state.shapes.row_bytes[left] / 4; k++) {
            const uint8_t *a = amx_state.bytes[left][m] + 4 * k;
            const int8_t *b = (const int8_t *)amx_state.bytes[right][k];
            for (int n = 0; n < AMX_CELLS; n++, b += 4)
                sums[n] += a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3];
        }
        memcpy(amx_state.bytes[sum][m], sums, sizeof sums);
    }
    amx_apply_fault(sum);
}

/// Denormals are zero, as operands and as results.
INLINE float amx_flush(float x) { return fabsf(x) < 0x1p-126f ? copysignf(0, x) : x; }

INLINE float amx_bf16(const uint8_t *bytes) {
    float value;
    memcpy(&value, (const uint8_t[4]){0, 0, bytes[0], bytes[1]}, sizeof value);
    return amx_flush(value);
}

/// The first and the second values of all cells have sums of their own, which start from 0, round to nearest even in
/// each step, and are added to each other and then to the sum.
INLINE void amx_dot_bf16x2(int sum, int left, int right) {
    for (int m = 0; m < amx_state.shapes.rows[sum]; m++)
        for (int n = 0; n < AMX_CELLS; n++) {
            float first = 0, second = 0, total;
            for (int k = 0; k < amx_state.shapes.row_bytes[left] / 4; k++) {
                const uint8_t *a = amx_state.bytes[left][m] + 4 * k;
                const uint8_t *b = amx_state.bytes[right][k] + 4 * n;
                first = amx_flush(fmaf(amx_bf16(a), amx_bf16(b), first));
                second = amx_flush(fmaf(amx_bf16(a + 2), amx_bf16(b + 2), second));
            }
            memcpy(&total, amx_state.bytes[sum][m] + 4 * n, sizeof total);
            total = amx_flush(amx_flush(total) + amx_flush(first + second));
            memcpy(amx_state.bytes[sum][m] + 4 * n, &total, sizeof total);
        }
    amx_apply_fault(sum);
}
