// Gradient norm, AdamW and mixing of weights; one copy per CPU level, see level.h.

double KERNEL(ck_sum_of_squares)(const float *values, long count) {
    typedef double wide __attribute__((ext_vector_type(16)));
    wide sums = (wide)0.0;
    for (long i = 0; i < count; i += LANES) {
        const wide v = __builtin_convertvector(load_some(values + i, count - i, 0), wide);
        sums = __builtin_elementwise_fma(v, v, sums);
    }
    double total = 0;
    for (int i = 0; i < LANES; i++) total += sums[i];
    return total;
}

void KERNEL(ck_adamw_step)(ck_adamw o, const float *gradients, long count, float *parameters,
                          float *first_moments, float *second_moments) {
    const lanes keep = splat(1 - o.learning_rate * o.weight_decay);
    const lanes step = splat(o.learning_rate / o.correction1);
    for (long i = 0; i < count; i += LANES) {
        const long n = count - i;
        const lanes g = load_some(gradients + i, n, 0) * splat(o.gradient_scale);
        lanes m = load_some(first_moments + i, n, 0), v = load_some(second_moments + i, n, 0);
        m = fused(g - m, splat(1 - o.beta1), m);
        v = fused(g * g, splat(1 - o.beta2), v * splat(o.beta2));
        const lanes root = __builtin_elementwise_sqrt(v) / splat(o.root_correction2);
        const lanes p = load_some(parameters + i, n, 0) * keep;
        store_some(parameters + i, p - step * (m / (root + splat(o.epsilon))), n);
        store_some(first_moments + i, m, n);
        store_some(second_moments + i, v, n);
    }
}

void KERNEL(ck_mix)(const float *values, long count, double weight, float *target) {
    const lanes theirs = splat((float)weight), mine = splat((float)(1 - weight));
    for (long i = 0; i < count; i += LANES) {
        const lanes kept = load_some(target + i, count - i, 0) * mine;
        store_some(target + i, fused(load_some(values + i, count - i, 0), theirs, kept), count - i);
    }
}
