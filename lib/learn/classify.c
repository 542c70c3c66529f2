#include "hmm/learn/classify.h"

#include "hmm/base/error.h"
#include "hmm/data/predictions.h"
#include "hmm/file/output.h"
#include "hmm/stream/reader.h"

int
hmm_classify_open(struct hmm_rho *rho, struct hmm_pool *pool, const struct hmm_objective *objective,
    const struct hmm_model *model)
{
	size_t width[HMM_MLP_LAYERS + 1];
	const size_t count = hmm_model_layers(width, model, "rho");
	if (count == 0 || width[count] != objective->outputs)
		return hmm_model_refuse(model, "hmm-rho");
	return hmm_rho_open(rho, pool, objective, width[0], width + 1, count - 1, 0) ||
	       hmm_model_load(model, hmm_rho_each, rho);
}

static int
predict_one(struct hmm_rho *rho, const struct hmm_model *model, const struct hmm_reader *reader,
    const struct hmm_record *record, FILE *file, const struct hmm_predicted_kind *kind)
{
	const size_t *shape = record->x.shape;
	const long number = hmm_reader_number(reader);
	char place[600], have[128];
	if (hmm_model_fits(
	        &model->history, model->weights->path, hmm_reader_history(reader), record, number))
		return -1;
	if (shape[0] * shape[1] * shape[2] != rho->mlp.width[0])
		return hmm_error("%s: shape %s, want %zu values",
		    hmm_record_place(place, sizeof(place), record, number),
		    hmm_shape_text(have, sizeof(have), shape, 3), rho->mlp.width[0]);
	double output[HMM_OBJECTIVE_CLASSES], found[HMM_OBJECTIVE_CLASSES + 1];
	hmm_rho_outputs(rho, output, record->x.data);
	if (hmm_objective_numbers(rho->objective, found, output, record->subject))
		return -1;
	const struct hmm_predicted row = {record->subject, record->group, record->split,
	    record->modality, record->imputed, record->observed, record->label, record->event, found};
	hmm_predictions_write(file, kind, &row);
	return 0;
}

int
hmm_classify_run(const char *path, const char *output, struct hmm_pool *pool)
{
	struct hmm_rho rho = {0};
	struct hmm_record record = {0};
	struct hmm_output rows = {0};
	struct hmm_model model = {0};
	struct hmm_objective objective = {0};
	struct hmm_reader *reader = NULL;
	int bad = hmm_output_open(&rows, output) || hmm_output_spares(&rows, path) ||
	          hmm_model_open(&model, path) || hmm_objective_read(&objective, &model) ||
	          hmm_classify_open(&rho, pool, &objective, &model) ||
	          !(reader = hmm_reader_open(stdin, "standard input", HMM_SETS));
	if (!bad) {
		int more = 1;
		const struct hmm_predicted_kind kind = {
		    objective.target, objective.columns.count, objective.columns.name};
		hmm_predictions_write_header(rows.file, &kind);
		while (more == 1 && (more = hmm_reader_next(reader, &record)) == 1)
			if (predict_one(&rho, &model, reader, &record, rows.file, &kind))
				more = -1;
		bad = more < 0 || hmm_output_finish(&rows);
	}
	hmm_output_abandon(&rows);
	hmm_rho_close(&rho);
	hmm_objective_close(&objective);
	hmm_record_free(&record);
	hmm_reader_close(reader);
	hmm_model_close(&model);
	return bad ? 1 : 0;
}
