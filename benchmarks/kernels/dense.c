/* The dense steps of the linear autoencoder as one would write them by hand: one replica after the other, state in
 * order, xoshiro256+ and a partial Fisher-Yates shuffle for the batch.  Compile: gcc -O3 -march=native -fopenmp. */
#include <stdint.h>
#include <stdlib.h>

typedef struct { uint64_t s[4]; } generator;

static inline uint64_t rotate(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

static inline uint64_t draw(generator *g)
{
    uint64_t *s = g->s, result = s[0] + s[3], t = s[1] << 17;
    s[2] ^= s[0]; s[3] ^= s[1]; s[1] ^= s[2]; s[0] ^= s[3]; s[2] ^= t; s[3] = rotate(s[3], 45);
    return result;
}

static inline uint64_t seed_word(uint64_t *x)
{
    uint64_t z = (*x += 0x9e3779b97f4a7c15ull);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
}

void sgd(double *c, long replicas, long m, long n, long b, long steps, double eta, uint64_t seed)
{
#pragma omp parallel for schedule(static)
    for (long r = 0; r < replicas; ++r) {
        double *w = c + r * n, *kept = malloc(b * sizeof(double));
        int *order = malloc(m * sizeof(int));
        uint64_t x = seed + r * 0x632be59bd9b4e019ull;
        generator g;
        for (int i = 0; i < 4; ++i) g.s[i] = seed_word(&x);
        for (int i = 0; i < m; ++i) order[i] = i;
        for (long t = 0; t < steps; ++t) {
            double u = 0, N = 0;
            for (long i = 0; i < b; ++i) {
                long j = i + (long)(((draw(&g) >> 32) * (uint64_t)(m - i)) >> 32);
                int k = order[j];
                order[j] = order[i];
                order[i] = k;
                u += w[k] * w[k];
            }
            for (long k = 0; k < n; ++k) N += w[k] * w[k];
            double inside = 1 + eta * (2 - u - N), outside = 1 - eta * u;
            for (long i = 0; i < b; ++i) kept[i] = w[order[i]] * inside;
            for (long k = 0; k < n; ++k) w[k] *= outside;
            for (long i = 0; i < b; ++i) w[order[i]] = kept[i];
        }
        free(kept);
        free(order);
    }
}

void gd(double *c, long replicas, long m, long n, long steps, double eta)
{
#pragma omp parallel for schedule(static)
    for (long r = 0; r < replicas; ++r) {
        double *w = c + r * n;
        for (long t = 0; t < steps; ++t) {
            double u = 0, N;
            for (long k = 0; k < m; ++k) u += w[k] * w[k];
            N = u;
            for (long k = m; k < n; ++k) N += w[k] * w[k];
            double inside = 1 + eta * (2 - u - N), outside = 1 - eta * u;
            for (long k = 0; k < m; ++k) w[k] *= inside;
            for (long k = m; k < n; ++k) w[k] *= outside;
        }
    }
}
