/* What labels to train on, and hostile models, say of an objective. */
#include <math.h>
#include <string.h>

#include "hmm/base/option.h"
#include "hmm/learn/model.h"
#include "hmm/learn/objective.h"
#include "refuse.h"
#include "test.h"

enum { MOST = 64 };

/* ---- what labels say ---- */

static struct hmm_sample sample[MOST];
static struct hmm_dataset data = {.sample = sample};
static char text[MOST][2][24];

/* Subjects in the order of their names, some with two records. */
static void
add(const char *split, const char *label, int event, size_t records)
{
	snprintf(text[data.count][0], sizeof(text[0][0]), "s%02zu", data.count);
	snprintf(text[data.count][1], sizeof(text[0][1]), "%s", label);
	const struct hmm_sample of = {.subject = text[data.count][0],
	    .label = text[data.count][1],
	    .group = "",
	    .modality = "CT",
	    .observed = "",
	    .split = split,
	    .source = "",
	    .imputed = "",
	    .event = event,
	    .index = -1};
	while (records--)
		sample[data.count++] = of;
}

static int
learns(struct hmm_objective *objective, int target, int loss, const char *at)
{
	const struct hmm_objective_options asked = {target, loss, at};
	return hmm_objective_learn(objective, &asked, &data, NULL);
}

/* Learn what cannot be. */
static void
check_refused(int target, const char *at, const char *part)
{
	struct hmm_objective objective = {0};
	refuse_begin();
	CHECK(learns(&objective, target, HMM_UNSET, at) == -1);
	CHECK(refuse_end(part));
	hmm_objective_close(&objective);
}

static void
check_classes(void)
{
	struct hmm_objective objective = {0};
	double truth;
	int number;
	data.count = 0;
	add("train", "b c", -1, 1);
	check_refused(HMM_CLASSES, NULL, "all training subjects are of class 'b c', want two or more");
	add("train", "\xc3\xa9", -1, 2);
	add("train", "", -1, 1);
	add("train", "10", -1, 1);
	add("val", "other", -1, 1);
	add("train", "NA", -1, 1); /* as other writers of streams may spell what is missing */
	CHECK(learns(&objective, HMM_CLASSES, HMM_UNSET, NULL) == 0);
	CHECK(objective.loss == HMM_CROSS_ENTROPY && objective.outputs == 3);
	CHECK(!strcmp(objective.columns.name[0], "probability_10"));
	CHECK(!strcmp(objective.columns.name[1], "probability_b c"));
	CHECK(!strcmp(objective.columns.name[2], "probability_\xc3\xa9"));
	CHECK(hmm_objective_truth(&objective, &sample[1], &number, &truth) == 1 && number == 2);
	CHECK(hmm_objective_truth(&objective, &sample[3], &number, &truth) == 0);
	refuse_begin();
	CHECK(hmm_objective_truth(&objective, &sample[5], &number, &truth) == -1);
	CHECK(refuse_end("class 'other' is of no subject that is trained on, which are 10, b c, \xc3"));
	hmm_objective_close(&objective);
	add("train", "\xff", -1, 1);
	check_refused(HMM_CLASSES, NULL, "is no UTF-8");
	check_refused(HMM_VALUE, NULL, "label 'b c', want a number");
	data.count = 0;
	add("val", "a", -1, 1);
	check_refused(HMM_CLASSES, NULL, "no labelled records of split 'train'");
}

static void
check_values(void)
{
	struct hmm_objective objective = {0};
	data.count = 0;
	add("train", "3", -1, 1);
	add("train", "3.0", -1, 3);
	check_refused(HMM_VALUE, NULL, "the values of 2 training subjects have no deviation");
	add("train", "-6", -1, 2);
	add("val", "100", -1, 2);
	add("train", "", -1, 1);
	CHECK(learns(&objective, HMM_VALUE, HMM_UNSET, NULL) == 0);
	CHECK(objective.loss == HMM_GAUSSIAN && objective.outputs == 2 && objective.columns.count == 2);
	CHECK(fabs(objective.mean) < 1e-15 && fabs(objective.sd / sqrt(18) - 1) < 1e-15);
	CHECK(learns(&objective, HMM_UNSET, HMM_HUBER, NULL) == 0);
	CHECK(objective.target == HMM_VALUE && objective.outputs == 1 && objective.columns.count == 1);
	hmm_objective_close(&objective);
}

/* Some events, in an order of their own, and censored ones between and behind them. */
static void
make_times(const double *event, size_t events)
{
	char label[24];
	data.count = 0;
	for (size_t i = 0; i < events; i++) {
		snprintf(label, sizeof(label), "%g", event[i * 7 % events]);
		add("train", label, 1, 1 + i % 2);
		add("train", i % 2 ? "0.5" : "900", 0, 1);
	}
	add("val", "1000", 1, 1);
	add("train", "", 1, 1);
	add("train", "1000", -1, 1);
}

