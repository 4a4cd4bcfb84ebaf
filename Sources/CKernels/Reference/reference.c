/// The kernels in scalar C and double precision, as simple as possible: the other levels are tested against them.

#include "Cpu/levels.h"

#include <math.h>
#include <string.h>

#include "Reference/head.inc.h"
#include "Reference/resample.inc.h"

static void f32_to_bf16(const float *x, int64_t count, uint16_t *out) {
    for (int64_t i = 0; i < count; i++) out[i] = ganrm_bf16_from_f32(x[i]);
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
            out[i] = ganrm_bf16_from_f32(
                (float)((x[i] - mean) * inverse_deviation * scale[i] + shift[i]));
    }
}

/// Scores of one query → their softmax, in place.
static void softmax(double *scores, int64_t count) {
    double max = scores[0], sum = 0;
    for (int64_t i = 1; i < count; i++) max = fmax(max, scores[i]);
    for (int64_t i = 0; i < count; i++) sum += scores[i] = exp(scores[i] - max);
    for (int64_t i = 0; i < count; i++) scores[i] /= sum;
}

static double element_at(bool is_bf16, const void *x, int64_t i) {
    return is_bf16 ? ganrm_f32_from_bf16(((const uint16_t *)x)[i]) : ((const float *)x)[i];
}

/// Attention in double precision; the scratch memory holds one query's scores.
static void attend(
    bool is_bf16, const ganrm_attention_shape *shape, const void *queries, int64_t query_count,
    const void *keys, const void *values, void *out, void *scratch) {
    double *scores = scratch;
    int64_t width = shape->head_width, stride = shape->stride;
    for (int64_t q = 0; q < query_count; q++) {
        int64_t tokens = shape->is_causal ? q + 1 : shape->tokens;
        for (int64_t t = 0; t < tokens; t++) {
            double product = 0;
            for (int64_t i = 0; i < width; i++)
                product += element_at(is_bf16, queries, q * stride + i)
                    * element_at(is_bf16, keys, t * stride + i);
            scores[t] = product * shape->scale;
        }
        softmax(scores, tokens);
        for (int64_t i = 0; i < width; i++) {
            double context = 0;
            for (int64_t t = 0; t < tokens; t++)
                context += scores[t] * element_at(is_bf16, values, t * stride + i);
            int64_t index = q * shape->out_stride + i;
            if (is_bf16) ((uint16_t *)out)[index] = ganrm_bf16_from_f32((float)context);
            else ((float *)out)[index] = (float)context;
        }
    }
}

static void attention(
    const ganrm_attention_shape *shape, const void *queries, int64_t query_count, const void *keys,
    const void *values, void *out, void *scratch) {
    attend(false, shape, queries, query_count, keys, values, out, scratch);
}

static void attention_bf16(
    const ganrm_attention_shape *shape, const void *queries, int64_t query_count, const void *keys,
    const void *values, void *out, void *scratch) {
    attend(true, shape, queries, query_count, keys, values, out, scratch);
}

/// Quantizes `width` elements of a row, from element `first` of x on.
static ganrm_quantization row_to_int8(
    bool is_bf16, const void *x, int64_t first, int64_t width, uint8_t *out) {
    float min = 0, max = 0, sum = 0;
    for (int64_t i = first; i < first + width; i++) {
        float value = (float)element_at(is_bf16, x, i);
        min = fminf(min, value);
        max = fmaxf(max, value);
        sum += value;
    }
    ganrm_quantization q = {.scale = max > min ? (max - min) / 254 : 1};
    q.zero_point = (int32_t)lrintf(-min / q.scale);
    for (int64_t i = 0; i < width; i++) {
        float value = (float)element_at(is_bf16, x, first + i);
        out[i] = value == value ? (uint8_t)lrintf(value / q.scale + (float)q.zero_point) : 0;
    }
    if (sum != sum) q.scale = NAN;
    return q;
}

