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
#include "hmm/file/ts.h"
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
	hmm_predictions_open(&predictions, path, 0);
	hmm_predictions_close(&predictions);
	hmm_table_free(hmm_table_read(path, '\t'));
	hmm_table_free(hmm_table_read(path, ','));
}

static void
read_signals(const char *path)
{
	static const char *const name[] = {"row-01", "column-02", "channel-01"};
	const struct hmm_signal_want wants[] = {
	    {.axes = HMM_CHANNELS_TIME}, {.names = 1, .axes = HMM_TIME_CHANNELS}, {name, 3, 0, 0}};
	hmm_signal_reader *const reads[] = {
	    hmm_signal_read_csv, hmm_signal_read_npy, hmm_signal_read_edf};
	struct hmm_ts *ts = hmm_ts_open(path);
	for (size_t w = 0; w < 3; w++) {
		struct hmm_signal signal = {0};
		for (size_t i = 0; i < 3; i++) {
			reads[i](&signal, path, &wants[w]);
			hmm_signal_free(&signal);
		}
		for (size_t i = 0; ts && i < hmm_ts_cases(ts); i++) {
			hmm_ts_class(ts, i);
			hmm_ts_read(ts, i, &signal, &wants[w]);
			hmm_signal_free(&signal);
		}
	}
	hmm_ts_close(ts);
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
	read_signals(path);
	return 0;
}
