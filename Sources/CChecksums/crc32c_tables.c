#include "crc32c_internal.h"

// table[k][b]: the register after byte b and then k zero bytes, starting from 0.
static uint32_t table[8][256];

// zeros[i][b]: what byte i of the register, holding b, contributes after a block of zero bytes. The
// register is linear over XOR, so four look-ups carry it over a whole block.
static uint32_t long_zeros[4][256];
static uint32_t short_zeros[4][256];

static uint32_t step(uint32_t state, uint8_t byte) {
    return table[0][(state ^ byte) & 0xFF] ^ (state >> 8);
}

static void fill_zeros(uint32_t zeros[4][256], size_t block) {
    for (unsigned bit = 0; bit < 32; bit++) {
        uint32_t state = 1u << bit;
        for (size_t i = 0; i < block; i++) state = step(state, 0);
        // Every entry with this bit set takes its share; the others are built from other bits.
        for (unsigned b = 0; b < 256; b++) {
            if (b & (1u << (bit % 8))) zeros[bit / 8][b] ^= state;
        }
    }
}

// Runs when the program is loaded, before any thread of ours exists.
__attribute__((constructor)) static void fill(void) {
    for (unsigned b = 0; b < 256; b++) {
        uint32_t state = b;
        for (int i = 0; i < 8; i++) {
            state = (state >> 1) ^ (state & 1 ? COHORT_CRC32C_POLYNOMIAL : 0);
        }
        table[0][b] = state;
    }
    for (unsigned k = 1; k < 8; k++) {
        for (unsigned b = 0; b < 256; b++) {
            uint32_t state = table[k - 1][b];
            table[k][b] = table[0][state & 0xFF] ^ (state >> 8);
        }
    }
    fill_zeros(long_zeros, COHORT_CRC32C_LONG);
    fill_zeros(short_zeros, COHORT_CRC32C_SHORT);
}

static uint32_t carry(uint32_t zeros[4][256], uint32_t state) {
    return zeros[0][state & 0xFF] ^ zeros[1][(state >> 8) & 0xFF] ^
           zeros[2][(state >> 16) & 0xFF] ^ zeros[3][state >> 24];
}

uint32_t cohort_crc32c_skip_long(uint32_t state) { return carry(long_zeros, state); }
uint32_t cohort_crc32c_skip_short(uint32_t state) { return carry(short_zeros, state); }

uint32_t cohort_crc32c_tables(uint32_t state, const uint8_t *bytes, size_t count) {
    // Bytes are put together one by one, so the result does not depend on the host's byte order.
    for (; count >= 8; bytes += 8, count -= 8) {
        uint32_t low = state ^ ((uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 |
                                (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24);
        state = table[7][low & 0xFF] ^ table[6][(low >> 8) & 0xFF] ^
                table[5][(low >> 16) & 0xFF] ^ table[4][low >> 24] ^ table[3][bytes[4]] ^
                table[2][bytes[5]] ^ table[1][bytes[6]] ^ table[0][bytes[7]];
    }
    for (; count > 0; bytes++, count--) state = step(state, *bytes);
    return state;
}
