/// Kernels that take rows one by one.
///
/// They walk along a few rows side by side, so that none of a row's sums waits for its own last addition. What a row
/// becomes depends on that row alone.

enum { SIDE_BY_SIDE = 4 };

KERNEL void to_bf16(const float *x, int64_t count, uint16_t *out) {
    for (int64_t i = 0; i < count; i += GANRM_LANES)
        store_up_to_bf16(out + i, load_up_to(x + i, count - i, 0), count - i);
}

/// Adds up vectors of rows of `width` numbers, of which `count` are left at `i`.
INLINE void add_numbers(
    const float *x, int rows, int64_t width, int64_t i, int64_t count, floats *sums) {
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) sums[r] += load_up_to(x + r * width + i, count, 0);
}

INLINE void add_squares(
    const float *x, int rows, int64_t width, int64_t i, int64_t count, const float *means,
    floats *squares) {
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
        floats centred = load_up_to(x + r * width + i, count, means[r]) - means[r];
        squares[r] += centred * centred;
    }
}

/// Means and 1 / √(variance + epsilon) of rows of `width` numbers.
INLINE void moments(
    const float *x, int rows, int64_t width, float epsilon, float *means,
    float *inverse_deviations) {
    floats sums[SIDE_BY_SIDE] = {0}, squares[SIDE_BY_SIDE] = {0};
    int64_t whole = width - width % GANRM_LANES, left = width - whole;
    for (int64_t i = 0; i < whole; i += GANRM_LANES)
        add_numbers(x, rows, width, i, GANRM_LANES, sums);
    if (left) add_numbers(x, rows, width, whole, left, sums);
    for (int r = 0; r < rows; r++) means[r] = sum_of(sums[r]) / (float)width;
    for (int64_t i = 0; i < whole; i += GANRM_LANES)
        add_squares(x, rows, width, i, GANRM_LANES, means, squares);
    if (left) add_squares(x, rows, width, whole, left, means, squares);
    for (int r = 0; r < rows; r++)
        inverse_deviations[r] = 1 / sqrtf(sum_of(squares[r]) / (float)width + epsilon);
}

// MARK: Bytes

/// Nearest integers, ties to even, for |v| < 2²².
INLINE ints round_to_ints(floats v) {
#if GANRM_LANES == 16
    return (ints)_mm512_cvtps_epi32((__m512)v);
#else
    return (ints)(v + shifter) - (ints)((floats)0 + shifter);
#endif
}

/// The lower bytes of integers.
INLINE bytes to_bytes(ints v) { return __builtin_convertvector(v & 0xff, bytes); }

INLINE void store_bytes(uint8_t *out, ints v) {
    bytes b = to_bytes(v);
    memcpy(out, &b, sizeof b);
}

/// Rows of floats or bfloat16 that become bytes.
typedef struct {
    ganrm_number number;
    const void *x;
    int64_t width;
    /// From one row to the next, in bytes.
    int64_t stride;
    uint8_t *out;
    int64_t out_stride;
    ganrm_byte_scale *scales;
} byte_task;

/// Of a vector of cells: a float each, or two bfloat16.
INLINE int64_t numbers_per_vector(ganrm_number number) {
    return number == GANRM_BF16 ? 2 * GANRM_LANES : GANRM_LANES;
}

/// A row's cells from number `i` on, where `count` numbers are left; 0 after them.
INLINE ints row_cells(const byte_task *task, int64_t row, int64_t i, int64_t count) {
    int64_t size = task->number == GANRM_BF16 ? 2 : 4;
    const char *numbers = (const char *)task->x + row * task->stride + i * size;
    ints cells = 0;
    if (count >= numbers_per_vector(task->number)) memcpy(&cells, numbers, sizeof cells);
    else memcpy(&cells, numbers, (size_t)(count * size));
    return cells;
}

/// bfloat16 as integers of the same order, NaN beyond all others; and back.
INLINE shorts ordered(shorts v) { return v ^ (v >> 15 & 0x7fff); }

