/* The readers that want a file's name: weights of all kinds, volumes, images, tables,
 * predictions, arrays. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "hmm/file/image.h"
#include "hmm/file/nifti.h"
#include "hmm/file/npy.h"
#include "hmm/data/predictions.h"
#include "hmm/file/pth.h"
#include "hmm/file/safetensors.h"
#include "hmm/data/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
read_weights(const char *path)
{
	struct hmm_checkpoint *checkpoint = hmm_checkpoint_open(path, NULL);
	struct hmm_tensor x = {0};
	size_t count = 0;
	hmm_weights_close(hmm_weights_open(path));
	if (checkpoint)
		hmm_checkpoint_weights(checkpoint, &count);
	for (size_t i = 0; i < count; i++)
		hmm_checkpoint_read(checkpoint, i, &x);
	hmm_tensor_free(&x);
	hmm_checkpoint_close(checkpoint);
}

static void
read_images(const char *path)
{
	struct hmm_image image;
	struct hmm_nifti volume = {0};
	if (!hmm_image_read(&image, path))
		hmm_image_free(&image);
	hmm_nifti_read(&volume, path, HMM_FRAME_ONLY);
	hmm_nifti_free(&volume);
}

static void
read_tables(const char *path)
{
	struct hmm_predictions predictions;
	hmm_predictions_open(&predictions, path);
	hmm_predictions_close(&predictions);
	hmm_table_free(hmm_table_read(path, '\t'));
	hmm_table_free(hmm_table_read(path, ','));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char path[64];
	struct hmm_tensor tensor = {0};
	snprintf(path, sizeof(path), "/tmp/fuzz-%ld.nii", (long)getpid());
	FILE *file = fopen(path, "wb");
	if (!file || fwrite(bytes, 1, size, file) != size)
		abort();
	fclose(file);
	read_weights(path);
	read_images(path);
	hmm_npy_read(&tensor, path, NULL);
	hmm_tensor_free(&tensor);
	read_tables(path);
	return 0;
}
