/// Reference of resampling: one sample of the result at a time, without intermediate rows.

static int32_t clamp_to_byte(int32_t x) { return x < 0 ? 0 : x > 255 ? 255 : x; }

/// Index of the source row of tap `k` of the result's row `y`.
static size_t source_row_index(const ganrm_resample_plan *plan, int32_t y, int32_t k) {
    return (size_t)plan->used_row[plan->row_index[(size_t)y * plan->row_taps + k]];
}

/// A channel of the source pixel at tap `k` of the result's column `x`.
static int32_t source_sample(
    const ganrm_resample_plan *plan, const uint8_t *source, size_t row, int32_t x, int32_t k,
    int32_t channel) {
    size_t offset = (size_t)plan->column_offset[(size_t)x * plan->column_taps + k];
    return source[row * (size_t)plan->source_width * 3 + offset + (size_t)channel];
}

static int32_t fixed22_round(int32_t sum) { return clamp_to_byte((sum + (1 << 21)) >> 22); }

static int32_t fixed22_sample(
    const ganrm_resample_plan *plan, const uint8_t *source, int32_t y, int32_t x, int32_t c) {
    const int32_t *column_weight = plan->column_weight, *row_weight = plan->row_weight;
    int32_t sum = 0;
    for (int32_t j = 0; j < plan->row_taps; j++) {
        int32_t row_sum = 0;
        for (int32_t k = 0; k < plan->column_taps; k++)
            row_sum += source_sample(plan, source, source_row_index(plan, y, j), x, k, c)
                * column_weight[(size_t)x * plan->column_taps + k];
        sum += fixed22_round(row_sum) * row_weight[(size_t)y * plan->row_taps + j];
    }
    return fixed22_round(sum);
}

static int32_t fixed22_rows_first_sample(
    const ganrm_resample_plan *plan, const uint8_t *source, int32_t y, int32_t x, int32_t c) {
    const int32_t *column_weight = plan->column_weight, *row_weight = plan->row_weight;
    int32_t sum = 0;
    for (int32_t k = 0; k < plan->column_taps; k++) {
        int32_t column_sum = 0;
        for (int32_t j = 0; j < plan->row_taps; j++)
            column_sum += source_sample(plan, source, source_row_index(plan, y, j), x, k, c)
                * row_weight[(size_t)y * plan->row_taps + j];
        sum += fixed22_round(column_sum) * column_weight[(size_t)x * plan->column_taps + k];
    }
    return fixed22_round(sum);
}

static int32_t fixed11_sample(
    const ganrm_resample_plan *plan, const uint8_t *source, int32_t y, int32_t x, int32_t c) {
    const int32_t *column_weight = plan->column_weight, *row_weight = plan->row_weight;
    int32_t sum = 0;
    for (int32_t j = 0; j < 2; j++) {
        int32_t row_sum = 0;
        for (int32_t k = 0; k < 2; k++)
            row_sum += source_sample(plan, source, source_row_index(plan, y, j), x, k, c)
                * column_weight[(size_t)x * 2 + k];
        sum += ((row_sum >> 4) * row_weight[(size_t)y * 2 + j]) >> 16;
    }
    return clamp_to_byte((sum + 2) >> 2);
}

static float float_sample(
    const ganrm_resample_plan *plan, const uint8_t *source, int32_t y, int32_t x, int32_t c) {
    const float *column_weight = (const float *)plan->column_weight + (size_t)x * plan->column_taps;
    const float *row_weight = (const float *)plan->row_weight + (size_t)y * plan->row_taps;
    float sum = 0;
    for (int32_t j = 0; j < plan->row_taps; j++) {
        float row_sum = 0;
        for (int32_t k = 0; k < plan->column_taps; k++) {
            float sample = source_sample(plan, source, source_row_index(plan, y, j), x, k, c);
            row_sum = k == 0 ? sample * column_weight[k] : fmaf(sample, column_weight[k], row_sum);
        }
        sum = j == 0 ? row_sum * row_weight[j] : fmaf(row_sum, row_weight[j], sum);
    }
    return sum;
}

static int32_t float_rounded_sample(
    const ganrm_resample_plan *plan, const uint8_t *source, int32_t y, int32_t x, int32_t c) {
    float sum = float_sample(plan, source, y, x, c);
    return (int32_t)nearbyintf(fminf(fmaxf(sum, 0), 255));
}

static float double_sample(
    const ganrm_resample_plan *plan, const uint8_t *source, int32_t y, int32_t x, int32_t c) {
#pragma STDC FP_CONTRACT OFF
    const double *column_weight = (const double *)plan->column_weight + (size_t)x * plan->column_taps;
    const double *row_weight = (const double *)plan->row_weight + (size_t)y * plan->row_taps;
    double sum = 0;
    for (int32_t j = 0; j < plan->row_taps; j++) {
        double row_sum = 0;
        for (int32_t k = 0; k < plan->column_taps; k++)
            row_sum += source_sample(plan, source, source_row_index(plan, y, j), x, k, c) * column_weight[k];
        sum += (float)row_sum * row_weight[j];
    }
    return fminf(fmaxf((float)sum, 0), 255);
}

static float double_rows_first_sample(
    const ganrm_resample_plan *plan, const uint8_t *source, int32_t y, int32_t x, int32_t c) {
#pragma STDC FP_CONTRACT OFF
    const double *column_weight = (const double *)plan->column_weight + (size_t)x * plan->column_taps;
    const double *row_weight = (const double *)plan->row_weight + (size_t)y * plan->row_taps;
    double sum = 0;
    for (int32_t k = 0; k < plan->column_taps; k++) {
        double column_sum = 0;
        for (int32_t j = 0; j < plan->row_taps; j++)
            column_sum += source_sample(plan, source, source_row_index(plan, y, j), x, k, c) * row_weight[j];
        sum += (float)column_sum * column_weight[k];
    }
    return fminf(fmaxf((float)sum, 0), 255);
}

/// `output` is the type of the result's values.
#define DEFINE_RESAMPLING(name, output)                                                  \
    static int resample_##name(                                                          \
        const ganrm_resample_plan *plan, const uint8_t *source, void *result) {          \
        output *to = result;                                                             \
        for (int32_t y = 0; y < plan->height; y++)                                       \
            for (int32_t x = 0; x < plan->width; x++)                                    \
                for (int32_t c = 0; c < 3; c++)                                          \
                    *to++ = (output)name##_sample(plan, source, y, x, c);                \
        return 0;                                                                        \
    }

DEFINE_RESAMPLING(fixed22, uint8_t)
DEFINE_RESAMPLING(fixed22_rows_first, uint8_t)
DEFINE_RESAMPLING(fixed11, uint8_t)
DEFINE_RESAMPLING(float, float)
DEFINE_RESAMPLING(float_rounded, uint8_t)
DEFINE_RESAMPLING(double, float)
DEFINE_RESAMPLING(double_rows_first, float)
