// Row-wise kernels of the transformer. All matrices are row-major f32; a `stride` is in floats. No
// function allocates, starts a thread or depends on rows other than its own, and the bits of a row
// are the same on every CPU level.

#ifndef COHORT_KERNELS_H
#define COHORT_KERNELS_H

#include <stdint.h>

// Raised whenever the bits of any kernel change.
enum { ck_revision = 1 };

// "x86-64-v4", "x86-64-v3", "x86-64" or "generic": what the loader chose.
const char *ck_cpu_level(void);

// Of a clock that only goes forward.
uint64_t ck_nanoseconds(void);

// ---- Rows -------------------------------------------------------------------------------------

// sum[i] = a[i] + b[i]; `sum` may be `a` or `b`.
void ck_add(const float *a, const float *b, long count, float *sum);

// y = x · inverse_rms(x) · weight for each row; inverse_rms[row] = 1/√(mean(x²) + epsilon).
void ck_rms_norm(const float *x, const float *weight, long rows, long width, float epsilon,
                 float *y, float *inverse_rms);
// y of the above from a kept inverse_rms.
void ck_rms_norm_again(const float *x, const float *weight, const float *inverse_rms, long rows,
                       long width, float *y);
// Adds to dx [rows][width] and dweight [width].
void ck_rms_norm_backward(const float *x, const float *weight, const float *inverse_rms,
                          const float *dy, long rows, long width, float *dx, float *dweight);

// Adds the bias (nullable) to each row of [q heads | k heads | v heads], then rotates the halves of
// the first `rotated_heads` heads. cosines, sines: [positions][head_dim / 2].
void ck_bias_and_rotate(float *rows, const float *bias, long count, long width, long rotated_heads,
                        long head_dim, const int32_t *positions, const float *cosines,
                        const float *sines);
// The transpose of the rotation, in place on gradients.
void ck_rotate_back(float *rows, long count, long width, long rotated_heads, long head_dim,
                    const int32_t *positions, const float *cosines, const float *sines);
// Normalises each of the first heads of each row like ck_rms_norm, in place: `query_heads` with
// query_weight [head_dim], then `key_heads` with key_weight. raw (nullable), inverse_rms (nullable):
// what the backward pass needs, [rows][heads · head_dim] and [rows][heads].
void ck_norm_heads(float *rows, long count, long width, long query_heads, long key_heads,
                   long head_dim, const float *query_weight, const float *key_weight,
                   float epsilon, float *raw, float *inverse_rms);
// Turns gradients of normalised heads into those of raw ones, in place; adds to the weights'.
void ck_norm_heads_backward(float *gradients, long count, long width, long query_heads,
                            long key_heads, long head_dim, const float *query_weight,
                            const float *key_weight, const float *raw, const float *inverse_rms,
                            float *dquery_weight, float *dkey_weight);
// sums[column] += Σ over rows.
void ck_add_column_sums(const float *rows, long count, long width, float *sums);

// values[row] = row · weight + bias.
void ck_values(const float *rows, long count, long width, const float *weight, float bias,
               float *values);
// Adds to dweight [width], dbias [1] and drows (nullable) [rows][width].
void ck_values_backward(const float *rows, const float *dvalues, long count, long width,
                        const float *weight, float *dweight, float *dbias, float *drows);

// out = silu(gate) · up; a row of gate_up is [gate | up], each `width` wide.
void ck_swiglu(const float *gate_up, long rows, long width, float *out);
void ck_swiglu_backward(const float *gate_up, const float *dout, long rows, long width,
                        float *dgate_up);

// ---- bfloat16 ---------------------------------------------------------------------------------

// To the nearest, ties to even; NaN stays NaN.
void ck_round_to_bf16(const float *values, long count, uint16_t *rounded);
// The same in place: what is left after rounding.
void ck_keep_bf16(float *values, long count);
// Exact.
void ck_widen_bf16(const uint16_t *values, long count, float *wide);

// ---- Softmax over the vocabulary --------------------------------------------------------------

// Of softmax(logits · inverse_temperature).
typedef struct {
    // Largest scaled logit, and ln Σ exp(scaled logit − maximum).
    float maximum, log_sum;
    // Nats.
    float entropy;
} ck_distribution;

ck_distribution ck_describe(const float *logits, long width, float inverse_temperature);
// ln of the token's probability.
float ck_logprob(const float *logits, int32_t token, float inverse_temperature,
                 ck_distribution distribution);
// logits ← −total · inverse_temperature · softmax: the part of ∂/∂logits that all tokens share.
void ck_softmax_gradient(float *logits, long width, float inverse_temperature,
                         ck_distribution distribution, float total);

// Of a distribution p from a reference q.
typedef struct {
    // Σ p·(ln p − ln q), as Σ p·k3(ln q − ln p): never negative, 0 for equal bits; nats.
    float divergence;
    // The same sum as it stands. It is off where p and q, as rounded, do not quite sum to 1, but by
    // just what ln p − ln q is off: the gradient is centred by it.
    float mean_log_ratio;
} ck_divergence;

