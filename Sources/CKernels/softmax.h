// Softmax over the vocabulary and draws from it; one copy per CPU level, see level.h.

// Sixteen scaled logits; past the end, far below any real one. The scale is applied before padding
// so that a negative infinity never meets arithmetic.
INLINE lanes scaled(const float *logits, long count, float inverse_temperature) {
    const lanes x = load_some(logits, count, 0) * splat(inverse_temperature);
    return choose(lanes_below(count), x, splat(-FLT_MAX));
}

// x − maximum, bounded below where exp is 0 anyway, so that 0 · distance stays 0.
INLINE lanes distance(lanes x, float maximum) {
    const lanes d = x - splat(maximum), floor = splat(-100);
    return choose(d < floor, floor, d);
}

// weights and total (nullable together): what a draw needs, from the same exponentials.
INLINE ck_distribution describe(const float *logits, long width, float inverse_temperature,
                                float *weights, double *total) {
    lanes top = splat(-FLT_MAX);
    for (long i = 0; i < width; i += LANES) {
        top = larger(scaled(logits + i, width - i, inverse_temperature), top);
    }
    const float maximum = largest_of(top);
    lanes sum = splat(0), weighted = splat(0);
    double running = 0;
    for (long i = 0; i < width; i += LANES) {
        const lanes d = distance(scaled(logits + i, width - i, inverse_temperature), maximum);
        const lanes e = exponential(d);
        sum = sum + e;
        weighted = fused(e, d, weighted);
        if (!weights) continue;
        store_some(weights + i, e, width - i);
        running += sum_of(e);
    }
    if (weights) *total = running;
    const double all = sum_of(sum);
    const double log_sum = natural_log(all);
    return (ck_distribution){maximum, (float)log_sum, (float)(log_sum - sum_of(weighted) / all)};
}

ck_distribution KERNEL(ck_describe)(const float *logits, long width, float inverse_temperature) {
    return describe(logits, width, inverse_temperature, NULL, NULL);
}

ck_distribution KERNEL(ck_weigh)(const float *logits, long width, float inverse_temperature,
                                float *weights, double *total) {
    return describe(logits, width, inverse_temperature, weights, total);
}

float KERNEL(ck_logprob)(const float *logits, int32_t token, float inverse_temperature,
                 ck_distribution distribution) {
    const float x = logits[token] * inverse_temperature;
    return (x - distribution.maximum) - distribution.log_sum;
}

void KERNEL(ck_softmax_gradient)(float *logits, long width, float inverse_temperature,
                                ck_distribution distribution, float total) {
    const lanes factor = splat(-total * inverse_temperature);
    for (long i = 0; i < width; i += LANES) {
        const lanes x = scaled(logits + i, width - i, inverse_temperature);
        const lanes d = distance(x, distribution.maximum) - splat(distribution.log_sum);
        store_some(logits + i, factor * exponential(d), width - i);
    }
}

// ln of the probabilities of sixteen tokens.
INLINE lanes log_probabilities(const float *logits, long count, float inverse_temperature,
                               ck_distribution distribution) {
    const lanes x = scaled(logits, count, inverse_temperature);
    return distance(x, distribution.maximum) - splat(distribution.log_sum);
}

// (eʸ − 1 − y) / y² for |y| ≤ ½, by its series.
INLINE lanes k3_series(lanes y) {
    lanes s = splat(1.0f / 3628800);
    s = fused(s, y, splat(1.0f / 362880));
    s = fused(s, y, splat(1.0f / 40320));
    s = fused(s, y, splat(1.0f / 5040));
    s = fused(s, y, splat(1.0f / 720));
    s = fused(s, y, splat(1.0f / 120));
    s = fused(s, y, splat(1.0f / 24));
    s = fused(s, y, splat(1.0f / 6));
    return fused(s, y, splat(0.5f));
}

// p·(eʸ − 1 − y) = q − p − p·y for y = ln q − ln p; near 0 the differences would cancel.
INLINE lanes k3_terms(lanes p, lanes q, lanes y) {
    const lanes near = p * (y * y * k3_series(y));
    const lanes far = fused(p, -y, q - p);
    const int_lanes is_near = (y < splat(0.5f)) & (y > splat(-0.5f));
    return larger(splat(0), choose(is_near, near, far));
}

ck_divergence KERNEL(ck_diverge)(const float *logits, const float *reference, long width,
                                 float inverse_temperature, ck_distribution distribution,
                                 ck_distribution reference_distribution) {
    lanes terms = splat(0), ratios = splat(0);
    for (long i = 0; i < width; i += LANES) {
        const long n = width - i;
        const lanes log_p =
            log_probabilities(logits + i, n, inverse_temperature, distribution);
        const lanes log_q =
            log_probabilities(reference + i, n, inverse_temperature, reference_distribution);
        const lanes p = exponential(log_p), q = exponential(log_q);
        terms = terms + k3_terms(p, q, log_q - log_p);
        ratios = fused(p, log_p - log_q, ratios);
    }
    return (ck_divergence){sum_of(terms), sum_of(ratios)};
}

void KERNEL(ck_distribution_gradient)(float *logits, const float *reference, long width,
                                      float inverse_temperature, ck_distribution distribution,
                                      ck_distribution reference_distribution,
                                      ck_divergence divergence, ck_slopes slopes) {
    const lanes total = splat(-slopes.logprobs * inverse_temperature);
    const lanes entropy = splat(-slopes.entropy * inverse_temperature);
    const lanes diverging = splat(slopes.divergence * inverse_temperature);
    for (long i = 0; i < width; i += LANES) {
        const long n = width - i;
        const lanes log_p =
            log_probabilities(logits + i, n, inverse_temperature, distribution);
        lanes factor = fused(entropy, log_p + splat(distribution.entropy), total);
        if (reference) {
            const lanes log_q =
                log_probabilities(reference + i, n, inverse_temperature, reference_distribution);
            const lanes centred = (log_p - log_q) - splat(divergence.mean_log_ratio);
            factor = fused(diverging, centred, factor);
        }
        store_some(logits + i, factor * exponential(log_p), n);
    }
}

double KERNEL(ck_total)(const float *weights, long width) {
    double total = 0;
    for (long i = 0; i < width; i += LANES) {
        total += sum_of(load_some(weights + i, width - i, 0));
    }
    return total;
}

// Walks blocks of 16, then the tokens of the block in which the running sum passes the target. A
// block's own rounding can leave its tokens just short of it: then the last possible token is
// drawn.
int32_t KERNEL(ck_draw)(const float *weights, long width, double total, float uniform) {
    const double target = (double)uniform * total;
    double below = 0;
    int32_t last = 0;
    for (long i = 0; i < width; i += LANES) {
        const double sum = sum_of(load_some(weights + i, width - i, 0));
        const int passes = below + sum > target;
        if (passes || sum > 0) {
            const long end = i + LANES < width ? i + LANES : width;
            double running = below;
            for (long token = i; token < end; token++) {
                if (!(weights[token] > 0)) continue;
                last = (int32_t)token;
                running += weights[token];
                if (passes && running > target) return last;
            }
            if (passes) return last;
        }
        below += sum;
    }
    return last;
}

double KERNEL(ck_log)(double x) { return natural_log(x); }

int32_t KERNEL(ck_argmax)(const float *logits, long width) {
    long best = 0;
    for (long i = 1; i < width; i++) {
        if (logits[i] > logits[best]) best = i;
    }
    return (int32_t)best;
}
