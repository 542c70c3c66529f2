#include "hmm/score/report.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"

static const double significant = .05;

/* Whether a difference is inside the noise; n/a also where its test could not have shown that it is
 * not. */
static const char *
noise(const struct hmm_result_metric *metric)
{
	if (isnan(metric->p_holm) || metric->least >= significant)
		return "n/a";
	return metric->p_holm < significant ? "no" : "yes";
}

static void
write_number(FILE *file, double value)
{
	if (isnan(value))
		fputs("\tn/a", file);
	else
		fprintf(file, "\t%.4f", value);
}

void
hmm_report_write(FILE *file, const struct hmm_results *results)
{
	fputs("scenario\tsystem\tmetric\tmean\tsd\tlow\thigh\truns\tn\tdifference\tp\tp_holm\tnoise\t"
	      "paper\tpaper_sd\n",
	    file);
	const size_t metrics = results->kind->count;
	for (size_t i = 0; i < results->count * metrics; i++) {
		const struct hmm_result *result = &results->result[i / metrics];
		const struct hmm_result_metric *metric = &result->metric[i % metrics];
		if (!result->ran)
			continue;
		hmm_table_write(file, result->scenario, 1);
		hmm_table_write(file, result->system, 0);
		hmm_table_write(file, results->kind->metric[i % metrics], 0);
		write_number(file, metric->value);
		write_number(file, metric->sd);
		write_number(file, metric->low);
		write_number(file, metric->high);
		fprintf(file, "\t%ld\t%ld", result->runs, result->n);
		write_number(file, metric->difference);
		write_number(file, metric->p);
		write_number(file, metric->p_holm);
		hmm_table_write(file, noise(metric), 0);
		hmm_table_write(file, metric->paper, 0);
		hmm_table_write(file, metric->paper_sd, 0);
		putc('\n', file);
	}
}

/* ---- for people ---- */

/* Columns before the metrics, and behind them. */
enum {
	FIRST_METRIC = 3,
	BEHIND = 3,
	COLUMNS = FIRST_METRIC + HMM_RESULT_METRICS + BEHIND,
	CELL = 96
};

struct line {
	const struct hmm_result_kind *kind;
	const char *cell[COLUMNS];
	char text[COLUMNS][CELL]; /* of cells that are made */
};

static size_t
columns_of(const struct hmm_result_kind *kind)
{
	return FIRST_METRIC + kind->count + BEHIND;
}

static void
show_header(struct line *line)
{
	static const char *const before[FIRST_METRIC] = {"scenario", "system", "from"};
	const size_t end = FIRST_METRIC + line->kind->count;
	for (size_t c = 0; c < end; c++)
		line->cell[c] = c < FIRST_METRIC ? before[c] : line->kind->metric[c - FIRST_METRIC];
	snprintf(line->text[end], CELL, "p (%s)", line->kind->metric[line->kind->main]);
	line->cell[end] = line->text[end];
	line->cell[end + 1] = "runs / n";
	line->cell[end + 2] = "time";
}

/* Rounded to as many digits as the table for programs has, then to two. */
static double
rounded(double value)
{
	char text[64];
	snprintf(text, sizeof(text), "%.4f", value);
	return strtod(text, NULL);
}

/* Put more behind what a cell holds, as far as there is room. */
static void append(char text[CELL], const char *format, ...) HMM_PRINTF(2, 3);

static void
append(char text[CELL], const char *format, ...)
{
	const size_t used = strlen(text);
	va_list args;
	va_start(args, format);
	vsnprintf(text + used, CELL - used, format, args);
	va_end(args);
}

static void
show_metric(char text[CELL], const struct hmm_result_metric *metric)
{
	if (isnan(metric->value)) {
		snprintf(text, CELL, "n/a");
		return;
	}
	text[0] = '\0';
	append(text, "%.2f", metric->value);
	if (!isnan(metric->sd))
		append(text, " ± %.2f", rounded(metric->sd));
	if (!isnan(metric->low))
		append(text, " [%.2f, %.2f]", metric->low, metric->high);
	if (metric->p_holm >= significant)
		append(text, metric->least >= significant ? " ?" : " ~");
}

static void
show_ours(struct line *line, const struct hmm_result *result)
{
	const size_t metrics = line->kind->count, end = FIRST_METRIC + metrics;
	const double p = result->metric[line->kind->main].p_holm;
	for (int c = 0; c < COLUMNS; c++) {
		line->cell[c] = line->text[c];
		line->text[c][0] = '\0';
	}
	line->cell[0] = result->scenario;
	line->cell[1] = result->system;
	line->cell[2] = "ours";
	for (size_t m = 0; m < metrics; m++) {
		if (result->ran)
			show_metric(line->text[FIRST_METRIC + m], &result->metric[m]);
		else
			line->cell[FIRST_METRIC + m] = "not run";
	}
	if (!isnan(p))
		snprintf(line->text[end], CELL, "%.3f", p);
	if (result->ran)
		snprintf(line->text[end + 1], CELL, "%ld / %ld", result->runs, result->n);
	if (!isnan(result->seconds))
		snprintf(line->text[end + 2], CELL, "%.0f s", result->seconds);
}