/// Numbers that are to become bytes: floats, or ordered bfloat16.
typedef struct {
    ints least, most;  ///< 0 included.
    floats sum;        ///< Of floats: NaN if one of them is.
} number_range;

INLINE void widen(number_range *range, floats v) {
    range->least = (ints)choose(v < (floats)range->least, v, (floats)range->least);
    range->most = (ints)choose(v > (floats)range->most, v, (floats)range->most);
    range->sum += v;
}

INLINE void widen_by_pairs(number_range *range, ints cells) {
    shorts v = ordered((shorts)cells);
    range->least = (ints)__builtin_elementwise_min(v, (shorts)range->least);
    range->most = (ints)__builtin_elementwise_max(v, (shorts)range->most);
}

INLINE void widen_ranges(
    const byte_task *task, int64_t row, int rows, int64_t i, int64_t count,
    number_range *ranges) {
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
        ints cells = row_cells(task, row + r, i, count);
        if (task->number == GANRM_BF16) widen_by_pairs(&ranges[r], cells);
        else widen(&ranges[r], (floats)cells);
    }
}

/// A range of bfloat16 as one of floats.
INLINE number_range range_of_pairs(number_range pairs) {
    ints least = (ints)ordered((shorts)pairs.least), most = (ints)ordered((shorts)pairs.most);
    number_range range = {0};
    widen(&range, first_of_pairs(least));
    widen(&range, second_of_pairs(least));
    widen(&range, first_of_pairs(most));
    widen(&range, second_of_pairs(most));
    return range;
}

/// What rows' bytes stand for if they are to reach from the smallest to the largest number; in NaN, and so are all
/// results, if a number is NaN.
INLINE void byte_scales(
    ganrm_number number, const number_range *ranges, int rows, ganrm_byte_scale *scales) {
    floats ends[2 * SIDE_BY_SIDE], sums[SIDE_BY_SIDE];
    float end[ROW_NUMBERS], sum[ROW_NUMBERS];
    for (int r = 0; r < rows; r++) {
        number_range range = number == GANRM_BF16 ? range_of_pairs(ranges[r]) : ranges[r];
        ends[r] = -(floats)range.least;
        ends[rows + r] = (floats)range.most;
        sums[r] = range.sum;
    }
    reduce_rows(LARGEST, 2 * rows, ends, end);
    reduce_rows(SUM, rows, sums, sum);
    for (int r = 0; r < rows; r++) {
        float below = end[r], reach = below + end[rows + r], one = reach > 0 ? reach / 254 : 1;
        scales[r] = (ganrm_byte_scale){sum[r] == sum[r] ? one : NAN, (int32_t)lrintf(below / one)};
    }
}

/// What turns a row's numbers into bytes.
typedef struct {
    float inverse;
    /// Of 0, and `shifter`.
    float zero;
} rounding;

/// Integers whose lower bytes are those of numbers.
INLINE ints in_lower_bytes(floats v, rounding how) { return (ints)(v * how.inverse + how.zero); }

INLINE void round_numbers(
    const byte_task *task, int64_t row, int rows, int64_t i, int64_t count, const rounding *how) {
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
        ints cells = row_cells(task, row + r, i, count);
        uint8_t *out = task->out + (row + r) * task->out_stride + i;
        if (task->number == GANRM_BF16) {
            ints first = in_lower_bytes(first_of_pairs(cells), how[r]);
            ints second = in_lower_bytes(second_of_pairs(cells), how[r]);
            ints both = (first & 0xff) | (second << 8 & 0xff00);
            halves pairs = __builtin_convertvector(both, halves);
            if (count >= 2 * GANRM_LANES) memcpy(out, &pairs, sizeof pairs);
            else memcpy(out, &pairs, (size_t)count);
        } else {
            bytes b = to_bytes(in_lower_bytes((floats)cells, how[r]));
            if (count >= GANRM_LANES) memcpy(out, &b, sizeof b);
            else memcpy(out, &b, (size_t)count);
        }
    }
}

