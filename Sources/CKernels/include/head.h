#pragma once

#include <stddef.h>

/// Samples that pass through a head's layer together.
///
/// `lanes` layout: element `k` of sample `r` is at index `k * GANRM_HEAD_LANES + r`; buffers are aligned to
/// 64 bytes. A sample's result does not depend on the other samples.
enum { GANRM_HEAD_LANES = 16 };

/// `out = weights · x`: a linear layer without its bias.
///
/// `weights`: `[columns, inner]`; `x`: `inner` elements in lanes; `out`: `columns` elements in lanes.
void ganrm_head_forward(const float *restrict weights, const float *restrict x,
                        float *restrict out, size_t columns, size_t inner);

/// `out = weightsᵀ · x`: the gradient with respect to a linear layer's input.
///
/// `weights`: `[columns, inner]`, rows `stride` elements apart; `x`: `columns` elements in lanes; `out`:
/// `inner` elements in lanes.
void ganrm_head_backward(const float *restrict weights, const float *restrict x,
                         float *restrict out, size_t columns, size_t inner, size_t stride);

/// Constants of one AdamW step, as in `torch.optim.AdamW`.
struct ganrm_adamw_step {
    float learning_rate;
    float beta1;
    float beta2;
    float epsilon;
    /// Weight decay: the factor 1 - learning_rate * weight_decay applied to each weight before the step.
    float decay_factor;
    /// 1 - beta1^t, with t = 1 at the first step.
    float bias_correction1;
    /// sqrt(1 - beta2^t).
    float bias_correction2_sqrt;
};

/// AdamW: updates `count` weights and their two moments in one pass over memory.
void ganrm_adamw_update(float *restrict weights, float *restrict first_moments,
                        float *restrict second_moments, const float *restrict gradients,
                        size_t count, struct ganrm_adamw_step step);

/// AdamW for a linear layer's weights `[columns, inner]`, whose gradient `dᵀ · x` exists only in
/// registers: writing it to memory and reading it back would cost a third of the step.
///
/// `d`: `[rows, columns]`, rows `stride` elements apart, the gradient with respect to the layer's output; `x`:
/// `[rows, inner]`, the layer's input.
void ganrm_adamw_update_linear(float *restrict weights, float *restrict first_moments,
                               float *restrict second_moments, const float *restrict d,
                               const float *restrict x, size_t rows, size_t columns,
                               size_t inner, size_t stride, struct ganrm_adamw_step step);