static void layer_norm_int8(
    const float *x, int64_t rows, int64_t width, const float *scale, const float *shift,
    float epsilon, uint8_t *out, int64_t out_stride, ganrm_quantization *quantization,
    float *scratch) {
    for (int64_t row = 0; row < rows; row++) {
        layer_norm(x + row * width, 1, width, scale, shift, epsilon, scratch, width);
        quantization[row] = row_to_int8(false, scratch, 0, width, out + row * out_stride);
    }
}

static void f32_to_int8(
    const float *x, int64_t rows, int64_t width, int64_t stride, uint8_t *out, int64_t out_stride,
    ganrm_quantization *quantization) {
    for (int64_t row = 0; row < rows; row++)
        quantization[row] = row_to_int8(false, x, row * stride, width, out + row * out_stride);
}

static void bf16_to_int8(
    const uint16_t *x, int64_t rows, int64_t width, int64_t stride, int64_t groups, uint8_t *out,
    int64_t out_stride, ganrm_quantization *quantization) {
    int64_t length = width / groups;
    for (int64_t row = 0; row < rows; row++)
        for (int64_t g = 0; g < groups; g++)
            quantization[g * rows + row] = row_to_int8(
                true, x, row * stride + g * length, length, out + row * out_stride + g * length);
}

/// A column's first cell in its panel; the next ones are GANRM_PANEL_COLUMNS cells apart.
static const int32_t *column_cells(const ganrm_linear_weights *weights, int64_t column) {
    int64_t cells = ganrm_cell_count(weights->dtype, weights->inner);
    return (const int32_t *)weights->panels
        + column / GANRM_PANEL_COLUMNS * cells * GANRM_PANEL_COLUMNS + column % GANRM_PANEL_COLUMNS;
}

static double int8_product(
    const ganrm_linear_args *args, const ganrm_linear_weights *weights, int64_t row, int64_t column,
    int64_t group) {
    int64_t length = weights->inner / weights->groups, cells = ganrm_cell_count(GANRM_INT8, length);
    const uint8_t *x = (const uint8_t *)args->x + row * args->stride + group * length;
    const int32_t *panel = column_cells(weights, column) + group * cells * GANRM_PANEL_COLUMNS;
    int64_t first = (column / GANRM_PANEL_COLUMNS * weights->groups + group) * cells;
    ganrm_quantization q = args->quantization[group * args->rows + row];
    double sum = 0;
    for (int64_t c = 0; c < cells; c++) {
        const int8_t *cell = (const int8_t *)(panel + c * GANRM_PANEL_COLUMNS);
        int64_t offset = weights->offsets ? weights->offsets[first + c] : 4 * c;
        for (int64_t i = 0; i < 4 && offset + i < length; i++)
            sum += (x[offset + i] - q.zero_point) * cell[i];
    }
    return sum * q.scale * weights->scales[group * ganrm_padded_columns(weights->columns) + column];
}

/// Product of a row of x and a column of the weights, within one quantization group.
static double product(
    const ganrm_linear_args *args, const ganrm_linear_weights *weights, int64_t row, int64_t column,
    int64_t group) {
    if (weights->dtype == GANRM_INT8) return int8_product(args, weights, row, column, group);
    const char *x = (const char *)args->x + row * args->stride;
    const int32_t *panel = column_cells(weights, column);
    double sum = 0;
    for (int64_t k = 0; k < weights->inner; k++) {
        if (weights->dtype == GANRM_F32)
            sum += (double)((const float *)x)[k] * *(const float *)(panel + k * GANRM_PANEL_COLUMNS);
        else
            sum += (double)ganrm_f32_from_bf16(((const uint16_t *)x)[k])
                * ganrm_f32_from_bf16(((const uint16_t *)(panel + k / 2 * GANRM_PANEL_COLUMNS))[k % 2]);
    }
    return sum;
}

static double activate(double x, ganrm_activation activation) {
    switch (activation) {
    case GANRM_NO_ACTIVATION: return x;
    case GANRM_QUICK_GELU: return x / (1 + exp(-1.702 * x));
    case GANRM_GELU: return x * 0.5 * erfc(-x * 0.70710678118654752);
    case GANRM_RELU: return x < 0 ? 0 : x;
    }
}

