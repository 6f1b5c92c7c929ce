"""CUDA C of the draws: the same words, integers and subsets as ``numerics.random`` and ``numerics.thinning``."""

from __future__ import annotations

from numerics.random import BATCHES, MULTIPLIER_0, MULTIPLIER_1, REPAIRS, ROUNDS, THINNING, WEYL_0, WEYL_1

#: Types and device functions, in front of every kernel.
RANDOM = f"""\
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;

struct Words {{ u32 x0, x1, x2, x3; }};

__device__ inline Words philox(u32 k0, u32 k1, u64 block, u32 replica, u32 tag)
{{
    Words w = {{(u32)block, (u32)(block >> 32), replica, tag}};
    for (int round = 0; round < {ROUNDS}; ++round) {{
        u64 p0 = (u64){MULTIPLIER_0:#x}u * w.x0, p1 = (u64){MULTIPLIER_1:#x}u * w.x2;
        Words next = {{(u32)(p1 >> 32) ^ w.x1 ^ k0, (u32)p1, (u32)(p0 >> 32) ^ w.x3 ^ k1, (u32)p0}};
        w = next;
        k0 += {WEYL_0:#x}u;
        k1 += {WEYL_1:#x}u;
    }}
    return w;
}}

__device__ inline u32 word(const Words &w, u32 which)
{{
    return which == 0 ? w.x0 : which == 1 ? w.x1 : which == 2 ? w.x2 : w.x3;
}}

/* Uniform integer in [0, size), 1 <= size < 2**32; the block of the first attempt is kept in w. */
__device__ inline u32 integer(Words &w, i64 &held, u32 k0, u32 k1, u64 index, u32 replica, u32 size)
{{
    if ((i64)(index >> 2) != held) {{
        held = (i64)(index >> 2);
        w = philox(k0, k1, index >> 2, replica, {BATCHES}u);
    }}
    u64 product = (u64)word(w, (u32)(index & 3)) * size;
    if ((u32)product < size) {{
        u32 threshold = (u32)((1ull << 32) % size);
        for (u32 attempt = 1; (u32)product < threshold; ++attempt)
            product = size
                * (u64)word(philox(k0, k1, index >> 2, replica, attempt * 16u + {BATCHES}u), (u32)(index & 3));
    }}
    return (u32)(product >> 32);
}}

/* Thinning of all samples with probability numerator / 2**planes, then repair to size b; see numerics.thinning. */
__device__ inline void thin(u64 *mask, u32 k0, u32 k1, i64 t, u32 replica, u32 m, u32 b, u32 planes, u32 numerator)
{{
    const u32 width = (m + 63) / 64;
    Words w = {{0u, 0u, 0u, 0u}};
    i64 held = -1, missing = b;
    for (u32 q = 0; q < width; ++q) {{
        for (u32 i = 0; i < planes; ++i) {{
            const u64 pair = ((u64)t * width + q) * planes + i;
            if ((i64)(pair >> 1) != held) {{
                held = (i64)(pair >> 1);
                w = philox(k0, k1, pair >> 1, replica, {THINNING}u);
            }}
            const u64 x = pair & 1 ? (u64)w.x2 | (u64)w.x3 << 32 : (u64)w.x0 | (u64)w.x1 << 32;
            mask[q] = i == 0 ? x : numerator >> i & 1 ? mask[q] | x : mask[q] & x;
        }}
        if (q == width - 1 && m % 64) mask[q] &= (1ull << m % 64) - 1;
        for (u64 bits = mask[q]; bits; bits &= bits - 1) --missing;
    }}
    const u32 least = (u32)((1ull << 32) % m);
    const u64 member = missing < 0;
    if (missing < 0) missing = -missing;
    for (u32 draw = 0; missing > 0; ++draw) {{
        if (draw % 4 == 0) w = philox(k0, k1, (u64)t, replica, draw / 4 * 16u + {REPAIRS}u);
        const u64 product = (u64)word(w, draw % 4) * m, place = product >> 32;
        if ((u32)product < least || (mask[place >> 6] >> (place & 63) & 1) != member) continue;
        mask[place >> 6] ^= 1ull << (place & 63);
        --missing;
    }}
}}
"""