static void
show_paper(struct line *line, const struct hmm_result *result)
{
	for (int c = 0; c < COLUMNS; c++)
		line->cell[c] = "";
	line->cell[2] = "paper";
	for (size_t m = 0; m < line->kind->count; m++) {
		const struct hmm_result_metric *metric = &result->metric[m];
		char *text = line->text[FIRST_METRIC + m];
		if (!metric->paper)
			continue;
		text[0] = '\0';
		append(text, "%.2f", strtod(metric->paper, NULL));
		if (metric->paper_sd)
			append(text, " ± %.2f", strtod(metric->paper_sd, NULL));
		line->cell[FIRST_METRIC + m] = text;
	}
	if (result->paper_time)
		line->cell[columns_of(line->kind) - 1] = result->paper_time;
}

static void
write_line(FILE *file, enum hmm_markup markup, const struct line *line)
{
	const int markdown = markup == HMM_MARKDOWN;
	for (size_t c = 0; c < columns_of(line->kind); c++) {
		fputs(c ? markdown ? " | " : " & " : markdown ? "| " : "", file);
		hmm_markup_write(file, markup, line->cell[c]);
	}
	fputs(markdown ? " |\n" : " \\\\", file);
}

/* The lines of the note, each after `prefix`; `last` stands at the end. */
static void
write_note(
    FILE *file, enum hmm_markup markup, const char *note, const char *prefix, const char *last)
{
	for (const char *at = note; *at;) {
		char line[1024];
		const size_t span = strcspn(at, "\n");
		const size_t used = span < sizeof(line) ? span : sizeof(line) - 1;
		memcpy(line, at, used);
		line[used] = '\0';
		fputs(prefix, file);
		if (markup == HMM_MARKDOWN && *line && strchr("#>-+=", *line))
			putc('\\', file); /* a heading, a quotation, a list */
		hmm_markup_write(file, markup, line);
		at += used + (at[used] == '\n');
		fputs(*at ? "\n" : last, file);
	}
}

static void
write_legend(FILE *file, enum hmm_markup markup, const struct hmm_results *results,
    const struct hmm_report *report)
{
	long runs = 0;
	for (size_t i = 0; i < results->count; i++)
		runs = results->result[i].runs > runs ? results->result[i].runs : runs;
	const char *sim = markup == HMM_MARKDOWN ? "~" : "$\\sim$";
	const char *percent = markup == HMM_MARKDOWN ? "%" : "\\%";
	fprintf(file,
	    "Mean %s SD over the runs (n - 1; seeds 1 to %ld) and the 95 %s interval of patients drawn "
	    "anew. %s: the difference\nto ",
	    markup == HMM_MARKDOWN ? "±" : "$\\pm$", runs, percent, sim);
	hmm_markup_write(file, markup, report->reference);
	fputs(" is inside the noise (Holm-adjusted p of all systems and metrics of a scenario at least "
	      "0.05); ?: so many systems and metrics for so few replicates and patients that none "
	      "could be "
	      "outside it; p is that of ",
	    file);
	hmm_markup_write(file, markup, results->kind->metric[results->kind->main]);
	fputs(".\nn: predictions of the split ", file);
	hmm_markup_write(file, markup, report->split);
	fputs(" of all runs. Time: mean seconds of training and prediction of a run, on one thread.\n",
	    file);
	if (report->published)
		fprintf(file,
		    "The paper's AUC is, in its code, that of thresholded predictions: it is %s that "
		    "compares with it.\n",
		    markup == HMM_MARKDOWN ? "auc_hard" : "auc\\_hard");
}

void
hmm_report_write_markup(FILE *file, enum hmm_markup markup, const struct hmm_results *results,
    const struct hmm_report *report)
{
	const int markdown = markup == HMM_MARKDOWN;
	struct line line = {.kind = results->kind};
	write_note(file, markdown ? markup : HMM_PLAIN, report->note, markdown ? "" : "% ", "\n");
	if (markdown)
		fputs("\n", file);
	else
		fprintf(file, "\\begin{tabular}{lll*{%zu}{c}rrr}\n\\hline\n", line.kind->count);
	show_header(&line);
	write_line(file, markup, &line);
	for (size_t c = 0; c < columns_of(line.kind) && markdown; c++)
		fputs(c ? " | ---" : "| ---", file);
	fputs(markdown ? " |\n" : " \\hline\n", file);
	for (size_t i = 0; i < results->count; i++) {
		const struct hmm_result *result = &results->result[i];
		show_ours(&line, result);
		write_line(file, markup, &line);
		fputs(markdown ? "" : "\n", file);
		if (!result->published)
			continue;
		show_paper(&line, result);
		write_line(file, markup, &line);
		fputs(markdown ? "" : "\n", file);
	}
	fputs(markdown ? "\n" : "\\hline\n\\end{tabular}\n\n", file);
	if (!markdown)
		write_note(file, markup, report->note, "", " ");
	write_legend(file, markup, results, report);
}