/// Rows from `row` on, whose ranges are known.
INLINE void round_rows(
    const byte_task *task, int64_t row, int rows, const number_range *ranges) {
    rounding how[SIDE_BY_SIDE];
    ganrm_byte_scale *scales = task->scales + row;
    byte_scales(task->number, ranges, rows, scales);
    for (int r = 0; r < rows; r++)
        how[r] = (rounding){1 / scales[r].one, (float)scales[r].zero + shifter};
    int64_t step = numbers_per_vector(task->number), left = task->width % step;
    int64_t whole = task->width - left;
    for (int64_t i = 0; i < whole; i += step) round_numbers(task, row, rows, i, step, how);
    if (left) round_numbers(task, row, rows, whole, left, how);
}

INLINE void few_rows_to_int8(const byte_task *task, int64_t row, int rows) {
    number_range ranges[SIDE_BY_SIDE] = {0};
    int64_t step = numbers_per_vector(task->number), left = task->width % step;
    int64_t whole = task->width - left;
    for (int64_t i = 0; i < whole; i += step) widen_ranges(task, row, rows, i, step, ranges);
    if (left) widen_ranges(task, row, rows, whole, left, ranges);
    round_rows(task, row, rows, ranges);
}

INLINE void rows_to_int8(const byte_task *task, int64_t rows) {
    int64_t row = 0;
    for (; row + SIDE_BY_SIDE <= rows; row += SIDE_BY_SIDE)
        few_rows_to_int8(task, row, SIDE_BY_SIDE);
    for (; row < rows; row++) few_rows_to_int8(task, row, 1);
}

KERNEL void to_int8(
    const float *x, int64_t rows, int64_t width, int64_t stride, uint8_t *out, int64_t out_stride,
    ganrm_byte_scale *scales) {
    byte_task task = {GANRM_F32, x, width, 4 * stride, out, out_stride, scales};
    rows_to_int8(&task, rows);
}

KERNEL void bf16_to_int8(
    const uint16_t *x, int64_t rows, int64_t width, int64_t stride, int64_t parts, uint8_t *out,
    int64_t out_stride, ganrm_byte_scale *scales) {
    int64_t length = width / parts;
    for (int64_t p = 0; p < parts; p++) {
        byte_task task = {
            GANRM_BF16, x + p * length, length, 2 * stride, out + p * length, out_stride,
            scales + p * rows};
        rows_to_int8(&task, rows);
    }
}

// MARK: Layer norm

/// What a layer norm does to every row, and where that goes.
typedef struct {
    int64_t width;
    const float *scale, *shift;
    float epsilon;
    void *out;
    int64_t out_stride;
    ganrm_byte_scale *scales;
} norm_task;

/// What is known of a few rows.
typedef struct {
    float means[SIDE_BY_SIDE], inverse[SIDE_BY_SIDE];
    number_range ranges[SIDE_BY_SIDE];
} row_moments;

INLINE void norm_numbers(
    ganrm_number number, const norm_task *norm, const float *x, int64_t row, int rows, int64_t i,
    int64_t count, row_moments *known, float *normalised) {
    floats scale = load_up_to(norm->scale + i, count, 0);
    floats shift = load_up_to(norm->shift + i, count, 0);
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
        floats v = load_up_to(x + r * norm->width + i, count, 0) - known->means[r];
        v = v * known->inverse[r] * scale + shift;
        int64_t place = (row + r) * norm->out_stride + i;
        switch (number) {
        case GANRM_F32: store_up_to((float *)norm->out + place, v, count); break;
        case GANRM_BF16: store_up_to_bf16((uint16_t *)norm->out + place, v, count); break;
        case GANRM_INT8:
            widen(&known->ranges[r], v);
            store_up_to(normalised + r * norm->width + i, v, count);
        }
    }
}

