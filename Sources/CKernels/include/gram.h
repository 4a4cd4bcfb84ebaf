#pragma once

#include <stddef.h>

/// Gram matrix of one token over several frames: `out[t * count + u] = frames[t] · frames[u]`, both triangles.
///
/// `frames`: `count` pointers; the token's `length` elements begin at `offset` of each. Products of two f32 are
/// exact in f64 and are summed in a fixed order, so every processor gives the same bits.
void ganrm_frame_gram(const float *const *frames, size_t offset, size_t count, size_t length,
                      double *restrict out);
