/* Every file of this folder is compiled once a kind of processor, with the flags of that one and
 * -DHMM_CPU=plain, avx2 or avx512. The functions that it gives to the table end in that word; all
 * else is static, so that no other file can come to run instructions that its machine lacks. */
#ifndef HMM_KERNEL_CPU_H
#define HMM_KERNEL_CPU_H

#include "hmm/kernel/kernels.h"

#define CPU_PASTE(name, cpu) name##_##cpu
#define CPU_NAME(name, cpu) CPU_PASTE(name, cpu)
#define CPU(name) CPU_NAME(name, HMM_CPU)

hmm_kernel_tile CPU(hmm_tile);
hmm_kernel_first CPU(hmm_first);
hmm_kernel_winograd_weights CPU(hmm_winograd_weights);
hmm_kernel_winograd_input CPU(hmm_winograd_input);
hmm_kernel_winograd_multiply CPU(hmm_winograd_multiply);
hmm_kernel_winograd_output CPU(hmm_winograd_output);
hmm_kernel_dot CPU(hmm_dot);
hmm_kernel_adam_dense CPU(hmm_adam_dense);
hmm_kernel_adam_outer CPU(hmm_adam_outer);
hmm_kernel_narrow_forward CPU(hmm_narrow_forward);
hmm_kernel_narrow_outer CPU(hmm_narrow_outer);
hmm_kernel_resample CPU(hmm_resample);
hmm_kernel_resize_rows CPU(hmm_resize_rows);
hmm_kernel_resize_columns CPU(hmm_resize_columns);
hmm_kernel_rocket_count CPU(hmm_rocket_count);
hmm_kernel_voxels_sum CPU(hmm_voxels_sum);
hmm_kernel_voxels_extremes CPU(hmm_voxels_extremes);
hmm_kernel_voxels_above CPU(hmm_voxels_above);
hmm_kernel_voxels_bytes CPU(hmm_voxels_bytes);

#endif