static void linear(const ganrm_linear_args *args, const ganrm_linear_weights *weights) {
    for (int64_t row = 0; row < args->rows; row++)
        for (int64_t column = 0; column < weights->columns; column++) {
            double x = weights->bias[column];
            for (int64_t g = 0; g < weights->groups; g++)
                x += product(args, weights, row, column, g);
            int64_t index = row * args->out_stride + column;
            if (args->destination == GANRM_ADD_F32) x += ((const float *)args->out)[index];
            float result = (float)activate(x, args->activation);
            if (args->destination == GANRM_STORE_BF16)
                ((uint16_t *)args->out)[index] = ganrm_bf16_from_f32(result);
            else ((float *)args->out)[index] = result;
        }
}

static void column_means(
    ganrm_dtype dtype, const void *x, int64_t rows, int64_t stride, int64_t width, float *out) {
    for (int64_t i = 0; i < width; i++) {
        double sum = 0;
        for (int64_t row = 0; row < rows; row++)
            sum += element_at(dtype == GANRM_BF16, x, row * stride + i);
        out[i] = (float)(sum / (double)rows);
    }
}

static void pool_maximum(const float *const *rows, int64_t count, int64_t width, float *out) {
    for (int64_t i = 0; i < width; i++) {
        float max = rows[0][i];
        for (int64_t row = 1; row < count; row++)
            if (max == max && !(rows[row][i] <= max)) max = rows[row][i];
        out[i] = max;
    }
}

static void pool_mean(const float *const *rows, int64_t count, int64_t width, float *out) {
    for (int64_t i = 0; i < width; i++) {
        double sum = 0;
        for (int64_t row = 0; row < count; row++) sum += rows[row][i];
        out[i] = (float)(sum / (double)count);
    }
}

static void unfold(
    const ganrm_windows *w, int64_t first, int64_t count, float *out, int64_t out_stride) {
    for (int64_t row = 0; row < count; row++) {
        int64_t index = first + row, x = index % w->output.width, y = index / w->output.width;
        int64_t frame = y / w->output.height, item = frame / w->output.frames;
        y %= w->output.height;
        frame %= w->output.frames;
        for (int64_t k = 0; k < w->kernel.frames * w->kernel.height * w->kernel.width; k++) {
            int64_t column = x * w->step.width - w->before.width + k % w->kernel.width;
            int64_t line = y * w->step.height - w->before.height + k / w->kernel.width % w->kernel.height;
            int64_t t = frame * w->step.frames - w->before.frames + k / w->kernel.width / w->kernel.height;
            bool is_inside = t >= 0 && t < w->input.frames && line >= 0 && line < w->input.height
                && column >= 0 && column < w->input.width;
            int64_t position =
                ((item * w->input.frames + t) * w->input.height + line) * w->input.width + column;
            for (int64_t c = 0; c < w->channels; c++)
                out[row * out_stride + k * w->channels + c] =
                    is_inside ? w->source[position * w->stride + c] : 0;
        }
    }
}

/// The input's value at a position, 0 outside.
static float value_at(
    const ganrm_windows *w, int64_t item, int64_t frame, int64_t y, int64_t x, int64_t channel) {
    bool is_inside = frame >= 0 && frame < w->input.frames && y >= 0 && y < w->input.height
        && x >= 0 && x < w->input.width;
    if (!is_inside) return 0;
    int64_t position =
        ((item * w->input.frames + frame) * w->input.height + y) * w->input.width + x;
    return w->source[position * w->stride + channel];
}

/// The place of a block of 2 × 2 outputs.
typedef struct {
    int64_t item, frame, y, x;
} output_block;

static output_block block_at(const ganrm_windows *w, int64_t index) {
    int64_t across = (w->output.width + 1) / 2, down = (w->output.height + 1) / 2;
    int64_t frame = index / across / down;
    return (output_block){
        frame / w->output.frames, frame % w->output.frames, 2 * (index / across % down),
        2 * (index % across)};
}

