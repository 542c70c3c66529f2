/* Tables and manifests: what is read is what was written, and what is not a table is refused. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hmm/data/column.h"
#include "hmm/data/list.h"
#include "hmm/data/manifest.h"
#include "test.h"

static char path[] = "/tmp/hmm-test-table-XXXXXX";

static struct hmm_table *
table_of(const char *text, char separator)
{
	FILE *file = fopen(path, "wb");
	fputs(text, file);
	fclose(file);
	return hmm_table_read(path, separator);
}

static int
is(const struct hmm_table *table, size_t row, const char *column, const char *want)
{
	const char *have = hmm_table_cell(table, row, hmm_table_find(table, column));
	return have && want ? !strcmp(have, want) : have == want;
}

static void
check_reading(void)
{
	struct hmm_table *table =
	    table_of("# a comment\na\tb\tc\r\n\n1\tn/a\tx\\ty\\\\\\n\r\n\t2\t\\q\n", '\t');
	CHECK(table && table->rows == 2 && table->columns == 3);
	CHECK(is(table, 0, "a", "1") && is(table, 0, "b", NULL) && is(table, 0, "c", "x\ty\\\n"));
	CHECK(is(table, 1, "a", NULL) && is(table, 1, "b", "2") && is(table, 1, "c", "\\q"));
	CHECK(hmm_table_find(table, "d") == -1 && !hmm_table_cell(table, 0, -1));
	hmm_table_free(table);

	table = table_of("a,\"b,c\"\n\"x \"\"y\"\"\nz\",n/a\n1,\"2\"\n", ',');
	CHECK(table && table->rows == 2 && table->columns == 2);
	CHECK(is(table, 0, "a", "x \"y\"\nz") && is(table, 0, "b,c", NULL));
	CHECK(is(table, 1, "a", "1") && is(table, 1, "b,c", "2"));
	hmm_table_free(table);
}

static void
check_refusals(void)
{
	CHECK(!table_of("", '\t'));
	CHECK(!table_of("# only a comment\n", '\t'));
	CHECK(!table_of("a\tb\n1\n", '\t'));
	CHECK(!table_of("a\tb\n1\t2\t3\n", '\t'));
	CHECK(!hmm_table_read("/nowhere/at/all", '\t'));
	struct hmm_table *table = table_of("label\n1\n0\nn/a\n2\n", '\t');
	CHECK(hmm_table_label(table, 0, 0) == 1 && hmm_table_label(table, 1, 0) == 0);
	CHECK(hmm_table_label(table, 2, 0) == -1 && hmm_table_label(table, 3, 0) == -2);
	CHECK(hmm_table_want(table, "split") == -1);
	hmm_table_free(table);
}

/* Tables as other programs write them: quoted cells, blanks, other ends of lines. */
static void
check_others(void)
{
	static const char text[] = "\xef\xbb\xbf# c\r\r\"subject\"\t path \r"
	                           " \"x\ty\n\"\"z\"\"\" \t\xc2\xa0 v\xc2\xa0\r\t \r\"\"\t2\r";
	struct hmm_table *table = table_of(text, '\t');
	CHECK(table && table->rows == 2 && table->columns == 2);
	CHECK(is(table, 0, "subject", "x\ty\n\"z\"") && is(table, 0, "path", "\xc2\xa0 v\xc2\xa0"));
	CHECK(is(table, 1, "subject", NULL) && is(table, 1, "path", "2"));
	hmm_table_free(table);
	table = hmm_table_read_foreign(path); /* blanks do not count there */
	CHECK(table && table->rows == 2 && is(table, 0, "path", "v"));
	hmm_table_free(table);
	table = table_of("subject\tmodality\tlabel\tgroup\tsplit\tpath\n"
	                 " a\tb \t 1 \t g\ttest \t p \n",
	    '\t');
	CHECK(is(table, 0, "subject", "a") && is(table, 0, "modality", "b"));
	CHECK(is(table, 0, "label", "1") && is(table, 0, "group", "g"));
	CHECK(is(table, 0, "split", "test") && is(table, 0, "path", " p "));
	hmm_table_free(table);
	CHECK(!table_of("a\tb\n\"x\t1\n", '\t'));     /* never closed */
	CHECK(!table_of("a\tb\n\"x\" y\t1\n", '\t')); /* text behind it */
	CHECK(!table_of("a\tb\ta\n1\t2\t3\n", '\t'));
	CHECK(!table_of("a\t \"a\" \n1\t2\n", '\t'));
	CHECK(!table_of("a,b\n1,2\n", '\t') && !table_of("a;b\n1;2\n", '\t'));
	CHECK(!table_of("a\tb\n1\t2\n", ',') && !table_of("a;b\n1;2\n", ','));
	table = table_of("a\t\t\n1\t2\t3\n", '\t'); /* no name is no name twice */
	CHECK(table && is(table, 0, "a", "1"));
	hmm_table_free(table);
}

