/* Items from records: which are taken, how they are grouped, numbered, weighed, and the keys of
 * what is drawn for them. */
#include <stdlib.h>
#include <string.h>

#include "hmm/base/random.h"
#include "hmm/learn/items.h"
#include "test.h"

enum { MOST = 16 };

static struct hmm_sample sample[MOST];
static float block[MOST];
static struct hmm_dataset data = {.sample = sample};

static void
add(const char *subject, const char *modality, const char *source, const char *split, int label)
{
	static const char *const labels[] = {"", "0", "1"};
	sample[data.count] = (struct hmm_sample){subject, "", modality, "", split, source, "",
	    labels[label + 1], .event = -1, .index = -1, .x = &block[data.count]};
	data.count++;
}

/* Four subjects to train on: s1 and s4 complete, s2 with PET twice, s3 without PET. */
static void
make_data(void)
{
	data.count = 0;
	add("s1", "MRI", "1m", "train", 1);
	add("s1", "PET", "1p", "train", 1);
	add("s2", "PET", "2a", "train", 0);
	add("s2", "PET", "2b", "train", 0);
	add("s3", "MRI", "3m", "train", 0);
	add("s4", "MRI", "4m", "train", 0);
	add("s4", "PET", "4p", "train", 0);
	add("s5", "MRI", "5m", "val", 1);
	add("s6", "MRI", "6m", "train", -1);
}

/* The items' subjects, with their images' modalities: "s1:01 s2:11". */
static const char *
text_of(const struct hmm_items *items)
{
	static char text[256];
	size_t used = 0;
	text[0] = '\0';
	for (size_t i = 0; i < items->count; i++) {
		used += (size_t)snprintf(
		    text + used, sizeof(text) - used, "%s%s:", i ? " " : "", items->item[i].subject);
		for (size_t k = 0; k < items->item[i].count; k++)
			used += (size_t)snprintf(
			    text + used, sizeof(text) - used, "%zu", items->item[i].image[k].modality);
	}
	return text;
}

static int
gives(const char *want, const struct hmm_names *modalities, const char *split, int wants)
{
	struct hmm_items items;
	const int bad = hmm_items_open(&items, &data, modalities, &hmm_objective_binary, split, wants);
	const int same = want ? !bad && !strcmp(text_of(&items), want) : bad == -1;
	if (!same)
		printf("%d '%s', want '%s'\n", bad, text_of(&items), want ? want : "an error");
	hmm_items_close(&items);
	return same;
}

static void
check_groups(void)
{
	struct hmm_names both, pet = {0}, none = {0};
	make_data();
	CHECK(hmm_items_modalities(&both, NULL, &data, &hmm_objective_binary) == 0 && both.count == 2);
	CHECK(!strcmp(both.name[0], "MRI") && !strcmp(both.name[1], "PET"));
	CHECK(hmm_names_add(&pet, "PET") == 0);
	CHECK(gives("s1:01 s2:11 s3:0 s4:01", &both, "train", 0));
	CHECK(gives("s5:0", &both, "val", 0));
	CHECK(gives("s1:01 s2:11 s3:0 s4:01 s5:0 s6:0", &both, NULL, 0));
	CHECK(gives("s1:0 s1:1 s2:1 s2:1 s3:0 s4:0 s4:1", &both, "train", HMM_BY_IMAGE));
	CHECK(gives("s1:00 s2:00 s3:0 s4:00", NULL, "train", 0));
	CHECK(gives("s1:0 s2:00 s4:0", &pet, "train", HMM_SOME_IMAGES));
	CHECK(gives("s1:0 s2:0 s2:0 s4:0", &pet, "train", HMM_SOME_IMAGES | HMM_BY_IMAGE));
	CHECK(gives(NULL, &pet, "train", 0));                /* MRI is unknown */
	CHECK(gives(NULL, &pet, "val", HMM_SOME_IMAGES));    /* none has PET */
	CHECK(gives(NULL, &both, "test", 0));                /* no such split */
	CHECK(gives(NULL, &none, "train", HMM_SOME_IMAGES)); /* nothing is taken */
	CHECK(gives(NULL, &both, "train", HMM_ONE_OF_EACH)); /* s2 has two */
	sample[3].split = "";                                /* then it has one */
	CHECK(gives("s1:01 s4:01", &both, "train", HMM_ALL_MODALITIES | HMM_ONE_OF_EACH));
	sample[0].observed = "MRI+PET";
	CHECK(gives("s1:1 s2:1 s3:0 s4:01", &both, "train", HMM_WHOLE));
	add("s8", "CT", "8c", "val", 0); /* which nothing learns from, so it is unknown */
	hmm_names_close(&pet);
	CHECK(hmm_items_modalities(&pet, NULL, &data, &hmm_objective_binary) == 0 && pet.count == 2);
	hmm_names_close(&pet);
	CHECK(gives(NULL, &both, "val", 0));
	CHECK(gives("s5:0", &both, "val", HMM_SOME_IMAGES));
	add("s7", "MRI", "7m", "test", 0);
	add("s7", "PET", "7a", "test", 0);
	CHECK(gives("s7:01", &both, "test", HMM_ONE_OF_EACH));
	add("s7", "PET", "7b", "test", 0);
	CHECK(gives(NULL, &both, "test", HMM_ONE_OF_EACH));
	sample[4].modality = "";
	hmm_names_close(&both);
	CHECK(hmm_items_modalities(&both, NULL, &data, &hmm_objective_binary) == -1);
	hmm_names_close(&both);
	data.count = 0;
	add("s1", "PET", "", "train", 0);
	add("s2", "MRI", "", "train", 0);
	CHECK(hmm_items_modalities(&both, NULL, &data, &hmm_objective_binary) == 0 &&
	      !strcmp(both.name[0], "MRI"));
	hmm_names_close(&both);
	hmm_names_close(&pet);
}

