/// Kernels that take rows one by one.

KERNEL void to_bf16(const float *x, int64_t count, uint16_t *out) {
    int64_t i = 0;
    for (; i + GANRM_LANES <= count; i += GANRM_LANES) store_bf16(out + i, load(x + i));
    if (i < count) store_part_bf16(out + i, load_part(x + i, count - i, 0), count - i);
}

/// Mean and 1 / √(variance + epsilon) of one row.
INLINE void moments(
    const float *x, int64_t width, float epsilon, float *mean, float *inverse_deviation) {
    int64_t whole = width - width % GANRM_LANES;
    floats sum = 0;
    for (int64_t i = 0; i < whole; i += GANRM_LANES) sum += load(x + i);
    if (whole < width) sum += load_part(x + whole, width - whole, 0);
    *mean = sum_of(sum) / (float)width;
    floats squares = 0;
    for (int64_t i = 0; i < whole; i += GANRM_LANES) {
        floats centred = load(x + i) - *mean;
        squares += centred * centred;
    }
    if (whole < width) {
        floats centred = load_part(x + whole, width - whole, *mean) - *mean;
        squares += centred * centred;
    }
    *inverse_deviation = 1 / sqrtf(sum_of(squares) / (float)width + epsilon);
}

KERNEL void layer_norm(
    const float *x, int64_t rows, int64_t width, const float *scale, const float *shift,
    float epsilon, float *out, int64_t out_stride) {
    int64_t whole = width - width % GANRM_LANES, part = width - whole;
    for (int64_t row = 0; row < rows; row++, x += width, out += out_stride) {
        float mean, inverse;
        moments(x, width, epsilon, &mean, &inverse);
        for (int64_t i = 0; i < whole; i += GANRM_LANES)
            store(out + i, (load(x + i) - mean) * inverse * load(scale + i) + load(shift + i));
        if (part) {
            floats v = (load_part(x + whole, part, 0) - mean) * inverse
                    * load_part(scale + whole, part, 0)
                + load_part(shift + whole, part, 0);
            store_part(out + whole, v, part);
        }
    }
}

KERNEL void layer_norm_bf16(
    const float *x, int64_t rows, int64_t width, const float *scale, const float *shift,
    float epsilon, uint16_t *out, int64_t out_stride) {
    int64_t whole = width - width % GANRM_LANES, part = width - whole;
    for (int64_t row = 0; row < rows; row++, x += width, out += out_stride) {
        float mean, inverse;
        moments(x, width, epsilon, &mean, &inverse);
        for (int64_t i = 0; i < whole; i += GANRM_LANES)
            store_bf16(
                out + i, (load(x + i) - mean) * inverse * load(scale + i) + load(shift + i));
        if (part) {
            floats v = (load_part(x + whole, part, 0) - mean) * inverse
                    * load_part(scale + whole, part, 0)
                + load_part(shift + whole, part, 0);
            store_part_bf16(out + whole, v, part);
        }
    }
}

/// bfloat16 as floats.
INLINE floats load_bf16(const uint16_t *x) {
    halves h;
    memcpy(&h, x, sizeof h);
    return (floats)(__builtin_convertvector(h, ints) << 16);
}

INLINE floats load_part_bf16(const uint16_t *x, int64_t count) {
    uint16_t lanes[GANRM_LANES] = {0};
    memcpy(lanes, x, (size_t)count * sizeof(uint16_t));
    return load_bf16(lanes);
}

/// Nearest integers, ties to even, for |v| < 2²².
INLINE ints round_to_ints(floats v) {
#if GANRM_LANES == 16
    return (ints)_mm512_cvtps_epi32((__m512)v);
#else
    const float shifter = 12582912;  // 1.5 · 2²³: adding it rounds to an integer
    return (ints)(v + shifter) - (ints)((floats)0 + shifter);
#endif
}

/// The lower bytes of integers.
INLINE bytes to_bytes(ints v) { return __builtin_convertvector(v & 0xff, bytes); }

INLINE void store_bytes(uint8_t *out, ints v) {
    bytes b = to_bytes(v);
    memcpy(out, &b, sizeof b);
}

/// Numbers that are to become bytes.
typedef struct {
    floats least, most;  ///< 0 included.
    floats sum;          ///< NaN if one of them is.
} number_range;

INLINE void widen(number_range *range, floats v) {
    range->least = choose(v < range->least, v, range->least);
    range->most = choose(v > range->most, v, range->most);
    range->sum += v;
}

/// What bytes stand for if they are to reach from the smallest to the largest number; in NaN, and so are all
/// results, if a number is NaN.
INLINE ganrm_byte_scale byte_scale(number_range range) {
    float least = -largest_of(-range.least), most = largest_of(range.most);
    float sum = sum_of(range.sum), one = most > least ? (most - least) / 254 : 1;
    return (ganrm_byte_scale){sum == sum ? one : NAN, (int32_t)lrintf(-least / one)};
}

/// Rounds `count` numbers, at most a vector.
INLINE void store_as_bytes(
    uint8_t *out, floats v, ganrm_byte_scale scale, float inverse, int64_t count) {
    bytes b = to_bytes(round_to_ints(v * inverse + (float)scale.zero));
    memcpy(out, &b, (size_t)count);
}

KERNEL void bf16_to_int8(
    const uint16_t *x, int64_t rows, int64_t width, int64_t stride, uint8_t *out,
    int64_t out_stride, ganrm_byte_scale *scales) {
    int64_t whole = width - width % GANRM_LANES, part = width - whole;
    for (int64_t row = 0; row < rows; row++, x += stride, out += out_stride) {
        number_range range = {0};
        for (int64_t i = 0; i < whole; i += GANRM_LANES) widen(&range, load_bf16(x + i));
        if (part) widen(&range, load_part_bf16(x + whole, part));
        ganrm_byte_scale scale = scales[row] = byte_scale(range);
        float inverse = 1 / scale.one;
        for (int64_t i = 0; i < whole; i += GANRM_LANES)
            store_as_bytes(out + i, load_bf16(x + i), scale, inverse, GANRM_LANES);
        if (part)
            store_as_bytes(out + whole, load_part_bf16(x + whole, part), scale, inverse, part);
    }
}

KERNEL void layer_norm_int8(
    const float *x, int64_t rows, int64_t width, const float *scale, const float *shift,
    float epsilon, uint8_t *out, int64_t out_stride, ganrm_byte_scale *scales) {
    int64_t whole = width - width % GANRM_LANES, part = width - whole;
    for (int64_t row = 0; row < rows; row++, x += width, out += out_stride) {
        float mean, inverse;
        moments(x, width, epsilon, &mean, &inverse);
        number_range range = {0};
        for (int64_t i = 0; i < whole; i += GANRM_LANES)
            widen(&range, (load(x + i) - mean) * inverse * load(scale + i) + load(shift + i));
        floats last = 0;
        if (part) {
            last = (load_part(x + whole, part, 0) - mean) * inverse
                    * load_part(scale + whole, part, 0)
                + load_part(shift + whole, part, 0);
            widen(&range, last);
        }
        ganrm_byte_scale bytes = scales[row] = byte_scale(range);
        float factor = 1 / bytes.one;
        for (int64_t i = 0; i < whole; i += GANRM_LANES) {
            floats v = (load(x + i) - mean) * inverse * load(scale + i) + load(shift + i);
            store_as_bytes(out + i, v, bytes, factor, GANRM_LANES);
        }
        if (part) store_as_bytes(out + whole, last, bytes, factor, part);
    }
}
