// RMS norm of query and key heads (Qwen3); one copy per CPU level, see level.h.

void KERNEL(ck_norm_heads)(float *rows, long count, long width, long query_heads, long key_heads,
                           long head_dim, const float *query_weight, const float *key_weight,
                           float epsilon, float *raw, float *inverse_rms) {
    const long heads = query_heads + key_heads;
    for (long row = 0; row < count; row++, rows += width) {
        for (long h = 0; h < heads; h++) {
            float *head = rows + h * head_dim;
            const float inverse = inverse_rms_of(head, head_dim, epsilon);
            if (raw) {
                memcpy(raw + (row * heads + h) * head_dim, head, (size_t)head_dim * sizeof(float));
            }
            if (inverse_rms) inverse_rms[row * heads + h] = inverse;
            scale_row(head, h < query_heads ? query_weight : key_weight, inverse, head_dim, head);
        }
    }
}

// As ck_rms_norm_backward, for one head in place.
INLINE void norm_head_backward(const float *x, const float *weight, float inverse, long width,
                               float *gradient, float *dweight) {
    const float mean = rms_projection(x, weight, gradient, inverse, width);
    for (long i = 0; i < width; i++) {
        const float n = x[i] * inverse, g = gradient[i];
        dweight[i] += g * n;
        gradient[i] = inverse * (g * weight[i] - n * mean);
    }
}

void KERNEL(ck_norm_heads_backward)(float *gradients, long count, long width, long query_heads,
                                    long key_heads, long head_dim, const float *query_weight,
                                    const float *key_weight, const float *raw,
                                    const float *inverse_rms, float *dquery_weight,
                                    float *dkey_weight) {
    const long heads = query_heads + key_heads;
    for (long row = 0; row < count; row++, gradients += width) {
        for (long h = 0; h < heads; h++) {
            const int is_query = h < query_heads;
            norm_head_backward(raw + (row * heads + h) * head_dim,
                               is_query ? query_weight : key_weight, inverse_rms[row * heads + h],
                               head_dim, gradients + h * head_dim,
                               is_query ? dquery_weight : dkey_weight);
        }
    }
}