/// Normalises rows from `row` on; `x` is where they begin.
INLINE void norm_few_rows(
    ganrm_number number, const norm_task *norm, const float *x, int64_t row, int rows) {
    int64_t width = norm->width;
    row_moments known = {0};
    moments(x, rows, width, norm->epsilon, known.means, known.inverse);
    float normalised[number == GANRM_INT8 ? rows * width : 1];
    int64_t whole = width - width % GANRM_LANES, left = width - whole;
    for (int64_t i = 0; i < whole; i += GANRM_LANES)
        norm_numbers(number, norm, x, row, rows, i, GANRM_LANES, &known, normalised);
    if (left) norm_numbers(number, norm, x, row, rows, whole, left, &known, normalised);
    if (number != GANRM_INT8) return;
    byte_task bytes = {
        GANRM_F32, normalised, width, 4 * width,
        (uint8_t *)norm->out + row * norm->out_stride, norm->out_stride, norm->scales + row};
    round_rows(&bytes, 0, rows, known.ranges);
}

INLINE void norm_rows(ganrm_number number, const norm_task *norm, const float *x, int64_t rows) {
    int64_t row = 0;
    for (; row + SIDE_BY_SIDE <= rows; row += SIDE_BY_SIDE)
        norm_few_rows(number, norm, x + row * norm->width, row, SIDE_BY_SIDE);
    for (; row < rows; row++) norm_few_rows(number, norm, x + row * norm->width, row, 1);
}

KERNEL void layer_norm(
    const float *x, int64_t rows, int64_t width, const float *scale, const float *shift,
    float epsilon, float *out, int64_t out_stride) {
    norm_task norm = {width, scale, shift, epsilon, out, out_stride, NULL};
    norm_rows(GANRM_F32, &norm, x, rows);
}

KERNEL void layer_norm_bf16(
    const float *x, int64_t rows, int64_t width, const float *scale, const float *shift,
    float epsilon, uint16_t *out, int64_t out_stride) {
    norm_task norm = {width, scale, shift, epsilon, out, out_stride, NULL};
    norm_rows(GANRM_BF16, &norm, x, rows);
}

KERNEL void layer_norm_int8(
    const float *x, int64_t rows, int64_t width, const float *scale, const float *shift,
    float epsilon, uint8_t *out, int64_t out_stride, ganrm_byte_scale *scales) {
    norm_task norm = {width, scale, shift, epsilon, out, out_stride, scales};
    norm_rows(GANRM_INT8, &norm, x, rows);
}

// MARK: Means of columns

typedef double doubles __attribute__((ext_vector_type(GANRM_LANES)));

/// Columns whose sums stay in the first-level cache while rows pass.
enum { COLUMNS_AT_ONCE = 512 };

INLINE void means(
    ganrm_number number, const void *x, int64_t rows, int64_t stride, int64_t width, float *out) {
    for (int64_t first = 0; first < width; first += COLUMNS_AT_ONCE) {
        int64_t left = width - first, columns = left < COLUMNS_AT_ONCE ? left : COLUMNS_AT_ONCE;
        doubles sums[COLUMNS_AT_ONCE / GANRM_LANES] = {0};
        for (int64_t row = 0; row < rows; row++)
            for (int64_t i = 0; i < columns; i += GANRM_LANES) {
                int64_t place = row * stride + first + i;
                floats v = number == GANRM_BF16
                    ? load_up_to_bf16((const uint16_t *)x + place, columns - i)
                    : load_up_to((const float *)x + place, columns - i, 0);
                sums[i / GANRM_LANES] += __builtin_convertvector(v, doubles);
            }
        for (int64_t i = 0; i < columns; i += GANRM_LANES) {
            doubles mean = sums[i / GANRM_LANES] / (double)rows;
            store_up_to(out + first + i, __builtin_convertvector(mean, floats), columns - i);
        }
    }
}

KERNEL void column_means(
    ganrm_number number, const void *x, int64_t rows, int64_t stride, int64_t width, float *out) {
    if (number == GANRM_BF16) means(GANRM_BF16, x, rows, stride, width, out);
    else means(GANRM_F32, x, rows, stride, width, out);
}
