/// The head: linear layers of a few samples, and their training.
#pragma once

#include <stddef.h>

/// Samples that pass through a head's layer together.
///
/// `lanes` layout: element `k` of sample `r` is at index `k * GANRM_HEAD_LANES + r`; buffers are aligned to
/// 64 bytes. A sample's result does not depend on the other samples.
enum { GANRM_HEAD_LANES = 16 };

/// Constants of one AdamW step, as in `torch.optim.AdamW`.
typedef struct ganrm_adamw_step {
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
} ganrm_adamw_step;
