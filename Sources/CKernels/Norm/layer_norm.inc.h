/// Template of layer norm with f32, bf16 or int8 output.

/// Adds the vectors at element `i` of rows of `width` elements, where `count` are left.
INLINE void add_elements(
    const float *x, int rows, int64_t width, int64_t i, int64_t count, vec_f32 *sums) {
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) sums[r] += load_up_to(x + r * width + i, count, 0);
}

INLINE void add_squares(
    const float *x, int rows, int64_t width, int64_t i, int64_t count, const float *means,
    vec_f32 *squares) {
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
        vec_f32 centred = load_up_to(x + r * width + i, count, means[r]) - means[r];
        squares[r] += centred * centred;
    }
}

/// Means and 1 / √(variance + epsilon) of rows of `width` elements.
INLINE void moments(
    const float *x, int rows, int64_t width, float epsilon, float *means,
    float *inverse_deviations) {
    vec_f32 sums[ROWS_AT_ONCE] = {0}, squares[ROWS_AT_ONCE] = {0};
    int64_t whole = width - width % GANRM_LANES, left = width - whole;
    for (int64_t i = 0; i < whole; i += GANRM_LANES)
        add_elements(x, rows, width, i, GANRM_LANES, sums);
    if (left) add_elements(x, rows, width, whole, left, sums);
    for (int r = 0; r < rows; r++) means[r] = sum_of(sums[r]) / (float)width;
    for (int64_t i = 0; i < whole; i += GANRM_LANES)
        add_squares(x, rows, width, i, GANRM_LANES, means, squares);
    if (left) add_squares(x, rows, width, whole, left, means, squares);
    for (int r = 0; r < rows; r++)
        inverse_deviations[r] = 1 / sqrtf(sum_of(squares[r]) / (float)width + epsilon);
}

/// Parameters and output of a layer norm.
typedef struct {
    int64_t width;
    const float *scale, *shift;
    float epsilon;
    void *out;
    int64_t out_stride;
    /// int8 only, as the next one.
    ganrm_quantization *quantization;
    /// Normalised values until their range is known, `[ROWS_AT_ONCE, width]`.
    float *scratch;
} norm_args;

/// Statistics of a few rows; the ranges are those of the normalised values, for int8.
typedef struct {
    float means[ROWS_AT_ONCE], inverse_deviations[ROWS_AT_ONCE];
    value_range ranges[ROWS_AT_ONCE];
} row_statistics;

INLINE void normalise_elements(
    ganrm_dtype dtype, const norm_args *args, const float *x, int64_t row, int rows, int64_t i,
    int64_t count, row_statistics *statistics) {
    vec_f32 scale = load_up_to(args->scale + i, count, 0);
    vec_f32 shift = load_up_to(args->shift + i, count, 0);
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
        vec_f32 v = load_up_to(x + r * args->width + i, count, 0) - statistics->means[r];
        v = v * statistics->inverse_deviations[r] * scale + shift;
        int64_t index = (row + r) * args->out_stride + i;
        switch (dtype) {
        case GANRM_F32: store_up_to((float *)args->out + index, v, count); break;
        case GANRM_BF16: store_up_to_bf16((uint16_t *)args->out + index, v, count); break;
        case GANRM_INT8:
            extend_range(&statistics->ranges[r], v);
            store_up_to(args->scratch + r * args->width + i, v, count);
        }
    }
}

/// Normalises rows from `row` on; `x` points to the first of them.
INLINE void normalise_few_rows(
    ganrm_dtype dtype, const norm_args *args, const float *x, int64_t row, int rows) {
    int64_t width = args->width;
    row_statistics statistics = {0};
    moments(
        x, rows, width, args->epsilon, statistics.means, statistics.inverse_deviations);
    int64_t whole = width - width % GANRM_LANES, left = width - whole;
    for (int64_t i = 0; i < whole; i += GANRM_LANES)
        normalise_elements(dtype, args, x, row, rows, i, GANRM_LANES, &statistics);
    if (left) normalise_elements(dtype, args, x, row, rows, whole, left, &statistics);
    if (dtype != GANRM_INT8) return;
    quantize_args quantize = {
        GANRM_F32, args->scratch, width, 4 * width,
        (uint8_t *)args->out + row * args->out_stride, args->out_stride, args->quantization + row};
    quantize_rows_in_ranges(&quantize, 0, rows, statistics.ranges);
}

INLINE void normalise_rows(
    ganrm_dtype dtype, const norm_args *args, const float *x, int64_t rows) {
    int64_t row = 0;
    for (; row + ROWS_AT_ONCE <= rows; row += ROWS_AT_ONCE)
        normalise_few_rows(dtype, args, x + row * args->width, row, ROWS_AT_ONCE);
    for (; row < rows; row++) normalise_few_rows(dtype, args, x + row * args->width, row, 1);
}

KERNEL void layer_norm(
    const float *x, int64_t rows, int64_t width, const float *scale, const float *shift,
    float epsilon, float *out, int64_t out_stride) {
    norm_args args = {width, scale, shift, epsilon, out, out_stride, NULL, NULL};
    normalise_rows(GANRM_F32, &args, x, rows);
}

KERNEL void layer_norm_bf16(
    const float *x, int64_t rows, int64_t width, const float *scale, const float *shift,
    float epsilon, uint16_t *out, int64_t out_stride) {
    norm_args args = {width, scale, shift, epsilon, out, out_stride, NULL, NULL};
    normalise_rows(GANRM_BF16, &args, x, rows);
}

KERNEL void layer_norm_int8(
    const float *x, int64_t rows, int64_t width, const float *scale, const float *shift,
    float epsilon, uint8_t *out, int64_t out_stride, ganrm_quantization *quantization,
    float *scratch) {
    norm_args args = {width, scale, shift, epsilon, out, out_stride, quantization, scratch};
    normalise_rows(GANRM_INT8, &args, x, rows);
}
