/* Lets MKL, which PyTorch multiplies with, use its AVX-512 kernels on processors that are not Intel's: it asks this function, and falls back
 * to AVX2 (half the speed on Zen 5) where the answer is no. Preloaded by bench/train.ts so that the rival is PyTorch at its best. */
int mkl_serv_intel_cpu_true(void) { return 1; }