/* A subject of three modalities with all its seven sets, one of a single modality, and one with
 * its full set and four draws of two. */
static void
make_sets(void)
{
	static const char *const names[] = {"a", "a+b", "a+b+c", "a+c", "b", "b+c", "c"};
	static const char *const of_drawn[] = {"a+b", "a+b", "a+b+c", "b+c", "b+c"};
	data.count = 0;
	for (size_t i = 0; i < 7; i++)
		add("s1", names[i], "", "train", 1);
	add("s2", "a", "", "train", 0);
	for (size_t i = 0; i < 5; i++)
		add("s3", of_drawn[i], "", "train", 0);
	for (size_t i = 0; i < data.count; i++)
		sample[i].observed = i == 2 || i == 7 || i == 10 ? "" : "a+b+c";
}

/* Each epoch one set a subject: even among sizes, then among the sets of a size. */
static void
check_draws(void)
{
	enum { EPOCHS = 7000 };
	struct hmm_items items;
	size_t of_sample[MOST] = {0};
	make_sets();
	CHECK(hmm_items_open(&items, &data, NULL, &hmm_objective_binary, "train", HMM_DRAWN) == 0);
	CHECK(items.count == 3 && items.item[0].count == 7 && items.item[1].count == 1);
	for (uint32_t epoch = 1; epoch <= EPOCHS; epoch++) {
		hmm_items_draw(&items, (struct hmm_place){.seed = 5, .epoch = epoch});
		for (size_t i = 0; i < items.count; i++) {
			const struct hmm_item *item = &items.item[i];
			const struct hmm_sample *drawn = item->image->sample;
			CHECK(item->count == 1 && !strcmp(drawn->subject, item->subject));
			CHECK(item->image->x == drawn->x && item->whole == !drawn->observed[0]);
			of_sample[drawn - sample]++;
		}
	}
	/* five standard deviations */
	for (size_t i = 0; i < data.count; i++) {
		const double p = i == 7 ? 1 : i == 2 ? 1. / 3 : i < 7 ? 1. / 9 : i == 10 ? 1. / 2 : 1. / 8;
		CHECK(fabs((double)of_sample[i] - p * EPOCHS) <= 5 * sqrt(p * (1 - p) * EPOCHS));
	}
	hmm_items_close(&items);
}

/* What one subject gets follows from the seed, the epoch and its name alone. */
static void
check_draw_keys(void)
{
	enum { EPOCHS = 50 };
	struct hmm_items items;
	const char *first[EPOCHS];
	size_t other_seed = 0, other_subject = 0;
	make_sets();
	CHECK(hmm_items_open(&items, &data, NULL, &hmm_objective_binary, "train", HMM_DRAWN) == 0);
	for (uint32_t epoch = 0; epoch < EPOCHS; epoch++) {
		hmm_items_draw(&items, (struct hmm_place){.seed = 5, .epoch = epoch});
		first[epoch] = items.item[0].image->sample->modality;
		hmm_items_draw(&items, (struct hmm_place){.seed = 6, .epoch = epoch});
		other_seed += first[epoch] != items.item[0].image->sample->modality;
	}
	hmm_items_close(&items);
	data.count = 7;
	for (int again = 0; again < 2; again++) { /* without the others; under another name */
		CHECK(hmm_items_open(&items, &data, NULL, &hmm_objective_binary, "train", HMM_DRAWN) == 0);
		for (uint32_t epoch = EPOCHS; epoch-- > 0;) {
			hmm_items_draw(&items, (struct hmm_place){.seed = 5, .epoch = epoch});
			const int same = first[epoch] == items.item[0].image->sample->modality;
			CHECK(same || again);
			other_subject += !same;
		}
		hmm_items_close(&items);
		for (size_t i = 0; i < data.count; i++)
			sample[i].subject = "s9";
	}
	CHECK(other_seed > EPOCHS / 2 && other_subject > EPOCHS / 2);
}

