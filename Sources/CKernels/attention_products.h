// The three small products of attention. Each output element is one chain of fused multiply-adds in
// a fixed order, so its bits do not depend on how many rows are computed together.

#ifndef COHORT_ATTENTION_H
#define COHORT_ATTENTION_H

#include "lanes.h"

INLINE long blocks_for(long count) { return (count + ck_block - 1) / ck_block; }
INLINE long padded(long count) { return blocks_for(count) * ck_block; }

// Asks for the line at place `index` of what comes next, if anything does.
INLINE void look_ahead(const int halves, const void *ahead, long index) {
    if (ahead) __builtin_prefetch((const char *)ahead + index * (halves ? 2 : 4));
}

// out[r][j] = scale · Σᵢ left[r][i] · blocks[j / 16][i][j % 16] for R rows and all j. `ahead`
// (nullable): blocks of the next call, brought near meanwhile. `halves`: both are bfloat16.
INLINE void dots_panel(const int halves, const long R, const float *left, long left_stride,
                       const void *blocks, const void *ahead, long block_count, long depth,
                       float scale, float *out, long out_stride) {
    long b = 0;
    for (; b + 1 < block_count; b += 2) {
        const long first = b * depth * LANES, second = first + depth * LANES;
        lanes x[4], y[4];
        for (long r = 0; r < R; r++) x[r] = y[r] = splat(0);
        for (long i = 0; i < depth; i++) {
            const lanes f = load_at(halves, blocks, first + i * LANES);
            const lanes s = load_at(halves, blocks, second + i * LANES);
            look_ahead(halves, ahead, first + i * LANES);
            look_ahead(halves, ahead, second + i * LANES);
            for (long r = 0; r < R; r++) {
                const lanes l = splat(left[r * left_stride + i]);
                x[r] = fused(l, f, x[r]);
                y[r] = fused(l, s, y[r]);
            }
        }
        for (long r = 0; r < R; r++) {
            store(out + r * out_stride + b * LANES, x[r] * splat(scale));
            store(out + r * out_stride + (b + 1) * LANES, y[r] * splat(scale));
        }
    }
    if (b < block_count) {
        const long first = b * depth * LANES;
        lanes x[4];
        for (long r = 0; r < R; r++) x[r] = splat(0);
        for (long i = 0; i < depth; i++) {
            const lanes f = load_at(halves, blocks, first + i * LANES);
            look_ahead(halves, ahead, first + i * LANES);
            for (long r = 0; r < R; r++) x[r] = fused(splat(left[r * left_stride + i]), f, x[r]);
        }
        for (long r = 0; r < R; r++) {
            store(out + r * out_stride + b * LANES, x[r] * splat(scale));
        }
    }
}

// out[r][…] += Σⱼ weights[r][j] · rows[j][…], j ascending, for R rows and `width` columns (a
// multiple of 16). `ahead` (nullable): rows of the next call.
INLINE void mix_panel(const int halves, const long R, const float *weights, long weight_stride,
                      const void *rows, const void *ahead, long stride, long count, long width,
                      float *out, long out_stride) {
    long c = 0;
    for (; c + LANES < width; c += 2 * LANES) {
        lanes x[4], y[4];
        for (long r = 0; r < R; r++) {
            x[r] = load(out + r * out_stride + c);
            y[r] = load(out + r * out_stride + c + LANES);
        }
        for (long j = 0; j < count; j++) {
            const long at = j * stride + c;
            const lanes f = load_at(halves, rows, at), s = load_at(halves, rows, at + LANES);
            look_ahead(halves, ahead, at);
            look_ahead(halves, ahead, at + LANES);
            for (long r = 0; r < R; r++) {
                const lanes w = splat(weights[r * weight_stride + j]);
                x[r] = fused(w, f, x[r]);
                y[r] = fused(w, s, y[r]);
            }
        }
        for (long r = 0; r < R; r++) {
            store(out + r * out_stride + c, x[r]);
            store(out + r * out_stride + c + LANES, y[r]);
        }
    }
    if (c < width) {
        lanes x[4];
        for (long r = 0; r < R; r++) x[r] = load(out + r * out_stride + c);
        for (long j = 0; j < count; j++) {
            const lanes f = load_at(halves, rows, j * stride + c);
            look_ahead(halves, ahead, j * stride + c);
            for (long r = 0; r < R; r++) {
                x[r] = fused(splat(weights[r * weight_stride + j]), f, x[r]);
            }
        }
        for (long r = 0; r < R; r++) store(out + r * out_stride + c, x[r]);
    }
}

