/// Template of separable resampling. All levels compute the same bits: integers are exact, floats use explicit fused
/// multiply-adds, and doubles none at all.

typedef uint8_t vec4_u8 __attribute__((vector_size(4)));
typedef uint8_t vec16_u8 __attribute__((vector_size(16)));
typedef int32_t vec4_s32 __attribute__((vector_size(16)));
typedef int32_t vec16_s32 __attribute__((vector_size(64)));
typedef float vec4_f32 __attribute__((vector_size(16)));
typedef float vec16_f32 __attribute__((vector_size(64)));
typedef double vec4_f64 __attribute__((vector_size(32)));
typedef double vec16_f64 __attribute__((vector_size(128)));

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

/// Loads a pixel of floats as four lanes; the fourth is the value that follows in memory and is discarded.
INLINE vec4_f32 load_float_pixel(const float *from) {
    vec4_f32 pixel;
    memcpy(&pixel, from, sizeof pixel);
    return pixel;
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

INLINE void store_floats(float *to, vec16_f32 values, size_t count) {
    memcpy(to, &values, (count < BLOCK ? count : BLOCK) * sizeof *to);
}

INLINE vec16_f32 clamp_floats(vec16_f32 values) {
    vec16_f32 zero = {0};
    return __builtin_elementwise_min(__builtin_elementwise_max(values, zero), zero + 255);
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
    const int32_t *offset = plan->column_offset;
    const int32_t *weight = plan->column_weight;
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
    const int32_t *weight = (const int32_t *)plan->row_weight + (size_t)y * taps;
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
    const int32_t *offset = plan->column_offset;
    const int32_t *weight = plan->column_weight;
    for (int32_t x = 0; x < plan->width; x++, offset += 2, weight += 2, to += 3) {
        vec4_s32 sum = load_pixel(row + offset[0]) * weight[0] + load_pixel(row + offset[1]) * weight[1];
        memcpy(to, &sum, sizeof sum);
    }
}

INLINE void fixed11_rows(const ganrm_resample_plan *plan, int32_t y, const int32_t *rows, uint8_t *to) {
    const size_t stride = padded_row_length(plan->width), length = (size_t)plan->width * 3;
    const int32_t *index = plan->row_index + (size_t)y * 2;
    const int32_t *weight = (const int32_t *)plan->row_weight + (size_t)y * 2;
    for (size_t x = 0; x < length; x += BLOCK) {
        vec16_s32 upper, lower;
        memcpy(&upper, rows + (size_t)index[0] * stride + x, sizeof upper);
        memcpy(&lower, rows + (size_t)index[1] * stride + x, sizeof lower);
        vec16_s32 sum = (((upper >> 4) * weight[0]) >> 16) + (((lower >> 4) * weight[1]) >> 16);
        store_block(to + x, clamp_block((sum + 2) >> 2), length - x);
    }
}

/// Horizontal pass of a row with `taps` taps, which are added in their order, each step after the first fused.
INLINE void float_columns_of(
    const ganrm_resample_plan *plan, const uint8_t *row, float *to, const int32_t taps
) {
    const int32_t *offset = plan->column_offset;
    const float *weight = plan->column_weight;
    for (int32_t x = 0; x < plan->width; x++, offset += taps, weight += taps, to += 3) {
        vec4_f32 zero = {0}, sum = zero;
        for (int32_t k = 0; k < taps; k++) {
            vec4_f32 pixel = __builtin_convertvector(load_pixel(row + offset[k]), vec4_f32);
            sum = k == 0 ? pixel * weight[k] : __builtin_elementwise_fma(pixel, zero + weight[k], sum);
        }
        memcpy(to, &sum, sizeof sum);
    }
}

/// A block of the vertical pass.
INLINE vec16_f32 float_row_sum(
    const int32_t *index, const float *weight, const float *rows, size_t stride, const int32_t taps
) {
    vec16_f32 zero = {0}, sum = load_floats(rows + (size_t)index[0] * stride) * weight[0];
    for (int32_t k = 1; k < taps; k++)
        sum = __builtin_elementwise_fma(
            load_floats(rows + (size_t)index[k] * stride), zero + weight[k], sum);
    return sum;
}

INLINE void float_rows_of(
    const ganrm_resample_plan *plan, int32_t y, const float *rows, float *to, uint8_t *rounded,
    const int32_t taps
) {
    const size_t stride = padded_row_length(plan->width), length = (size_t)plan->width * 3;
    const int32_t *index = plan->row_index + (size_t)y * taps;
    const float *weight = (const float *)plan->row_weight + (size_t)y * taps;
    for (size_t x = 0; x < length; x += BLOCK) {
        vec16_f32 sum = float_row_sum(index, weight, rows + x, stride, taps);
        if (rounded) {
            // Adding 2^23 rounds to an integer, ties to even, in the default rounding mode.
            sum = (clamp_floats(sum) + 0x1p23f) - 0x1p23f;
            store_block(rounded + x, __builtin_convertvector(sum, vec16_s32), length - x);
        } else {
            store_floats(to + x, sum, length - x);
        }
    }
}

// The loops over the taps of the filters without antialiasing are unrolled.
INLINE void float_columns(const ganrm_resample_plan *plan, const uint8_t *row, float *to) {
    switch (plan->column_taps) {
    case 2: return float_columns_of(plan, row, to, 2);
    case 4: return float_columns_of(plan, row, to, 4);
    default: return float_columns_of(plan, row, to, plan->column_taps);
    }
}

INLINE void float_rows(const ganrm_resample_plan *plan, int32_t y, const float *rows, float *to) {
    switch (plan->row_taps) {
    case 2: return float_rows_of(plan, y, rows, to, NULL, 2);
    case 4: return float_rows_of(plan, y, rows, to, NULL, 4);
    default: return float_rows_of(plan, y, rows, to, NULL, plan->row_taps);
    }
}

INLINE void float_rounded_columns(const ganrm_resample_plan *plan, const uint8_t *row, float *to) {
    float_columns(plan, row, to);
}

INLINE void float_rounded_rows(
    const ganrm_resample_plan *plan, int32_t y, const float *rows, uint8_t *to
) {
    switch (plan->row_taps) {
    case 2: return float_rows_of(plan, y, rows, NULL, to, 2);
    case 4: return float_rows_of(plan, y, rows, NULL, to, 4);
    default: return float_rows_of(plan, y, rows, NULL, to, plan->row_taps);
    }
}

/// Horizontal pass of doubles; `LOAD` loads a pixel of `row`. Products are rounded before they are added.
#define DEFINE_DOUBLE_COLUMNS(name, element, LOAD)                                             \
    INLINE void name(const ganrm_resample_plan *plan, const element *row, float *to) {         \
        _Pragma("STDC FP_CONTRACT OFF")                                                        \
        const int32_t *offset = plan->column_offset, taps = plan->column_taps;                 \
        const double *weight = plan->column_weight;                                            \
        for (int32_t x = 0; x < plan->width; x++, offset += taps, weight += taps, to += 3) {   \
            vec4_f64 sum = {0};                                                                \
            for (int32_t k = 0; k < taps; k++)                                                 \
                sum += __builtin_convertvector(LOAD(row + offset[k]), vec4_f64) * weight[k];   \
            vec4_f32 pixel = __builtin_convertvector(sum, vec4_f32);                           \
            memcpy(to, &pixel, sizeof pixel);                                                  \
        }                                                                                      \
    }

DEFINE_DOUBLE_COLUMNS(double_columns, uint8_t, load_pixel)
DEFINE_DOUBLE_COLUMNS(double_columns_of_floats, float, load_float_pixel)

/// Vertical pass of row `y`; each of `rows` has `width` pixels, of which `LOAD` loads a block.
#define DEFINE_DOUBLE_ROWS(name, element, LOAD)                                                \
    INLINE void name(                                                                          \
        const ganrm_resample_plan *plan, int32_t y, const element *rows, int32_t width,        \
        float *to                                                                              \
    ) {                                                                                        \
        _Pragma("STDC FP_CONTRACT OFF")                                                        \
        const size_t stride = padded_row_length(width), length = (size_t)width * 3;            \
        const int32_t taps = plan->row_taps;                                                   \
        const int32_t *index = plan->row_index + (size_t)y * taps;                             \
        const double *weight = (const double *)plan->row_weight + (size_t)y * taps;            \
        for (size_t x = 0; x < length; x += BLOCK) {                                           \
            vec16_f64 sum = {0};                                                               \
            for (int32_t k = 0; k < taps; k++)                                                 \
                sum += __builtin_convertvector(                                                \
                           LOAD(rows + (size_t)index[k] * stride + x), vec16_f64)              \
                    * weight[k];                                                               \
            store_floats(to + x, __builtin_convertvector(sum, vec16_f32), length - x);         \
        }                                                                                      \
    }

DEFINE_DOUBLE_ROWS(double_rows_of_bytes, uint8_t, load_block)
DEFINE_DOUBLE_ROWS(double_rows_of_floats, float, load_floats)

/// Clamps a row of the result to 0…255.
INLINE void clamp_row(float *values, size_t count) {
    for (size_t i = 0; i < count; i++)
        values[i] = values[i] < 0 ? 0 : values[i] > 255 ? 255 : values[i];
}

INLINE void double_rows(const ganrm_resample_plan *plan, int32_t y, const float *rows, float *to) {
    double_rows_of_floats(plan, y, rows, plan->width, to);
    clamp_row(to, (size_t)plan->width * 3);
}

/// Both passes with one arithmetic; `element` is the type of the intermediate rows, `output` that of the result.
#define DEFINE_PASSES(name, element, output)                                                   \
    KERNEL int resample_##name(                                                                \
        const ganrm_resample_plan *plan, const uint8_t *source, void *result                   \
    ) {                                                                                        \
        const size_t stride = padded_row_length(plan->width);                                  \
        element *rows = calloc((size_t)plan->used_rows * stride, sizeof(element));             \
        uint8_t *padded_row = malloc((size_t)plan->source_width * 3 + 1);                      \
        int status = rows && padded_row ? 0 : -1;                                              \
        for (int32_t i = 0; status == 0 && i < plan->used_rows; i++)                           \
            name##_columns(                                                                    \
                plan, source_row(plan, source, plan->used_row[i], padded_row),                 \
                rows + (size_t)i * stride                                                      \
            );                                                                                 \
        for (int32_t y = 0; status == 0 && y < plan->height; y++)                              \
            name##_rows(plan, y, rows, (output *)result + (size_t)y * plan->width * 3);        \
        free(padded_row);                                                                      \
        free(rows);                                                                            \
        return status;                                                                         \
    }

