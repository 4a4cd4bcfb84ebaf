/// The kernels in terms of vectors; included once per CPU level, which defines
/// `GANRM_TARGET` (the functions' target attribute), `GANRM_LANES` and `GANRM_TABLE`.

#include "kernels.h"

#include <math.h>
#include <string.h>

typedef float floats __attribute__((ext_vector_type(GANRM_LANES)));
typedef int32_t ints __attribute__((ext_vector_type(GANRM_LANES)));
typedef uint16_t halves __attribute__((ext_vector_type(GANRM_LANES)));

#define KERNEL static GANRM_TARGET
#define INLINE static inline __attribute__((always_inline)) GANRM_TARGET

INLINE floats load(const float *x) {
    floats v;
    memcpy(&v, x, sizeof v);
    return v;
}

INLINE void store(float *out, floats v) { memcpy(out, &v, sizeof v); }

/// The first `count` lanes from memory, `filler` in the others.
INLINE floats load_part(const float *x, int64_t count, float filler) {
    float lanes[GANRM_LANES];
    for (int i = 0; i < GANRM_LANES; i++) lanes[i] = filler;
    memcpy(lanes, x, (size_t)count * sizeof(float));
    return load(lanes);
}

INLINE void store_part(float *out, floats v, int64_t count) {
    memcpy(out, &v, (size_t)count * sizeof(float));
}

INLINE floats choose(ints mask, floats yes, floats no) {
    return (floats)(((ints)yes & mask) | ((ints)no & ~mask));
}

/// Rounds to nearest, ties to even; NaN stays NaN.
INLINE halves round_bf16(floats v) {
    ints bits = (ints)v;
    ints rounded = bits + 0x7fff + (bits >> 16 & 1);
    ints is_nan = v != v;
    rounded = (rounded & ~is_nan) | ((bits | 0x400000) & is_nan);
    return __builtin_convertvector(rounded >> 16 & 0xffff, halves);
}

INLINE void store_bf16(uint16_t *out, floats v) {
    halves h = round_bf16(v);
    memcpy(out, &h, sizeof h);
}

INLINE void store_part_bf16(uint16_t *out, floats v, int64_t count) {
    halves h = round_bf16(v);
    memcpy(out, &h, (size_t)count * sizeof(uint16_t));
}

INLINE float sum_of(floats v) {
    float lanes[GANRM_LANES];
    store(lanes, v);
    for (int half = GANRM_LANES / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++) lanes[i] += lanes[i + half];
    return lanes[0];
}

INLINE float largest_of(floats v) {
    float lanes[GANRM_LANES];
    store(lanes, v);
    float largest = lanes[0];
    for (int i = 1; i < GANRM_LANES; i++) largest = lanes[i] > largest ? lanes[i] : largest;
    return largest;
}

/// e^x for x ≤ 0 within 2 units in the last place; 0 from −87 down; NaN stays NaN.
///
/// x = n·ln 2 + r with |r| ≤ ln 2 / 2; a polynomial in r (coefficients: Cephes, `expf`), then n
/// is added to the exponent.
INLINE floats exponential(floats x) {
    const float shifter = 12582912;  // 1.5 · 2²³: adding it rounds to an integer
    floats shifted = x * 1.44269504088896341f + shifter;
    floats n = shifted - shifter;
    floats r = n * -0.693359375f + x;
    r = n * 2.12194440e-4f + r;
    floats p = r * 1.9875691500e-4f + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * (r * r) + (r + 1);
    ints scaled = (ints)p + ((ints)shifted << 23);
    return (floats)(scaled & ~(x <= -87.0f));
}

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
    float epsilon, float *out) {
    int64_t whole = width - width % GANRM_LANES, part = width - whole;
    for (int64_t row = 0; row < rows; row++, x += width, out += width) {
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
    float epsilon, uint16_t *out) {
    int64_t whole = width - width % GANRM_LANES, part = width - whole;
    for (int64_t row = 0; row < rows; row++, x += width, out += width) {
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

KERNEL void exponentials(
    float *scores, int64_t rows, int64_t count, int64_t stride, float *inverse_sums) {
    int64_t whole = count - count % GANRM_LANES, part = count - whole;
    for (int64_t row = 0; row < rows; row++, scores += stride) {
        float largest = largest_in_row(scores, count);
        floats sum = 0;
        for (int64_t i = 0; i < whole; i += GANRM_LANES) {
            floats e = exponential(load(scores + i) - largest);
            sum += e;
            store(scores + i, e);
        }
        if (part) {
            floats e = exponential(load_part(scores + whole, part, -INFINITY) - largest);
            sum += e;
            store_part(scores + whole, e, part);
        }
        inverse_sums[row] = 1 / sum_of(sum);
    }
}

KERNEL void exponentials_bf16(
    const float *scores, int64_t rows, int64_t count, int64_t stride, uint16_t *out,
    int64_t out_stride, float *inverse_sums) {
    int64_t whole = count - count % GANRM_LANES, part = count - whole;
    for (int64_t row = 0; row < rows; row++, scores += stride, out += out_stride) {
        float largest = largest_in_row(scores, count);
        floats sum = 0;
        for (int64_t i = 0; i < whole; i += GANRM_LANES) {
            floats e = exponential(load(scores + i) - largest);
            sum += e;
            store_bf16(out + i, e);
        }
        if (part) {
            floats e = exponential(load_part(scores + whole, part, -INFINITY) - largest);
            sum += e;
            store_part_bf16(out + whole, e, part);
        }
        inverse_sums[row] = 1 / sum_of(sum);
    }
}

KERNEL void scale_rows(
    const float *x, int64_t rows, int64_t width, const float *factors, float *out,
    int64_t out_stride) {
    int64_t whole = width - width % GANRM_LANES, part = width - whole;
    for (int64_t row = 0; row < rows; row++, x += width, out += out_stride) {
        for (int64_t i = 0; i < whole; i += GANRM_LANES) store(out + i, load(x + i) * factors[row]);
        if (part) store_part(out + whole, load_part(x + whole, part, 0) * factors[row], part);
    }
}

KERNEL void scale_rows_bf16(
    const float *x, int64_t rows, int64_t width, const float *factors, uint16_t *out,
    int64_t out_stride) {
    int64_t whole = width - width % GANRM_LANES, part = width - whole;
    for (int64_t row = 0; row < rows; row++, x += width, out += out_stride) {
        for (int64_t i = 0; i < whole; i += GANRM_LANES)
            store_bf16(out + i, load(x + i) * factors[row]);
        if (part)
            store_part_bf16(out + whole, load_part(x + whole, part, 0) * factors[row], part);
    }
}

const ganrm_kernels GANRM_TABLE = {
    .layer_norm = layer_norm,
    .layer_norm_bf16 = layer_norm_bf16,
    .exponentials = exponentials,
    .exponentials_bf16 = exponentials_bf16,
    .scale_rows = scale_rows,
    .scale_rows_bf16 = scale_rows_bf16,
    .to_bf16 = to_bf16,
};
