/// Template of conversions from f32 and bf16 to bf16 and int8, row by row.
///
/// A few rows are processed together, which hides the latency of their reductions. A row's result does not depend on
/// the others.

enum { ROWS_AT_ONCE = GANRM_NORM_SCRATCH_ROWS };

KERNEL void f32_to_bf16(const float *x, int64_t count, uint16_t *out) {
    for (int64_t i = 0; i < count; i += GANRM_LANES)
        store_up_to_bf16(out + i, load_up_to(x + i, count - i, 0), count - i);
}

/// Rounds to the nearest integers, ties to even, for |v| < 2²².
INLINE vec_i32 round_to_ints(vec_f32 v) {
#if GANRM_LANES == 16
    return (vec_i32)_mm512_cvtps_epi32((__m512)v);
#elif GANRM_LANES == 8
    return (vec_i32)_mm256_cvtps_epi32((__m256)v);
#else
    return (vec_i32)(v + rounding_magic) - (vec_i32)((vec_f32)0 + rounding_magic);
#endif
}

/// The low byte of each lane.
INLINE vec_u8 low_bytes(vec_i32 v) { return __builtin_convertvector(v & 0xff, vec_u8); }

INLINE void store_low_bytes(uint8_t *out, vec_i32 v) {
    vec_u8 b = low_bytes(v);
    memcpy(out, &b, sizeof b);
}

/// Rows of f32 or bf16 to be quantized.
typedef struct {
    ganrm_dtype dtype;
    const void *x;
    int64_t width;
    /// Row stride of x, in bytes.
    int64_t stride;
    uint8_t *out;
    int64_t out_stride;
    ganrm_quantization *quantization;
} quantize_args;

/// Elements in a vector of cells: a cell is one f32 or two bf16.
INLINE int64_t elements_per_vector(ganrm_dtype dtype) {
    return dtype == GANRM_BF16 ? 2 * GANRM_LANES : GANRM_LANES;
}

/// Loads a row's cells from element `i` on, where `count` elements are left; zero-padded.
INLINE vec_i32 row_cells(const quantize_args *args, int64_t row, int64_t i, int64_t count) {
    int64_t size = args->dtype == GANRM_BF16 ? 2 : 4;
    const char *elements = (const char *)args->x + row * args->stride + i * size;
    vec_i32 cells = 0;
    if (count >= elements_per_vector(args->dtype)) memcpy(&cells, elements, sizeof cells);
    else memcpy(&cells, elements, (size_t)(count * size));
    return cells;
}

/// Maps bf16 to int16 of the same order, NaN beyond all others; it is its own inverse.
INLINE vec_i16x2 ordered_bf16(vec_i16x2 v) { return v ^ (v >> 15 & 0x7fff); }

/// Range of a row's values, lane by lane: f32, or ordered bf16.
typedef struct {
    vec_i32 min, max;  ///< 0 is included.
    vec_f32 sum;       ///< f32 only: NaN if a value is NaN.
} value_range;

INLINE void extend_range(value_range *range, vec_f32 v) {
    range->min = (vec_i32)smaller(v, (vec_f32)range->min);
    range->max = (vec_i32)larger(v, (vec_f32)range->max);
    range->sum += v;
}

INLINE void extend_range_bf16(value_range *range, vec_i32 cells) {
    vec_i16x2 v = ordered_bf16((vec_i16x2)cells);
    range->min = (vec_i32)__builtin_elementwise_min(v, (vec_i16x2)range->min);
    range->max = (vec_i32)__builtin_elementwise_max(v, (vec_i16x2)range->max);
}

INLINE void extend_ranges(
    const quantize_args *args, int64_t row, int rows, int64_t i, int64_t count,
    value_range *ranges) {
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
        vec_i32 cells = row_cells(args, row + r, i, count);
        if (args->dtype == GANRM_BF16) extend_range_bf16(&ranges[r], cells);
        else extend_range(&ranges[r], (vec_f32)cells);
    }
}

/// Converts a range of ordered bf16 to one of f32.
INLINE value_range range_from_bf16(value_range pairs) {
    vec_i32 min = (vec_i32)ordered_bf16((vec_i16x2)pairs.min);
    vec_i32 max = (vec_i32)ordered_bf16((vec_i16x2)pairs.max);
    value_range range = {0};
    extend_range(&range, low_bf16(min));
    extend_range(&range, high_bf16(min));
    extend_range(&range, low_bf16(max));
    extend_range(&range, high_bf16(max));
    return range;
}

