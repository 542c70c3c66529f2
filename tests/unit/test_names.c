/* Names to numbers: each once, as many as there are, in the order of arrival or bytewise. */
#include <stdlib.h>
#include <string.h>

#include "hmm/data/names.h"
#include "test.h"

enum { MANY = 50000 };

static void
check_few(void)
{
	struct hmm_names names = {0};
	char text[32], short_text[8];
	size_t now[4];
	CHECK(hmm_names_find(&names, "PET") == -1);
	CHECK(!strcmp(hmm_names_list(text, sizeof(text), &names), ""));
	CHECK(hmm_names_sort(&names, NULL) == 0);
	CHECK(hmm_names_add(&names, "PET") == 0 && hmm_names_add(&names, "MRI") == 1);
	CHECK(hmm_names_add(&names, "") == 2 && hmm_names_add(&names, "PET ") == 3);
	CHECK(hmm_names_add(&names, "MRI") == 1 && hmm_names_add(&names, "PET") == 0);
	CHECK(names.count == 4 && !strcmp(names.name[1], "MRI") && hmm_names_find(&names, "pet") == -1);
	CHECK(!strcmp(hmm_names_list(text, sizeof(text), &names), "PET, MRI, , PET "));
	CHECK(!strcmp(hmm_names_list(short_text, sizeof(short_text), &names), "PET, MR"));
	CHECK(hmm_names_sort(&names, now) == 0);
	CHECK(now[0] == 2 && now[1] == 1 && now[2] == 0 && now[3] == 3);
	CHECK(!strcmp(names.name[0], "") && !strcmp(names.name[2], "PET"));
	CHECK(hmm_names_find(&names, "PET") == 2 && hmm_names_find(&names, "") == 0);
	CHECK(hmm_names_add(&names, "CT") == 4 && hmm_names_find(&names, "PET ") == 3);
	hmm_names_close(&names);
	CHECK(names.count == 0 && hmm_names_find(&names, "PET") == -1);
	hmm_names_close(&names);
}

/* The names are the structure's own. */
static void
check_copies(void)
{
	struct hmm_names names = {0};
	char name[] = "one";
	CHECK(hmm_names_add(&names, name) == 0);
	name[0] = 'x';
	CHECK(hmm_names_find(&names, "one") == 0 && hmm_names_find(&names, "xne") == -1);
	hmm_names_close(&names);
}

static const char *
name_of(size_t i)
{
	static char name[32];
	snprintf(name, sizeof(name), "sub-%zu", (i * 7919) % MANY);
	return name;
}

static void
check_many(void)
{
	struct hmm_names names = {0};
	size_t *now = calloc(MANY, sizeof(*now)), wrong = 0;
	for (size_t i = 0; i < MANY; i++)
		wrong += hmm_names_add(&names, name_of(i)) != (long)i;
	for (size_t i = 0; i < MANY; i++)
		wrong += hmm_names_add(&names, name_of(i)) != (long)i;
	CHECK(wrong == 0 && names.count == MANY && hmm_names_find(&names, "sub-50000") == -1);
	CHECK(hmm_names_sort(&names, now) == 0);
	for (size_t i = 0; i < MANY; i++)
		wrong += hmm_names_find(&names, name_of(i)) != (long)now[i];
	for (size_t i = 1; i < MANY; i++)
		wrong += strcmp(names.name[i - 1], names.name[i]) >= 0;
	CHECK(wrong == 0);
	hmm_names_close(&names);
	free(now);
}

int
main(void)
{
	check_few();
	check_copies();
	check_many();
	return test_end();
}
