// bfloat16: the upper half of a float; one copy per CPU level, see level.h.

INLINE uint32_t brain_bits(const float *value) {
    uint32_t bits;
    memcpy(&bits, value, sizeof bits);
    const uint32_t nearest = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
    const uint32_t quiet = (bits >> 16) | 0x40;
    return (bits & 0x7fffffff) > 0x7f800000 ? quiet : nearest;
}

void KERNEL(ck_round_to_bf16)(const float *values, long count, uint16_t *rounded) {
    for (long i = 0; i < count; i++) rounded[i] = (uint16_t)brain_bits(values + i);
}

void KERNEL(ck_keep_bf16)(float *values, long count) {
    for (long i = 0; i < count; i++) {
        const uint32_t bits = brain_bits(values + i) << 16;
        memcpy(values + i, &bits, sizeof bits);
    }
}

void KERNEL(ck_widen_bf16)(const uint16_t *values, long count, float *wide) {
    for (long i = 0; i < count; i++) {
        const uint32_t bits = (uint32_t)values[i] << 16;
        memcpy(wide + i, &bits, sizeof bits);
    }
}
