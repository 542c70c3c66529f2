/* hmm-manifest --bids adni --label diagnosis --positive AD --negative CN >all.tsv */
#include <string.h>

#include "hmm/base/option.h"
#include "hmm/data/labelled.h"
#include "hmm/file/output.h"
#include "hmm/file/signal.h"
#include "hmm/stream/impute_rows.h"

static const char *bids, *breakhis, *folder, *label, *positive, *negative, *suffixes, *entities,
    *pattern, *subject, *mask, *labels, *impute, *event;
static struct hmm_option_list vectors;
static int group = HMM_UNSET; /* enum hmm_breakhis_group */
static int axes = HMM_UNSET;  /* enum hmm_signal_axes */
static enum hmm_target target = HMM_BINARY;
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
    HMM_OPTION_TARGET(&target),
    HMM_OPTION_TEXT(0, "event", &event, "COLUMN",
        "time: beside the times, what is 1 and 0 as below (default: event)", HMM_UNNOTED),
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
	if (target != HMM_TIME)
		hmm_option_idle(&usage, "event", "without --target time");
	if (target == HMM_CLASSES || target == HMM_VALUE)
		hmm_option_idle(&usage, "positive|negative", "with labels that stay what they are");
	if (target != HMM_BINARY && (breakhis || impute))
		hmm_option_misuse("--target: with --breakhis and --impute it is binary");
	if (target != HMM_BINARY && !label && !labels && !in_names)
		hmm_option_misuse("--target: want a --label COLUMN");
	if (target != HMM_BINARY && (folder || vectors.count || signals) && label && !labels)
		hmm_option_misuse("--label wants a --labels FILE");
	if (target == HMM_TIME && in_names)
		hmm_option_misuse("--target time: want --labels, as a pattern has no events");
	if (negative && !positive)
		hmm_option_misuse("--negative wants a --positive");
}

int
main(int argc, char **argv)
{
	const int first = hmm_option_parse_once(argc, argv, &usage);
	if (signals ? argc == first : argc - first > (impute != NULL))
		hmm_option_misuse(signals  ? "--signals wants FILEs"
		                  : impute ? "want one manifest at most"
		                           : "no operands wanted");
	in_names = signals ? (positive || target == HMM_CLASSES) && !labels
	                   : pattern && strstr(pattern, "{label}");
	check_options();
	if (impute)
		return hmm_impute_rows(impute, first < argc ? argv[first] : "-", all);
	const char *column = label;
	struct hmm_label_rule rule;
	int bad = hmm_label_rule_open(&rule, positive, negative);
	if (!bad && target == HMM_BINARY)
		bad = hmm_label_rule_column(
		    &rule, &column, labels, !!positive, folder || vectors.count || signals, in_names);
	else if (!bad && !column && labels)
		column = "label";
	const struct hmm_labelled_source source = {bids, breakhis, folder, vectors.text, vectors.count,
	    signals ? argv + first : NULL, (size_t)(argc - first), axes,
	    group == HMM_BY_SLIDE ? HMM_BY_SLIDE : HMM_BY_ACCESSION, suffixes,
	    entities ? entities : "ce,trc,stain", {pattern, subject, mask, labels, column}, in_names,
	    column, labels};
	if (bad || (folder && hmm_folder_check(&source.of_folder))) {
		hmm_label_rule_close(&rule);
		return 2;
	}

	struct hmm_output output;
	struct hmm_table *table = hmm_labelled_read(&source, &rule, target, event ? event : "event");
	bad = !table || hmm_output_open(&output, NULL);
	if (!bad) {
		hmm_table_print(output.file, table, NULL);
		bad = hmm_output_finish(&output);
	}
	hmm_table_free(table);
	hmm_label_rule_close(&rule);
	return bad ? 1 : 0;
}