static void
check_default_times(void)
{
	static const double far[] = {
	    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20};
	static const double tied[] = {2, 2, 2, 2, 2, 5, 5, 5, 9, 9, 9}, same[] = {4, 4};
	struct hmm_objective objective = {0};
	make_times(far, 20);
	CHECK(learns(&objective, HMM_TIME, HMM_UNSET, NULL) == 0);
	CHECK(objective.times == 8 && objective.outputs == 8 && objective.columns.count == 9);
	for (size_t k = 1; k <= 8; k++)
		CHECK(objective.time[k - 1] == far[k * 20 / 9]);
	CHECK(!strcmp(objective.columns.name[0], "risk"));
	CHECK(!strcmp(objective.columns.name[1], "survival_3"));
	make_times(tied, 11); /* each once, and not the last, 9 */
	CHECK(learns(&objective, HMM_TIME, HMM_COX, NULL) == 0);
	CHECK(objective.times == 2 && objective.time[0] == 2 && objective.time[1] == 5);
	CHECK(objective.outputs == 1 && objective.columns.count == 3);
	CHECK(learns(&objective, HMM_TIME, HMM_HAZARDS, "0.25,4,8.5") == 0);
	CHECK(objective.times == 3 && objective.time[2] == 8.5 && objective.outputs == 3);
	hmm_objective_close(&objective);
	check_refused(HMM_TIME, "4,9", "--times: 9 is not before the last event that is trained on, 9");
	static const char *const wrong[] = {
	    "4,4", "5,4", "0,4", "-1", "4,", ",4", "4;5", "nan", "inf", "x"};
	for (size_t i = 0; i < HMM_COUNT_OF(wrong); i++)
		check_refused(HMM_TIME, wrong[i], "want up to 64 times above 0 that ascend");
	check_refused(HMM_TIME, "", "--times: found ''");
	make_times(same, 2);
	check_refused(HMM_TIME, NULL, "all events of the training subjects are at one time, 4");
	data.count = 0;
	add("train", "4", 0, 2);
	add("train", "5", 0, 1);
	check_refused(HMM_TIME, NULL, "2 training subjects are censored, and none has an event");
	add("train", "-5", 1, 1);
	check_refused(HMM_TIME, NULL, "label '-5', want a time, 0 or more");
}

/* ---- models ---- */

/* Whether a model of these facts is refused so, or with NULL read. */
static int
reads(const char *part, const char *facts)
{
	static char copy[2000];
	struct hmm_pair pair[16];
	struct hmm_weights weights = {.path = (char[]){"model"}, .pair = pair};
	const struct hmm_model model = {.weights = &weights};
	struct hmm_objective objective;
	snprintf(copy, sizeof(copy), "%s", facts);
	for (char *key = strtok(copy, "="); key; key = strtok(NULL, "="))
		pair[weights.pairs++] = (struct hmm_pair){key, strtok(NULL, ";")};
	refuse_begin();
	const int bad = hmm_objective_read(&objective, &model);
	const int as_said = part ? bad == -1 && refuse_end(part) : bad == 0 && refuse_nothing();
	hmm_objective_close(&objective);
	return as_said;
}

static void
check_models(void)
{
#define CLASSES "target=classes;loss=cross-entropy;"
#define VALUE "target=value;loss=gaussian;"
#define COX "target=time;loss=cox;"
	CHECK(reads(NULL, "batch=1"));
	CHECK(reads(NULL, CLASSES "class.0=a;class.1=b"));
	CHECK(reads("class 'a' is out of place", CLASSES "class.0=b;class.1=a"));
	CHECK(reads("class 'a' is out of place", CLASSES "class.0=a;class.1=a"));
	CHECK(reads("names less than two", CLASSES "class.0=a;class.2=b"));
	CHECK(reads("target 'classes' of loss '', which are not known", "target=classes"));
	CHECK(reads("of loss 'hinge', which are not known", "target=classes;loss=hinge"));
	CHECK(reads("target 'value' of loss 'cox'", "target=value;loss=cox;time.0=1;baseline.0=1"));
	CHECK(reads("target 'x' of loss 'huber'", "target=x;loss=huber;mean=0;sd=1"));
	CHECK(reads(NULL, VALUE "mean=-3;sd=1e-9"));
	CHECK(reads("sd: 0, want more than 0", VALUE "mean=0;sd=0"));
	CHECK(reads("sd: -1, want more than 0", VALUE "mean=0;sd=-1"));
	CHECK(reads("sd: found 'nothing', want a number", VALUE "mean=0"));
	CHECK(reads("mean: found 'nan', want a number", VALUE "mean=nan;sd=1"));
	CHECK(reads("sd: found '1x', want a number", VALUE "mean=0;sd=1x"));
	CHECK(reads(NULL, COX "time.0=1;baseline.0=0;time.1=2;baseline.1=0"));
	CHECK(reads(
	    "time.1: 1, want times and a baseline", COX "time.0=1;baseline.0=0;time.1=1;baseline.1=1"));
	CHECK(reads(
	    "time.1: 2, want times and a baseline", COX "time.0=1;baseline.0=2;time.1=2;baseline.1=1"));
	CHECK(reads("time.0: 0, want times and a baseline", COX "time.0=0;baseline.0=1"));
	CHECK(reads("time.0: 1, want times and a baseline", COX "time.0=1;baseline.0=-1"));
	CHECK(reads("baseline.0: found 'nothing'", COX "time.0=1"));
	CHECK(reads("time.0: found 'inf'", COX "time.0=inf;baseline.0=1"));
	CHECK(reads("a model of time that names none", COX "time.1=1;baseline.1=1"));
	CHECK(reads("want times and a baseline", "target=time;loss=hazards;time.0=2;time.1=1"));
}

int
main(void)
{
	check_classes();
	check_values();
	check_default_times();
	check_models();
	return test_end();
}