/// `out = l · x · lᵀ` for a matrix l of `rows` × 4 and x of 4 × 4.
static void transform(int rows, const float (*l)[4], const float x[4][4], float *out) {
    float half[4][4];
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < 4; j++)
            half[i][j] = l[i][0] * x[0][j] + l[i][1] * x[1][j] + l[i][2] * x[2][j] + l[i][3] * x[3][j];
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < rows; j++)
            out[i * rows + j] = half[i][0] * l[j][0] + half[i][1] * l[j][1] + half[i][2] * l[j][2]
                + half[i][3] * l[j][3];
}

static void winograd_input(
    const ganrm_windows *w, int64_t first, int64_t count, float *out, int64_t out_stride,
    int64_t plane_stride) {
    static const float b[4][4] = {{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, 1, 0, -1}};
    for (int64_t row = 0; row < count; row++) {
        output_block block = block_at(w, first + row);
        for (int64_t k = 0; k < w->kernel.frames; k++)
            for (int64_t c = 0; c < w->channels; c++) {
                float patch[4][4], planes[GANRM_WINOGRAD_PLANES];
                for (int64_t p = 0; p < GANRM_WINOGRAD_PLANES; p++)
                    patch[p / 4][p % 4] = value_at(
                        w, block.item, block.frame * w->step.frames - w->before.frames + k,
                        block.y - w->before.height + p / 4, block.x - w->before.width + p % 4, c);
                transform(4, b, patch, planes);
                for (int64_t p = 0; p < GANRM_WINOGRAD_PLANES; p++)
                    out[p * plane_stride + row * out_stride + k * w->channels + c] = planes[p];
            }
    }
}

static void winograd_output(
    const ganrm_windows *w, const ganrm_winograd_products *products, int64_t first, int64_t count,
    float *out, int64_t out_stride) {
    static const float a[2][4] = {{1, 1, 1, 0}, {0, 1, -1, -1}};
    for (int64_t row = 0; row < count; row++) {
        output_block block = block_at(w, first + row);
        for (int64_t column = 0; column < products->columns; column++) {
            float m[4][4], made[4];
            for (int64_t p = 0; p < GANRM_WINOGRAD_PLANES; p++)
                m[p / 4][p % 4] = products->values
                    [p * products->plane_stride + row * products->stride + column];
            transform(2, a, m, made);
            for (int64_t p = 0; p < 4; p++) {
                int64_t y = block.y + p / 2, x = block.x + p % 2;
                if (y >= w->output.height || x >= w->output.width) continue;
                int64_t frame = block.item * w->output.frames + block.frame;
                float value = made[p] + products->bias[column];
                out[((frame * w->output.height + y) * w->output.width + x) * out_stride + column] =
                    products->rectifies && value < 0 ? 0 : value;
            }
        }
    }
}

const ganrm_kernels ganrm_kernels_reference = {
    .layer_norm = layer_norm,
    .layer_norm_bf16 = layer_norm_bf16,
    .f32_to_bf16 = f32_to_bf16,
    .f32_to_int8 = f32_to_int8,
    .layer_norm_int8 = layer_norm_int8,
    .bf16_to_int8 = bf16_to_int8,
    .column_means = column_means,
    .pool_maximum = pool_maximum,
    .pool_mean = pool_mean,
    .unfold = unfold,
    .winograd_input = winograd_input,
    .winograd_output = winograd_output,
    .linear = linear,
    .attention = attention,
    .attention_bf16 = attention_bf16,
    .attention_int8 = attention_bf16,
    .head_forward = head_forward,
    .head_backward = head_backward,
    .adamw_update = adamw_update,
    .adamw_update_linear = adamw_update_linear,
    .frame_gram = frame_gram,
    .resample_fixed22 = resample_fixed22,
    .resample_fixed22_rows_first = resample_fixed22_rows_first,
    .resample_fixed11 = resample_fixed11,
    .resample_float = resample_float,
    .resample_float_rounded = resample_float_rounded,
    .resample_double = resample_double,
    .resample_double_rows_first = resample_double_rows_first,
};
