/* hmm-manifest --bids adni --label diagnosis --positive AD --negative CN >all.tsv */
#include <string.h>

#include "hmm/data/bids.h"
#include "hmm/data/breakhis.h"
#include "hmm/data/elements.h"
#include "hmm/base/error.h"
#include "hmm/data/folder.h"
#include "hmm/data/label_rule.h"
#include "hmm/data/manifest.h"
#include "hmm/data/signals.h"
#include "hmm/base/option.h"
#include "hmm/file/output.h"
#include "hmm/file/signal.h"
#include "hmm/stream/impute_rows.h"

static const char *bids, *breakhis, *folder, *label, *positive, *negative, *suffixes, *entities,
    *pattern, *subject, *mask, *labels, *impute;
static struct hmm_option_list vectors;
static int group = HMM_UNSET; /* enum hmm_breakhis_group */
static int axes = HMM_UNSET;  /* enum hmm_signal_axes */
static int all, signals;
static int in_names; /* 1: the label is in what is listed: {label}, or a class */

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT(0, "bids", &bids, "DIR", "the images of a BIDS tree", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "breakhis", &breakhis, "DIR", "the images of BreaKHis", HMM_UNNOTED),
    HMM_OPTION_TEXT(
        0, "folder", &folder, "DIR", "the images whose path fits --pattern", HMM_UNNOTED),
    HMM_OPTION_LIST(0, "vectors", &vectors, "MODALITY=FILE",
        "the rows of a table, or arrays of an .npz; again for another", HMM_UNNOTED),
    HMM_OPTION_FLAG(0, "signals", &signals,
        "the channels of FILEs: .ts, .csv, .tsv, .npy, .edf, .bdf", HMM_UNNOTED),
    HMM_OPTION_CHOICE(
        0, "axes", &axes, HMM_SIGNAL_AXES, "signals: the rows and columns of a .npy", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "label", &label, "COLUMN",
        "the column with the labels, in the tree or --labels", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "positive", &positive, "VALUE,...",
        "these labels are 1, any other 0; also [COLUMN]>=NUMBER (>, <=, <)", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "negative", &negative, "VALUE,...",
        "these alone are 0; others have no label", HMM_UNNOTED),
    HMM_OPTION_TEXT(
        0, "labels", &labels, "FILE", "a table of labels, by subject or group", HMM_UNNOTED),
    HMM_OPTION_TEXT(
        0, "suffix", &suffixes, "NAME,...", "BIDS: only these, such as T1w,pet", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "entities", &entities, "NAME,...",
        "BIDS: those that make a modality (default: ce,trc,stain)", HMM_UNNOTED),
    HMM_OPTION_CHOICE(
        0, "group", &group, "accession|slide", "BreaKHis: what a group is", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "pattern", &pattern, "TEXT",
        "folder: such as {group}/{subject}_{modality}.png", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "subject", &subject, "TEXT",
        "folder: of fields of --pattern, such as {group}_{study}", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "mask", &mask, "TEXT",
        "folder: the pattern of the masks, such as {subject}_mask.nii.gz", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "impute", &impute, "FILE",
        "add rows of imputed images: lines of hmm-gan --show-history", HMM_UNNOTED),
    HMM_OPTION_FLAG(0, "all", &all, "impute: also for who has the real image", HMM_UNNOTED),
};
static const struct hmm_usage usage = {
    "--bids DIR [--label COLUMN] [--labels FILE] [OPTION]... >manifest\n"
    "       hmm-manifest --breakhis DIR [--group accession|slide] >manifest\n"
    "       hmm-manifest --folder DIR --pattern TEXT [OPTION]... >manifest\n"
    "       hmm-manifest --vectors MODALITY=FILE... [--labels FILE] [OPTION]... >manifest\n"
    "       hmm-manifest --signals FILE... [--labels FILE] [OPTION]... >manifest\n"
    "       hmm-manifest --impute FILE [--all] [MANIFEST] >manifest",
    "List images, rows of tables, or channels: whose they are, their modality, their label.",
    options, HMM_COUNT_OF(options)};

