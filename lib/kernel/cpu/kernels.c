#include "cpu.h"

const struct hmm_kernels CPU(hmm_kernels) = {
    .tile = CPU(hmm_tile),
    .first = CPU(hmm_first),
    .winograd_weights = CPU(hmm_winograd_weights),
    .winograd_input = CPU(hmm_winograd_input),
    .winograd_multiply = CPU(hmm_winograd_multiply),
    .winograd_output = CPU(hmm_winograd_output),
    .dot = CPU(hmm_dot),
    .adam_dense = CPU(hmm_adam_dense),
    .adam_outer = CPU(hmm_adam_outer),
    .narrow_forward = CPU(hmm_narrow_forward),
    .narrow_outer = CPU(hmm_narrow_outer),
    .resample = CPU(hmm_resample),
    .resize_rows = CPU(hmm_resize_rows),
    .resize_columns = CPU(hmm_resize_columns),
    .rocket_count = CPU(hmm_rocket_count),
    .voxels_sum = CPU(hmm_voxels_sum),
    .voxels_extremes = CPU(hmm_voxels_extremes),
    .voxels_above = CPU(hmm_voxels_above),
    .voxels_bytes = CPU(hmm_voxels_bytes),
};
