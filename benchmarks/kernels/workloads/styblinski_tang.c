/* Dense loop: every draw evaluates its own gradient. */
#include "draws.h"
void run(double *state, const double *c1, const double *c2, const double *c3, long R, long T, long p, long atoms,
         long k, double eta) {
#pragma omp parallel for schedule(static)
    for (long a = 0; a < R; a++) {
        generator g = seeded(a);
        double *x = state + a * p, change[256];
        for (long t = 0; t < T; t++) {
            for (long i = 0; i < p; i++) change[i] = 0;
            for (long d = 0; d < k; d++) {
                long atom = below(&g, atoms) * p;
                for (long i = 0; i < p; i++)
                    change[i] += 2 * c1[atom + i] * x[i] * x[i] * x[i] + c2[atom + i] * x[i] + c3[atom + i] / 2;
            }
            for (long i = 0; i < p; i++) x[i] -= eta / k * change[i];
        }
    }
}
