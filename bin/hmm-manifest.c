/* hmm-manifest --bids adni --label diagnosis --positive AD | hmm-split --ratio 6:1:3 >manifest.tsv
 */
#include <stdio.h>
#include <string.h>

#include "hmm/data/bids.h"
#include "hmm/data/breakhis.h"
#include "hmm/base/error.h"
#include "hmm/data/folder.h"
#include "hmm/data/manifest.h"
#include "hmm/base/option.h"
#include "hmm/file/output.h"

static const char *bids, *breakhis, *folder, *label, *positive, *suffixes, *entities, *pattern,
    *labels;
static int group = HMM_UNSET; /* enum hmm_breakhis_group */

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT(0, "bids", &bids, "DIR", "the images of a BIDS tree", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "breakhis", &breakhis, "DIR", "the images of BreaKHis", HMM_UNNOTED),
    HMM_OPTION_TEXT(
        0, "folder", &folder, "DIR", "the images whose path fits --pattern", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "label", &label, "COLUMN",
        "the column with the labels, in the tree or --labels", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "positive", &positive, "VALUE", "this label is 1, any other 0", HMM_UNNOTED),
    HMM_OPTION_TEXT(
        0, "suffix", &suffixes, "NAME,...", "BIDS: only these, such as T1w,pet", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "entities", &entities, "NAME,...",
        "BIDS: those that make a modality (default: ce,trc)", HMM_UNNOTED),
    HMM_OPTION_CHOICE(
        0, "group", &group, "accession|slide", "BreaKHis: what a group is", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "pattern", &pattern, "TEXT",
        "folder: such as {group}/{subject}_{modality}.png", HMM_UNNOTED),
    HMM_OPTION_TEXT(
        0, "labels", &labels, "FILE", "folder: a table of labels by subject or group", HMM_UNNOTED),
};
static const struct hmm_usage usage = {
    "--bids DIR [--label COLUMN] [OPTION]... >manifest\n"
    "       hmm-manifest --breakhis DIR [--group accession|slide] >manifest\n"
    "       hmm-manifest --folder DIR --pattern TEXT [OPTION]... >manifest",
    "List the images of a folder: whose they are, their modality, their label.", options,
    HMM_COUNT_OF(options)};

static void
refuse(int given, const char *name, const char *mode)
{
	if (given)
		hmm_option_misuse("--%s goes with --%s", name, mode);
}

static void
check_options(void)
{
	if (!!bids + !!breakhis + !!folder != 1)
		hmm_option_misuse("want one of --bids, --breakhis, --folder");
	if (!bids) {
		refuse(!!suffixes, "suffix", "bids");
		refuse(!!entities, "entities", "bids");
	}
	if (!breakhis)
		refuse(group != HMM_UNSET, "group", "breakhis");
	if (!folder) {
		refuse(!!pattern, "pattern", "folder");
		refuse(!!labels, "labels", "folder");
	}
	if (breakhis && (label || positive))
		hmm_option_misuse("--label and --positive: the names of BreaKHis say the label");
	if (folder && !pattern)
		hmm_option_misuse("--folder wants a --pattern");
	const int in_pattern = pattern && strstr(pattern, "{label}");
	if (in_pattern && labels)
		hmm_option_misuse("want the label from --labels or from {label} in --pattern, not both");
	if (folder && label && !labels)
		hmm_option_misuse("--label wants a --labels FILE");
	if (positive && !label && !labels && !in_pattern)
		hmm_option_misuse("--positive wants a --label");
}

/* The images in order, their labels 0 and 1; NULL, reported. */
static struct hmm_table *
read_images(void)
{
	const struct hmm_bids_options of_bids = {label, suffixes, entities ? entities : "ce,trc"};
	const struct hmm_folder_options of_folder = {pattern, labels, label ? label : "label"};
	struct hmm_table *table = bids       ? hmm_bids_read(bids, &of_bids)
	                          : breakhis ? hmm_breakhis_read(breakhis, group == HMM_BY_SLIDE)
	                                     : hmm_folder_read(folder, &of_folder);
	char source[1024];
	if (!table)
		return NULL;
	if (labels)
		snprintf(source, sizeof(source), "%s: column '%s'", labels, of_folder.label);
	else
		snprintf(source, sizeof(source), "%s: %s%s%s", table->name, label ? "column '" : "labels",
		    label ? label : "", label ? "'" : "");
	hmm_manifest_sort(table);
	if (table->rows == 0)
		hmm_error("%s: no images found", table->name);
	else if (!hmm_manifest_binarize(table, source, positive))
		return table;
	hmm_table_free(table);
	return NULL;
}

int
main(int argc, char **argv)
{
	static const char *const agree[] = {"label", "group"};
	if (hmm_option_parse(argc, argv, &usage) != argc)
		hmm_option_misuse("no operands wanted");
	check_options();
	if (pattern && hmm_folder_check(pattern))
		return 2;

	struct hmm_output output;
	struct hmm_table *table = read_images();
	if (!table)
		return 1;

	int bad =
	    hmm_manifest_check(table, agree, HMM_COUNT_OF(agree)) || hmm_output_open(&output, NULL);
	if (!bad) {
		hmm_table_print(output.file, table, NULL);
		bad = hmm_output_finish(&output);
	}

	hmm_table_free(table);
	return bad ? 1 : 0;
}