static void
check_fields(void)
{
	struct hmm_items items;
	struct hmm_names both;
	make_data();
	sample[2].observed = "MRI+PET";
	CHECK(hmm_items_modalities(&both, NULL, &data, &hmm_objective_binary) == 0);
	CHECK(hmm_items_open(&items, &data, &both, &hmm_objective_binary, "train", HMM_BY_IMAGE) == 0);
	for (size_t i = 0; i < items.count; i++) {
		CHECK(items.item[i].image->x == &block[i] && items.item[i].image->sample == &sample[i]);
		CHECK(
		    items.item[i].label == (sample[i].label[0] == '1') && items.item[i].whole == (i != 2));
		CHECK(items.item[i].weight >= 1 && items.item[i].weight <= 1);
	}
	CHECK(hmm_items_balance(&items, &hmm_objective_binary) == 0); /* 2 of 7 have label 1 */
	for (size_t i = 0; i < items.count; i++)
		CHECK(fabs(items.item[i].weight - (items.item[i].label ? 7. / 4 : 7. / 10)) < 1e-15);
	hmm_items_close(&items);
	CHECK(hmm_items_open(&items, &data, &both, &hmm_objective_binary, "train", 0) == 0);
	CHECK(hmm_items_balance(&items, &hmm_objective_binary) == 0); /* 1 of 4 */
	CHECK(fabs(items.item[0].weight - 2) < 1e-15 && fabs(items.item[1].weight - 2. / 3) < 1e-15);
	hmm_items_close(&items);
	hmm_names_close(&both);
}

/* The key and the first image's stream of the one item of a subject and a source, or of its first.
 */
static void
keys_of(uint32_t key[2], const char *subject, const char *source, int wants)
{
	struct hmm_items items;
	struct hmm_names names;
	CHECK(hmm_items_modalities(&names, NULL, &data, &hmm_objective_binary) == 0);
	CHECK(hmm_items_open(&items, &data, &names, &hmm_objective_binary, NULL, wants) == 0);
	key[0] = key[1] = 0;
	for (size_t i = 0; i < items.count; i++) {
		const struct hmm_item *item = &items.item[i];
		if (!key[0] && !strcmp(item->subject, subject) &&
		    (!source || !strcmp(item->image->sample->source, source))) {
			key[0] = item->key;
			key[1] = item->image->stream;
		}
	}
	hmm_items_close(&items);
	hmm_names_close(&names);
}

/* What is drawn for an item follows from its names, whoever else is there. */
static void
check_keys(void)
{
	uint32_t set[2], image[2], other[2];
	make_data();
	keys_of(set, "s4", NULL, 0);
	keys_of(image, "s4", "4p", HMM_BY_IMAGE);
	CHECK(set[0] == hmm_random_name("s4") && set[1] == hmm_random_name("MRI"));
	CHECK(image[0] == hmm_random_name("s4\n4p") && image[1] == hmm_random_name("PET"));
	keys_of(other, "s4", "4m", HMM_BY_IMAGE);
	CHECK(other[0] != image[0] && other[1] != image[1]);
	keys_of(other, "s3", NULL, 0);
	CHECK(other[0] != set[0]);

	data.count = 0; /* others before it, other modalities, another split */
	add("s0", "CT", "c", "train", 0);
	add("s1", "MRI", "1m", "val", 1);
	add("s4", "MRI", "4m", "val", 0);
	add("s4", "PET", "4p", "val", 0);
	add("s9", "MRI", "9m", "train", 0);
	add("s9", "PET", "9p", "train", 0);
	keys_of(other, "s4", NULL, 0);
	CHECK(!memcmp(other, set, sizeof(set)));
	keys_of(other, "s4", "4p", HMM_BY_IMAGE);
	CHECK(!memcmp(other, image, sizeof(image)));
	sample[3].imputed = "abc"; /* of another image's source */
	keys_of(other, "s4", "4p", HMM_BY_IMAGE);
	CHECK(other[0] == hmm_random_name("s4\n4p\nPET\nabc"));
	sample[3].imputed = sample[3].source = ""; /* a set latent has none */
	keys_of(other, "s4", "", HMM_BY_IMAGE);
	CHECK(other[0] == set[0]);
}

int
main(void)
{
	check_groups();
	check_fields();
	check_draws();
	check_draw_keys();
	check_keys();
	return test_end();
}
