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
    int32_t sum = 0;
    for (int32_t j = 0; j < plan->row_taps; j++) {
        int32_t row_sum = 0;
        for (int32_t k = 0; k < plan->column_taps; k++)
            row_sum += source_sample(plan, source, source_row_index(plan, y, j), x, k, c)
                * plan->column_weight[(size_t)x * plan->column_taps + k];
        sum += fixed22_round(row_sum) * plan->row_weight[(size_t)y * plan->row_taps + j];
    }
    return fixed22_round(sum);
}

static int32_t fixed22_rows_first_sample(
    const ganrm_resample_plan *plan, const uint8_t *source, int32_t y, int32_t x, int32_t c) {
    int32_t sum = 0;
    for (int32_t k = 0; k < plan->column_taps; k++) {
        int32_t column_sum = 0;
        for (int32_t j = 0; j < plan->row_taps; j++)
            column_sum += source_sample(plan, source, source_row_index(plan, y, j), x, k, c)
                * plan->row_weight[(size_t)y * plan->row_taps + j];
        sum += fixed22_round(column_sum) * plan->column_weight[(size_t)x * plan->column_taps + k];
    }
    return fixed22_round(sum);
}

static int32_t fixed11_sample(
    const ganrm_resample_plan *plan, const uint8_t *source, int32_t y, int32_t x, int32_t c) {
    int32_t sum = 0;
    for (int32_t j = 0; j < 2; j++) {
        int32_t row_sum = 0;
        for (int32_t k = 0; k < 2; k++)
            row_sum += source_sample(plan, source, source_row_index(plan, y, j), x, k, c)
                * plan->column_weight[(size_t)x * 2 + k];
        sum += ((row_sum >> 4) * plan->row_weight[(size_t)y * 2 + j]) >> 16;
    }
    return clamp_to_byte((sum + 2) >> 2);
}

/// Taps are added in the order 1, 0, 2, 3, as PyTorch's compiled sum does.
static float float_sum(const float samples[4], const int32_t *weight_bits) {
    float weights[4];
    memcpy(weights, weight_bits, sizeof weights);
    float sum = fmaf(samples[0], weights[0], samples[1] * weights[1]);
    return fmaf(samples[3], weights[3], fmaf(samples[2], weights[2], sum));
}

static int32_t float_sample(
    const ganrm_resample_plan *plan, const uint8_t *source, int32_t y, int32_t x, int32_t c) {
    float rows[4], samples[4];
    for (int32_t j = 0; j < 4; j++) {
        for (int32_t k = 0; k < 4; k++)
            samples[k] = source_sample(plan, source, source_row_index(plan, y, j), x, k, c);
        rows[j] = float_sum(samples, plan->column_weight + (size_t)x * 4);
    }
    float sum = float_sum(rows, plan->row_weight + (size_t)y * 4);
    return (int32_t)nearbyintf(fminf(fmaxf(sum, 0), 255));
}

#define DEFINE_RESAMPLING(name)                                                          \
    static int resample_##name(                                                          \
        const ganrm_resample_plan *plan, const uint8_t *source, uint8_t *result) {       \
        for (int32_t y = 0; y < plan->height; y++)                                       \
            for (int32_t x = 0; x < plan->width; x++)                                    \
                for (int32_t c = 0; c < 3; c++)                                          \
                    *result++ = (uint8_t)name##_sample(plan, source, y, x, c);           \
        return 0;                                                                        \
    }

DEFINE_RESAMPLING(fixed22)
DEFINE_RESAMPLING(fixed22_rows_first)
DEFINE_RESAMPLING(fixed11)
DEFINE_RESAMPLING(float)
