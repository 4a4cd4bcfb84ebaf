/// Reference of the head's kernels and of Gram matrices, in double precision.

static void head_forward(
    const float *weights, const float *x, float *out, size_t columns, size_t inner) {
    for (size_t column = 0; column < columns; column++)
        for (size_t r = 0; r < GANRM_HEAD_LANES; r++) {
            double sum = 0;
            for (size_t k = 0; k < inner; k++)
                sum += (double)weights[column * inner + k] * x[k * GANRM_HEAD_LANES + r];
            out[column * GANRM_HEAD_LANES + r] = (float)sum;
        }
}

static void head_backward(
    const float *weights, const float *x, float *out, size_t columns, size_t inner,
    size_t stride) {
    for (size_t k = 0; k < inner; k++)
        for (size_t r = 0; r < GANRM_HEAD_LANES; r++) {
            double sum = 0;
            for (size_t column = 0; column < columns; column++)
                sum += (double)weights[column * stride + k] * x[column * GANRM_HEAD_LANES + r];
            out[k * GANRM_HEAD_LANES + r] = (float)sum;
        }
}

static void update_weight(
    float *weight, float *first_moment, float *second_moment, double gradient,
    ganrm_adamw_step step) {
    double m = step.beta1 * *first_moment + (1 - step.beta1) * gradient;
    double v = step.beta2 * *second_moment + (1 - step.beta2) * gradient * gradient;
    double denominator = sqrt(v) / step.bias_correction2_sqrt + step.epsilon;
    *first_moment = (float)m;
    *second_moment = (float)v;
    *weight = (float)(step.decay_factor * *weight
        - step.learning_rate / step.bias_correction1 * m / denominator);
}

static void adamw_update(
    float *weights, float *first_moments, float *second_moments, const float *gradients,
    size_t count, ganrm_adamw_step step) {
    for (size_t i = 0; i < count; i++)
        update_weight(weights + i, first_moments + i, second_moments + i, gradients[i], step);
}

static void adamw_update_linear(
    float *weights, float *first_moments, float *second_moments, const float *d, const float *x,
    size_t rows, size_t columns, size_t inner, size_t stride, ganrm_adamw_step step) {
    for (size_t column = 0; column < columns; column++)
        for (size_t k = 0; k < inner; k++) {
            double gradient = 0;
            for (size_t row = 0; row < rows; row++)
                gradient += (double)d[row * stride + column] * x[row * inner + k];
            size_t i = column * inner + k;
            update_weight(weights + i, first_moments + i, second_moments + i, gradient, step);
        }
}

static void frame_gram(
    const float *const *frames, size_t offset, size_t count, size_t length, double *out) {
    for (size_t t = 0; t < count; t++)
        for (size_t u = 0; u < count; u++) {
            double sum = 0;
            for (size_t i = 0; i < length; i++)
                sum += (double)frames[t][offset + i] * frames[u][offset + i];
            out[t * count + u] = sum;
        }
}
