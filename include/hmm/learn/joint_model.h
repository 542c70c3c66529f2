/* The systems of hmm-joint: how options and a model's file say which one it is, and how it
 * scores a patient. */
#ifndef HMM_JOINT_MODEL_H
#define HMM_JOINT_MODEL_H

#include "hmm/learn/joint.h"
#include "hmm/learn/training.h"

/* The words of options, and of a file's metadata, in the order of these. */
enum hmm_joint_system { HMM_HYPERMM, HMM_CNN, HMM_MULTI_CNN };
enum { HMM_CONCAT, HMM_SCORES };
#define HMM_JOINT_SYSTEMS "hypermm|cnn|multi-cnn"
#define HMM_JOINT_REDUCTIONS "mean|sum|max" /* enum hmm_reduce */
#define HMM_JOINT_FUSIONS "concat|scores"
#define HMM_JOINT_IMPUTATIONS "none|mean"

/* What describes a model; HMM_UNSET or NULL where it is not said. */
struct hmm_joint_model {
	int system, reduce, fuse, impute;
	int init; /* enum hmm_phi_start, of a new model */
	int unconditional;
	long latent;
	double dropout;
	const char *hidden;                        /* as options say it */
	size_t width[HMM_MLP_LAYERS], width_count; /* as it is */
	struct hmm_objective objective;            /* of a file as it is read; else to be learned */
};

#define HMM_JOINT_MODEL_UNSET                                                                      \
	{                                                                                              \
		.system = HMM_UNSET, .reduce = HMM_UNSET, .fuse = HMM_UNSET, .impute = HMM_UNSET,          \
		.init = HMM_UNSET, .dropout = HMM_UNSET, .latent = HMM_UNSET                               \
	}

/* Whether anything is said but the system and the dropout: of a new model. */
int hmm_joint_model_described(const struct hmm_joint_model *is);

/* Fill what is not said, of a file's model (all zeroes: a new one) the dropout alone, as the paper
 * has it or its code. 0, or -1 reported: the widths make no sense, or the system does not impute.
 */
int hmm_joint_model_fill(struct hmm_joint_model *is, const struct hmm_model *file, int code);

/* Take it all but the dropout from a file; a system that was asked for must be that. 0, or
 * -1 reported. */
int hmm_joint_model_read(struct hmm_joint_model *is, const struct hmm_model *file);

/* Whether it can take one modality alone (NULL: it takes all), and let its images vote. 0, or -1
 * reported. */
int hmm_joint_model_allows(const struct hmm_joint_model *is, const char *only, int vote);

/* A model for the data's blocks of these modalities, its values those of the file, or where that is
 * all zeroes seeded; what imputes has the means of the training's images then. 0, or -1 reported.
 */
int hmm_joint_model_open(struct hmm_joint *joint, const struct hmm_joint_model *is,
    const struct hmm_model *file, const struct hmm_names *modalities, struct hmm_dataset *data,
    uint64_t seed, struct hmm_pool *pool);

/* The modalities whose images are taken, in the model's order, and of these only that one, unless
 * it is NULL. They are the file's where there is one, else the data's; a cnn in training learns
 * the data's in either case. 0, or -1 reported; close them in either case. */
int hmm_joint_model_modalities(struct hmm_names *taken, const struct hmm_joint_model *is,
    const struct hmm_model *file, const struct hmm_dataset *data, const char *only, int training);

/* Of a cnn by cox, the baseline of the training's subjects, whose images are taken one by one; of
 * others nothing happens. 0, or -1 reported. */
int hmm_joint_model_baseline(struct hmm_joint_model *is, struct hmm_joint *joint,
    const struct hmm_dataset *data, const struct hmm_names *taken);

/* Write the model; a cnn knows the file's modalities as well as those it learned. 0, or -1
 * reported. */
int hmm_joint_model_save(struct hmm_output *output, struct hmm_joint_model *is,
    struct hmm_joint *joint, const struct hmm_usage *usage, const struct hmm_model *file,
    const struct hmm_names *taken, struct hmm_learned *learned);

/* What the images and items of that system are: see hmm_items_open(). */
int hmm_joint_model_wants(const struct hmm_joint_model *is, int training);

/* How hmm_joint_model_score() scores: images of a cnn are classified one by one. */
struct hmm_joint_score {
	struct hmm_joint *joint;
	int by_image;
	int vote; /* 1: the share of images of class 1; 0: the mean of their probabilities */
};

/* For hmm_items_predict(). A vote has no logit: NaN. */
int hmm_joint_model_score(void *score, const struct hmm_item *item, double *number);

#endif
