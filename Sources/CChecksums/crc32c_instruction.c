#include "crc32c_internal.h"

#include <string.h>

#if defined(__x86_64__)

#include <nmmintrin.h>
#define WITH_INSTRUCTION __attribute__((target("sse4.2")))
#define CRC8(state, byte) _mm_crc32_u8((state), (byte))
#define CRC64(state, word) ((uint32_t)_mm_crc32_u64((state), (word)))

bool cohort_crc32c_instruction_exists(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("sse4.2");
}

#elif defined(__aarch64__) && defined(__AARCH64EL__)

#include <arm_acle.h>
#if defined(__ARM_FEATURE_CRC32)
#define WITH_INSTRUCTION
#else
#define WITH_INSTRUCTION __attribute__((target("crc")))
#endif
#define CRC8(state, byte) __crc32cb((state), (byte))
#define CRC64(state, word) __crc32cd((state), (word))

#if defined(__APPLE__)
// Every 64-bit Apple processor has the instruction.
bool cohort_crc32c_instruction_exists(void) { return true; }
#elif defined(__linux__)
#include <sys/auxv.h>
bool cohort_crc32c_instruction_exists(void) { return (getauxval(AT_HWCAP) & (1ul << 7)) != 0; }
#else
bool cohort_crc32c_instruction_exists(void) { return false; }
#endif

#endif

#if defined(WITH_INSTRUCTION)

static inline uint64_t load(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

// Three neighbouring blocks at once: the instruction has a latency of three cycles and a throughput
// of one. Returns the register after all three.
WITH_INSTRUCTION static inline uint32_t three(
    uint32_t state, const uint8_t *bytes, size_t block, uint32_t (*skip)(uint32_t)) {
    uint32_t second = 0, third = 0;
    for (size_t i = 0; i < block; i += 8) {
        state = CRC64(state, load(bytes + i));
        second = CRC64(second, load(bytes + block + i));
        third = CRC64(third, load(bytes + 2 * block + i));
    }
    return skip(skip(state) ^ second) ^ third;
}

WITH_INSTRUCTION uint32_t cohort_crc32c_instruction(
    uint32_t state, const uint8_t *bytes, size_t count) {
    for (; count >= 3 * COHORT_CRC32C_LONG; count -= 3 * COHORT_CRC32C_LONG) {
        state = three(state, bytes, COHORT_CRC32C_LONG, cohort_crc32c_skip_long);
        bytes += 3 * COHORT_CRC32C_LONG;
    }
    for (; count >= 3 * COHORT_CRC32C_SHORT; count -= 3 * COHORT_CRC32C_SHORT) {
        state = three(state, bytes, COHORT_CRC32C_SHORT, cohort_crc32c_skip_short);
        bytes += 3 * COHORT_CRC32C_SHORT;
    }
    for (; count >= 8; bytes += 8, count -= 8) state = CRC64(state, load(bytes));
    for (; count > 0; bytes++, count--) state = CRC8(state, *bytes);
    return state;
}

#else

bool cohort_crc32c_instruction_exists(void) { return false; }
uint32_t cohort_crc32c_instruction(uint32_t state, const uint8_t *bytes, size_t count) {
    return cohort_crc32c_tables(state, bytes, count);
}

#endif
