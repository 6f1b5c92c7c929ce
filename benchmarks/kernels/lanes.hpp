/* The draws of numerics.targets.jit_random by hand, on lanes, for the translation in generated_c.py.
 * The factors are volatile: as constants, GCC makes shifts and additions of the products. */
#include <cmath>
#include <cstdint>
#include <cstdlib>
using u32 = uint32_t; using u64 = uint64_t; using i64 = int64_t;
static volatile u32 factor0 = 0xD2511F53u, factor1 = 0xCD9E8D57u;

static inline void fill(u64 *__restrict words, u64 k0, u64 k1, u64 block, const u64 *__restrict who, u64 tag, i64 lanes)
{
    const u32 m0 = factor0, m1 = factor1;
    for (i64 l = 0; l < lanes; ++l) {
        u64 x0 = (u32)block, x1 = block >> 32, x2 = (u32)who[l], x3 = tag, a = k0, b = k1;
#pragma GCC unroll 10
        for (int round = 0; round < 10; ++round) {
            u64 p0 = (u64)m0 * (u32)x0, p1 = (u64)m1 * (u32)x2;
            x0 = (p1 >> 32) ^ x1 ^ a; x2 = (p0 >> 32) ^ x3 ^ b;
            x1 = (u32)p1; x3 = (u32)p0;
            a = (u32)(a + 0x9E3779B9u); b = (u32)(b + 0xBB67AE85u);
        }
        words[l] = x0; words[lanes + l] = x1; words[2 * lanes + l] = x2; words[3 * lanes + l] = x3;
    }
}

static void draw_four(u64 *__restrict places, u64 k0, u64 k1, i64 block, const u64 *__restrict who, i64 m, i64 lanes)
{
    fill(places, k0, k1, block, who, 0, lanes);
    const u32 least = (u32)((1ull << 32) % m);
    u64 rejected = 0;
    for (i64 i = 0; i < 4; ++i)
        for (i64 l = 0; l < lanes; ++l) {
            u64 y = (u64)(u32)places[i * lanes + l] * (u32)m;
            rejected |= (u32)y < least;
            places[i * lanes + l] = (y >> 32) * (u32)lanes + l;
        }
    if (rejected) abort(); /* sizes here divide 2**32 */
}

static i64 thin(u64 *__restrict masks, u64 *__restrict repairs, u64 *__restrict words, i64 held, u64 k0, u64 k1, i64 t,
                const u64 *__restrict who, i64 m, i64 b, i64 planes, i64 numerator, i64 blocks, i64 lanes)
{
    const i64 width = (m + 63) / 64;
    for (i64 w = 0; w < width; ++w)
        for (i64 i = 0; i < planes; ++i) {
            i64 pair = (t * width + w) * planes + i;
            if (pair >> 1 != held) { held = pair >> 1; fill(words, k0, k1, held, who, 2, lanes); }
            const u64 *low = words + 2 * (pair & 1) * lanes, *high = low + lanes;
            u64 *mask = masks + w * lanes;
            if (i == 0) for (i64 l = 0; l < lanes; ++l) mask[l] = low[l] | high[l] << 32;
            else if (numerator >> i & 1) for (i64 l = 0; l < lanes; ++l) mask[l] |= low[l] | high[l] << 32;
            else for (i64 l = 0; l < lanes; ++l) mask[l] &= low[l] | high[l] << 32;
        }
    if (m & 63) for (i64 l = 0; l < lanes; ++l) masks[(width - 1) * lanes + l] &= (1ull << (m & 63)) - 1;
    for (i64 q = 0; q < blocks; ++q) fill(repairs + 4 * q * lanes, k0, k1, t, who, 16 * q + 3, lanes);
    const u64 size = m, least = (1ull << 32) % size, ready = 4 * blocks;
    for (i64 l = 0; l < lanes; ++l) {
        i64 missing = b;
        for (i64 w = 0; w < width; ++w) missing -= __builtin_popcountll(masks[w * lanes + l]);
        const u64 member = missing < 0;
        missing = std::abs(missing);
        u64 spare[4];
        for (u64 draw = 0; missing > 0; ++draw) {
            u64 word = 0;
            if (draw < ready) word = repairs[draw * lanes + l];
            else {
                if (draw % 4 == 0 || draw == ready) fill(spare, k0, k1, t, who + l, draw / 4 * 16 + 3, 1);
                word = spare[draw & 3];
            }
            u64 product = word * size, place = product >> 32, *mask = masks + (place >> 6) * lanes + l;
            u64 change = (u64)((*mask >> (place & 63) & 1) == member) & (u64)((u32)product >= least);
            *mask ^= change << (place & 63);
            missing -= change;
        }
    }
    return held;
}
