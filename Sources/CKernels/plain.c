#include "kernels.h"

#include <math.h>
#include <string.h>

static uint16_t bf16_bits(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    if (x != x) return (uint16_t)(bits >> 16 | 0x40);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static void to_bf16(const float *x, int64_t count, uint16_t *out) {
    for (int64_t i = 0; i < count; i++) out[i] = bf16_bits(x[i]);
}

/// Mean and 1 / √(variance + epsilon) of one row, summed in double precision.
static void moments(
    const float *x, int64_t width, float epsilon, double *mean, double *inverse_deviation) {
    double sum = 0;
    for (int64_t i = 0; i < width; i++) sum += x[i];
    *mean = sum / (double)width;
    double squares = 0;
    for (int64_t i = 0; i < width; i++) {
        double centred = x[i] - *mean;
        squares += centred * centred;
    }
    *inverse_deviation = 1 / sqrt(squares / (double)width + epsilon);
}

static void layer_norm(
    const float *x, int64_t rows, int64_t width, const float *scale, const float *shift,
    float epsilon, float *out) {
    for (int64_t row = 0; row < rows; row++, x += width, out += width) {
        double mean, inverse_deviation;
        moments(x, width, epsilon, &mean, &inverse_deviation);
        for (int64_t i = 0; i < width; i++)
            out[i] = (float)((x[i] - mean) * inverse_deviation * scale[i] + shift[i]);
    }
}

static void layer_norm_bf16(
    const float *x, int64_t rows, int64_t width, const float *scale, const float *shift,
    float epsilon, uint16_t *out) {
    for (int64_t row = 0; row < rows; row++, x += width, out += width) {
        double mean, inverse_deviation;
        moments(x, width, epsilon, &mean, &inverse_deviation);
        for (int64_t i = 0; i < width; i++)
            out[i] = bf16_bits((float)((x[i] - mean) * inverse_deviation * scale[i] + shift[i]));
    }
}

/// e^(x − largest) of one row, in place; returns 1 / sum.
static float row_exponentials(float *x, int64_t count) {
    float largest = x[0];
    for (int64_t i = 1; i < count; i++) largest = fmaxf(largest, x[i]);
    double sum = 0;
    for (int64_t i = 0; i < count; i++) {
        x[i] = expf(x[i] - largest);
        sum += x[i];
    }
    return (float)(1 / sum);
}

static void exponentials(
    float *scores, int64_t rows, int64_t count, int64_t stride, float *inverse_sums) {
    for (int64_t row = 0; row < rows; row++)
        inverse_sums[row] = row_exponentials(scores + row * stride, count);
}

static void exponentials_bf16(
    const float *scores, int64_t rows, int64_t count, int64_t stride, uint16_t *out,
    int64_t out_stride, float *inverse_sums) {
    for (int64_t row = 0; row < rows; row++, scores += stride, out += out_stride) {
        float largest = scores[0];
        for (int64_t i = 1; i < count; i++) largest = fmaxf(largest, scores[i]);
        double sum = 0;
        for (int64_t i = 0; i < count; i++) {
            float e = expf(scores[i] - largest);
            sum += e;
            out[i] = bf16_bits(e);
        }
        inverse_sums[row] = (float)(1 / sum);
    }
}

static void scale_rows(
    const float *x, int64_t rows, int64_t width, const float *factors, float *out,
    int64_t out_stride) {
    for (int64_t row = 0; row < rows; row++)
        for (int64_t i = 0; i < width; i++)
            out[row * out_stride + i] = x[row * width + i] * factors[row];
}

static void scale_rows_bf16(
    const float *x, int64_t rows, int64_t width, const float *factors, uint16_t *out,
    int64_t out_stride) {
    for (int64_t row = 0; row < rows; row++)
        for (int64_t i = 0; i < width; i++)
            out[row * out_stride + i] = bf16_bits(x[row * width + i] * factors[row]);
}

const ganrm_kernels ganrm_kernels_plain = {
    .layer_norm = layer_norm,
    .layer_norm_bf16 = layer_norm_bf16,
    .exponentials = exponentials,
    .exponentials_bf16 = exponentials_bf16,
    .scale_rows = scale_rows,
    .scale_rows_bf16 = scale_rows_bf16,
    .to_bf16 = to_bf16,
};

void ganrm_column_means(const float *x, int64_t rows, int64_t width, float *out) {
    enum { block = 64 };
    for (int64_t first = 0; first < width; first += block) {
        int64_t columns = width - first < block ? width - first : block;
        double sums[block] = {0};
        for (int64_t row = 0; row < rows; row++) {
            const float *numbers = x + row * width + first;
            for (int64_t i = 0; i < columns; i++) sums[i] += numbers[i];
        }
        for (int64_t i = 0; i < columns; i++) out[first + i] = (float)(sums[i] / (double)rows);
    }
}