/// Quantization that maps each row's range to 0…254. If a value is NaN the scale is, which makes all results NaN.
INLINE void quantization_of_ranges(
    ganrm_dtype dtype, const value_range *ranges, int rows, ganrm_quantization *quantization) {
    vec_f32 ends[2 * ROWS_AT_ONCE], sums[ROWS_AT_ONCE];
    float end[ROW_VALUES], sum[ROW_VALUES];
    for (int r = 0; r < rows; r++) {
        value_range range = dtype == GANRM_BF16 ? range_from_bf16(ranges[r]) : ranges[r];
        ends[r] = -(vec_f32)range.min;
        ends[rows + r] = (vec_f32)range.max;
        sums[r] = range.sum;
    }
    reduce_rows(MAX, 2 * rows, ends, end);
    reduce_rows(SUM, rows, sums, sum);
    for (int r = 0; r < rows; r++) {
        float below = end[r], reach = below + end[rows + r], scale = reach > 0 ? reach / 254 : 1;
        quantization[r] =
            (ganrm_quantization){sum[r] == sum[r] ? scale : NAN, (int32_t)lrintf(below / scale)};
    }
}

/// A row's quantization as one multiply-add.
typedef struct {
    float inverse_scale;
    /// Zero point + `rounding_magic`.
    float offset;
} quantizer;

/// Quantizes values; the results are in the low bytes.
INLINE vec_i32 quantized_in_low_bytes(vec_f32 v, quantizer q) {
    return (vec_i32)(v * q.inverse_scale + q.offset);
}

INLINE void quantize_elements(
    const quantize_args *args, int64_t row, int rows, int64_t i, int64_t count,
    const quantizer *quantizers) {
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
        vec_i32 cells = row_cells(args, row + r, i, count);
        uint8_t *out = args->out + (row + r) * args->out_stride + i;
        if (args->dtype == GANRM_BF16) {
            vec_i32 first = quantized_in_low_bytes(low_bf16(cells), quantizers[r]);
            vec_i32 second = quantized_in_low_bytes(high_bf16(cells), quantizers[r]);
            vec_i32 both = (first & 0xff) | (second << 8 & 0xff00);
            vec_u16 pairs = __builtin_convertvector(both, vec_u16);
            if (count >= 2 * GANRM_LANES) memcpy(out, &pairs, sizeof pairs);
            else memcpy(out, &pairs, (size_t)count);
        } else {
            vec_u8 b = low_bytes(quantized_in_low_bytes((vec_f32)cells, quantizers[r]));
            if (count >= GANRM_LANES) memcpy(out, &b, sizeof b);
            else memcpy(out, &b, (size_t)count);
        }
    }
}

/// Quantizes rows whose ranges are known, from `row` on.
INLINE void quantize_rows_in_ranges(
    const quantize_args *args, int64_t row, int rows, const value_range *ranges) {
    quantizer quantizers[ROWS_AT_ONCE];
    ganrm_quantization *quantization = args->quantization + row;
    quantization_of_ranges(args->dtype, ranges, rows, quantization);
    for (int r = 0; r < rows; r++)
        quantizers[r] = (quantizer){
            1 / quantization[r].scale, (float)quantization[r].zero_point + rounding_magic};
    int64_t step = elements_per_vector(args->dtype), left = args->width % step;
    int64_t whole = args->width - left;
    for (int64_t i = 0; i < whole; i += step) quantize_elements(args, row, rows, i, step, quantizers);
    if (left) quantize_elements(args, row, rows, whole, left, quantizers);
}

INLINE void quantize_few_rows(const quantize_args *args, int64_t row, int rows) {
    value_range ranges[ROWS_AT_ONCE] = {0};
    int64_t step = elements_per_vector(args->dtype), left = args->width % step;
    int64_t whole = args->width - left;
    for (int64_t i = 0; i < whole; i += step) extend_ranges(args, row, rows, i, step, ranges);
    if (left) extend_ranges(args, row, rows, whole, left, ranges);
    quantize_rows_in_ranges(args, row, rows, ranges);
}

INLINE void quantize_rows(const quantize_args *args, int64_t rows) {
    int64_t row = 0;
    for (; row + ROWS_AT_ONCE <= rows; row += ROWS_AT_ONCE)
        quantize_few_rows(args, row, ROWS_AT_ONCE);
    for (; row < rows; row++) quantize_few_rows(args, row, 1);
}

KERNEL void f32_to_int8(
    const float *x, int64_t rows, int64_t width, int64_t stride, uint8_t *out, int64_t out_stride,
    ganrm_quantization *quantization) {
    quantize_args args = {GANRM_F32, x, width, 4 * stride, out, out_stride, quantization};
    quantize_rows(&args, rows);
}

KERNEL void bf16_to_int8(
    const uint16_t *x, int64_t rows, int64_t width, int64_t stride, int64_t groups, uint8_t *out,
    int64_t out_stride, ganrm_quantization *quantization) {
    int64_t length = width / groups;
    for (int64_t g = 0; g < groups; g++) {
        quantize_args args = {
            GANRM_BF16, x + g * length, length, 2 * stride, out + g * length, out_stride,
            quantization + g * rows};
        quantize_rows(&args, rows);
    }
}
