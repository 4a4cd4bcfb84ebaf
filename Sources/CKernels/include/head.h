#pragma once

#include <stddef.h>

/// Examples that go through a head's layer together.
///
/// `lanes` layout: number k of example r stands at `k * GANRM_HEAD_LANES + r`, aligned to 64 bytes.
/// What one example gets does not depend on the others.
enum { GANRM_HEAD_LANES = 16 };

/// `out = weights · x`: a linear layer without its bias.
///
/// `weights`: `[columns, inner]`; `x`: `inner` numbers in lanes; `out`: `columns` numbers in lanes.
void ganrm_head_forward(const float *restrict weights, const float *restrict x,
                        float *restrict out, size_t columns, size_t inner);

/// `out = weightsᵀ · x`: the gradient by a linear layer's input.
///
/// `weights`: `[columns, inner]`, rows `stride` numbers apart; `x`: `columns` numbers in lanes; `out`:
/// `inner` numbers in lanes.
void ganrm_head_backward(const float *restrict weights, const float *restrict x,
                         float *restrict out, size_t columns, size_t inner, size_t stride);

/// One step's constants of AdamW, as in torch.optim.AdamW.
struct ganrm_adamw_step {
    /// Learning rate of this step.
    float rate;
    float beta1;
    float beta2;
    float epsilon;
    /// 1 - rate * weight decay: what is left of a weight before the step.
    float retained;
    /// 1 - beta1^t, with t = 1 at the first step.
    float correction1;
    /// sqrt(1 - beta2^t).
    float correction2_root;
};

/// AdamW: updates `count` weights and their two moments in one pass over memory.
void ganrm_head_update(float *restrict weights, float *restrict first_moments,
                       float *restrict second_moments, const float *restrict gradients,
                       size_t count, struct ganrm_adamw_step step);

/// AdamW for a linear layer's weights `[columns, inner]`, whose gradient `dᵀ · x` exists only in
/// registers: writing it out and reading it again would cost a third of the step.
///
/// `d`: `[rows, columns]`, rows `stride` numbers apart, the gradient by the layer's output; `x`:
/// `[rows, inner]`, its input.
void ganrm_head_update_products(float *restrict weights, float *restrict first_moments,
                                float *restrict second_moments, const float *restrict d,
                                const float *restrict x, size_t rows, size_t columns,
                                size_t inner, size_t stride, struct ganrm_adamw_step step);
