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

INLINE float largest_in_row(const float *x, int64_t count) {
    int64_t whole = count - count % GANRM_LANES;
    floats most = -INFINITY;
    for (int64_t i = 0; i < whole; i += GANRM_LANES) {
        floats v = load(x + i);
        most = choose(v > most, v, most);
    }
    if (whole < count) {
        floats v = load_part(x + whole, count - whole, -INFINITY);
        most = choose(v > most, v, most);
    }
    return largest_of(most);
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

/// The larger magnitude, lane by lane; NaN counts as the largest, as its bits do.
INLINE floats larger_magnitude(floats most, floats v) {
    ints bits = (ints)v & 0x7fffffff;
    return choose(bits > (ints)most, (floats)bits, most);
}

INLINE float largest_magnitude(floats most) {
    int32_t lanes[GANRM_LANES];
    memcpy(lanes, &most, sizeof lanes);
    for (int half = GANRM_LANES / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            lanes[i] = lanes[i + half] > lanes[i] ? lanes[i + half] : lanes[i];
    float largest;
    memcpy(&largest, lanes, sizeof largest);
    return largest;
}

/// Whole numbers of ones that were divided by their scale, |v| ≤ 127.
INLINE ints round_to_ints(floats v) {
    const float shifter = 12582912;  // 1.5 · 2²³: adding it rounds to an integer
    return (ints)(v + shifter) - (ints)((floats)0 + shifter);
}

/// The lower bytes of integers.
INLINE bytes to_bytes(ints v) { return __builtin_convertvector(v & 0xff, bytes); }

/// Bytes whose zero is 128 of numbers that were divided by their scale, |v| ≤ 127.
INLINE bytes round_int8(floats v) { return to_bytes(round_to_ints(v) + 128); }

/// What 1 is worth if the largest number becomes 127; NaN if that is what it is, and so all results.
INLINE float byte_scale(float largest) { return largest == 0 ? 1 : largest / 127; }

KERNEL void bf16_to_int8(
    const uint16_t *x, int64_t rows, int64_t width, int64_t stride, uint8_t *out,
    int64_t out_stride, float *scales) {
    int64_t whole = width - width % GANRM_LANES, part = width - whole;
    for (int64_t row = 0; row < rows; row++, x += stride, out += out_stride) {
        floats most = 0;
        for (int64_t i = 0; i < whole; i += GANRM_LANES)
            most = larger_magnitude(most, load_bf16(x + i));
        if (part) most = larger_magnitude(most, load_part_bf16(x + whole, part));
        float scale = byte_scale(largest_magnitude(most)), inverse = 1 / scale;
        scales[row] = scale;
        for (int64_t i = 0; i < whole; i += GANRM_LANES) {
            bytes b = round_int8(load_bf16(x + i) * inverse);
            memcpy(out + i, &b, sizeof b);
        }
        if (part) {
            bytes b = round_int8(load_part_bf16(x + whole, part) * inverse);
            memcpy(out + whole, &b, (size_t)part);
        }
    }
}

KERNEL void layer_norm_int8(
    const float *x, int64_t rows, int64_t width, const float *scale, const float *shift,
    float epsilon, uint8_t *out, int64_t out_stride, float *scales) {
    int64_t whole = width - width % GANRM_LANES, part = width - whole;
    for (int64_t row = 0; row < rows; row++, x += width, out += out_stride) {
        float mean, inverse;
        moments(x, width, epsilon, &mean, &inverse);
        floats most = 0;
        for (int64_t i = 0; i < whole; i += GANRM_LANES) {
            floats v = (load(x + i) - mean) * inverse * load(scale + i) + load(shift + i);
            most = larger_magnitude(most, v);
        }
        floats last = 0;
        if (part) {
            last = (load_part(x + whole, part, 0) - mean) * inverse
                    * load_part(scale + whole, part, 0)
                + load_part(shift + whole, part, 0);
            most = larger_magnitude(most, last);
        }
        float step = byte_scale(largest_magnitude(most)), factor = 1 / step;
        scales[row] = step;
        for (int64_t i = 0; i < whole; i += GANRM_LANES) {
            floats v = (load(x + i) - mean) * inverse * load(scale + i) + load(shift + i);
            bytes b = round_int8(v * factor);
            memcpy(out + i, &b, sizeof b);
        }
        if (part) {
            bytes b = round_int8(last * factor);
            memcpy(out + whole, &b, (size_t)part);
        }
    }
}
