// Sixteen explicit lanes. Every reduction in this target runs over lanes in a fixed order and ends
// in one fixed tree, and every product-sum is an explicit fma, so that a row's result depends
// neither on the CPU level nor on what is computed beside it.

#ifndef COHORT_LANES_H
#define COHORT_LANES_H

#define INLINE static inline __attribute__((always_inline))

typedef float lanes __attribute__((ext_vector_type(16)));
typedef int32_t int_lanes __attribute__((ext_vector_type(16)));
typedef lanes unaligned_lanes __attribute__((aligned(4), may_alias));

enum { LANES = 16 };

INLINE lanes load(const float *from) { return *(const unaligned_lanes *)from; }
INLINE void store(float *to, lanes value) { *(unaligned_lanes *)to = value; }
INLINE lanes splat(float value) { return (lanes)value; }

// The first `count` lanes from memory, `rest` in the others.
INLINE lanes load_some(const float *from, long count, float rest) {
    if (count >= LANES) return load(from);
    lanes value = splat(rest);
    for (long i = 0; i < count; i++) value[i] = from[i];
    return value;
}

INLINE void store_some(float *to, lanes value, long count) {
    if (count >= LANES) {
        store(to, value);
    } else {
        for (long i = 0; i < count; i++) to[i] = value[i];
    }
}

INLINE lanes fused(lanes a, lanes b, lanes c) { return __builtin_elementwise_fma(a, b, c); }

// Lane-wise `mask ? yes : no`; a mask lane is all ones or all zeros.
INLINE lanes choose(int_lanes mask, lanes yes, lanes no) {
    return (lanes)((mask & (int_lanes)yes) | (~mask & (int_lanes)no));
}

// bfloat16 is the upper half of a float.
typedef uint16_t half_lanes __attribute__((ext_vector_type(16)));
typedef uint32_t bit_lanes __attribute__((ext_vector_type(16)));
typedef half_lanes unaligned_half_lanes __attribute__((aligned(2), may_alias));

// Sixteen numbers from place `index` of an array of floats, or of bfloat16 where `halves`.
INLINE lanes load_at(const int halves, const void *array, long index) {
    if (!halves) return load((const float *)array + index);
    const half_lanes h = *(const unaligned_half_lanes *)((const uint16_t *)array + index);
    return (lanes)(__builtin_convertvector(h, bit_lanes) << 16);
}

// Ones in the lanes below `count`.
INLINE int_lanes lanes_below(long count) {
    const int_lanes index = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    return index < (int_lanes)(int32_t)(count < LANES ? count : LANES);
}

INLINE lanes larger(lanes a, lanes b) { return choose(a > b, a, b); }

INLINE float sum_of(lanes v) {
    const __typeof__(v.lo) eight = v.lo + v.hi;
    const __typeof__(eight.lo) four = eight.lo + eight.hi;
    return (four.x + four.z) + (four.y + four.w);
}

// By halves; which half holds the largest does not matter.
INLINE float largest_of(lanes v) {
    const __typeof__(v.lo) eight = __builtin_elementwise_max(v.lo, v.hi);
    const __typeof__(eight.lo) four = __builtin_elementwise_max(eight.lo, eight.hi);
    const float a = four.x > four.y ? four.x : four.y, b = four.z > four.w ? four.z : four.w;
    return a > b ? a : b;
}

// eˣ to about 1 ulp: x = n·ln 2 + r with |r| ≤ ln 2 / 2, then Cephes' polynomial for eʳ. Below the
// smallest normal result it is exactly 0; above 88.3 it stays at e^88.3; NaN stays NaN.
INLINE lanes exponential(lanes x) {
    const float shift = 12582912.0f;  // 1.5 · 2²³: adding it rounds to an integer
    const lanes low = splat(-87.3f), high = splat(88.3f);
    const lanes y = choose(x < low, low, choose(x > high, high, x));
    const lanes shifted = fused(y, splat(1.44269504088896341f), splat(shift));
    const lanes n = shifted - splat(shift);
    lanes r = fused(n, splat(-0.693359375f), y);
    r = fused(n, splat(2.12194440e-4f), r);
    lanes p = splat(1.9875691500e-4f);
    p = fused(p, r, splat(1.3981999507e-3f));
    p = fused(p, r, splat(8.3334519073e-3f));
    p = fused(p, r, splat(4.1665795894e-2f));
    p = fused(p, r, splat(1.6666665459e-1f));
    p = fused(p, r, splat(5.0000001201e-1f));
    p = fused(p, r * r, r) + splat(1.0f);
    const int_lanes power = (((int_lanes)shifted) << 23) + (int_lanes)0x3f800000;
    return choose(x < low, splat(0.0f), p * (lanes)power);
}

// ln x for finite x > 0, to about 1e-16 relative: x = 2ᵉ·m with m near 1, then the series of
// 2·artanh((m − 1)/(m + 1)).
INLINE double natural_log(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int64_t exponent = (int64_t)(bits >> 52) - 1023;
    bits = (bits & 0x000fffffffffffffull) | 0x3ff0000000000000ull;
    double m;
    memcpy(&m, &bits, sizeof m);
    if (m > 1.4142135623730951) {
        m *= 0.5;
        exponent += 1;
    }
    const double s = (m - 1) / (m + 1), square = s * s;
    double series = 0;
    for (int k = 21; k >= 1; k -= 2) series = series * square + 1.0 / k;
    return (double)exponent * 0.69314718055994530942 + 2 * s * series;
}

#endif