/* Cut anywhere within its last line a table is refused, or passed with a warning if another's. */
static void
check_cut(void)
{
	const char text[] = "a\tb\n1\t23\n";
	char cut[sizeof(text)];
	for (size_t size = 0; size < sizeof(text) - 1; size++) {
		snprintf(cut, sizeof(cut), "%.*s", (int)size, text);
		struct hmm_table *table = table_of(cut, '\t');
		CHECK(size == 4 ? table != NULL : !table); /* the header alone is a table */
		hmm_table_free(table);
	}
	CHECK(!table_of("a\tb\n1\t2\n1\t2\r\nx\ty", '\t'));
	struct hmm_table *table = table_of("a\tb\n1\t2\n \t ", '\t'); /* no text in it */
	CHECK(table && table->rows == 1);
	hmm_table_free(table);
	hmm_table_free(table_of("a\n2\n3", '\t')); /* writes it */
	table = hmm_table_read_foreign(path);
	CHECK(table && table->rows == 2 && is(table, 1, "a", "3"));
	hmm_table_free(table);
}

static void
check_missing(void)
{
	static const char *const spellings[] = {"n/a", "N/A", "NA", "NaN", "nan", "NULL", "null",
	    "None", "#N/A", ".", "-", "", " ", "\"\"", "\" \"", "\"n/a\"", "\xc2\xa0", "-NaN", "-nan",
	    "<NA>", "#NA", "NaT", "#N/A N/A", "1.#QNAN", "1.#IND", "-1.#IND", "-1.#QNAN", "#NULL!",
	    "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#SPILL!", "#CALC!", "#ERROR!"};
	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		char text[512];
		snprintf(text, sizeof(text), "subject\tlabel\tgroup\tsplit\tmask\nx\t%s\t%s\t%s\t%s\n",
		    spellings[i], spellings[i], spellings[i], spellings[i]);
		struct hmm_table *table = table_of(text, '\t');
		CHECK(table && is(table, 0, "label", NULL) && is(table, 0, "group", NULL));
		CHECK(table && is(table, 0, "split", NULL) && is(table, 0, "mask", NULL));
		hmm_table_free(table);
	}
	struct hmm_table *table = table_of("subject\tmodality\tpath\tsystem\nNA\t-\tnull\tNone\n"
	                                   "n/a\t\t\"\"\tn/a\n",
	    '\t');
	CHECK(is(table, 0, "subject", "NA") && is(table, 0, "modality", "-"));
	CHECK(is(table, 0, "path", "null") && is(table, 0, "system", "None"));
	for (int i = 0; i < 4; i++)
		CHECK(!hmm_table_cell(table, 1, i));
	hmm_table_free(table);
	table = table_of("label\n1.0\n0.0\n0.5\n0x1\n", '\t'); /* pandas's, of a column with NaN */
	CHECK(hmm_table_label(table, 0, 0) == 1 && hmm_table_label(table, 1, 0) == 0);
	CHECK(hmm_table_label(table, 2, 0) == -2 && hmm_table_label(table, 3, 0) == -2);
	hmm_table_free(table);
}