DEFINE_PASSES(fixed22, uint8_t, uint8_t)
DEFINE_PASSES(fixed11, int32_t, uint8_t)
DEFINE_PASSES(float, float, float)
DEFINE_PASSES(float_rounded, float, uint8_t)
DEFINE_PASSES(double, float, float)

/// The vertical pass first, over whole source rows; `mixed` is the type of its result.
#define DEFINE_ROWS_FIRST(name, mixed, output, ROWS, COLUMNS, FINISH)                          \
    KERNEL int resample_##name##_rows_first(                                                   \
        const ganrm_resample_plan *plan, const uint8_t *source, void *result                   \
    ) {                                                                                        \
        const size_t stride = padded_row_length(plan->source_width);                           \
        const size_t length = (size_t)plan->source_width * 3, width = (size_t)plan->width * 3; \
        uint8_t *rows = calloc((size_t)plan->used_rows, stride);                               \
        mixed *row = calloc(stride, sizeof(mixed));                                            \
        output *line = malloc(padded_row_length(plan->width) * sizeof(output));                \
        int status = rows && row && line ? 0 : -1;                                             \
        for (int32_t i = 0; status == 0 && i < plan->used_rows; i++)                           \
            memcpy(rows + i * stride, source + plan->used_row[i] * length, length);            \
        for (int32_t y = 0; status == 0 && y < plan->height; y++) {                            \
            ROWS(plan, y, rows, plan->source_width, row);                                      \
            COLUMNS(plan, row, line);                                                          \
            FINISH(line, width);                                                               \
            memcpy((output *)result + (size_t)y * width, line, width * sizeof(output));        \
        }                                                                                      \
        free(line);                                                                            \
        free(row);                                                                             \
        free(rows);                                                                            \
        return status;                                                                         \
    }

#define NO_FINISH(line, width)
DEFINE_ROWS_FIRST(fixed22, uint8_t, uint8_t, fixed22_rows_of, fixed22_columns, NO_FINISH)
DEFINE_ROWS_FIRST(
    double, float, float, double_rows_of_bytes, double_columns_of_floats, clamp_row)
