/* hmm-slice T1w=t1.nii.gz --subject sub-01 | hmm-show */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "hmm/base/error.h"
#include "hmm/base/option.h"
#include "hmm/stream/contacts.h"
#include "hmm/stream/filter.h"
#include "hmm/stream/import.h"
#include "hmm/stream/print.h"
#include "hmm/stream/text.h"
#include "hmm/stream/weights_text.h"

static int as_json;
static const char *npy_folder, *set_name, *weights_path, *png_path, *subjects, *slices, *bars;
static struct hmm_contacts *contacts; /* NULL: no picture is wanted */
static int from_npy = HMM_UNSET;      /* enum hmm_kind */

static const struct hmm_option options[] = {
    HMM_OPTION_FLAG(0, "json", &as_json, "an object a line, the history first", HMM_UNNOTED),
    HMM_OPTION_TEXT(
        0, "npy", &npy_folder, "DIR", "also write each tensor to DIR/000000.npy, ...", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "png", &png_path, "FILE",
        "draw slices instead, on a contact sheet with a row a subject", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "subjects", &subjects, "NAME,...",
        "with --png: these subjects (default: the first 12)", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "slices", &slices, "N,...",
        "with --png: these slices, from 0 (default: 8 of a modality)", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "bars", &bars, "TABLE",
        "with --png: below each slice a bar, as its value in TABLE", HMM_UNNOTED),
    HMM_OPTION_CHOICE(0, "from-npy", &from_npy, "slices|features|latents|sets",
        "the way back: make a stream of the table that --npy printed", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "name", &set_name, "NAME",
        "with --from-npy: what the arrays are, for the history", HMM_BINDING),
    HMM_OPTION_TEXT('w', "weights", &weights_path, "FILE",
        "with --from-npy: what made the arrays, for the history", HMM_UNNOTED),
    HMM_OPTION_SHOW_HISTORY,
};
static const struct hmm_usage usage = {
    "[OPTION]... [STREAM|MODEL]\n       hmm-show --from-npy KIND [OPTION]... [TABLE] >stream",
    "Print a stream of tensor records, a line a record, or a model, a line a tensor.", options,
    HMM_COUNT_OF(options)};

/* The exit status, once all is printed or something failed. */
static int
finish(int bad)
{
	if (fclose(stdout) && !bad)
		bad = hmm_error("standard output: cannot write: %s", strerror(errno));
	return bad ? 1 : 0;
}

/* Weights to a table or JSON; the exit status. */
static int
show_weights(const char *path)
{
	if (npy_folder)
		return hmm_error("%s: weights, want a stream for --npy", path), 1;
	struct hmm_weights *weights = hmm_weights_open(path);
	const int bad =
	    !weights || (as_json ? hmm_weights_text_json : hmm_weights_text_print)(stdout, weights);
	hmm_weights_close(weights);
	return finish(bad);
}

/* The streams of a file or standard input to a table, JSON or a picture; the exit status. */
static int
show(FILE *file, const char *name)
{
	if (contacts)
		return hmm_contacts_draw(contacts, png_path, file, name) ? 1 : 0;
	return finish(hmm_print_streams(stdout, file, name, as_json, npy_folder));
}

/* Whatever the file holds; the exit status. A stream may come through a pipe, weights cannot. */
static int
show_file(const char *path)
{
	struct stat status;
	if (!strcmp(path, "-"))
		return show(stdin, "standard input");
	if (!contacts && !stat(path, &status) && S_ISREG(status.st_mode) && hmm_weights_are(path) == 1)
		return show_weights(path);
	FILE *file = fopen(path, "rb");
	if (!file)
		return hmm_error("%s: cannot open: %s", path, strerror(errno)), 1;
	const int code = show(file, path);
	fclose(file);
	return code;
}

/* The entry of an import: a digest of what made the arrays, if that is said, or of themselves. */
static int
make_step(struct hmm_step *step, const struct hmm_table *table)
{
	char digest[HMM_HASH_SIZE];
	const int bad = weights_path ? hmm_hash_file(digest, weights_path)
	                : set_name   ? hmm_hash_bytes(digest, set_name, strlen(set_name))
	                             : hmm_import_digest(digest, table);
	return bad || hmm_step_make(step, &usage, digest) ? -1 : 0;
}

/* The way back: a table and its arrays to a stream; the exit status. */
static int
make_stream(const char *path)
{
	const enum hmm_kind kind = (enum hmm_kind)from_npy;
	struct hmm_filter filter = {0};
	struct hmm_table *table = NULL;
	struct hmm_step step;
	int bad = hmm_filter_open(&filter, kind) || !(table = hmm_table_read(path, '\t')) ||
	          make_step(&step, table) || hmm_filter_step(&filter, &step);
	for (size_t row = 0; !bad && row < table->rows; row++)
		bad = hmm_text_read(&filter.record, table, row, kind) ||
		      hmm_writer_put(filter.writer, &filter.record);
	hmm_table_free(table);
	return hmm_filter_close(&filter, bad);
}

int
main(int argc, char **argv)
{
	const int operand = hmm_option_parse(argc, argv, &usage);
	const char *path = operand < argc ? argv[operand] : "-";
	if (argc - operand > 1)
		hmm_option_misuse("want at most one operand");
	const int makes = from_npy != HMM_UNSET;
	if (makes ? as_json || npy_folder : set_name || weights_path || hmm_show_history)
		hmm_option_misuse(
		    "--name, -w and --show-history go with --from-npy, --json and --npy do not");
	if (png_path ? makes || as_json || npy_folder : subjects || slices || bars)
		hmm_option_misuse(
		    "--subjects, --slices and --bars go with --png, --from-npy, --json and --npy do not");
	const char *wrong = NULL;
	if (png_path && !(contacts = hmm_contacts_open(subjects, slices, bars, &wrong))) {
		if (wrong)
			hmm_option_misuse("%s", wrong);
		return 1;
	}
	const int code = makes ? make_stream(path) : show_file(path);
	hmm_contacts_close(contacts);
	return code;
}