// Tokens that the reference all but excludes count with a scaled logit of 100 below its largest.
ck_divergence ck_diverge(const float *logits, const float *reference, long width,
                         float inverse_temperature, ck_distribution distribution,
                         ck_distribution reference_distribution);

// What a loss has by what is read off one distribution: summed over its tokens' log-probabilities, by
// its entropy, by its divergence.
typedef struct {
    float logprobs, entropy, divergence;
} ck_slopes;

// ck_softmax_gradient with the parts of entropy and divergence, in the same pass:
// logits ← π·(−logprobs − entropy·(ln π + H) + divergence·(ln π − ln q − Σ π·(ln π − ln q))) ·
// inverse_temperature. reference (nullable): logits of q; without one, slopes.divergence is not read.
void ck_distribution_gradient(float *logits, const float *reference, long width,
                              float inverse_temperature, ck_distribution distribution,
                              ck_distribution reference_distribution, ck_divergence divergence,
                              ck_slopes slopes);

// The same, with weights = exp(scaled logit − maximum) and their `ck_total`, from one pass.
ck_distribution ck_weigh(const float *logits, long width, float inverse_temperature,
                         float *weights, double *total);
// The sum of weights, in the order that `ck_draw` uses.
double ck_total(const float *weights, long width);
// The first token whose running sum exceeds uniform · total; never one of weight 0.
int32_t ck_draw(const float *weights, long width, double total, float uniform);
// ln x for finite x > 0.
double ck_log(double x);
// The lowest id among the largest logits.
int32_t ck_argmax(const float *logits, long width);

// ---- Attention --------------------------------------------------------------------------------

// Keys and values of one key/value head for consecutive positions: floats, or bfloat16.
typedef struct {
    // Blocks of 16 positions, [position / 16][head_dim][16]: lanes are keys.
    const void *key_blocks;
    // [position][value_stride]; readable 15 numbers past the head.
    const void *values;
    long value_stride;
} ck_segment;

// Positions a block of keys holds.
enum { ck_block = 16 };
// Query rows computed together at most.
enum { ck_tile = 16 };

// Writes rows [count][stride], which become positions first…, into key blocks.
void ck_pack_keys(const float *rows, long stride, long count, long head_dim, long first,
                  float *key_blocks);

// The same, rounded to bfloat16.
void ck_pack_keys_bf16(const float *rows, long stride, long count, long head_dim, long first,
                       uint16_t *key_blocks);

// Floats of scratch needed.
long ck_attention_scratch(long head_dim, long prefix_count, long own_count);

// Attention of `tokens` consecutive positions, `heads` ≤ ck_tile query heads each, that share one
// key/value head. Position t sees all of the prefix, then own positions below own_count + t; keys
// are reduced in that order whatever `tokens` is. `next` (pointers nullable): what the next call has
// as `own`, brought near the processor meanwhile. queries and out: heads side by side, rows
// `stride` apart. statistics (nullable), [tokens][statistics_stride] of pairs per head: maximum
// score, 1/Σexp.
void ck_attention(const float *queries, long query_stride, long tokens, long heads, long head_dim,
                  ck_segment prefix, long prefix_count, ck_segment own, long own_count,
                  ck_segment next, float *scratch, float *out, long out_stride, float *statistics,
                  long statistics_stride);

// The same for one token whose segments are bfloat16; the bits of ck_attention on the widened ones.
void ck_attention_bf16(const float *queries, long heads, long head_dim, ck_segment prefix,
                       long prefix_count, ck_segment own, long own_count, ck_segment next,
                       float *scratch, float *out);

// As ck_segment, with what the backward pass needs beside it.
typedef struct {
    const float *key_blocks, *value_blocks;
    // [position][stride]; dkeys and dvalues, likewise, are added to.
    const float *keys;
    float *dkeys, *dvalues;
    long stride;
} ck_backward_segment;

long ck_attention_backward_scratch(long head_dim, long prefix_count, long own_count);

// Gradients of ck_attention. `out` and `dout` are laid out alike; dqueries is laid out like queries
// and overwritten.
void ck_attention_backward(const float *queries, float *dqueries, long query_stride,
                           const float *out, const float *dout, long out_stride, long tokens,
                           long heads, long head_dim, ck_backward_segment prefix,
                           long prefix_count, ck_backward_segment own, long own_count,
                           const float *statistics, long statistics_stride, float *scratch);

// ---- Optimiser --------------------------------------------------------------------------------

// Σ values², in float64.
double ck_sum_of_squares(const float *values, long count);

typedef struct {
    float learning_rate, beta1, beta2, epsilon, weight_decay;
    // 1 − beta1ᵗ and √(1 − beta2ᵗ) of step t.
    float correction1, root_correction2;
    // What gradients are multiplied by: clipping.
    float gradient_scale;
} ck_adamw;

// One decoupled step, as PyTorch's AdamW computes it.
void ck_adamw_step(ck_adamw options, const float *gradients, long count, float *parameters,
                   float *first_moments, float *second_moments);

// target = weight · values + (1 − weight) · target, as PyTorch's mul_ and add_ compute it: exact for
// weights 0 and 1.
void ck_mix(const float *values, long count, double weight, float *target);

#endif
