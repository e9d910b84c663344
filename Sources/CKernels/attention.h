// Attention; one copy per CPU level, see level.h.

void KERNEL(ck_pack_keys)(const float *rows, long stride, long count, long head_dim, long first,
                         float *key_blocks) {
    for (long j = 0; j < count; j++) {
        const long position = first + j;
        float *lane = key_blocks + position / ck_block * head_dim * ck_block + position % ck_block;
        const float *key = rows + j * stride;
        for (long i = 0; i < head_dim; i++) lane[i * ck_block] = key[i];
    }
}

void KERNEL(ck_pack_keys_bf16)(const float *rows, long stride, long count, long head_dim,
                              long first, uint16_t *key_blocks) {
    for (long j = 0; j < count; j++) {
        const long position = first + j;
        uint16_t *lane =
            key_blocks + position / ck_block * head_dim * ck_block + position % ck_block;
        const float *key = rows + j * stride;
        for (long i = 0; i < head_dim; i++) lane[i * ck_block] = (uint16_t)brain_bits(key + i);
    }
}

// One tile at a time; per query row the scores of the prefix, then of its own segment, each padded
// to whole blocks.
INLINE long tokens_per_tile(long heads) { return ck_tile / heads; }

long KERNEL(ck_attention_scratch)(long head_dim, long prefix_count, long own_count) {
    return ck_tile * (2 * padded(head_dim) + padded(prefix_count) + padded(own_count));
}

typedef struct {
    float maximum, inverse_sum;
} row_statistics;

// Turns a row of scores into exp(score − maximum), 0 at masked keys.
INLINE row_statistics soften(float *scores, long prefix_count, long own_count) {
    const long prefix = padded(prefix_count), own = padded(own_count);
    lanes top = splat(-FLT_MAX);
    for (long j = 0; j < prefix + own; j += LANES) {
        const long left = j < prefix ? prefix_count - j : own_count - (j - prefix);
        top = larger(choose(lanes_below(left), load(scores + j), splat(-FLT_MAX)), top);
    }
    const float maximum = largest_of(top);
    lanes sum = splat(0);
    for (long j = 0; j < prefix + own; j += LANES) {
        const long left = j < prefix ? prefix_count - j : own_count - (j - prefix);
        const lanes e = exponential(load(scores + j) - splat(maximum));
        const lanes kept = choose(lanes_below(left), e, splat(0));
        store(scores + j, kept);
        sum = sum + kept;
    }
    return (row_statistics){maximum, 1.0f / sum_of(sum)};
}

INLINE void clear(float *values, long count) { memset(values, 0, (size_t)count * sizeof(float)); }

INLINE void attend(const int halves, const float *queries, long query_stride, long tokens,
                   long heads, long head_dim, ck_segment prefix, long prefix_count, ck_segment own,
                   long own_count, ck_segment next, float *scratch, float *out, long out_stride,
                   float *statistics, long statistics_stride) {
    const long width = padded(head_dim), prefix_width = padded(prefix_count);
    const float scale = 1.0f / __builtin_sqrtf((float)head_dim);
    const long step = tokens_per_tile(heads);
    for (long t = 0; t < tokens; t += step) {
        const long here = tokens - t < step ? tokens - t : step, rows = here * heads;
        const long own_last = own_count + t + here - 1;
        const long row_width = prefix_width + padded(own_last);
        float *tile = scratch, *mixed = tile + rows * width, *scores = mixed + rows * width;
        gather(queries + t * query_stride, query_stride, here, heads, head_dim, tile);
        dots(halves, rows, tile, width, prefix.key_blocks, NULL, blocks_for(prefix_count), head_dim, scale,
             scores, row_width);
        dots(halves, rows, tile, width, own.key_blocks, next.key_blocks, blocks_for(own_last), head_dim,
             scale, scores + prefix_width, row_width);
        row_statistics found[ck_tile];
        for (long r = 0; r < rows; r++) {
            float *row = scores + r * row_width;
            const long own_seen = own_count + t + r / heads;
            found[r] = soften(row, prefix_count, own_seen);
            const long seen = prefix_width + padded(own_seen);
            if (seen < row_width) clear(row + seen, row_width - seen);
        }
        clear(mixed, rows * width);
        mix(halves, rows, scores, row_width, prefix.values, NULL, prefix.value_stride, prefix_count, width,
            mixed, width);
        mix(halves, rows, scores + prefix_width, row_width, own.values, next.values, own.value_stride,
            own_last, width, mixed, width);
        for (long r = 0; r < rows; r++) {
            const long token = t + r / heads, head = r % heads;
            float *to = out + token * out_stride + head * head_dim;
            for (long i = 0; i < head_dim; i++) to[i] = mixed[r * width + i] * found[r].inverse_sum;
            if (!statistics) continue;
            float *pair = statistics + token * statistics_stride + 2 * head;
            pair[0] = found[r].maximum;
            pair[1] = found[r].inverse_sum;
        }
    }
}

void KERNEL(ck_attention)(const float *queries, long query_stride, long tokens, long heads,
                         long head_dim, ck_segment prefix, long prefix_count, ck_segment own,
                         long own_count, ck_segment next, float *scratch, float *out,
                         long out_stride, float *statistics, long statistics_stride) {
    attend(0, queries, query_stride, tokens, heads, head_dim, prefix, prefix_count, own, own_count,
           next, scratch, out, out_stride, statistics, statistics_stride);
}

void KERNEL(ck_attention_bf16)(const float *queries, long heads, long head_dim, ck_segment prefix,
                              long prefix_count, ck_segment own, long own_count, ck_segment next,
                              float *scratch, float *out) {
    attend(1, queries, 0, 1, heads, head_dim, prefix, prefix_count, own, own_count, next, scratch,
           out, 0, NULL, 0);
}
