#pragma once

#include <stddef.h>

/// Inner products of one token in several frames: `out[t * count + u] = frames[t] · frames[u]`, both triangles.
///
/// `frames`: `count` pointers to `length` numbers each, `offset` numbers on. Products of floats are exact in doubles,
/// and their sums are made in one order: every processor gives the same bits.
void ganrm_frame_products(const float *const *frames, size_t offset, size_t count, size_t length,
                          double *restrict out);