/* Any bytes but NUL survive a round. */
static void
check_round(void)
{
	const char *const header[] = {"# name", "other"};
	char all[256];
	for (int i = 0; i < 255; i++)
		all[i] = (char)(i + 1);
	all[255] = '\0';
	struct hmm_table *table = hmm_table_new("made", header, 2);
	CHECK(!hmm_table_append(table, (const char *const[]){all, NULL}));
	CHECK(!hmm_table_append(table, (const char *const[]){"", "dropped"}));
	CHECK(!hmm_table_append(table, (const char *const[]){"back\\slash\\n", "\t"}));
	CHECK(!hmm_table_append(table, (const char *const[]){"#\"x\"", "  lead"}));
	CHECK(!hmm_table_append(table, (const char *const[]){"\"q\"\t", "trail\xc2\xa0"}));
	FILE *file = fopen(path, "wb");
	hmm_table_print(file, table, (const char[]){1, 0, 1, 1, 1});
	fclose(file);
	hmm_table_free(table);

	table = hmm_table_read(path, '\t');
	CHECK(table && table->rows == 4);
	CHECK(is(table, 2, "# name", "#\"x\"") && is(table, 2, "other", "  lead"));
	CHECK(is(table, 3, "# name", "\"q\"\t") && is(table, 3, "other", "trail\xc2\xa0"));
	CHECK(is(table, 0, "# name", all) && is(table, 0, "other", NULL));
	CHECK(is(table, 1, "# name", "back\\slash\\n") && is(table, 1, "other", "\t"));
	char one[] = "1", two[] = "2", *const cells[] = {one, two, one, two};
	CHECK(!hmm_table_set_column(table, "other", cells) && table->columns == 2);
	CHECK(!hmm_table_set_column(table, "new", cells) && table->columns == 3);
	CHECK(is(table, 0, "other", "1") && is(table, 1, "new", "2") && is(table, 0, "# name", all));
	hmm_table_free(table);
}

static void
check_manifest(void)
{
	static const char *const agree[] = {"label", "group"};
	struct hmm_column by_group;
	struct hmm_table *table = table_of("subject\tgroup\tlabel\tpath\n"
	                                   "b\tn/a\t1\tp1\na\tg\t0\tp2\nb\tn/a\t1\tp3\n",
	    '\t');
	CHECK(!hmm_manifest_check(table, agree, 2));
	CHECK(!hmm_column_open(&by_group, table, 1, 0));
	CHECK(by_group.names.count == 2 && !strcmp(by_group.names.name[0], "b") &&
	      !strcmp(by_group.names.name[1], "g"));
	CHECK(by_group.of[0] == 0 && by_group.of[1] == 1 && by_group.of[2] == 0);
	CHECK(hmm_column_first(&by_group, 0) == 0 && hmm_column_rows(&by_group, 0) == 2);
	CHECK(hmm_column_first(&by_group, 1) == 1 && hmm_column_rows(&by_group, 1) == 1);
	CHECK(by_group.row[0] == 0 && by_group.row[1] == 2 && by_group.row[2] == 1);
	CHECK(hmm_column_find(&by_group, "g") == 1 && hmm_column_find(&by_group, "z") == -1);
	hmm_column_close(&by_group);
	CHECK(hmm_column_open(&by_group, table, 1, -1) == -1);
	hmm_table_free(table);

	const char *const bad[] = {"group\tpath\ng\tp\n", "subject\tlabel\ns\t0\ns\t1\n",
	    "subject\tlabel\ns\t0\ns\tn/a\n", "subject\tgroup\ns\tg\ns\th\n",
	    "subject\tpath\ns\tp\nt\tp\n", "subject\tpath\ns\tn/a\n", "subject\tlabel\ns\tyes\n",
	    "subject\tlabel\nn/a\t1\n"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		table = table_of(bad[i], '\t');
		CHECK(table && hmm_manifest_check(table, agree, 2) == -1);
		hmm_table_free(table);
	}
	CHECK(hmm_list_has("a,bc", "bc", 2) && !hmm_list_has("a,bc", "b", 1));
	CHECK(!hmm_list_has("", "", 0) && !hmm_list_has("ab", "abc", 3));
}

int
main(void)
{
	close(mkstemp(path));
	if (!freopen("/dev/null", "w", stderr)) /* the refusals' messages */
		return 1;
	check_reading();
	check_refusals();
	check_others();
	check_cut();
	check_missing();
	check_round();
	check_manifest();
	unlink(path);
	return test_end();
}
