// Row-wise kernels; one copy per CPU level, see level.h.

void KERNEL(ck_add)(const float *a, const float *b, long count, float *sum) {
    for (long i = 0; i < count; i++) sum[i] = a[i] + b[i];
}

INLINE void scale_row(const float *x, const float *weight, float inverse_rms, long width,
                      float *y) {
    for (long i = 0; i < width; i++) y[i] = (x[i] * inverse_rms) * weight[i];
}

// 1/√(mean(x²) + epsilon)
INLINE float inverse_rms_of(const float *x, long width, float epsilon) {
    lanes squares = splat(0);
    for (long i = 0; i < width; i += LANES) {
        const lanes v = load_some(x + i, width - i, 0);
        squares = fused(v, v, squares);
    }
    return 1.0f / __builtin_sqrtf(sum_of(squares) / (float)width + epsilon);
}

void KERNEL(ck_rms_norm)(const float *x, const float *weight, long rows, long width, float epsilon,
                        float *y, float *inverse_rms) {
    for (long row = 0; row < rows; row++, x += width, y += width) {
        inverse_rms[row] = inverse_rms_of(x, width, epsilon);
        scale_row(x, weight, inverse_rms[row], width, y);
    }
}

void KERNEL(ck_rms_norm_again)(const float *x, const float *weight, const float *inverse_rms,
                              long rows, long width, float *y) {
    for (long row = 0; row < rows; row++) {
        scale_row(x + row * width, weight, inverse_rms[row], width, y + row * width);
    }
}

// mean(dy·w·n)
INLINE float rms_projection(const float *x, const float *weight, const float *dy, float s,
                            long width) {
    lanes projection = splat(0);
    for (long i = 0; i < width; i += LANES) {
        const lanes g = load_some(dy + i, width - i, 0) * load_some(weight + i, width - i, 0);
        projection = fused(g, load_some(x + i, width - i, 0), projection);
    }
    return sum_of(projection) * s / (float)width;
}

// With n = x·s, s = inverse rms:  dx = s·(dy·w − n·mean(dy·w·n)),  dw = Σ dy·n.
void KERNEL(ck_rms_norm_backward)(const float *x, const float *weight, const float *inverse_rms,
                                 const float *dy, long rows, long width, float *dx,
                                 float *dweight) {
    for (long row = 0; row < rows; row++, x += width, dy += width, dx += width) {
        const float s = inverse_rms[row];
        const float mean = rms_projection(x, weight, dy, s, width);
        for (long i = 0; i < width; i++) {
            const float n = x[i] * s;
            dweight[i] += dy[i] * n;
            dx[i] += s * (dy[i] * weight[i] - n * mean);
        }
    }
}

INLINE void rotate(float *head, long half, const float *cosine, const float *sine,
                   float direction) {
    for (long i = 0; i < half; i++) {
        const float a = head[i], b = head[i + half], s = direction * sine[i];
        head[i] = a * cosine[i] - b * s;
        head[i + half] = b * cosine[i] + a * s;
    }
}

INLINE void rotate_heads(float *row, long heads, long head_dim, int32_t position,
                         const float *cosines, const float *sines, float direction) {
    const long half = head_dim / 2, at = position * half;
    for (long head = 0; head < heads; head++) {
        rotate(row + head * head_dim, half, cosines + at, sines + at, direction);
    }
}

void KERNEL(ck_bias_and_rotate)(float *rows, const float *bias, long count, long width,
                               long rotated_heads, long head_dim, const int32_t *positions,
                               const float *cosines, const float *sines) {
    for (long row = 0; row < count; row++, rows += width) {
        if (bias) {
            for (long i = 0; i < width; i++) rows[i] += bias[i];
        }
        rotate_heads(rows, rotated_heads, head_dim, positions[row], cosines, sines, 1);
    }
}

void KERNEL(ck_rotate_back)(float *rows, long count, long width, long rotated_heads, long head_dim,
                           const int32_t *positions, const float *cosines, const float *sines) {
    for (long row = 0; row < count; row++, rows += width) {
        rotate_heads(rows, rotated_heads, head_dim, positions[row], cosines, sines, -1);
    }
}

void KERNEL(ck_add_column_sums)(const float *rows, long count, long width, float *sums) {
    for (long row = 0; row < count; row++, rows += width) {
        for (long i = 0; i < width; i++) sums[i] += rows[i];
    }
}

void KERNEL(ck_values)(const float *rows, long count, long width, const float *weight, float bias,
                      float *values) {
    for (long row = 0; row < count; row++, rows += width) {
        lanes products = splat(0);
        for (long i = 0; i < width; i += LANES) {
            const lanes w = load_some(weight + i, width - i, 0);
            products = fused(load_some(rows + i, width - i, 0), w, products);
        }
        values[row] = sum_of(products) + bias;
    }
}

void KERNEL(ck_values_backward)(const float *rows, const float *dvalues, long count, long width,
                               const float *weight, float *dweight, float *dbias, float *drows) {
    for (long row = 0; row < count; row++, rows += width) {
        const float d = dvalues[row];
        *dbias += d;
        for (long i = 0; i < width; i++) dweight[i] += d * rows[i];
        if (!drows) continue;
        for (long i = 0; i < width; i++) drows[row * width + i] += d * weight[i];
    }
}

INLINE lanes sigmoid(lanes x) { return splat(1) / (splat(1) + exponential(-x)); }

void KERNEL(ck_swiglu)(const float *gate_up, long rows, long width, float *out) {
    for (long row = 0; row < rows; row++, gate_up += 2 * width, out += width) {
        for (long i = 0; i < width; i += LANES) {
            const lanes gate = load_some(gate_up + i, width - i, 0);
            const lanes up = load_some(gate_up + width + i, width - i, 0);
            store_some(out + i, gate * sigmoid(gate) * up, width - i);
        }
    }
}

// silu′(g) = σ·(1 + g·(1 − σ)).
void KERNEL(ck_swiglu_backward)(const float *gate_up, const float *dout, long rows, long width,
                               float *dgate_up) {
    for (long row = 0; row < rows; row++) {
        const float *input = gate_up + row * 2 * width;
        float *output = dgate_up + row * 2 * width;
        for (long i = 0; i < width; i += LANES) {
            const lanes gate = load_some(input + i, width - i, 0);
            const lanes up = load_some(input + width + i, width - i, 0);
            const lanes d = load_some(dout + row * width + i, width - i, 0);
            const lanes s = sigmoid(gate);
            const lanes slope = s * fused(gate, splat(1) - s, splat(1));
            store_some(output + i, d * up * slope, width - i);
            store_some(output + width + i, d * gate * s, width - i);
        }
    }
}
