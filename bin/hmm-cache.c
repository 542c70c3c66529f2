/* hmm-slice --manifest missing.tsv | hmm-vgg -w vgg11.safetensors | hmm-cache put -c cache */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/option.h"
#include "hmm/base/parallel.h"
#include "hmm/stream/cache_verbs.h"

static struct hmm_cache_request request = {
    .threads = HMM_UNSET, .jobs = HMM_UNSET, .size = HMM_UNSET, .older = HMM_UNSET};

static const struct hmm_option options[] = {
    HMM_OPTION_LIST('c', "cache", &request.caches, "DIR",
        "the folder of entries; again for one below it", HMM_UNNOTED),
    HMM_OPTION_TEXT(
        0, "slice", &request.slice, "ENTRY", "name, put: of hmm-slice --show-history", HMM_UNNOTED),
    HMM_OPTION_TEXT(
        0, "vgg", &request.vgg, "ENTRY", "name, put: of hmm-vgg --show-history", HMM_UNNOTED),
    HMM_OPTION_TEXT(
        0, "gan", &request.gan, "FILE", "name, put: lines of hmm-gan --show-history", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "log", &request.log, "FILE", "put: a line an image behind it", HMM_UNNOTED),
    HMM_OPTION_COUNT('j', "threads", &request.threads, "N",
        "name, plan, verify, stats: threads (default: all processors)", HMM_UNNOTED),
    HMM_OPTION_TEXT(
        0, "batches", &request.batches, "FOLDER", "plan: where they are written", HMM_UNNOTED),
    HMM_OPTION_COUNT(0, "jobs", &request.jobs, "N",
        "plan: how many batches will be worked on at a time (1)", HMM_UNNOTED),
    HMM_OPTION_FLAG(
        0, "rehash", &request.rehash, "plan: hash files again that the journal knows", HMM_UNNOTED),
    HMM_OPTION_FLAG(0, "require", &request.require,
        "has: fail where one is missing, and name its image", HMM_UNNOTED),
    HMM_OPTION_FLAG(
        0, "there", &request.there, "has: print the rows that are there instead", HMM_UNNOTED),
    HMM_OPTION_FLAG(0, "repair", &request.repair, "verify: remove what is bad", HMM_UNNOTED),
    HMM_OPTION_BYTES(0, "size", &request.size, "BYTES",
        "trim: the oldest beyond this, as 500M, 20G or 1T", HMM_UNNOTED),
    HMM_OPTION_NUMBER(
        0, "older", &request.older, "DAYS", "trim: what was not used for so long", HMM_UNNOTED),
    HMM_OPTION_LIST(0, "keep", &request.keep, "MANIFEST",
        "trim: its features stay; again for another", HMM_UNNOTED),
    HMM_OPTION_FLAG(0, "dry-run", &request.dry_run, "trim: remove nothing", HMM_UNNOTED),
};
static const struct hmm_usage usage = {
    "name --slice ENTRY --vgg ENTRY [--gan FILE] [MANIFEST] >named.tsv\n"
    "       hmm-cache plan -c DIR [-c DIR]... --slice ENTRY --vgg ENTRY --batches FOLDER "
    "[MANIFEST]\n"
    "       hmm-cache has -c DIR [-c DIR]... [MANIFEST] >missing.tsv\n"
    "       hmm-cache put -c DIR [-c DIR]... [--slice ENTRY --vgg ENTRY [--gan FILE]] "
    "[MANIFEST] <features\n"
    "       hmm-cache verify -c DIR [-c DIR]... [--repair] [MANIFEST]\n"
    "       hmm-cache stats -c DIR [-c DIR]... >stats.tsv\n"
    "       hmm-cache trim -c DIR {--size BYTES | --older DAYS} [--keep MANIFEST]... >removed.tsv",
    "Features by the content of what they are made of: names, what is there, its keeping.", options,
    HMM_COUNT_OF(options)};

