#include "head.h"

// The loader picks the version for the widest vectors that the CPU has.
#if defined(__x86_64__) && defined(__linux__)
#define FOR_EACH_CPU __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FOR_EACH_CPU
#endif

#define LANES GANRM_HEAD_LANES

/// One element of each of `LANES` samples, or `LANES` elements of one weight row.
typedef float floats __attribute__((ext_vector_type(LANES)));
/// `floats` without alignment.
typedef float unaligned_floats __attribute__((ext_vector_type(LANES), aligned(4)));

/// Weight rows processed together: enough independent sums to keep two multipliers busy.
enum { TILE = 8 };

FOR_EACH_CPU
void ganrm_head_forward(const float *restrict weights, const float *restrict x,
                        float *restrict out, size_t columns, size_t inner)
{
    const floats *restrict lanes = (const floats *)x;
    floats *restrict sums = (floats *)out;
    size_t column = 0;
    for (; column + TILE <= columns; column += TILE) {
        const float *w = weights + column * inner;
        floats sum[TILE] = {0};
        for (size_t k = 0; k < inner; k++)
            for (int j = 0; j < TILE; j++) sum[j] += lanes[k] * w[j * inner + k];
        for (int j = 0; j < TILE; j++) sums[column + j] = sum[j];
    }
    for (; column < columns; column++) {
        const float *w = weights + column * inner;
        floats sum = 0;
        for (size_t k = 0; k < inner; k++) sum += lanes[k] * w[k];
        sums[column] = sum;
    }
}

FOR_EACH_CPU
void ganrm_head_backward(const float *restrict weights, const float *restrict x,
                         float *restrict out, size_t columns, size_t inner, size_t stride)
{
    const floats *restrict lanes = (const floats *)x;
    floats *restrict sums = (floats *)out;
    for (size_t k = 0; k < inner; k++) sums[k] = 0;
    size_t column = 0;
    for (; column + TILE <= columns; column += TILE) {
        const float *w = weights + column * stride;
        for (size_t k = 0; k < inner; k++) {
            floats sum = sums[k];
            for (int j = 0; j < TILE; j++) sum += lanes[column + j] * w[j * stride + k];
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

FOR_EACH_CPU
void ganrm_adamw_update(float *restrict weights, float *restrict first_moments,
                       float *restrict second_moments, const float *restrict gradients,
                       size_t count, struct ganrm_adamw_step step)
{
    const float one_minus_beta1 = 1.0f - step.beta1;
    const float one_minus_beta2 = 1.0f - step.beta2;
    const float step_size = step.learning_rate / step.bias_correction1;
    for (size_t i = 0; i < count; i++)
        ADAMW_STEP(weights[i], first_moments[i], second_moments[i], gradients[i]);
}

FOR_EACH_CPU
void ganrm_adamw_update_linear(float *restrict weights, float *restrict first_moments,
                               float *restrict second_moments, const float *restrict d,
                               const float *restrict x, size_t rows, size_t columns,
                               size_t inner, size_t stride, struct ganrm_adamw_step step)
{
    // Weight rows that share each load of x.
    enum { SHARED = 4 };
    const float one_minus_beta1 = 1.0f - step.beta1;
    const float one_minus_beta2 = 1.0f - step.beta2;
    const float step_size = step.learning_rate / step.bias_correction1;
    for (size_t column = 0; column < columns; column += SHARED) {
        const size_t used = columns - column < SHARED ? columns - column : SHARED;
        size_t k = 0;
        for (; k + LANES <= inner; k += LANES) {
            floats g[SHARED] = {0};
            if (used == SHARED) {
                for (size_t row = 0; row < rows; row++) {
                    const floats input = *(const unaligned_floats *)(x + row * inner + k);
                    for (int j = 0; j < SHARED; j++) g[j] += input * d[row * stride + column + j];
                }
            } else {
                for (size_t row = 0; row < rows; row++)
                    for (size_t j = 0; j < used; j++)
                        g[j] += *(const unaligned_floats *)(x + row * inner + k)
                            * d[row * stride + column + j];
            }
            for (size_t j = 0; j < used; j++) {
                const size_t start = (column + j) * inner + k;
                floats w = *(unaligned_floats *)(weights + start);
                floats m = *(unaligned_floats *)(first_moments + start);
                floats v = *(unaligned_floats *)(second_moments + start);
                ADAMW_STEP(w, m, v, g[j]);
                *(unaligned_floats *)(weights + start) = w;
                *(unaligned_floats *)(first_moments + start) = m;
                *(unaligned_floats *)(second_moments + start) = v;
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
