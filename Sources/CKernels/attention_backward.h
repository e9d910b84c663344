// Gradients of attention; one copy per CPU level, see level.h.

long KERNEL(ck_attention_backward_scratch)(long head_dim, long prefix_count, long own_count) {
    return ck_tile * (4 * padded(head_dim) + 2 * (padded(prefix_count) + padded(own_count)));
}

// In one segment of a row: probabilities ← exp(score − maximum)/Σ, slopes ← p·(dp − Σ p·dp)·scale,
// 0 at masked keys.
INLINE void soften_backward(float *scores, float *slopes, long count, long width, float maximum,
                            float inverse_sum, float expected, float scale) {
    for (long j = 0; j < width; j += LANES) {
        const int_lanes seen = lanes_below(count - j);
        const lanes e = exponential(load(scores + j) - splat(maximum)) * splat(inverse_sum);
        const lanes p = choose(seen, e, splat(0));
        const lanes slope = p * (load(slopes + j) - splat(expected)) * splat(scale);
        store(scores + j, p);
        store(slopes + j, choose(seen, slope, splat(0)));
    }
}

// Σ p·dp = out · dout, both of one head.
INLINE float inner(const float *a, const float *b, long count) {
    lanes sum = splat(0);
    for (long i = 0; i < count; i += LANES) {
        sum = fused(load_some(a + i, count - i, 0), load_some(b + i, count - i, 0), sum);
    }
    return sum_of(sum);
}

INLINE void spread_segment(ck_backward_segment segment, long count, const float *probabilities,
                           const float *slopes, long row_width, const float *queries,
                           const float *douts, long rows, long width) {
    spread(count, probabilities, row_width, douts, width, rows, width, segment.dvalues,
           segment.stride);
    spread(count, slopes, row_width, queries, width, rows, width, segment.dkeys, segment.stride);
}

void KERNEL(ck_attention_backward)(const float *queries, float *dqueries, long query_stride,
                                  const float *out, const float *dout, long out_stride, long tokens,
                                  long heads, long head_dim, ck_backward_segment prefix,
                                  long prefix_count, ck_backward_segment own, long own_count,
                                  const float *statistics, long statistics_stride, float *scratch) {
    const long width = padded(head_dim), prefix_width = padded(prefix_count);
    const float scale = 1.0f / __builtin_sqrtf((float)head_dim);
    const long step = tokens_per_tile(heads);
    for (long t = 0; t < tokens; t += step) {
        const long here = tokens - t < step ? tokens - t : step, rows = here * heads;
        const long own_last = own_count + t + here - 1, own_width = padded(own_last);
        const long row_width = prefix_width + own_width;
        float *tile = scratch, *dtile = tile + rows * width, *dqs = dtile + rows * width;
        float *scores = dqs + rows * width, *slopes = scores + rows * row_width;
        gather(queries + t * query_stride, query_stride, here, heads, head_dim, tile);
        gather(dout + t * out_stride, out_stride, here, heads, head_dim, dtile);
        dots(0, rows, tile, width, prefix.key_blocks, NULL, blocks_for(prefix_count), head_dim, scale,
             scores, row_width);
        dots(0, rows, tile, width, own.key_blocks, NULL, blocks_for(own_last), head_dim, scale,
             scores + prefix_width, row_width);
        dots(0, rows, dtile, width, prefix.value_blocks, NULL, blocks_for(prefix_count), head_dim, 1, slopes,
             row_width);
        dots(0, rows, dtile, width, own.value_blocks, NULL, blocks_for(own_last), head_dim, 1,
             slopes + prefix_width, row_width);
        for (long r = 0; r < rows; r++) {
            const long token = t + r / heads, head = r % heads;
            const float *pair = statistics + token * statistics_stride + 2 * head;
            const float expected =
                inner(out + token * out_stride + head * head_dim, dtile + r * width, head_dim);
            float *row = scores + r * row_width, *slope = slopes + r * row_width;
            soften_backward(row, slope, prefix_count, prefix_width, pair[0], pair[1], expected,
                            scale);
            soften_backward(row + prefix_width, slope + prefix_width, own_count + token, own_width,
                            pair[0], pair[1], expected, scale);
        }
        memset(dqs, 0, (size_t)(rows * width) * sizeof(float));
        mix(0, rows, slopes, row_width, prefix.keys, NULL, prefix.stride, prefix_count, width, dqs, width);
        mix(0, rows, slopes + prefix_width, row_width, own.keys, NULL, own.stride, own_last, width, dqs,
            width);
        for (long r = 0; r < rows; r++) {
            float *to = dqueries + (t + r / heads) * query_stride + r % heads * head_dim;
            for (long i = 0; i < head_dim; i++) to[i] = dqs[r * width + i];
        }
        spread_segment(prefix, prefix_count, scores, slopes, row_width, tile, dtile, rows, width);
        spread_segment(own, own_last, scores + prefix_width, slopes + prefix_width, row_width, tile,
                       dtile, rows, width);
    }
}