/* The verbs: by their long names the options that each wants and those that it
 * knows besides; and a manifest, which is standard input where none is given, or everything. */
enum operand { NONE, MANIFEST, SOME };
static const struct verb {
	const char *name, *wants, *knows;
	enum operand operand;
	int prints; /* 1: on standard output */
	hmm_cache_verb *run;
} verbs[] = {
    {"name", "slice|vgg", "gan|threads", MANIFEST, 1, hmm_cache_verb_name},
    {"plan", "cache|slice|vgg|batches", "gan|threads|jobs|rehash", MANIFEST, 1,
        hmm_cache_verb_plan},
    {"has", "cache", "require|there", MANIFEST, 1, hmm_cache_verb_has},
    {"put", "cache", "slice|vgg|gan|log", SOME, 0, hmm_cache_verb_put},
    {"verify", "cache", "threads|repair", SOME, 0, hmm_cache_verb_verify},
    {"stats", "cache", "threads", NONE, 1, hmm_cache_verb_stats},
    {"trim", "cache", "size|older|keep|dry-run", NONE, 1, hmm_cache_verb_trim},
};

static const struct verb *
find_verb(const char *name)
{
	for (size_t i = 0; i < HMM_COUNT_OF(verbs); i++)
		if (name && !strcmp(verbs[i].name, name))
			return &verbs[i];
	hmm_option_misuse("want name, plan, has, put, verify, stats or trim");
}

/* That it has what it wants, and nothing that it would pass over in silence. */
static void
check_options(const struct verb *verb)
{
	char text[32];
	for (size_t i = 0; i < usage.count; i++) {
		const struct hmm_option *option = &options[i];
		const char *value = hmm_option_value(text, sizeof(text), option);
		const int given = value && (option->type != HMM_FLAG || *option->value.flag);
		const int wanted = hmm_option_place(verb->wants, option->name) != HMM_UNSET;
		if (wanted && !given)
			hmm_option_misuse("%s: want %s%.*s %s", verb->name, option->letter ? "-" : "--",
			    option->letter ? 1 : 32, option->letter ? &option->letter : option->name,
			    option->argument);
		if (given && !wanted && hmm_option_place(verb->knows, option->name) == HMM_UNSET)
			hmm_option_misuse("%s knows no --%s", verb->name, option->name);
	}
}

/* What two options say of each other. */
static void
check_pairs(const struct verb *verb)
{
	if (verb->run == hmm_cache_verb_put &&
	    (!request.slice != !request.vgg || (request.gan && !request.vgg)))
		hmm_option_misuse(
		    "put: want both --slice and --vgg, or neither, and --gan with them alone");
	if (verb->run != hmm_cache_verb_trim)
		return;
	if (request.size == HMM_UNSET && request.older < 0)
		hmm_option_misuse("trim: want --size BYTES or --older DAYS");
	if (request.caches.count > 1)
		hmm_option_misuse("trim: want one -c DIR: those below it are not to be written to");
}

int
main(int argc, char **argv)
{
	const int first = hmm_option_parse(argc, argv, &usage), operands = argc - first - 1;
	const struct verb *verb = find_verb(argv[first]);
	check_options(verb);
	check_pairs(verb);
	if (operands > (verb->operand == NONE ? 0 : 1))
		hmm_option_misuse("%s: found %d operands, want %s", verb->name, operands,
		    verb->operand == NONE ? "none" : "a manifest at most");
	request.manifest = operands ? argv[first + 1] : verb->operand == MANIFEST ? "-" : NULL;
	if (request.threads == HMM_UNSET)
		request.threads = hmm_processors();
	if (request.jobs == HMM_UNSET)
		request.jobs = 1;
	int bad = verb->run(&request);
	if (verb->prints && fclose(stdout))
		bad = hmm_error("standard output: cannot write: %s", strerror(errno));
	return bad ? 1 : 0;
}
