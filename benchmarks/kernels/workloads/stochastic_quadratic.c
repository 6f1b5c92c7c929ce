/* Dense loop: every draw multiplies its own matrix; Q is symmetric, so its rows are its columns. */
#include "draws.h"
void run(double *state, const double *Q, const double *r, long R, long T, long p, long atoms, long k, double eta) {
#pragma omp parallel for schedule(static)
    for (long a = 0; a < R; a++) {
        generator g = seeded(a);
        double *theta = state + a * p, change[256];
        for (long t = 0; t < T; t++) {
            for (long i = 0; i < p; i++) change[i] = 0;
            for (long d = 0; d < k; d++) {
                long atom = below(&g, atoms);
                const double *q = Q + atom * p * p, *b = r + atom * p;
                for (long i = 0; i < p; i++) change[i] += b[i];
                for (long j = 0; j < p; j++)
                    for (long i = 0; i < p; i++) change[i] += q[j * p + i] * theta[j];
            }
            for (long i = 0; i < p; i++) theta[i] -= eta / k * change[i];
        }
    }
}