// rows[j][…] += Σᵣ weights[r][j] · left[r][…], r ascending, for J rows from `rows` on.
INLINE void spread_panel(const long J, const float *weights, long weight_stride, const float *left,
                         long left_stride, long left_count, long width, float *rows, long stride) {
    for (long c = 0; c < width; c += LANES) {
        lanes x[4];
        for (long j = 0; j < J; j++) x[j] = load(rows + j * stride + c);
        for (long r = 0; r < left_count; r++) {
            const lanes l = load(left + r * left_stride + c);
            for (long j = 0; j < J; j++) {
                x[j] = fused(splat(weights[r * weight_stride + j]), l, x[j]);
            }
        }
        for (long j = 0; j < J; j++) store(rows + j * stride + c, x[j]);
    }
}

INLINE void dots(const int halves, long count, const float *left, long left_stride,
                 const void *blocks, const void *ahead, long block_count, long depth, float scale,
                 float *out, long out_stride) {
    long r = 0;
    for (; r + 3 < count; r += 4)
        dots_panel(halves, 4, left + r * left_stride, left_stride, blocks, r ? NULL : ahead,
                   block_count, depth, scale, out + r * out_stride, out_stride);
    for (; r + 1 < count; r += 2)
        dots_panel(halves, 2, left + r * left_stride, left_stride, blocks, r ? NULL : ahead,
                   block_count, depth, scale, out + r * out_stride, out_stride);
    if (r < count)
        dots_panel(halves, 1, left + r * left_stride, left_stride, blocks, r ? NULL : ahead,
                   block_count, depth, scale, out + r * out_stride, out_stride);
}

INLINE void mix(const int halves, long rows_out, const float *weights, long weight_stride,
                const void *rows, const void *ahead, long stride, long count, long width,
                float *out, long out_stride) {
    long r = 0;
    for (; r + 3 < rows_out; r += 4)
        mix_panel(halves, 4, weights + r * weight_stride, weight_stride, rows, r ? NULL : ahead,
                  stride, count, width, out + r * out_stride, out_stride);
    for (; r + 1 < rows_out; r += 2)
        mix_panel(halves, 2, weights + r * weight_stride, weight_stride, rows, r ? NULL : ahead,
                  stride, count, width, out + r * out_stride, out_stride);
    if (r < rows_out)
        mix_panel(halves, 1, weights + r * weight_stride, weight_stride, rows, r ? NULL : ahead,
                  stride, count, width, out + r * out_stride, out_stride);
}

INLINE void spread(long count, const float *weights, long weight_stride, const float *left,
                   long left_stride, long left_count, long width, float *rows, long stride) {
    long j = 0;
    for (; j + 3 < count; j += 4)
        spread_panel(4, weights + j, weight_stride, left, left_stride, left_count, width,
                     rows + j * stride, stride);
    for (; j < count; j++)
        spread_panel(1, weights + j, weight_stride, left, left_stride, left_count, width,
                     rows + j * stride, stride);
}

// Collects heads of consecutive tokens into `tile` [tokens·heads][padded head_dim], zeros behind.
INLINE void gather(const float *rows, long stride, long tokens, long heads, long head_dim,
                   float *tile) {
    const long width = padded(head_dim);
    for (long t = 0; t < tokens; t++) {
        for (long h = 0; h < heads; h++, tile += width) {
            const float *head = rows + t * stride + h * head_dim;
            for (long i = 0; i < width; i += LANES) {
                store(tile + i, load_some(head + i, head_dim - i, 0));
            }
        }
    }
}

#endif
