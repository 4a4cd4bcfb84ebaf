/// Template of separable resampling. All levels compute the same bits: integers are exact, and floats use explicit fused
/// multiply-adds.

typedef uint8_t vec4_u8 __attribute__((vector_size(4)));
typedef uint8_t vec16_u8 __attribute__((vector_size(16)));
typedef int32_t vec4_s32 __attribute__((vector_size(16)));
typedef int32_t vec16_s32 __attribute__((vector_size(64)));
typedef float vec4_f32 __attribute__((vector_size(16)));
typedef float vec16_f32 __attribute__((vector_size(64)));

// Vectors are passed between inlined functions only, so the ABI does not matter.
#pragma clang diagnostic ignored "-Wpsabi"

/// Elements that the vertical pass computes at once.
enum { BLOCK = 16 };

/// Elements per intermediate row: whole blocks, with space for the fourth lane of the last pixel.
INLINE size_t padded_row_length(int32_t width) {
    return ((size_t)width * 3 + 1 + BLOCK - 1) / BLOCK * BLOCK;
}

/// Loads a pixel as four lanes; the fourth is the byte that follows in memory and is discarded.
INLINE vec4_s32 load_pixel(const uint8_t *from) {
    vec4_u8 pixel;
    memcpy(&pixel, from, sizeof pixel);
    return __builtin_convertvector(pixel, vec4_s32);
}

INLINE vec16_s32 load_block(const uint8_t *from) {
    vec16_u8 bytes;
    memcpy(&bytes, from, sizeof bytes);
    return __builtin_convertvector(bytes, vec16_s32);
}

INLINE vec16_f32 load_floats(const float *from) {
    vec16_f32 values;
    memcpy(&values, from, sizeof values);
    return values;
}

INLINE vec16_s32 clamp_block(vec16_s32 values) {
    vec16_s32 zero = {0};
    return __builtin_elementwise_min(__builtin_elementwise_max(values, zero), zero + 255);
}

/// Stores at most `count` lanes: the last block of a row is incomplete.
INLINE void store_block(uint8_t *to, vec16_s32 values, size_t count) {
    vec16_u8 bytes = __builtin_convertvector(values, vec16_u8);
    memcpy(to, &bytes, count < BLOCK ? count : BLOCK);
}

