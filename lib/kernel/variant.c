#include "hmm/kernel/variant.h"

#include "hmm/kernel/tile.h"

const struct hmm_variant *
hmm_variant_best(void)
{
	hmm_tile_run *tile = hmm_tile_best();
	return tile == hmm_tile_avx512 ? &hmm_variant_avx512
	       : tile == hmm_tile_avx2 ? &hmm_variant_avx2
	                               : &hmm_variant_plain;
}
