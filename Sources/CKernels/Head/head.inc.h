/// Template of the head's kernels.

/// One element of each of GANRM_HEAD_LANES samples, or GANRM_HEAD_LANES elements of one weight row.
typedef float samples __attribute__((ext_vector_type(GANRM_HEAD_LANES)));
/// `samples` without alignment.
typedef float unaligned_samples __attribute__((ext_vector_type(GANRM_HEAD_LANES), aligned(4)));

/// Weight rows processed together: forward, their sums fill 8 registers, enough to keep two multipliers busy; backward,
/// they have one sum.
enum { FORWARD_ROWS = GANRM_LANES / 2, BACKWARD_ROWS = 8 };

KERNEL void head_forward(
    const float *restrict weights, const float *restrict x, float *restrict out, size_t columns,
    size_t inner) {
    const samples *restrict lanes = (const samples *)x;
    samples *restrict sums = (samples *)out;
    size_t column = 0;
    for (; column + FORWARD_ROWS <= columns; column += FORWARD_ROWS) {
        const float *w = weights + column * inner;
        samples sum[FORWARD_ROWS] = {0};
        for (size_t k = 0; k < inner; k++)
            for (int j = 0; j < FORWARD_ROWS; j++) sum[j] += lanes[k] * w[j * inner + k];
        for (int j = 0; j < FORWARD_ROWS; j++) sums[column + j] = sum[j];
    }
    for (; column < columns; column++) {
        const float *w = weights + column * inner;
        samples sum = 0;
        for (size_t k = 0; k < inner; k++) sum += lanes[k] * w[k];
        sums[column] = sum;
    }
}

KERNEL void head_backward(
    const float *restrict weights, const float *restrict x, float *restrict out, size_t columns,
    size_t inner, size_t stride) {
    const samples *restrict lanes = (const samples *)x;
    samples *restrict sums = (samples *)out;
    for (size_t k = 0; k < inner; k++) sums[k] = 0;
    size_t column = 0;
    for (; column + BACKWARD_ROWS <= columns; column += BACKWARD_ROWS) {
        const float *w = weights + column * stride;
        for (size_t k = 0; k < inner; k++) {
            samples sum = sums[k];
            for (int j = 0; j < BACKWARD_ROWS; j++) sum += lanes[column + j] * w[j * stride + k];
            sums[k] = sum;
        }
    }
    for (; column < columns; column++) {
        const float *w = weights + column * stride;
        for (size_t k = 0; k < inner; k++) sums[k] += lanes[column] * w[k];
    }
}

// AdamW step of weights `w` with gradient `g`. Both updates use it, on scalars and on vectors.
#define ADAMW_STEP(w, m, v, g)                                                                  \
    do {                                                                                        \
        (m) += one_minus_beta1 * ((g) - (m));                                                   \
        (v) = step.beta2 * (v) + one_minus_beta2 * (g) * (g);                                   \
        (w) = step.decay_factor * (w)                                                           \
            - step_size * (m)                                                                   \
                / (__builtin_elementwise_sqrt(v) / step.bias_correction2_sqrt + step.epsilon);  \
    } while (0)

KERNEL void adamw_update(
    float *restrict weights, float *restrict first_moments, float *restrict second_moments,
    const float *restrict gradients, size_t count, ganrm_adamw_step step) {
    const float one_minus_beta1 = 1.0f - step.beta1;
    const float one_minus_beta2 = 1.0f - step.beta2;
    const float step_size = step.learning_rate / step.bias_correction1;
    for (size_t i = 0; i < count; i++)
        ADAMW_STEP(weights[i], first_moments[i], second_moments[i], gradients[i]);
}

KERNEL void adamw_update_linear(
    float *restrict weights, float *restrict first_moments, float *restrict second_moments,
    const float *restrict d, const float *restrict x, size_t rows, size_t columns, size_t inner,
    size_t stride, ganrm_adamw_step step) {
    // Weight rows that share each load of x; vectors of samples ahead of which their 12 streams are prefetched.
    enum { SHARED = 4, PREFETCHED = 8 };
    const float one_minus_beta1 = 1.0f - step.beta1;
    const float one_minus_beta2 = 1.0f - step.beta2;
    const float step_size = step.learning_rate / step.bias_correction1;
    for (size_t column = 0; column < columns; column += SHARED) {
        const size_t used = columns - column < SHARED ? columns - column : SHARED;
        size_t k = 0;
        for (; k + GANRM_HEAD_LANES <= inner; k += GANRM_HEAD_LANES) {
            samples g[SHARED] = {0};
            for (size_t j = 0; j < used; j++) {
                const size_t ahead = (column + j) * inner + k + PREFETCHED * GANRM_HEAD_LANES;
                __builtin_prefetch(weights + ahead, 1);
                __builtin_prefetch(first_moments + ahead, 1);
                __builtin_prefetch(second_moments + ahead, 1);
            }
            if (used == SHARED) {
                for (size_t row = 0; row < rows; row++) {
                    const samples input = *(const unaligned_samples *)(x + row * inner + k);
                    for (int j = 0; j < SHARED; j++) g[j] += input * d[row * stride + column + j];
                }
            } else {
                for (size_t row = 0; row < rows; row++)
                    for (size_t j = 0; j < used; j++)
                        g[j] += *(const unaligned_samples *)(x + row * inner + k)
                            * d[row * stride + column + j];
            }
            for (size_t j = 0; j < used; j++) {
                const size_t start = (column + j) * inner + k;
                samples w = *(unaligned_samples *)(weights + start);
                samples m = *(unaligned_samples *)(first_moments + start);
                samples v = *(unaligned_samples *)(second_moments + start);
                ADAMW_STEP(w, m, v, g[j]);
                *(unaligned_samples *)(weights + start) = w;
                *(unaligned_samples *)(first_moments + start) = m;
                *(unaligned_samples *)(second_moments + start) = v;
            }
        }
        for (; k < inner; k++)
            for (size_t j = 0; j < used; j++) {
                const size_t i = (column + j) * inner + k;
                float g = 0;
                for (size_t row = 0; row < rows; row++)
                    g += x[row * inner + k] * d[row * stride + column + j];
                ADAMW_STEP(weights[i], first_moments[i], second_moments[i], g);
            }
    }
}
