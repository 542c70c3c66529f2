#include "hmm/kernel/activation.h"

size_t
hmm_activation_size(size_t height, size_t width, size_t channels)
{
	return (height + 2) * (width + 2) * channels;
}

size_t
hmm_activation_block(size_t channels)
{
	return channels % HMM_ACTIVATION_BLOCK ? channels : HMM_ACTIVATION_BLOCK;
}

size_t
hmm_activation_at(size_t height, size_t width, size_t channels, size_t c)
{
	const size_t block = hmm_activation_block(channels);
	return c / block * (height + 2) * (width + 2) * block + c % block;
}
