#include "kernels.h"

#include <math.h>
#include <string.h>

static void to_bf16(const float *x, int64_t count, uint16_t *out) {
    for (int64_t i = 0; i < count; i++) out[i] = ganrm_bf16(x[i]);
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
    float epsilon, float *out, int64_t out_stride) {
    for (int64_t row = 0; row < rows; row++, x += width, out += out_stride) {
        double mean, inverse_deviation;
        moments(x, width, epsilon, &mean, &inverse_deviation);
        for (int64_t i = 0; i < width; i++)
            out[i] = (float)((x[i] - mean) * inverse_deviation * scale[i] + shift[i]);
    }
}

static void layer_norm_bf16(
    const float *x, int64_t rows, int64_t width, const float *scale, const float *shift,
    float epsilon, uint16_t *out, int64_t out_stride) {
    for (int64_t row = 0; row < rows; row++, x += width, out += out_stride) {
        double mean, inverse_deviation;
        moments(x, width, epsilon, &mean, &inverse_deviation);
        for (int64_t i = 0; i < width; i++)
            out[i] = ganrm_bf16((float)((x[i] - mean) * inverse_deviation * scale[i] + shift[i]));
    }
}

static float from_bf16(uint16_t x) {
    uint32_t bits = (uint32_t)x << 16;
    float number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

/// Scores of one query → their softmax, in place.
static void softmax(double *scores, int64_t count) {
    double largest = scores[0], sum = 0;
    for (int64_t i = 1; i < count; i++) largest = fmax(largest, scores[i]);
    for (int64_t i = 0; i < count; i++) sum += scores[i] = exp(scores[i] - largest);
    for (int64_t i = 0; i < count; i++) scores[i] /= sum;
}

static double number_at(bool halves, const void *x, int64_t i) {
    return halves ? from_bf16(((const uint16_t *)x)[i]) : ((const float *)x)[i];
}

/// Attention in double precision; the scratch memory begins with one query's scores.
static void attend(
    bool halves, const ganrm_attention *shape, const void *queries, int64_t query_count,
    const void *keys, const void *values, void *out, void *scratch) {
    double *scores = scratch;
    int64_t width = shape->head_width, stride = shape->stride;
    for (int64_t q = 0; q < query_count; q++) {
        for (int64_t t = 0; t < shape->tokens; t++) {
            double product = 0;
            for (int64_t i = 0; i < width; i++)
                product += number_at(halves, queries, q * stride + i)
                    * number_at(halves, keys, t * stride + i);
            scores[t] = product * shape->scale;
        }
        softmax(scores, shape->tokens);
        for (int64_t i = 0; i < width; i++) {
            double gathered = 0;
            for (int64_t t = 0; t < shape->tokens; t++)
                gathered += scores[t] * number_at(halves, values, t * stride + i);
            int64_t place = q * shape->out_stride + i;
            if (halves) ((uint16_t *)out)[place] = ganrm_bf16((float)gathered);
            else ((float *)out)[place] = (float)gathered;
        }
    }
}

static void attention(
    const ganrm_attention *shape, const void *queries, int64_t query_count, const void *keys,
    const void *values, void *out, void *scratch) {
    attend(false, shape, queries, query_count, keys, values, out, scratch);
}

static void attention_bf16(
    const ganrm_attention *shape, const void *queries, int64_t query_count, const void *keys,
    const void *values, void *out, void *scratch) {
    attend(true, shape, queries, query_count, keys, values, out, scratch);
}

/// Rounds a row to bytes; returns what they stand for.
static ganrm_byte_scale row_to_int8(const float *x, int64_t width, uint8_t *out) {
    float least = 0, most = 0, all = 0;
    for (int64_t i = 0; i < width; i++) {
        least = fminf(least, x[i]);
        most = fmaxf(most, x[i]);
        all += x[i];
    }
    ganrm_byte_scale scale = {.one = most > least ? (most - least) / 254 : 1};
    scale.zero = (int32_t)lrintf(-least / scale.one);
    for (int64_t i = 0; i < width; i++)
        out[i] = x[i] == x[i] ? (uint8_t)lrintf(x[i] / scale.one + (float)scale.zero) : 0;
    if (all != all) scale.one = NAN;
    return scale;
}

static void layer_norm_int8(
    const float *x, int64_t rows, int64_t width, const float *scale, const float *shift,
    float epsilon, uint8_t *out, int64_t out_stride,
    ganrm_byte_scale *scales) {
    float normalised[width];
    for (int64_t row = 0; row < rows; row++) {
        layer_norm(x + row * width, 1, width, scale, shift, epsilon, normalised, width);
        scales[row] = row_to_int8(normalised, width, out + row * out_stride);
    }
}

static void to_int8(
    const float *x, int64_t rows, int64_t width, int64_t stride, uint8_t *out, int64_t out_stride,
    ganrm_byte_scale *scales) {
    for (int64_t row = 0; row < rows; row++)
        scales[row] = row_to_int8(x + row * stride, width, out + row * out_stride);
}

static void bf16_to_int8(
    const uint16_t *x, int64_t rows, int64_t width, int64_t stride, int64_t parts, uint8_t *out,
    int64_t out_stride, ganrm_byte_scale *scales) {
    int64_t length = width / parts;
    float numbers[width];
    for (int64_t row = 0; row < rows; row++) {
        for (int64_t i = 0; i < width; i++) numbers[i] = from_bf16(x[row * stride + i]);
        for (int64_t p = 0; p < parts; p++)
            scales[p * rows + row] =
                row_to_int8(numbers + p * length, length, out + row * out_stride + p * length);
    }
}

/// A part of one number of a product: of a row of x times a column of the weights.
static double product(
    const ganrm_linear *layer, const ganrm_weights *weights, int64_t row, int64_t column,
    int64_t part) {
    int64_t cells = ganrm_cells(weights->number, weights->inner);
    int64_t length = weights->inner / weights->parts;
    const char *x = (const char *)layer->x + row * layer->stride;
    const char *panel = (const char *)weights->panels
        + (column / GANRM_PANEL * cells * GANRM_PANEL + column % GANRM_PANEL) * 4;
    bool is_int8 = weights->number == GANRM_INT8;
    ganrm_byte_scale scale = {0};
    if (is_int8) scale = layer->scales[part * layer->rows + row];
    double sum = 0;
    for (int64_t k = part * length; k < (part + 1) * length; k++) {
        switch (weights->number) {
        case GANRM_F32:
            sum += (double)((const float *)x)[k] * *(const float *)(panel + k * GANRM_PANEL * 4);
            break;
        case GANRM_BF16:
            sum += (double)from_bf16(((const uint16_t *)x)[k])
                * from_bf16(((const uint16_t *)(panel + k / 2 * GANRM_PANEL * 4))[k % 2]);
            break;
        case GANRM_INT8:
            sum += (((const uint8_t *)x)[k] - scale.zero)
                * ((const int8_t *)(panel + k / 4 * GANRM_PANEL * 4))[k % 4];
        }
    }
    if (!is_int8) return sum;
    return sum * scale.one * weights->scales[part * ganrm_padded_columns(weights->columns) + column];
}

static double activate(double x, ganrm_activation activation) {
    switch (activation) {
    case GANRM_NO_ACTIVATION: return x;
    case GANRM_QUICK_GELU: return x / (1 + exp(-1.702 * x));
    case GANRM_GELU: return x * 0.5 * erfc(-x * 0.70710678118654752);
    }
}

static void linear(const ganrm_linear *layer, const ganrm_weights *weights) {
    for (int64_t row = 0; row < layer->rows; row++)
        for (int64_t column = 0; column < weights->columns; column++) {
            double x = weights->bias[column];
            for (int64_t p = 0; p < weights->parts; p++)
                x += product(layer, weights, row, column, p);
            float result = (float)activate(x, layer->activation);
            int64_t place = row * layer->out_stride + column;
            switch (layer->destination) {
            case GANRM_STORE_F32: ((float *)layer->out)[place] = result; break;
            case GANRM_STORE_BF16: ((uint16_t *)layer->out)[place] = ganrm_bf16(result); break;
            case GANRM_ADD_F32: ((float *)layer->out)[place] += result; break;
            }
        }
}

static void column_means(
    ganrm_number number, const void *x, int64_t rows, int64_t stride, int64_t width, float *out) {
    for (int64_t i = 0; i < width; i++) {
        double sum = 0;
        for (int64_t row = 0; row < rows; row++)
            sum += number_at(number == GANRM_BF16, x, row * stride + i);
        out[i] = (float)(sum / (double)rows);
    }
}

const ganrm_kernels ganrm_kernels_plain = {
    .layer_norm = layer_norm,
    .layer_norm_bf16 = layer_norm_bf16,
    .to_bf16 = to_bf16,
    .to_int8 = to_int8,
    .layer_norm_int8 = layer_norm_int8,
    .bf16_to_int8 = bf16_to_int8,
    .column_means = column_means,
    .linear = linear,
    .attention = attention,
    .attention_bf16 = attention_bf16,
    .attention_int8 = attention_bf16,
};
