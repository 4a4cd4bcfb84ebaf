#pragma once

#include <stddef.h>

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

/// Updates `count` weights and their two moments in one pass over memory.
///
/// The arrays must not overlap. Each weight's result depends on its own four numbers alone.
void ganrm_adamw(float *restrict weights, float *restrict first_moments,
                 float *restrict second_moments, const float *restrict gradients, size_t count,
                 struct ganrm_adamw_step step);