static void
check_options(void)
{
	if (!!bids + !!breakhis + !!folder + !!vectors.count + signals + !!impute != 1)
		hmm_option_misuse(
		    "want one of --bids, --breakhis, --folder, --vectors, --signals, --impute");
	if (!impute)
		hmm_option_idle(&usage, "all", "without --impute");
	if (!signals)
		hmm_option_idle(&usage, "axes", "without --signals");
	if (!bids)
		hmm_option_idle(&usage, "suffix|entities", "without --bids");
	if (!breakhis)
		hmm_option_idle(&usage, "group", "without --breakhis");
	if (!folder)
		hmm_option_idle(&usage, "pattern|subject|mask", "without --folder");
	if ((breakhis || impute) && (label || labels || positive || negative))
		hmm_option_misuse("--label, --labels, --positive and --negative: the %s the label",
		    impute ? "manifest says" : "names of BreaKHis say");
	if (folder && !pattern)
		hmm_option_misuse("--folder wants a --pattern");
	if (in_names && labels)
		hmm_option_misuse("want the label from --labels or from {label} in --pattern, not both");
	if (negative && !positive)
		hmm_option_misuse("--negative wants a --positive");
}

/* What is listed in order, its labels 0 and 1; NULL, reported. */
static struct hmm_table *
list_rows(struct hmm_label_rule *rule, const struct hmm_folder_options *of_folder, char **files,
    size_t count)
{
	const struct hmm_bids_options of_bids = {
	    label, labels, suffixes, entities ? entities : "ce,trc,stain"};
	const struct hmm_signals_options of_signals = {axes, labels, label, !!positive};
	struct hmm_table *table = bids       ? hmm_bids_read(bids, &of_bids)
	                          : breakhis ? hmm_breakhis_read(breakhis, group == HMM_BY_SLIDE)
	                          : vectors.count
	                              ? hmm_elements_read(vectors.text, vectors.count, labels, label)
	                          : signals ? hmm_signals_list(files, count, &of_signals)
	                                    : hmm_folder_read(folder, of_folder);
	if (table && !hmm_label_rule_manifest(rule, table, labels ? labels : table->name, label,
	                 vectors.count ? "vectors" : "images", label || in_names || breakhis))
		return table;
	hmm_table_free(table);
	return NULL;
}

int
main(int argc, char **argv)
{
	const int first = hmm_option_parse_once(argc, argv, &usage);
	if (signals ? argc == first : argc - first > (impute != NULL))
		hmm_option_misuse(signals  ? "--signals wants FILEs"
		                  : impute ? "want one manifest at most"
		                           : "no operands wanted");
	in_names = signals ? positive && !labels : pattern && strstr(pattern, "{label}");
	check_options();
	if (impute)
		return hmm_impute_rows(impute, first < argc ? argv[first] : "-", all);
	struct hmm_label_rule rule;
	int bad = hmm_label_rule_open(&rule, positive, negative) ||
	          hmm_label_rule_column(
	              &rule, &label, labels, !!positive, folder || vectors.count || signals, in_names);
	const struct hmm_folder_options of_folder = {pattern, subject, mask, labels, label};
	if (bad || (folder && hmm_folder_check(&of_folder))) {
		hmm_label_rule_close(&rule);
		return 2;
	}

	struct hmm_output output;
	struct hmm_table *table = list_rows(&rule, &of_folder, argv + first, (size_t)(argc - first));
	bad = !table || hmm_output_open(&output, NULL);
	if (!bad) {
		hmm_table_print(output.file, table, NULL);
		bad = hmm_output_finish(&output);
	}
	hmm_table_free(table);
	hmm_label_rule_close(&rule);
	return bad ? 1 : 0;
}
