/* hmm-slice T1w=t1.nii.gz --subject sub-01 | hmm-vgg -w vgg11.safetensors | hmm-show */
#include "hmm/base/option.h"
#include "hmm/base/parallel.h"
#include "hmm/file/safetensors.h"
#include "hmm/stream/filter.h"
#include "hmm/vgg/images.h"
#include "hmm/vgg/vgg.h"

static const char *weights_path;
static long threads;
static int per_slice, exact;

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT(
        'w', "weights", &weights_path, "FILE", "the VGG's weights, safetensors", HMM_UNNOTED),
    HMM_OPTION_COUNT(
        'j', "threads", &threads, "N", "threads (default: all processors)", HMM_UNNOTED),
    HMM_OPTION_FLAG(0, "exact", &exact, "smaller tiles: slower, error below 1e-6", HMM_BINDING),
    HMM_OPTION_FLAG(
        0, "per-slice", &per_slice, "a block a slice, not the image's maximum", HMM_BINDING),
    HMM_OPTION_SHOW_HISTORY,
};
static const struct hmm_usage usage = {"-w FILE [OPTION]... <slices >features",
    "Frozen VGG features of every image in a stream of slices.", options, HMM_COUNT_OF(options)};

/* Its own entry of the history. 0, or -1 reported. */
static int
make_step(struct hmm_step *step, const char *digest)
{
	return hmm_step_make(step, &usage, digest) ||
	               (exact && hmm_record_set(step->numerics, sizeof(step->numerics), "numerics",
	                             HMM_VGG_EXACT_NUMERICS))
	           ? -1
	           : 0;
}

int
main(int argc, char **argv)
{
	threads = hmm_processors();
	if (hmm_option_parse(argc, argv, &usage) != argc)
		hmm_option_misuse("no operands wanted: slices come on standard input");
	if (!weights_path)
		hmm_option_misuse("no weights: want -w FILE");

	char digest[HMM_HASH_SIZE];
	struct hmm_step step;
	struct hmm_filter filter = {0};
	struct hmm_vgg *vgg = NULL;
	struct hmm_pool *pool = NULL;
	struct hmm_images *images = NULL;
	struct hmm_weights *weights = NULL;
	int bad = hmm_filter_open(&filter, HMM_FEATURES) ||
	          !(weights = hmm_weights_open(weights_path)) || hmm_weights_digest(weights, digest) ||
	          make_step(&step, digest) || hmm_filter_step(&filter, &step) ||
	          !(pool = hmm_pool_open((size_t)threads)) ||
	          !(vgg = hmm_vgg_open(weights->weight, weights->count, exact, pool)) ||
	          !(images = hmm_images_open(vgg, pool, filter.writer, per_slice));
	hmm_weights_close(weights);

	bad = bad || hmm_filter_run(&filter, HMM_SLICES, hmm_images_take, hmm_images_finish, images);

	hmm_images_close(images);
	hmm_pool_close(pool);
	hmm_vgg_close(vgg);
	return hmm_filter_close(&filter, bad);
}
