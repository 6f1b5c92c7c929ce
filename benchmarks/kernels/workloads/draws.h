/* xoshiro256** by D. Blackman and S. Vigna (public domain algorithm), and uniform integers by a product. */
#include <stdint.h>
typedef struct { uint64_t s[4]; } generator;
static inline uint64_t turn(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
static inline uint64_t next(generator *g) {
    uint64_t *s = g->s, out = turn(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0]; s[3] ^= s[1]; s[1] ^= s[2]; s[0] ^= s[3]; s[2] ^= t; s[3] = turn(s[3], 45);
    return out;
}
static inline long below(generator *g, long n) { return (long)(((next(g) >> 32) * (uint64_t)n) >> 32); }
static inline generator seeded(long replica) {
    generator g = {{2 * (uint64_t)replica + 1, 0x9E3779B97F4A7C15u, 0xD1B54A32D192ED03u, 7}};
    for (int i = 0; i < 20; i++) next(&g);
    return g;
}
