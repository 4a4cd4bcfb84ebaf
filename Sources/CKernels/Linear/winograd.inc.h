/// Template of Winograd's transforms F(2 × 2, 3 × 3), of vectors of channels.

/// The place of a block of 2 × 2 outputs.
typedef struct {
    int64_t item, frame, y, x;
} output_block;

INLINE output_block first_block(const ganrm_windows *w, int64_t index) {
    int64_t across = (w->output.width + 1) / 2, down = (w->output.height + 1) / 2;
    int64_t line = index / across, frame = line / down;
    return (output_block){
        frame / w->output.frames, frame % w->output.frames, 2 * (line % down), 2 * (index % across)};
}

INLINE void advance_block(const ganrm_windows *w, output_block *block) {
    if ((block->x += 2) < w->output.width) return;
    block->x = 0;
    if ((block->y += 2) < w->output.height) return;
    block->y = 0;
    if (++block->frame < w->output.frames) return;
    block->frame = 0;
    block->item++;
}

/// Bᵀ · d · B of a patch of 4 × 4 values, in place.
INLINE void transform_patch(vec_f32 d[GANRM_WINOGRAD_PLANES]) {
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
        vec_f32 second = d[4 + i], third = d[8 + i];
        d[i] -= third;
        d[4 + i] = second + third;
        d[8 + i] = third - second;
        d[12 + i] = second - d[12 + i];
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 16; i += 4) {
        vec_f32 second = d[i + 1], third = d[i + 2];
        d[i] -= third;
        d[i + 1] = second + third;
        d[i + 2] = third - second;
        d[i + 3] = second - d[i + 3];
    }
}

enum { WHOLE_PATCH = 0xffff };

/// Transforms a patch in one frame.
///
/// - `present`: a bit for each position: whether it is inside the input. Others are zeros.
INLINE void transform_input(
    const ganrm_windows *w, const float *corner, int present, float *out, int64_t plane_stride) {
    for (int64_t i = 0; i < w->channels; i += GANRM_LANES) {
        vec_f32 d[GANRM_WINOGRAD_PLANES];
#pragma clang loop unroll(full)
        for (int p = 0; p < GANRM_WINOGRAD_PLANES; p++) {
            const float *from = corner + (p / 4 * w->input.width + p % 4) * w->stride + i;
            d[p] = present >> p & 1 ? load_up_to(from, w->channels - i, 0) : 0;
        }
        transform_patch(d);
#pragma clang loop unroll(full)
        for (int p = 0; p < GANRM_WINOGRAD_PLANES; p++)
            store_up_to(out + p * plane_stride + i, d[p], w->channels - i);
    }
}

KERNEL void winograd_input(
    const ganrm_windows *w, int64_t first, int64_t count, float *out, int64_t out_stride,
    int64_t plane_stride) {
    const ganrm_extent in = w->input;
    output_block block = first_block(w, first);
    for (int64_t row = 0; row < count; row++, out += out_stride, advance_block(w, &block)) {
        int64_t top = block.y - w->before.height, left = block.x - w->before.width;
        int present = 0;
        for (int p = 0; p < GANRM_WINOGRAD_PLANES; p++) {
            int64_t y = top + p / 4, x = left + p % 4;
            if (y >= 0 && y < in.height && x >= 0 && x < in.width) present |= 1 << p;
        }
        for (int64_t k = 0; k < w->kernel.frames; k++) {
            int64_t t = block.frame * w->step.frames - w->before.frames + k;
            int64_t position = ((block.item * in.frames + t) * in.height + top) * in.width + left;
            const float *corner = w->source + position * w->stride;
            float *to = out + k * w->channels;
            if (t < 0 || t >= in.frames) transform_input(w, corner, 0, to, plane_stride);
            else if (present == WHOLE_PATCH) transform_input(w, corner, WHOLE_PATCH, to, plane_stride);
            else transform_input(w, corner, present, to, plane_stride);
        }
    }
}

/// Aᵀ · m · A of a block's products; the outputs are m[0], m[1], m[4] and m[5].
INLINE void transform_products(vec_f32 m[GANRM_WINOGRAD_PLANES]) {
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
        vec_f32 second = m[4 + i], third = m[8 + i];
        m[i] = m[i] + second + third;
        m[4 + i] = second - third - m[12 + i];
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 8; i += 4) {
        vec_f32 second = m[i + 1], third = m[i + 2];
        m[i] = m[i] + second + third;
        m[i + 1] = second - third - m[i + 3];
    }
}

KERNEL void winograd_output(
    const ganrm_windows *w, const ganrm_winograd_products *products, int64_t first, int64_t count,
    float *out, int64_t out_stride) {
    const ganrm_extent size = w->output;
    const vec_f32 least = (vec_f32)0 + (products->rectifies ? 0 : -INFINITY);
    output_block block = first_block(w, first);
    const float *row = products->values;
    for (int64_t i = 0; i < count; i++, row += products->stride, advance_block(w, &block)) {
        int64_t line = (block.item * size.frames + block.frame) * size.height + block.y;
        float *to = out + (line * size.width + block.x) * out_stride;
        for (int64_t column = 0; column < products->columns; column += GANRM_LANES) {
            int64_t left = products->columns - column;
            vec_f32 m[GANRM_WINOGRAD_PLANES];
#pragma clang loop unroll(full)
            for (int p = 0; p < GANRM_WINOGRAD_PLANES; p++)
                m[p] = load_up_to(row + p * products->plane_stride + column, left, 0);
            transform_products(m);
            vec_f32 bias = load_up_to(products->bias + column, left, 0);
#pragma clang loop unroll(full)
            for (int p = 0; p < 4; p++) {
                int64_t y = p / 2, x = p % 2;
                if (block.y + y >= size.height || block.x + x >= size.width) continue;
                vec_f32 value = larger(least, m[4 * y + x] + bias);
                store_up_to(to + (y * size.width + x) * out_stride + column, value, left);
            }
        }
    }
}