INLINE float as_float(int32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/// Returns a source row with at least one readable byte after it; the last row is copied to `padded_row`.
INLINE const uint8_t *source_row(
    const ganrm_resample_plan *plan, const uint8_t *source, int32_t row, uint8_t *padded_row
) {
    size_t stride = (size_t)plan->source_width * 3;
    const uint8_t *from = source + (size_t)row * stride;
    if (row < plan->source_height - 1) return from;
    memcpy(padded_row, from, stride);
    padded_row[stride] = 0;
    return padded_row;
}

INLINE void fixed22_columns(const ganrm_resample_plan *plan, const uint8_t *row, uint8_t *to) {
    const int32_t *offset = plan->column_offset, *weight = plan->column_weight;
    const int32_t taps = plan->column_taps;
    for (int32_t x = 0; x < plan->width; x++, offset += taps, weight += taps, to += 3) {
        vec4_s32 zero = {0}, sum = zero + (1 << 21);
        for (int32_t k = 0; k < taps; k++) sum += load_pixel(row + offset[k]) * weight[k];
        sum = __builtin_elementwise_min(__builtin_elementwise_max(sum >> 22, zero), zero + 255);
        vec4_u8 pixel = __builtin_convertvector(sum, vec4_u8);
        memcpy(to, &pixel, sizeof pixel);
    }
}

/// Vertical pass of row `y`; each of `rows` has `width` pixels.
INLINE void fixed22_rows_of(
    const ganrm_resample_plan *plan, int32_t y, const uint8_t *rows, int32_t width, uint8_t *to
) {
    const size_t stride = padded_row_length(width), length = (size_t)width * 3;
    const int32_t taps = plan->row_taps;
    const int32_t *index = plan->row_index + (size_t)y * taps;
    const int32_t *weight = plan->row_weight + (size_t)y * taps;
    for (size_t x = 0; x < length; x += BLOCK) {
        vec16_s32 sum = {0};
        sum += 1 << 21;
        for (int32_t k = 0; k < taps; k++)
            sum += load_block(rows + (size_t)index[k] * stride + x) * weight[k];
        store_block(to + x, clamp_block(sum >> 22), length - x);
    }
}

INLINE void fixed22_rows(
    const ganrm_resample_plan *plan, int32_t y, const uint8_t *rows, uint8_t *to
) {
    fixed22_rows_of(plan, y, rows, plan->width, to);
}

INLINE void fixed11_columns(const ganrm_resample_plan *plan, const uint8_t *row, int32_t *to) {
    const int32_t *offset = plan->column_offset, *weight = plan->column_weight;
    for (int32_t x = 0; x < plan->width; x++, offset += 2, weight += 2, to += 3) {
        vec4_s32 sum = load_pixel(row + offset[0]) * weight[0] + load_pixel(row + offset[1]) * weight[1];
        memcpy(to, &sum, sizeof sum);
    }
}

INLINE void fixed11_rows(const ganrm_resample_plan *plan, int32_t y, const int32_t *rows, uint8_t *to) {
    const size_t stride = padded_row_length(plan->width), length = (size_t)plan->width * 3;
    const int32_t *index = plan->row_index + (size_t)y * 2;
    const int32_t *weight = plan->row_weight + (size_t)y * 2;
    for (size_t x = 0; x < length; x += BLOCK) {
        vec16_s32 upper, lower;
        memcpy(&upper, rows + (size_t)index[0] * stride + x, sizeof upper);
        memcpy(&lower, rows + (size_t)index[1] * stride + x, sizeof lower);
        vec16_s32 sum = (((upper >> 4) * weight[0]) >> 16) + (((lower >> 4) * weight[1]) >> 16);
        store_block(to + x, clamp_block((sum + 2) >> 2), length - x);
    }
}

// PyTorch's compiled sum: taps 0 and 1 first, in this order, then 2, then 3, each step fused.
#define FLOAT_SUM(type, at, weight)                                                            \
    FUSED(type, at, weight, 3, FUSED(type, at, weight, 2,                                      \
        FUSED(type, at, weight, 0, at(1) * as_float((weight)[1]))))
#define FUSED(type, at, weight, k, sum)                                                        \
    __builtin_elementwise_fma(at(k), (type){0} + as_float((weight)[k]), sum)

INLINE void float_columns(const ganrm_resample_plan *plan, const uint8_t *row, float *to) {
    const int32_t *offset = plan->column_offset, *weight = plan->column_weight;
    for (int32_t x = 0; x < plan->width; x++, offset += 4, weight += 4, to += 3) {
#define PIXEL(k) __builtin_convertvector(load_pixel(row + offset[k]), vec4_f32)
        vec4_f32 sum = FLOAT_SUM(vec4_f32, PIXEL, weight);
        memcpy(to, &sum, sizeof sum);
    }
}

INLINE void float_rows(const ganrm_resample_plan *plan, int32_t y, const float *rows, uint8_t *to) {
    const size_t stride = padded_row_length(plan->width), length = (size_t)plan->width * 3;
    const int32_t *index = plan->row_index + (size_t)y * 4;
    const int32_t *weight = plan->row_weight + (size_t)y * 4;
    for (size_t x = 0; x < length; x += BLOCK) {
#define ROW(k) load_floats(rows + (size_t)index[k] * stride + x)
        vec16_f32 zero = {0}, sum = FLOAT_SUM(vec16_f32, ROW, weight);
        sum = __builtin_elementwise_min(__builtin_elementwise_max(sum, zero), zero + 255);
        // Adding 2^23 rounds to an integer, ties to even, in the default rounding mode.
        sum = (sum + 0x1p23f) - 0x1p23f;
        store_block(to + x, __builtin_convertvector(sum, vec16_s32), length - x);
    }
}

/// Both passes with one arithmetic; `element` is the type of the intermediate rows.
#define DEFINE_PASSES(name, element)                                            \
    KERNEL int resample_##name(                                                          \
        const ganrm_resample_plan *plan, const uint8_t *source, uint8_t *result                \
    ) {                                                                                        \
        const size_t stride = padded_row_length(plan->width);                                             \
        element *rows = calloc((size_t)plan->used_rows * stride, sizeof(element));             \
        uint8_t *padded_row = malloc((size_t)plan->source_width * 3 + 1);                      \
        int status = rows && padded_row ? 0 : -1;                                              \
        for (int32_t i = 0; status == 0 && i < plan->used_rows; i++)                           \
            name##_columns(                                                                    \
                plan, source_row(plan, source, plan->used_row[i], padded_row),                 \
                rows + (size_t)i * stride                                                      \
            );                                                                                 \
        for (int32_t y = 0; status == 0 && y < plan->height; y++)                              \
            name##_rows(plan, y, rows, result + (size_t)y * plan->width * 3);                  \
        free(padded_row);                                                                      \
        free(rows);                                                                            \
        return status;                                                                         \
    }

DEFINE_PASSES(fixed22, uint8_t)
DEFINE_PASSES(fixed11, int32_t)
DEFINE_PASSES(float, float)

KERNEL int resample_fixed22_rows_first(
    const ganrm_resample_plan *plan, const uint8_t *source, uint8_t *result
) {
    const size_t stride = padded_row_length(plan->source_width);
    const size_t length = (size_t)plan->source_width * 3, width = (size_t)plan->width * 3;
    uint8_t *rows = calloc((size_t)plan->used_rows + 1, stride);
    uint8_t *line = malloc(padded_row_length(plan->width));
    int status = rows && line ? 0 : -1;
    for (int32_t i = 0; status == 0 && i < plan->used_rows; i++)
        memcpy(rows + i * stride, source + plan->used_row[i] * length, length);
    for (int32_t y = 0; status == 0 && y < plan->height; y++) {
        uint8_t *mixed = rows + (size_t)plan->used_rows * stride;
        fixed22_rows_of(plan, y, rows, plan->source_width, mixed);
        fixed22_columns(plan, mixed, line);
        memcpy(result + (size_t)y * width, line, width);
    }
    free(line);
    free(rows);
    return status;
}
