/// Template of the unfolding of windows. A window's line is often short, so a call of memcpy would cost more than its copy.

INLINE float *copy_values(float *out, const float *from, int64_t count) {
    int64_t i = 0;
    for (; i + GANRM_LANES <= count; i += GANRM_LANES) store(out + i, load(from + i));
    if (i < count && count >= GANRM_LANES) {
        // The last vector overlaps the one before.
        i = count - GANRM_LANES;
        store(out + i, load(from + i));
        return out + count;
    }
    for (; i < count; i++) out[i] = from[i];
    return out + count;
}

INLINE float *copy_zeros(float *out, int64_t count) {
    int64_t i = 0;
    for (; i + GANRM_LANES <= count; i += GANRM_LANES) store(out + i, (vec_f32)0);
    for (; i < count; i++) out[i] = 0;
    return out + count;
}

/// Copies a line of a window, whose positions from `begin` to `end - 1` are inside the input.
INLINE float *unfold_line(
    const ganrm_windows *w, const float *from, int64_t begin, int64_t end, float *out) {
    out = copy_zeros(out, begin * w->channels);
    if (w->stride == w->channels)
        out = copy_values(out, from + begin * w->channels, (end - begin) * w->channels);
    else
        for (int64_t x = begin; x < end; x++)
            out = copy_values(out, from + x * w->stride, w->channels);
    return copy_zeros(out, (w->kernel.width - end) * w->channels);
}

KERNEL void unfold(
    const ganrm_windows *w, int64_t first, int64_t count, float *out, int64_t out_stride) {
    const ganrm_extent in = w->input, kernel = w->kernel;
    int64_t x = first % w->output.width, rest = first / w->output.width;
    int64_t y = rest % w->output.height;
    rest /= w->output.height;
    int64_t frame = rest % w->output.frames, item = rest / w->output.frames;
    for (int64_t row = 0; row < count; row++, out += out_stride) {
        int64_t left = x * w->step.width - w->before.width;
        int64_t top = y * w->step.height - w->before.height;
        int64_t start = frame * w->step.frames - w->before.frames;
        int64_t begin = left < 0 ? -left : 0, end = in.width - left;
        if (end > kernel.width) end = kernel.width;
        float *to = out;
        for (int64_t t = start; t < start + kernel.frames; t++)
            for (int64_t line = top; line < top + kernel.height; line++) {
                bool is_inside = t >= 0 && t < in.frames && line >= 0 && line < in.height && begin < end;
                if (!is_inside) {
                    to = copy_zeros(to, kernel.width * w->channels);
                    continue;
                }
                const float *from = w->source
                    + (((item * in.frames + t) * in.height + line) * in.width + left) * w->stride;
                to = unfold_line(w, from, begin, end, to);
            }
        if (++x < w->output.width) continue;
        x = 0;
        if (++y < w->output.height) continue;
        y = 0;
        if (++frame < w->output.frames) continue;
        frame = 0;
        item++;
    }
}
